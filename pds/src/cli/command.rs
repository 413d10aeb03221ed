//! What can be done with the data of a server, whether one runs or not: each command is JSON in and JSON out.

use arobase::xrpc::BoxFuture;
use arobase_pds::{Progress, config::Assembled};
use serde_json::Value;

use super::{call::Arguments, commands, failure::Failure};

/// A command.
pub(crate) struct Command {
    /// Its words: `account create`.
    pub(crate) name: &'static str,
    /// What has to stand behind it, in order.
    pub(crate) values: &'static [&'static str],
    /// What may follow: options with a value.
    pub(crate) options: &'static [&'static str],
    /// Options without one.
    pub(crate) flags: &'static [&'static str],
    /// What it does, for `--help`.
    pub(crate) help: &'static str,
    /// Does it.
    pub(crate) run: Run,
    /// The result for people.
    pub(crate) show: fn(&Value) -> String,
}

/// Does a command where the data are.
pub(crate) type Run = for<'a> fn(&'a Assembled, &'a Arguments, &'a Progress) -> BoxFuture<'a, Result<Value, Failure>>;

/// All commands.
pub(crate) fn all() -> impl Iterator<Item = &'static Command> {
    commands::account::COMMANDS.iter().chain(commands::repo::COMMANDS).chain(commands::data::COMMANDS)
}

/// A command by its words.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    all().find(|command| command.name == name)
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
