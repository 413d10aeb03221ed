//! The arguments.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use lexopt::{Arg, Parser, ValueExt};
use serde_json::Value;

use super::{
    call::{Arguments, Call},
    command::{self, Command},
    help,
};

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) config: Option<PathBuf>,
    /// Whether the result is wanted as JSON.
    pub(crate) json: bool,
    pub(crate) action: Action,
}

#[derive(Debug)]
pub(crate) enum Action {
    /// Print a text.
    Say(String),
    /// Be a server.
    Serve,
    /// Print what holds.
    ConfigCheck,
    /// Print all keys of the configuration.
    ConfigKeys,
    /// Make a data folder of a backup.
    Restore(Restore),
    /// Do something with the data.
    Command(&'static Command, Call),
}

/// A restoration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Restore {
    pub(crate) backup: PathBuf,
    /// The data folder, if not that of the configuration.
    pub(crate) into: Option<PathBuf>,
}

/// The most bytes of a file that an option names to be read.
const SECRET: u64 = 64 * 1024;
/// Arguments that are paths. Whoever does the command may be in another folder.
const PATHS: [&str; 2] = ["folder", "file"];
/// Commands that are not done where the data are.
const OTHERS: [&str; 4] = ["serve", "config check", "config keys", "restore"];

/// What was given, before it is known what belongs together.
#[derive(Debug, Default)]
struct Given {
    config: Option<PathBuf>,
    json: bool,
    words: Vec<OsString>,
    options: Vec<(String, Option<OsString>)>,
}

/// Reads the arguments, without the name of the program.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Args, String> {
    let mut given = Given::default();
    if let Some(text) = given.read(Parser::from_args(arguments))? {
        return Ok(Args { config: None, json: false, action: Action::Say(text) });
    }
    let (config, json) = (given.config.take(), given.json);
    Ok(Args { config, json, action: given.action()? })
}

impl Given {
    /// Takes in everything; the text that is to be printed instead, if one is.
    fn read(&mut self, mut parser: Parser) -> Result<Option<String>, String> {
        let told = |error: lexopt::Error| error.to_string();
        while let Some(argument) = parser.next().map_err(told)? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Some(help::text())),
                Arg::Short('V') | Arg::Long("version") => {
                    return Ok(Some(concat!("arobase-pds ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
                }
                Arg::Long("config") => self.config = Some(parser.value().map_err(told)?.into()),
                Arg::Long("json") => self.json = true,
                Arg::Long(name) => {
                    let name = name.to_owned();
                    let value = if takes_value(&name) { Some(parser.value().map_err(told)?) } else { None };
                    if self.options.iter().any(|(given, _)| *given == name) {
                        return Err(format!("--{name} was given more than once"));
                    }
                    self.options.push((name, value));
                }
                Arg::Value(word) => self.words.push(word),
                other @ Arg::Short(_) => return Err(other.unexpected().to_string()),
            }
        }
        Ok(None)
    }

    fn action(mut self) -> Result<Action, String> {
        let Some((name, count)) = self.name() else {
            let given: Vec<_> = self.words.iter().take(2).map(|word| word.to_string_lossy()).collect();
            return match given.is_empty() {
                true => self.without_rest(&[]).map(|()| Action::Serve),
                false => Err(format!("there is no command `{}`", given.join(" "))),
            };
        };
        self.words.drain(..count);
        match name {
            "serve" => self.without_rest(&[]).map(|()| Action::Serve),
            "config check" => self.without_rest(&[]).map(|()| Action::ConfigCheck),
            "config keys" => self.without_rest(&[]).map(|()| Action::ConfigKeys),
            "restore" => self.restore().map(Action::Restore),
            name => {
                let command = command::find(name).ok_or("there is no such command")?;
                Ok(Action::Command(command, self.call(command)?))
            }
        }
    }

    /// The command that the first words name, and how many words that are.
    fn name(&self) -> Option<(&'static str, usize)> {
        let words: Vec<_> = self.words.iter().take(2).map(|word| word.to_str().unwrap_or_default()).collect();
        let names = || command::all().map(|command| command.name).chain(OTHERS);
        (1..=words.len()).rev().find_map(|count| {
            let begun = words.get(..count)?.join(" ");
            names().find(|name| *name == begun).map(|name| (name, count))
        })
    }

    fn without_rest(&self, options: &[&str]) -> Result<(), String> {
        if let Some(word) = self.words.first() {
            return Err(format!("{word:?} is one word too many"));
        }
        match self.options.iter().find(|(name, _)| !options.contains(&name.as_str())) {
            Some((name, _)) => Err(format!("there is no option --{name} here")),
            None => Ok(()),
        }
    }

    fn restore(mut self) -> Result<Restore, String> {
        if self.words.is_empty() {
            return Err("FOLDER is missing".into());
        }
        let backup = self.words.remove(0).into();
        self.without_rest(&["into"])?;
        let into = self.options.into_iter().find_map(|(_, value)| value).map(PathBuf::from);
        Ok(Restore { backup, into })
    }

