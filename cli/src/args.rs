//! The command line.

use std::{
    ffi::{OsStr, OsString},
    str::FromStr,
};

use lexopt::{Arg, Parser, ValueExt};

use crate::{failure::Failure, identity, progress::Show, repo};

const HELP: &str = "\
Looks into what the AT Protocol is made of.

Usage: arobase <group> <command> [options]

Groups:
  identity           DIDs, handles and keys: resolve, plc log, key generate, key show
  repo               Repositories as CAR files: inspect, verify, ls, get, export-records, diff

Options:
  -h, --help         Print this text, or that of a group: arobase repo --help
  -V, --version      Print the version
";

/// A command line.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) command: Command,
    /// Whether results and errors are wanted as JSON.
    pub(crate) json: bool,
    /// Whether progress is to be shown.
    pub(crate) progress: Show,
}

#[derive(Debug)]
pub(crate) enum Command {
    /// Prints a text.
    Help(&'static str),
    Version,
    Identity(identity::Command),
    Repo(repo::Command),
}

/// A group of commands.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) commands: &'static [Spec],
    /// Makes a command of what was given.
    pub(crate) parse: fn(&Given) -> Result<Command, String>,
}

/// Which options a command has.
#[derive(Debug)]
pub(crate) struct Spec {
    /// One word or several, such as `key show`.
    pub(crate) name: &'static str,
    pub(crate) flags: &'static [&'static str],
    /// The options with a value.
    pub(crate) options: &'static [&'static str],
}

const GROUPS: [&Group; 2] = [&identity::GROUP, &repo::GROUP];

/// Everything that may be given, before it is known what belongs together.
#[derive(Debug, Default)]
pub(crate) struct Given {
    group: Option<&'static Group>,
    command: Option<&'static Spec>,
    /// The first words of the name of a command.
    begun: String,
    values: Vec<OsString>,
    flags: Vec<&'static str>,
    options: Vec<(&'static str, OsString)>,
    json: bool,
    progress: bool,
}

/// Reads a command line, program name included.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Args, Failure> {
    let mut given = Given::default();
    let command = given.read(Parser::from_iter(arguments)).map_err(Failure::Usage)?;
    let progress = if given.progress { Show::Always } else { Show::Auto };
    Ok(Args { command, json: given.json, progress })
}

impl Given {
    fn read(&mut self, mut parser: Parser) -> Result<Command, String> {
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help(self.help())),
                Arg::Short('V') | Arg::Long("version") if self.group.is_none() => return Ok(Command::Version),
                Arg::Long("json") => self.json = true,
                Arg::Long("progress") => self.progress = true,
                Arg::Value(value) => self.value(value)?,
                Arg::Long(name) => {
                    let name = name.to_owned();
                    self.option(&name, &mut parser)?;
                }
                other @ Arg::Short(_) => return Err(other.unexpected().to_string()),
            }
        }
        let group = self.group.ok_or("no command was given")?;
        let begun = [group.name, self.begun.as_str()].join(" ");
        self.command.ok_or_else(|| format!("`{}` needs a command", begun.trim_end()))?;
        (group.parse)(self)
    }

    fn help(&self) -> &'static str {
        self.group.map_or(HELP, |group| group.help)
    }

    fn value(&mut self, value: OsString) -> Result<(), String> {
        let text = |value: OsString| value.string().map_err(|error| error.to_string());
        match (self.group, self.command) {
            (None, _) => {
                let name = text(value)?;
                let group = GROUPS.into_iter().find(|group| group.name == name);
                self.group = Some(group.ok_or_else(|| format!("there is no command `{name}`"))?);
            }
            (Some(group), None) => self.word(group, &text(value)?)?,
            (Some(_), Some(_)) => self.values.push(value),
        }
        Ok(())
    }

    /// A word of the name of a command.
    fn word(&mut self, group: &'static Group, word: &str) -> Result<(), String> {
        let name = [self.begun.as_str(), word].join(" ").trim_start().to_owned();
        self.command = group.commands.iter().find(|command| command.name == name);
        let is_begun = group
            .commands
            .iter()
            .any(|command| command.name.strip_prefix(&name).is_some_and(|rest| rest.starts_with(' ')));
        if self.command.is_none() && !is_begun {
            return Err(format!("`{}` has no command `{name}`", group.name));
        }
        self.begun = name;
        Ok(())
    }

    fn option(&mut self, name: &str, parser: &mut Parser) -> Result<(), String> {
        let command = self.command.ok_or_else(|| format!("the option `--{name}` must follow a command"))?;
        if let Some(flag) = command.flags.iter().find(|flag| **flag == name) {
            self.flags.push(flag);
            return Ok(());
        }
        let option = command.options.iter().find(|option| **option == name);
        let option = option.ok_or_else(|| format!("`{}` has no option `--{name}`", command.name))?;
        if self.options.iter().any(|(given, _)| given == option) {
            return Err(format!("`--{name}` was given more than once"));
        }
        let value = parser.value().map_err(|error| error.to_string())?;
        self.options.push((option, value));
        Ok(())
    }

    /// The name of the command.
    pub(crate) fn command(&self) -> &'static str {
        self.command.map_or("", |command| command.name)
    }

    /// What stands behind the command.
    pub(crate) fn values(&self) -> &[OsString] {
        &self.values
    }

    /// Whether a flag was given.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.flags.contains(&name)
    }

    /// Whether `--json` was given.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// The value of an option.
    pub(crate) fn option_value(&self, name: &str) -> Option<&OsString> {
        self.options.iter().find(|(option, _)| *option == name).map(|(_, value)| value)
    }

    /// The value of an option, as something that is written as text.
    ///
    /// # Errors
    /// It is no text, or not the text of such a thing.
    pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(value) = self.option_value(name) else { return Ok(None) };
        let value = text(value)?.parse().map_err(|error| format!("the value of `--{name}`: {error}"))?;
        Ok(Some(value))
    }
}

