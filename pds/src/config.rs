//! The configuration of the program: a file of TOML, overruled by variables of the environment.
//!
//! Everything has a default, so that nothing at all is a server for development. All mistakes are told at once.

mod assembly;
mod fault;
mod keys;
mod raw;
mod reader;
mod sections;
mod source;
#[cfg(test)]
mod tests;
mod value;

use std::{
    env, fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

pub use assembly::{Assembled, AssemblyError};
pub use fault::ConfigError;
use fault::Fault;
use raw::Place;
use reader::{Held, Reader};
use source::Source;

use crate::{blobs::ObjectPlace, settings::Settings, store::SqliteOptions};

/// What is shown in place of a secret.
const HIDDEN: &str = "(hidden)";
/// The file that is read if no other is named and it is there.
const USUAL: &str = "pds.toml";

/// Everything that the program can be told.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// How the server behaves.
    pub settings: Settings,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// The most connections at a time.
    pub connections: usize,
    /// How long requests may go on at the end.
    pub grace: Duration,
    /// Where DIDs come from.
    pub plc: Plc,
    /// Keys that encrypt the keys of accounts; the first encrypts.
    pub encryption: Vec<[u8; 32]>,
    /// A bearer token that may do everything.
    pub token: Option<Box<str>>,
    /// Where blobs are.
    pub blobs: ObjectPlace,
    /// How the database works.
    pub database: SqliteOptions,
    /// How the log looks.
    pub log: Log,
    /// Whether the URL follows the port.
    url_follows: bool,
    held: Vec<Held>,
}

/// Where DIDs come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plc {
    /// From a directory in the same program, which others reach here.
    Embedded(Option<SocketAddr>),
    /// From the directory of this URL.
    Remote(Box<str>),
}

/// How the log looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Whether a line is an object of JSON.
    pub json: bool,
    /// What is written: a level, or directives as `RUST_LOG` has them.
    pub level: Box<str>,
}

impl Config {
    /// Reads the file of a path, or if there is none the usual one if it is there, and the environment of the process.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let named = path.map(Path::to_owned).or_else(|| env::var_os(source::FILE).map(PathBuf::from));
        let file = named.clone().unwrap_or_else(|| USUAL.into());
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let what = format!("{}: {error}", file.display());
                return Err(ConfigError { file, faults: vec![Fault { place: Place::Default, what }] });
            }
        };
        Self::parse(&file, &text, env::vars_os())
    }

    /// From the text of a file and variables. The path is for messages.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn parse(
        file: &Path,
        text: &str,
        variables: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut source = Source::default();
        source.file(text);
        source.variables(variables);
        let mut reader = Reader::new(source);
        let config = sections::config(&mut reader);
        let (mut source, mut held) = reader.finish();
        source.faults.sort_by(|one, other| one.place.cmp(&other.place));
        match config {
            Some(config) if source.faults.is_empty() => {
                held.sort_by_key(|held| keys::KEYS.iter().position(|key| key.name == held.name));
                Ok(Self { held, ..config })
            }
            _ => Err(ConfigError { file: file.to_owned(), faults: source.faults }),
        }
    }

    /// All keys: their variables, what holds without them, what they say.
    #[must_use]
    pub fn reference() -> String {
        let line = |key: &keys::Key| {
            let (name, variable) = (key.name, key.variable());
            let default = if key.default.is_empty() { "nothing" } else { key.default };
            format!("{name} ({variable})\n    {}\n    Without it: {default}\n", key.help)
        };
        keys::KEYS.iter().map(line).collect()
    }

    /// The settings of the server, if it listens on this port: without a URL of its own it is reached there.
    #[must_use]
    pub fn settings_on(&self, port: u16) -> Settings {
        let mut settings = self.settings.clone();
        if self.url_follows {
            let url = local_url(port);
            if let Ok(local) = Settings::new(&url) {
                (settings.url, settings.did) = (local.url, local.did);
            }
        }
        settings
    }

    /// The same, with everything that is kept in another folder. Blobs follow if they are in the data folder.
    #[must_use]
    pub fn in_folder(mut self, data: &Path) -> Self {
        if self.blobs == ObjectPlace::Folder(self.data.clone()) {
            self.blobs = ObjectPlace::Folder(data.to_owned());
        }
        self.data = data.to_owned();
        self
    }

    /// The file of the database.
    #[must_use]
    pub fn database_file(&self) -> PathBuf {
        self.data.join("pds.sqlite")
    }

    /// The file of the embedded PLC directory.
    #[must_use]
    pub fn plc_file(&self) -> PathBuf {
        self.data.join("plc.sqlite")
    }
}

/// What holds, a key in a line, as in the file, and where it comes from. Secrets are hidden.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Held { name, value, place } in &self.held {
            let shown = format!("{name} = {value}");
            writeln!(f, "{shown:<50} # {place}")?;
        }
        Ok(())
    }
}

/// Without secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("url", &self.settings.url).field("data", &self.data).finish_non_exhaustive()
    }
}

fn local_url(port: u16) -> String {
    format!("http://localhost:{port}")
}
