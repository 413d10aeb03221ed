//! The operations of a `#commit`.

use arobase_lexicon::check::Violation;

use super::decode;
use crate::{
    data::{CidLink, Error, cbor::CborReader, cbor::CborWriter, scalar::At, sink::Sink, source::Source},
    repo::{RepoOp, RepoPath},
};

/// Writes an operation.
pub(super) fn write(writer: &mut CborWriter, op: &RepoOp) -> Result<(), Error> {
    let action = action(op)?;
    writer.begin_map(3 + usize::from(op.prev.is_some()));
    writer.key("cid");
    match &op.cid {
        Some(cid) => writer.link(cid),
        None => writer.null(),
    }
    writer.key("path");
    writer.text(op.path.as_str());
    if let Some(prev) = &op.prev {
        writer.key("prev");
        writer.link(prev);
    }
    writer.key("action");
    writer.text(action);
    writer.end_map();
    Ok(())
}

fn action(op: &RepoOp) -> Result<&'static str, Error> {
    match (&op.prev, &op.cid) {
        (None, Some(_)) => Ok("create"),
        (Some(prev), Some(cid)) if prev == cid => Err(Error::unwritable("an operation that changes nothing")),
        (Some(_), Some(_)) => Ok("update"),
        (Some(_), None) => Ok("delete"),
        (None, None) => Err(Error::unwritable("an operation of nothing")),
    }
}

/// Reads an operation. The action and the CIDs have to agree.
pub(super) fn read(reader: &mut CborReader<'_>) -> Result<RepoOp, Error> {
    let (mut cid, mut path, mut prev, mut action) = (None, None, None, None);
    reader.enter_map()?;
    loop {
        match reader.next_key()? {
            None => break,
            Some("cid") => cid = Some(decode::nullable(reader, "cid", decode::link)?),
            Some("path") => path = Some(read_path(reader)?),
            Some("prev") => prev = Some(decode::link(reader, "prev")?),
            Some("action") => action = Some(Action::read(reader)?),
            Some(_) => reader.pass()?,
        }
    }
    let (path, cid) = (decode::required(path, "path")?, decode::required(cid, "cid")?);
    decode::required(action, "action")?.check(cid.as_ref(), prev.as_ref())?;
    Ok(RepoOp { path, prev, cid })
}

fn read_path(reader: &mut CborReader<'_>) -> Result<RepoPath, Error> {
    let text = reader.text().map_err(|error| error.in_key("path"))?;
    text.parse::<RepoPath>().map_err(|error| Error::model(error.to_string()).in_key("path"))
}

#[derive(Clone, Copy)]
enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    fn read(reader: &mut CborReader<'_>) -> Result<Self, Error> {
        match reader.text().map_err(|error| error.in_key("action"))? {
            "create" => Ok(Self::Create),
            "update" => Ok(Self::Update),
            "delete" => Ok(Self::Delete),
            _ => Err(Error::model("neither create nor update nor delete").in_key("action")),
        }
    }

    /// An update that leaves what it replaces is let pass.
    fn check(self, cid: Option<&CidLink>, prev: Option<&CidLink>) -> Result<(), Error> {
        let (has_cid, has_prev) = match self {
            Self::Create => (true, false),
            Self::Update => (true, true),
            Self::Delete => (false, true),
        };
        match (cid.is_some(), prev.is_some()) {
            (cid, _) if cid != has_cid => Err(Error::model("does not fit the action").in_key("cid")),
            (_, false) if has_prev => Err(Violation::Missing.at("prev")),
            (_, true) if !has_prev => Err(Error::model("does not fit the action").in_key("prev")),
            _ => Ok(()),
        }
    }
}
