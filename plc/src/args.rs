//! The arguments.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use lexopt::{Arg, Parser, ValueExt};

/// What `--help` says.
const HELP: &str = "\
A directory of did:plc

Usage: arobase-plc [OPTIONS]

Options:
  --listen ADDRESS         Where to listen [default: 127.0.0.1:2582]; port 0 takes one that is free
  --database FILE|memory   Where operations are kept: a file of SQLite, or memory, which ends with
                           the program [default: memory]
  --no-rate-limits         Let a DID change as often as it likes, for development
  --version                Print the version
  --help                   Print this help

Prints the address when it is ready. Ends at Ctrl-C and SIGTERM.
";

/// What the program is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print a text.
    Say(String),
    /// Be a directory.
    Serve(Options),
}

/// What kind of directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where operations are kept.
    pub(crate) database: Database,
    /// Whether a DID may change only so often.
    pub(crate) rate_limits: bool,
}

/// Where operations are kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// In memory.
    Memory,
    /// In a file.
    File(PathBuf),
}

/// Reads the arguments, without the name of the program.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut options =
        Options { listen: SocketAddr::from(([127, 0, 0, 1], 2582)), database: Database::Memory, rate_limits: true };
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("listen") => options.listen = parser.value()?.parse()?,
            Arg::Long("database") => options.database = database(parser.value()?),
            Arg::Long("no-rate-limits") => options.rate_limits = false,
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Say(HELP.to_owned())),
            Arg::Long("version") | Arg::Short('V') => {
                return Ok(Command::Say(concat!("arobase-plc ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Serve(options))
}

fn database(name: OsString) -> Database {
    if name == "memory" { Database::Memory } else { Database::File(name.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    fn served(listen: &str, database: Database, rate_limits: bool) -> Result<Command, String> {
        Ok(Command::Serve(Options { listen: listen.parse().unwrap(), database, rate_limits }))
    }

    #[test]
    fn without_arguments_it_is_a_local_directory_in_memory() {
        assert_eq!(parsed(""), served("127.0.0.1:2582", Database::Memory, true));
    }

    #[test]
    fn all_of_it_can_be_said() {
        let file = Database::File("plc.sqlite".into());
        assert_eq!(parsed("--listen [::1]:80 --database plc.sqlite --no-rate-limits"), served("[::1]:80", file, false));
        assert_eq!(parsed("--database=memory"), served("127.0.0.1:2582", Database::Memory, true));
        assert_eq!(parsed("--database ./memory"), served("127.0.0.1:2582", Database::File("./memory".into()), true));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for line in ["--listen", "--listen plc.example", "--listen 80", "--port 80", "--no-rate-limits=yes", "file"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn help_and_version_come_before_everything_else() {
        assert!(
            matches!(parsed("--no-rate-limits --help --what"), Ok(Command::Say(text)) if text.contains("--listen"))
        );
        assert!(matches!(parsed("-V"), Ok(Command::Say(text)) if text.starts_with("arobase-plc ")));
    }
}
