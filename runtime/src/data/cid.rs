use std::{fmt, str::FromStr};

use super::{CidError, cid_link::Layout, encoding::BASE32, sha256::sha256};

/// The multicodec number of SHA-256, which is also the first byte of its multihash.
pub(crate) const SHA_256: u8 = 0x12;
const DIGEST_LEN: u8 = 32;

/// What a block that a [`Cid`] names is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Codec {
    /// `raw`: bytes of any kind; blobs.
    Raw = 0x55,
    /// `dag-cbor`: one CBOR item; records, commits, tree nodes.
    DagCbor = 0x71,
}

impl Codec {
    /// The multicodec number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0x55 => Some(Self::Raw),
            0x71 => Some(Self::DagCbor),
            _ => None,
        }
    }
}

/// A content identifier in the protocol's blessed form: CIDv1, codec dag-cbor or raw, SHA-256
/// (Data model, CID formats).
///
/// 33 bytes and `Copy`. Its text is `b` and 58 characters of base32. It orders as its binary form
/// does. What may be more general in foreign data is a [`CidLink`](super::CidLink).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cid {
    codec: Codec,
    digest: [u8; 32],
}

impl Cid {
    /// The number of bytes of the binary form.
    pub const BYTES: usize = 36;
    /// The number of characters of the text form.
    pub const CHARS: usize = 59;

    /// The CID with this codec and SHA-256 digest.
    #[must_use]
    pub const fn new(codec: Codec, digest: [u8; 32]) -> Self {
        Self { codec, digest }
    }

    /// The CID of a DAG-CBOR block, which is not looked into.
    #[must_use]
    pub fn of_cbor(bytes: &[u8]) -> Self {
        Self::new(Codec::DagCbor, sha256(bytes))
    }

    /// The CID of a blob.
    #[must_use]
    pub fn of_raw(bytes: &[u8]) -> Self {
        Self::new(Codec::Raw, sha256(bytes))
    }

    /// What the block is made of.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// The SHA-256 digest of the block.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether this is the CID of these bytes, as far as the digest tells.
    #[must_use]
    pub fn verify(&self, bytes: &[u8]) -> bool {
        self.digest == sha256(bytes)
    }

    /// The binary form: version, codec, hash function, digest length, digest.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (head, digest) = bytes.split_at_mut(4);
        head.copy_from_slice(&[1, self.codec.number(), SHA_256, DIGEST_LEN]);
        digest.copy_from_slice(&self.digest);
        bytes
    }

    /// Reads the binary form.
    ///
    /// # Errors
    /// Where the bytes are no CID, or one that is not of the blessed form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CidError> {
        if let [1, codec, SHA_256, DIGEST_LEN, digest @ ..] = bytes
            && let Some(codec) = Codec::from_number(*codec)
            && let Ok(digest) = digest.try_into()
        {
            return Ok(Self { codec, digest });
        }
        Err(Self::fault(bytes))
    }

    /// Why bytes that are not of the blessed form are not.
    fn fault(bytes: &[u8]) -> CidError {
        match Layout::parse(bytes) {
            Ok(layout) if layout.hash != u64::from(SHA_256) => CidError::Hash(layout.hash),
            Ok(layout) if layout.digest_len != usize::from(DIGEST_LEN) => CidError::DigestLength,
            Ok(layout) => CidError::Codec(layout.codec),
            Err(error) => error,
        }
    }
}

/// Reads the text form: `b` and lower-case base32 (RFC 4648, no padding).
impl FromStr for Cid {
    type Err = CidError;

    fn from_str(text: &str) -> Result<Self, CidError> {
        let base32 = text.strip_prefix('b').ok_or(CidError::Multibase)?;
        let mut bytes = [0; Self::BYTES];
        if BASE32.decode_len(base32.len()) != Ok(bytes.len()) {
            return Err(CidError::TextLength);
        }
        BASE32.decode_mut(base32.as_bytes(), &mut bytes).map_err(|partial| partial.error.kind)?;
        Self::from_bytes(&bytes)
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", BASE32.encode_display(&self.to_bytes()))
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cid({self})")
    }
}

impl TryFrom<&[u8]> for Cid {
    type Error = CidError;

    fn try_from(bytes: &[u8]) -> Result<Self, CidError> {
        Self::from_bytes(bytes)
    }
}
