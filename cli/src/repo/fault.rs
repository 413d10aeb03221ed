//! What is wrong with a repository, and where.

use std::fmt;

use arobase::{
    lexicon::json::Json,
    repo::{import::Error, mst},
};

use crate::output::{number, object, string};

use super::signature::Form;

/// What is wrong with a repository.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It could not be imported.
    Import(Error),
    /// The signature is that of no key.
    Signature(Form),
    /// The signature is not that of the given key.
    Key,
    /// A record is none.
    Record {
        /// Its path.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Fault {
    /// The same as JSON: the kind, the place and a message.
    pub(crate) fn to_json(&self) -> Json {
        let (kind, place) = match self {
            Self::Record { path, .. } => ("record", Some(("path", string(path)))),
            Self::Signature(_) | Self::Key => ("commit", None),
            Self::Import(error) => import(error),
        };
        object([("kind", Json::from(kind)), ("message", string(self))].into_iter().chain(place))
    }
}

/// The kind of an error, and where it is.
fn import(error: &Error) -> (&'static str, Option<(&'static str, Json)>) {
    let path = |key: &[u8]| Some(("path", string(key.escape_ascii())));
    match error {
        Error::Car(error) => ("car", Some(("offset", number(error.offset)))),
        Error::NoRoot | Error::Root(_) => ("root", None),
        Error::Commit(_) => ("commit", None),
        Error::MissingCommit(cid) | Error::Tree(mst::Error::Missing(cid)) => ("missing", Some(("cid", string(cid)))),
        Error::Tree(mst::Error::Node { cid, .. }) => ("tree", Some(("cid", string(cid)))),
        Error::Tree(_) => ("tree", None),
        Error::Path(_) => ("path", None),
        Error::MissingRecord { key, .. } => ("missing", path(key)),
        Error::Unverifiable { key, .. } => ("record", path(key)),
        Error::Limit { .. } => ("limit", None),
        _ => ("other", None),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import(error) => error.fmt(f),
            Self::Signature(form) => write!(f, "the commit has an impossible signature: {}", form.words()),
            Self::Key => f.write_str("the commit was not signed by the given key"),
            Self::Record { path, reason } => write!(f, "{path}: {reason}"),
        }
    }
}
