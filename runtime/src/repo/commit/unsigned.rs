//! Commits before they are signed.

use arobase_lexicon::syntax::{Did, Tid};
use bytes::Bytes;

use super::{Commit, Fields, Layout, VERSION};
use crate::{
    crypto::{SignError, Signature, Signer},
    data::{Cid, CidLink, cbor::CborWriter, sink::Sink},
};

/// A commit that is not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// The account.
    pub did: Did,
    /// The revision.
    pub rev: Tid,
    /// The root of the tree, whose codec is dag-cbor.
    pub data: Cid,
    /// The CID of an earlier commit; none, as a rule.
    pub prev: Option<Cid>,
}

impl Unsigned {
    /// The bytes that are signed: the object without `sig`.
    #[must_use]
    pub fn to_cbor(&self) -> Bytes {
        let mut writer = CborWriter::new();
        writer.begin_map(5);
        self.write_head(&mut writer);
        self.write_tail(&mut writer);
        writer.into_bytes().into()
    }

    /// How many bytes the signed commit will have.
    pub(crate) fn signed_len(&self) -> usize {
        /// The key `sig`, and 64 bytes with their head.
        const SIG: usize = 4 + 2 + 64;
        self.to_cbor().len() + SIG
    }

    /// Signs it.
    ///
    /// # Errors
    /// The key did not sign.
    pub fn sign(self, signer: &dyn Signer) -> Result<Commit, SignError> {
        let signature = signer.sign(&self.to_cbor())?;
        Ok(self.with_signature(&signature))
    }

    /// The commit with a signature that was made elsewhere over [`Unsigned::to_cbor`]. It is not verified.
    #[must_use]
    pub fn with_signature(self, signature: &Signature) -> Commit {
        let mut layout = Layout { fields: 6, ..Layout::default() };
        let mut writer = CborWriter::new();
        writer.begin_map(layout.fields);
        layout.first = writer.len();
        self.write_head(&mut writer);
        layout.sig = writer.len();
        writer.key("sig");
        writer.bytes(signature.as_bytes());
        layout.end = writer.len();
        layout.signature = layout.end - signature.as_bytes().len();
        self.write_tail(&mut writer);
        let bytes = Bytes::from(writer.into_bytes());
        Commit { cid: Cid::of_cbor(&bytes), bytes, fields: self.into(), layout }
    }

    /// The fields before `sig`.
    fn write_head(&self, writer: &mut CborWriter) {
        writer.key("did");
        writer.text(self.did.as_str());
        writer.key("rev");
        writer.text(self.rev.as_str());
    }

    /// The fields after `sig`.
    fn write_tail(&self, writer: &mut CborWriter) {
        writer.key("data");
        writer.link(&self.data.into());
        writer.key("prev");
        match self.prev {
            Some(prev) => writer.link(&prev.into()),
            None => writer.null(),
        }
        writer.key("version");
        writer.int(VERSION);
    }
}

impl From<Unsigned> for Fields {
    fn from(unsigned: Unsigned) -> Self {
        let Unsigned { did, rev, data, prev } = unsigned;
        Self { did, rev, data, prev: prev.map(CidLink::from), version: VERSION }
    }
}
