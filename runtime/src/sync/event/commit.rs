use arobase_lexicon::syntax::{Datetime, Did, Tid};
use bytes::Bytes;

use super::{Stamp, decode, encode, op};
use crate::{
    data::{Cid, CidLink, Error, cbor::CborReader, cbor::CborWriter, sink::Sink, source::Source},
    repo::RepoOp,
    sync::limits::{MAX_COMMIT_BLOCKS, MAX_OPS, TooLarge},
};

/// `#commit`: a commit, with what it did to the records and with as much of the tree as it takes to undo that.
///
/// What is on the wire for older receivers is not here: `rebase`, `tooBig` and `blobs` have to be there, are passed
/// over, and are written as false, false and an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitEvent {
    /// The account, `repo` on the wire.
    pub did: Did,
    /// The revision of the commit.
    pub rev: Tid,
    /// The revision of the commit before; `None` for the first one.
    pub since: Option<Tid>,
    /// The commit.
    pub commit: Cid,
    /// The root of the tree before; `None` for the first commit.
    pub prev_data: Option<Cid>,
    /// What was done to records, at most [`MAX_OPS`], one for a path.
    pub ops: Vec<RepoOp>,
    /// A CAR file: the commit, the nodes of the covering proof and the new records; at most
    /// [`MAX_COMMIT_BLOCKS`] bytes.
    pub blocks: Bytes,
}

impl CommitEvent {
    /// Writes the frame.
    ///
    /// # Errors
    /// The number is none, a text breaks its syntax, there is one of `since` and `prev_data` without the other, an
    /// operation neither leaves nor replaces anything or leaves what it replaces, or a limit is exceeded.
    pub fn to_frame(&self, stamp: &Stamp) -> Result<Bytes, Error> {
        self.check_limits()?;
        self.check_before()?;
        let room = self.ops.iter().map(|op| 160 + op.path.as_str().len()).sum::<usize>();
        let fields = 11 + usize::from(self.prev_data.is_some());
        let mut writer = encode::begin("#commit", fields, 512 + self.blocks.len() + room);
        self.write_ops(&mut writer)?;
        self.write_rev(&mut writer)?;
        encode::seq(&mut writer, stamp)?;
        encode::did(&mut writer, "repo", &self.did)?;
        encode::time(&mut writer, &stamp.time)?;
        self.write_rest(&mut writer)?;
        encode::finish(writer)
    }

    fn check_limits(&self) -> Result<(), Error> {
        TooLarge::check("operations", MAX_OPS, self.ops.len())
            .map_err(|error| decode::too_large(error).in_key("ops"))?;
        TooLarge::check("bytes", MAX_COMMIT_BLOCKS, self.blocks.len())
            .map_err(|error| decode::too_large(error).in_key("blocks"))
    }

    fn check_before(&self) -> Result<(), Error> {
        match (&self.since, self.prev_data) {
            (Some(_), Some(_)) | (None, None) => Ok(()),
            (Some(_), None) => Err(Error::unwritable("missing, though there is a commit before").in_key("prevData")),
            (None, Some(_)) => Err(Error::unwritable("missing, though there is a tree before").in_key("since")),
        }
    }

    fn write_ops(&self, writer: &mut CborWriter) -> Result<(), Error> {
        writer.key("ops");
        writer.begin_list(self.ops.len());
        for (index, op) in self.ops.iter().enumerate() {
            op::write(writer, op).map_err(|error| error.at_index(index).in_key("ops"))?;
        }
        writer.end_list();
        Ok(())
    }

    fn write_rev(&self, writer: &mut CborWriter) -> Result<(), Error> {
        encode::valid(self.rev.is_valid(), "rev")?;
        writer.key("rev");
        writer.text(self.rev.as_str());
        Ok(())
    }

