//! The command line.

use std::{ffi::OsString, path::PathBuf};

use lexgen::import::Import;
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const HELP: &str = "\
Checks, compares, copies and generates Rust from AT Protocol lexicons.

Usage: lexgen <command> [options]

Commands:
  generate           Generate Rust code
    --lexicons DIR     where the lexicons are (repeatable; default: lexicons)
    --out DIR          where the code goes (default: generated); to include it:
                       #[allow(dead_code, unused_imports)] mod generated;
    --check            write nothing; fail if the code is not up to date
    --only PATTERN     an NSID, or a part of one and `.*` (repeatable)
    --runtime PATH     the Rust path of the runtime (default: ::arobase::__codegen)
    --library CRATE    write a whole crate, which re-exports this runtime
    --no-client        no traits to call methods
    --no-server        no traits to serve methods
    --no-stubs         servers have to write all methods of a trait
  check DIR...       Say whether the lexicons are valid
  lint DIR...        Say what could be done better
    (generate, check and lint)
    --with DIR         more lexicons, to find references in (repeatable)
    --no-official      do not find references in the official lexicons
    --missing-as-unknown
                       references that lead nowhere are warnings
  diff OLD NEW       Compare two files or directories: what breaks?
  import DIR         Copy the facts of the lexicons in DIR, without their prose
    --into DIR         where they go (default: lexicons)
    --source NAME      who publishes them (default: the name in DIR/package.json)
    --version VERSION  which version (default: the version in DIR/package.json)
    --prune            remove what this source does not have any more
  import --check     Say which copies were altered since
    --into DIR         where they are (default: lexicons)
  pull NSID...       Get lexicons from the network, and copy their facts likewise;
                     `com.example.*` is all that is published in a group
    --into DIR         where they go (default: lexicons)
    --no-refs          without those that they refer to
    --check            write nothing; fail if they are not up to date
    --allow-downgrade  take an older state of a repository than the one before
    --plc URL          the PLC directory (default: https://plc.directory)
    --dns IP:PORT      the name server (default: those of the system)
    --development      let hosts have any address, and no TLS

Options:
  --json             Print findings as JSON to standard output
  -q, --quiet        Print findings only
  -h, --help         Print this text
  -V, --version      Print the version

Exit code: 0 if all is well; 1 if something has to be mended (an error, a breaking
change, stale code); 2 if the command line or the input of `diff` is wrong.
";

/// A command line.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) command: Command,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Version,
    Generate(Generate),
    Check(Sources),
    Lint(Sources),
    Diff {
        old: PathBuf,
        new: PathBuf,
    },
    Import(Import),
    VerifyImport {
        into: PathBuf,
    },
    #[cfg(feature = "pull")]
    Pull(lexgen::pull::Pull),
}

/// Lexicons to look at.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) local: Vec<PathBuf>,
    pub(crate) foreign: Vec<PathBuf>,
    pub(crate) official: bool,
    pub(crate) missing_as_unknown: bool,
}

/// What to generate.
#[derive(Debug)]
pub(crate) struct Generate {
    pub(crate) sources: Sources,
    pub(crate) out: PathBuf,
    pub(crate) check: bool,
    pub(crate) only: Vec<String>,
    pub(crate) runtime: Option<String>,
    pub(crate) library: Option<String>,
    pub(crate) client: bool,
    pub(crate) server: bool,
    pub(crate) stubs: bool,
}

/// Everything that may be given, before it is known what belongs together.
#[derive(Default)]
struct Given {
    command: Option<String>,
    paths: Vec<PathBuf>,
    options: Vec<&'static str>,
    values: Vec<(&'static str, OsString)>,
    json: bool,
    quiet: bool,
}

/// Which flags and which options with a value each command has.
const COMMANDS: [(&str, &[&str], &[&str]); 6] = [
    (
        "generate",
        &["check", "missing-as-unknown", "no-client", "no-official", "no-server", "no-stubs"],
        &["lexicons", "out", "with", "only", "runtime", "library"],
    ),
    ("check", &["missing-as-unknown", "no-official"], &["with"]),
    ("lint", &["missing-as-unknown", "no-official"], &["with"]),
    ("diff", &[], &[]),
    ("import", &["check", "prune"], &["into", "source", "version"]),
    ("pull", &["allow-downgrade", "check", "development", "no-refs"], &["into", "plc", "dns"]),
];

/// Reads a command line, program name included.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Args, String> {
    let mut given = Given::default();
    let mut parser = Parser::from_iter(arguments);
    loop {
        match parser.next().map_err(|error| error.to_string())? {
            None => break,
            Some(Arg::Short('h') | Arg::Long("help")) => return Ok(given.args(Command::Help)),
            Some(Arg::Short('V')) => return Ok(given.args(Command::Version)),
            Some(Arg::Long("version")) if given.command.is_none() => return Ok(given.args(Command::Version)),
            Some(Arg::Long("json")) => given.json = true,
            Some(Arg::Short('q') | Arg::Long("quiet")) => given.quiet = true,
            Some(Arg::Value(value)) => given.value(value)?,
            Some(Arg::Long(name)) => {
                let name = name.to_owned();
                given.option(&name, &mut parser)?;
            }
            Some(other @ Arg::Short(_)) => return Err(other.unexpected().to_string()),
        }
    }
    let command = given.command()?;
    Ok(given.args(command))
}

impl Given {
    fn args(&self, command: Command) -> Args {
        Args { command, json: self.json, quiet: self.quiet }
    }

