//! Commits (Repository, commit object).

mod decode;
mod error;
#[cfg(test)]
mod tests;
mod unsigned;

pub use error::Error;
pub use unsigned::Unsigned;

use arobase_lexicon::syntax::{Did, Tid};
use bytes::Bytes;

use crate::{
    crypto::PublicKey,
    data::{Cid, CidLink, cbor::CborWriter, sink::Sink},
};

/// The version of commits that are written.
pub const VERSION: i64 = 3;

/// A signed commit, with its block as it was received: fields that nobody knows are signed too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    cid: Cid,
    bytes: Bytes,
    fields: Fields,
    layout: Layout,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fields {
    did: Did,
    rev: Tid,
    data: Cid,
    prev: Option<CidLink>,
    version: i64,
}

/// Where in the block the parts are that are not signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Layout {
    /// The number of fields.
    fields: usize,
    /// Where the first field begins.
    first: usize,
    /// Where the field `sig` begins.
    sig: usize,
    /// Where the bytes of the signature begin.
    signature: usize,
    /// Where they end, and the field with them.
    end: usize,
}

impl Commit {
    /// Reads the block of a commit. Its signature is not looked at: see [`Commit::verify`].
    ///
    /// # Errors
    /// It is no canonical DAG-CBOR, or a field is missing or of the wrong kind, or of a version that
    /// is not read.
    pub fn decode(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let (fields, layout) = decode::decode(&bytes)?;
        Ok(Self { cid: Cid::of_cbor(&bytes), bytes, fields, layout })
    }

    /// Checks the signature, over the received bytes without `sig`.
    ///
    /// # Errors
    /// It was not signed by this key, or not in the strict form (64 bytes, low-S).
    pub fn verify(&self, key: &PublicKey) -> Result<(), Error> {
        match key.verify(&self.signed_bytes(), self.signature()) {
            true => Ok(()),
            false => Err(Error::Signature),
        }
    }

    /// Checks that the commit belongs to an account.
    ///
    /// # Errors
    /// It belongs to another.
    pub fn check_did(&self, did: &Did) -> Result<(), Error> {
        match self.did() == did {
            true => Ok(()),
            false => Err(Error::Did { found: self.did().clone() }),
        }
    }

    /// The bytes that are signed: the received ones without `sig`.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Layout { fields, first, sig, end, .. } = self.layout;
        let mut writer = CborWriter::new();
        writer.begin_map(fields.saturating_sub(1));
        let mut signed = writer.into_bytes();
        signed.extend_from_slice(self.bytes.get(first..sig).unwrap_or_default());
        signed.extend_from_slice(self.bytes.get(end..).unwrap_or_default());
        signed
    }

    /// The CID of the block.
    #[must_use]
    pub fn cid(&self) -> Cid {
        self.cid
    }

    /// The block.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The account.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.fields.did
    }

    /// The revision.
    #[must_use]
    pub fn rev(&self) -> &Tid {
        &self.fields.rev
    }

    /// The root of the tree.
    #[must_use]
    pub fn data(&self) -> Cid {
        self.fields.data
    }

    /// The CID of an earlier commit, which says nothing.
    #[must_use]
    pub fn prev(&self) -> Option<&CidLink> {
        self.fields.prev.as_ref()
    }

    /// The version, 3 or 2.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.fields.version
    }

    /// The signature as it was received, 64 bytes if it is one.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.bytes.get(self.layout.signature..self.layout.end).unwrap_or_default()
    }
}