    fn call(self, command: &Command) -> Result<Call, String> {
        let mut arguments = Arguments::default();
        let mut words = self.words.into_iter();
        for name in command.values {
            let word = words.next().ok_or_else(|| format!("{} is missing", name.to_uppercase()))?;
            arguments.0.insert((*name).to_owned(), argument(name, &word)?);
        }
        if let Some(word) = words.next() {
            return Err(format!("{word:?} is one word too many"));
        }
        for (name, value) in self.options {
            let entry = match value {
                None if command.flags.contains(&name.as_str()) => (name, Value::Bool(true)),
                Some(value) if command.options.contains(&name.as_str()) => option(name, &value)?,
                _ => return Err(format!("`{}` has no option --{name}", command.name)),
            };
            arguments.0.insert(entry.0, entry.1);
        }
        Ok(Call { command: command.name.to_owned(), arguments })
    }
}

/// Whether an option of this name has a value, in whichever command.
fn takes_value(name: &str) -> bool {
    name == "into" || command::all().any(|command| command.options.contains(&name))
}

/// An option that names a file with a secret gives what the file holds.
fn option(name: String, value: &OsStr) -> Result<(String, Value), String> {
    match name.strip_suffix("-file") {
        Some(held) => Ok((held.to_owned(), Value::String(secret(Path::new(value))?))),
        None => {
            let value = argument(&name, value)?;
            Ok((name, value))
        }
    }
}

fn argument(name: &str, value: &OsStr) -> Result<Value, String> {
    let value = match PATHS.contains(&name) {
        true => std::path::absolute(value).map_err(|error| error.to_string())?.into_os_string(),
        false => value.to_owned(),
    };
    value.string().map(Value::String).map_err(|error| error.to_string())
}

/// What a file holds, or standard input.
fn secret(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = match path == Path::new("-") {
        true => io::stdin().take(SECRET).read_to_string(&mut text),
        false => File::open(path).and_then(|file| file.take(SECRET).read_to_string(&mut text)),
    };
    read.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Args, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn called(line: &str) -> Call {
        match parsed(line).unwrap().action {
            Action::Command(_, call) => call,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_arguments_it_is_a_server() {
        for line in ["", "serve", "--config pds.toml", "serve --config=pds.toml"] {
            assert!(matches!(parsed(line).unwrap().action, Action::Serve), "{line}");
        }
        assert_eq!(parsed("--config a.toml serve").unwrap().config, Some("a.toml".into()));
    }

    #[test]
    fn a_command_takes_its_values_and_options() {
        let call = called("account create alice.test --email a@example.com --no-password");
        assert_eq!(call.command, "account create");
        assert_eq!(
            (call.arguments.text("handle"), call.arguments.text("email")),
            (Some("alice.test"), Some("a@example.com"))
        );
        assert!(call.arguments.has("no-password"));
        assert_eq!(Call::of(&call.to_json()), Some(call));
        assert!(parsed("account list --json").unwrap().json);
    }

    #[test]
    fn paths_do_not_depend_on_who_does_the_command() {
        let call = called("repo export alice.test alice.car");
        let path = std::env::current_dir().unwrap().join("alice.car");
        assert_eq!(call.arguments.text("file"), path.to_str());
    }

    #[test]
    fn a_restoration_goes_where_it_is_told() {
        let Action::Restore(restore) = parsed("restore backup --into data").unwrap().action else {
            panic!("a restore")
        };
        assert_eq!(restore, Restore { backup: "backup".into(), into: Some("data".into()) });
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = [
            ("sing", "there is no command `sing`"),
            ("account", "there is no command `account`"),
            ("account sing alice.test", "there is no command `account sing`"),
            ("account create", "HANDLE is missing"),
            ("account list alice", "\"alice\" is one word too many"),
            ("account list --no-password", "`account list` has no option --no-password"),
            ("account create a.test --email", "missing argument for option '--email'"),
            ("account create a.test --email a --email b", "--email was given more than once"),
            ("serve --email a", "there is no option --email here"),
            ("serve now", "\"now\" is one word too many"),
            ("restore", "FOLDER is missing"),
            ("restore a --email b", "there is no option --email here"),
            ("-x", "invalid option '-x'"),
        ];
        for (line, told) in wrong {
            assert_eq!(parsed(line).unwrap_err(), told, "{line}");
        }
        assert!(
            parsed("account create a.test --password-file /no/such/file").unwrap_err().starts_with("/no/such/file: ")
        );
    }

    #[test]
    fn help_and_version_come_before_everything_else() {
        assert!(
            matches!(parsed("account what --help").unwrap().action, Action::Say(text) if text.contains("account create"))
        );
        assert!(matches!(parsed("-V").unwrap().action, Action::Say(text) if text.starts_with("arobase-pds ")));
    }
}