    fn value(&mut self, value: OsString) -> Result<(), String> {
        if self.command.is_some() {
            self.paths.push(value.into());
            return Ok(());
        }
        let name = value.string().map_err(|error| error.to_string())?;
        if !COMMANDS.iter().any(|(command, ..)| *command == name) {
            return Err(format!("there is no command `{name}`"));
        }
        self.command = Some(name);
        Ok(())
    }

    fn option(&mut self, name: &str, parser: &mut Parser) -> Result<(), String> {
        let command = self.command.as_deref().ok_or_else(|| format!("the option `--{name}` must follow a command"))?;
        let unknown = || format!("`{command}` has no option `--{name}`");
        let (_, flags, valued) = COMMANDS.iter().find(|(known, ..)| *known == command).ok_or_else(unknown)?;
        if let Some(flag) = flags.iter().find(|flag| **flag == name) {
            self.options.push(flag);
            return Ok(());
        }
        let option = valued.iter().find(|option| **option == name).ok_or_else(unknown)?;
        let value = parser.value().map_err(|error| error.to_string())?;
        self.values.push((option, value));
        Ok(())
    }

    fn flag(&self, name: &str) -> bool {
        self.options.contains(&name)
    }

    fn all(&self, name: &str) -> Vec<PathBuf> {
        self.values.iter().filter(|(option, _)| *option == name).map(|(_, value)| value.into()).collect()
    }

    /// An option that may be given once.
    fn one(&self, name: &str) -> Result<Option<PathBuf>, String> {
        let mut all = self.all(name);
        match all.len() {
            0 | 1 => Ok(all.pop()),
            _ => Err(format!("`--{name}` was given more than once")),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        let value = self.one(name)?.map(|value| value.into_os_string().into_string());
        value.transpose().map_err(|_| format!("the value of `--{name}` is not text"))
    }

    fn command(&self) -> Result<Command, String> {
        match self.command.as_deref() {
            None => Err("no command was given".to_owned()),
            Some("generate") => self.generate(),
            Some("check") => self.sources().map(Command::Check),
            Some("lint") => self.sources().map(Command::Lint),
            Some("diff") => self.diff(),
            Some("pull") => self.pull(),
            Some(_) => self.import(),
        }
    }

    fn generate(&self) -> Result<Command, String> {
        if let Some(path) = self.paths.first() {
            return Err(format!("`generate` takes no argument; did you mean `--lexicons {}`?", path.display()));
        }
        let mut lexicons = self.all("lexicons");
        if lexicons.is_empty() {
            lexicons.push("lexicons".into());
        }
        let only = self.all("only").into_iter().map(|pattern| pattern.to_string_lossy().into_owned());
        Ok(Command::Generate(Generate {
            sources: self.with_options(lexicons),
            out: self.one("out")?.unwrap_or_else(|| "generated".into()),
            check: self.flag("check"),
            only: only.collect(),
            runtime: self.text("runtime")?,
            library: self.text("library")?,
            client: !self.flag("no-client"),
            server: !self.flag("no-server"),
            stubs: !self.flag("no-stubs"),
        }))
    }

    fn sources(&self) -> Result<Sources, String> {
        if self.paths.is_empty() {
            return Err("name a directory or a file".to_owned());
        }
        Ok(self.with_options(self.paths.clone()))
    }

    fn with_options(&self, local: Vec<PathBuf>) -> Sources {
        Sources {
            local,
            foreign: self.all("with"),
            official: !self.flag("no-official"),
            missing_as_unknown: self.flag("missing-as-unknown"),
        }
    }

    fn diff(&self) -> Result<Command, String> {
        match self.paths.as_slice() {
            [old, new] => Ok(Command::Diff { old: old.clone(), new: new.clone() }),
            _ => Err("`diff` takes two files or two directories, the old and the new".to_owned()),
        }
    }

    fn import(&self) -> Result<Command, String> {
        let into = self.one("into")?.unwrap_or_else(|| "lexicons".into());
        match self.paths.as_slice() {
            [] if self.flag("check") => Ok(Command::VerifyImport { into }),
            [_, ..] if self.flag("check") => {
                Err("`import --check` takes no directory; did you mean `--into`?".to_owned())
            }
            [from] => Ok(Command::Import(Import {
                from: from.clone(),
                into,
                source: self.text("source")?,
                version: self.text("version")?,
                prune: self.flag("prune"),
            })),
            _ => Err("`import` takes one directory".to_owned()),
        }
    }

    #[cfg(not(feature = "pull"))]
    fn pull(&self) -> Result<Command, String> {
        Err("this command was built without `pull`; to have it: cargo install arobase-lexgen --features pull"
            .to_owned())
    }

    #[cfg(feature = "pull")]
    fn pull(&self) -> Result<Command, String> {
        if self.paths.is_empty() {
            return Err("name an NSID".to_owned());
        }
        let dns = self.text("dns")?.map(|text| text.parse().map_err(|_| format!("`{text}` is not `IP:PORT`")));
        Ok(Command::Pull(lexgen::pull::Pull {
            wanted: self.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
            into: self.one("into")?.unwrap_or_else(|| "lexicons".into()),
            plc: self.text("plc")?,
            dns: dns.transpose()?,
            development: self.flag("development"),
            references: !self.flag("no-refs"),
            check: self.flag("check"),
            allow_downgrade: self.flag("allow-downgrade"),
        }))
    }
}
