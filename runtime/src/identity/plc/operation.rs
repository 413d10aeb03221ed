//! Signed operations.

use arobase_lexicon::syntax::Did;
use data_encoding::BASE32_NOPAD;

use super::{Content, OperationError, read, signature, write};
use crate::{
    crypto::{PublicKey, Signature},
    data::{
        Cid,
        cbor::{CborReader, CborWriter},
        json::{JsonReader, JsonWriter},
        source::Source,
    },
};

/// The characters of a did:plc behind its method.
const IDENTIFIER: usize = 24;

/// A signed operation (Identity, did:plc). What was read has the same DAG-CBOR when it is written, and so the same CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    content: Content,
    signature: Signature,
}

impl Operation {
    /// The most bytes of DAG-CBOR that are read (7,500).
    pub const MAX_BYTES: usize = 7_500;
    /// The most bytes of DAG-CBOR of an operation that we make (4,000).
    pub const MAX_NEW_BYTES: usize = 4_000;
    /// The most bytes of JSON that are looked at (65,536): more than the largest operation takes if every character is
    /// escaped.
    pub const MAX_JSON_BYTES: usize = 65_536;

    pub(super) const fn new(content: Content, signature: Signature) -> Self {
        Self { content, signature }
    }

    /// Reads JSON: exactly the fields of its form, each once, a signature of 64 bytes that is low-S on at least one
    /// curve, at most 7,500 bytes of DAG-CBOR, and at most 10 rotation keys. The rules for new operations are those of
    /// [`Operation::check_new`]; who signed it is for [`Operation::signer`] and for the [`Log`](super::Log) to find out.
    ///
    /// ```
    /// use arobase_runtime::identity::plc::{Operation, OperationError};
    ///
    /// let json = br#"{"type": "plc_tombstone", "prev": null, "sig": ""}"#;
    /// let error = Operation::from_json(json).unwrap_err();
    /// assert_eq!(error, OperationError::Field("prev".into(), "null in a tombstone"));
    /// ```
    ///
    /// # Errors
    /// See [`OperationError`].
    pub fn from_json(json: &[u8]) -> Result<Self, OperationError> {
        let mut reader = JsonReader::new(read::bounded(json, Self::MAX_JSON_BYTES)?, read::LIMITS);
        let operation = Self::read(&mut reader)?;
        reader.finish().map_err(|error| read::syntax(&error))?;
        Ok(operation)
    }

    /// Reads DAG-CBOR in its canonical form, by the rules of [`Operation::from_json`].
    ///
    /// # Errors
    /// See [`OperationError`].
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, OperationError> {
        let (bytes, max) = (cbor.len(), Self::MAX_BYTES);
        if bytes > max {
            return Err(OperationError::TooLarge { bytes, max });
        }
        let mut reader = CborReader::new(cbor, read::LIMITS);
        let operation = Self::read(&mut reader)?;
        reader.finish().map_err(|error| read::syntax(&error))?;
        Ok(operation)
    }

    /// Reads the operation that stands next, which may be part of something greater.
    pub(super) fn read<S: Source>(source: &mut S) -> Result<Self, OperationError> {
        let operation = read::fields(source)?.into_operation()?;
        operation.check_size(Self::MAX_BYTES)?;
        Ok(operation)
    }

    /// The JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut writer = JsonWriter::new();
        write::operation(&self.content, Some(&signature::to_text(&self.signature)), &mut writer);
        writer.into_bytes()
    }

    /// The DAG-CBOR.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut writer = CborWriter::new();
        write::operation(&self.content, Some(&signature::to_text(&self.signature)), &mut writer);
        writer.into_bytes()
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Its signature.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Its CID: that of its DAG-CBOR, signature and all.
    #[must_use]
    pub fn cid(&self) -> Cid {
        Cid::of_cbor(&self.to_cbor())
    }

    /// The operation that it follows; `None` for a genesis.
    #[must_use]
    pub fn prev(&self) -> Option<Cid> {
        self.content.prev()
    }

    /// The DID that it creates; `None` if it is no genesis.
    #[must_use]
    pub fn did(&self) -> Option<Did> {
        self.prev().is_none().then(|| did(&self.cid()))
    }

    /// The index of the first of these `did:key`s that signed it. Keys that cannot be read are passed over, and so are
    /// those on whose curve the signature is high-S.
    #[must_use]
    pub fn signer<S: AsRef<str>>(&self, keys: &[S]) -> Option<usize> {
        let message = self.content.signing_bytes();
        keys.iter().position(|key| {
            PublicKey::from_did_key(key.as_ref()).is_ok_and(|key| key.verify(&message, self.signature.as_bytes()))
        })
    }

    /// Checks what new operations have to keep: the limits of [`PlcData::check`](super::PlcData::check), at most 4,000
    /// bytes, a signature as [`Operation::from_json`] wants it, not the old form.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check_new(&self) -> Result<(), OperationError> {
        match &self.content {
            Content::Update { data, .. } => data.check()?,
            Content::Tombstone { .. } => {}
            Content::Create(_) => return Err(OperationError::Legacy),
        }
        signature::check(self.signature.as_bytes())?;
        self.check_size(Self::MAX_NEW_BYTES)
    }

    pub(super) fn check_size(&self, max: usize) -> Result<(), OperationError> {
        let bytes = self.to_cbor().len();
        if bytes > max { Err(OperationError::TooLarge { bytes, max }) } else { Ok(()) }
    }
}

/// The DID of the genesis with this CID.
pub(super) fn did(genesis: &Cid) -> Did {
    let mut identifier = BASE32_NOPAD.encode(genesis.digest()).to_ascii_lowercase();
    identifier.truncate(IDENTIFIER);
    Did::from_unchecked(&format!("did:plc:{identifier}"))
}

#[cfg(test)]
#[path = "operation_tests.rs"]
mod tests;