/// An argument as text.
///
/// # Errors
/// It is not UTF-8.
pub(crate) fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| format!("the argument {value:?} is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Args, String> {
        let arguments = std::iter::once("arobase").chain(line.split_whitespace());
        parse(arguments.map(OsString::from)).map_err(|failure| failure.to_string())
    }

    #[test]
    fn help_is_of_the_group_that_was_named() {
        assert!(matches!(read("--help").unwrap().command, Command::Help(text) if text == HELP));
        assert!(matches!(read("-h").unwrap().command, Command::Help(text) if text == HELP));
        for line in ["repo --help", "repo -h", "repo ls --help", "repo diff a -h"] {
            assert!(matches!(read(line).unwrap().command, Command::Help(text) if text == repo::GROUP.help), "{line}");
        }
    }

    #[test]
    fn the_version_is_asked_for_before_any_group() {
        assert!(matches!(read("--version").unwrap().command, Command::Version));
        assert!(matches!(read("-V").unwrap().command, Command::Version));
        assert!(read("repo --version").is_err());
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let wrong = [
            ("", "no command was given"),
            ("repos", "there is no command `repos`"),
            ("repo", "`repo` needs a command"),
            ("repo look", "`repo` has no command `look`"),
            ("identity key", "`identity key` needs a command"),
            ("identity key lose", "`identity` has no command `key lose`"),
            ("identity key --curve k256 show", "the option `--curve` must follow a command"),
            ("repo --long", "the option `--long` must follow a command"),
            ("repo ls --cid a.car", "`ls` has no option `--cid`"),
            ("repo ls a.car --limit 1 --limit 2", "`--limit` was given more than once"),
            ("repo ls a.car --limit", "missing argument for option '--limit'"),
            ("repo ls -x a.car", "invalid option '-x'"),
        ];
        for (line, message) in wrong {
            assert_eq!(read(line).unwrap_err(), message, "{line}");
        }
    }

    #[test]
    fn json_and_progress_may_stand_anywhere() {
        for line in ["--json --progress repo ls a.car", "repo ls a.car --progress --json"] {
            let args = read(line).unwrap();
            assert_eq!((args.json, args.progress), (true, Show::Always), "{line}");
        }
        let args = read("repo ls a.car").unwrap();
        assert_eq!((args.json, args.progress), (false, Show::Auto));
    }
}