    /// The fields behind `time`.
    fn write_rest(&self, writer: &mut CborWriter) -> Result<(), Error> {
        writer.key("blobs");
        writer.begin_list(0);
        writer.end_list();
        writer.key("since");
        match &self.since {
            None => writer.null(),
            Some(since) => {
                encode::valid(since.is_valid(), "since")?;
                writer.text(since.as_str());
            }
        }
        writer.key("blocks");
        writer.bytes(&self.blocks);
        writer.key("commit");
        writer.link(&self.commit.into());
        writer.key("rebase");
        writer.bool(false);
        writer.key("tooBig");
        writer.bool(false);
        if let Some(data) = self.prev_data {
            writer.key("prevData");
            writer.link(&data.into());
        }
        Ok(())
    }

    pub(super) fn read(payload: &Bytes) -> Result<(Stamp, Self), Error> {
        let mut draft = Draft::default();
        decode::map(payload, |reader| draft.read(reader, payload))?;
        draft.finish()
    }
}

/// The fields that were found.
#[derive(Default)]
struct Draft {
    ops: Option<Vec<RepoOp>>,
    rev: Option<Tid>,
    seq: Option<i64>,
    repo: Option<Did>,
    time: Option<Datetime>,
    blobs: Option<()>,
    since: Option<Option<Tid>>,
    blocks: Option<Bytes>,
    commit: Option<Cid>,
    rebase: Option<bool>,
    too_big: Option<bool>,
    prev_data: Option<Cid>,
}

impl Draft {
    fn read(&mut self, reader: &mut CborReader<'_>, payload: &Bytes) -> Result<(), Error> {
        loop {
            match reader.next_key()? {
                None => return Ok(()),
                Some("ops") => self.ops = Some(ops(reader).map_err(|error| error.in_key("ops"))?),
                Some("rev") => self.rev = Some(decode::format(reader, "rev")?),
                Some("seq") => self.seq = Some(decode::seq(reader)?),
                Some("repo") => self.repo = Some(decode::format(reader, "repo")?),
                Some("time") => self.time = Some(decode::format(reader, "time")?),
                Some("blobs") => self.blobs = Some(blobs(reader).map_err(|error| error.in_key("blobs"))?),
                Some("since") => self.since = Some(decode::nullable(reader, "since", decode::format)?),
                Some("blocks") => self.blocks = Some(decode::blocks(reader, payload, MAX_COMMIT_BLOCKS)?),
                Some("commit") => self.commit = Some(decode::cid(reader, "commit")?),
                Some("rebase") => self.rebase = Some(decode::bool(reader, "rebase")?),
                Some("tooBig") => self.too_big = Some(decode::bool(reader, "tooBig")?),
                // Some write null where there is nothing to say.
                Some("prevData") => self.prev_data = decode::nullable(reader, "prevData", decode::cid)?,
                Some(_) => reader.pass()?,
            }
        }
    }

    fn finish(self) -> Result<(Stamp, CommitEvent), Error> {
        decode::required(self.blobs, "blobs")?;
        decode::required(self.rebase, "rebase")?;
        decode::required(self.too_big, "tooBig")?;
        let event = CommitEvent {
            did: decode::required(self.repo, "repo")?,
            rev: decode::required(self.rev, "rev")?,
            since: decode::required(self.since, "since")?,
            commit: decode::required(self.commit, "commit")?,
            prev_data: self.prev_data,
            ops: decode::required(self.ops, "ops")?,
            blocks: decode::required(self.blocks, "blocks")?,
        };
        Ok((decode::stamp(self.seq, self.time)?, event))
    }
}

fn ops(reader: &mut CborReader<'_>) -> Result<Vec<RepoOp>, Error> {
    let mut ops = Vec::new();
    reader.enter_list()?;
    while reader.next_item()? {
        TooLarge::check("operations", MAX_OPS, ops.len() + 1).map_err(decode::too_large)?;
        ops.push(op::read(reader).map_err(|error| error.at_index(ops.len()))?);
    }
    Ok(ops)
}

fn blobs(reader: &mut CborReader<'_>) -> Result<(), Error> {
    reader.enter_list()?;
    while reader.next_item()? {
        let _: CidLink = reader.link()?;
    }
    Ok(())
}
