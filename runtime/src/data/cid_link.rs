use std::{fmt, str::FromStr};

use super::{Cid, CidError, encoding::BASE32};

/// A link to content (Lexicon, `cid-link`): any CIDv1 of at most 100 bytes.
///
/// Nearly all links are [`Cid`]s; foreign data may hold others, which are kept as they are. In
/// JSON a link is `{"$link": "<text>"}`, in CBOR tag 42.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CidLink {
    /// A CID of the blessed form.
    Blessed(Cid),
    /// A CIDv1 with another codec or hash function.
    General(GeneralCid),
}

/// A CIDv1 that is not of the blessed form. Made through [`CidLink`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GeneralCid(Box<[u8]>);

impl CidLink {
    /// The most bytes of the binary form.
    pub const MAX_BYTES: usize = 100;

    /// Reads the binary form.
    ///
    /// # Errors
    /// Where the bytes are no CIDv1: CIDv0, more than 100 bytes, missing or additional bytes,
    /// numbers that are not in their shortest form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CidError> {
        if let Ok(cid) = Cid::from_bytes(bytes) {
            return Ok(Self::Blessed(cid));
        }
        Layout::parse(bytes)?;
        Ok(Self::General(GeneralCid(bytes.into())))
    }

    /// The binary form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.with_bytes(<[u8]>::to_vec)
    }

    /// Lends the binary form, which is never longer than [`CidLink::MAX_BYTES`].
    pub(crate) fn with_bytes<T>(&self, lend: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Blessed(cid) => lend(&cid.to_bytes()),
            Self::General(general) => lend(&general.0),
        }
    }

    /// The CID, if it is of the blessed form.
    #[must_use]
    pub fn as_cid(&self) -> Option<Cid> {
        match self {
            Self::Blessed(cid) => Some(*cid),
            Self::General(_) => None,
        }
    }

    /// Appends the text form.
    pub(crate) fn push_text(&self, out: &mut String) {
        out.push('b');
        self.with_bytes(|bytes| BASE32.encode_append(bytes, out));
    }
}

impl From<Cid> for CidLink {
    fn from(cid: Cid) -> Self {
        Self::Blessed(cid)
    }
}

impl TryFrom<&[u8]> for CidLink {
    type Error = CidError;

    fn try_from(bytes: &[u8]) -> Result<Self, CidError> {
        Self::from_bytes(bytes)
    }
}

/// Reads the text form: `b` and lower-case base32. Other multibases are refused.
impl FromStr for CidLink {
    type Err = CidError;

    fn from_str(text: &str) -> Result<Self, CidError> {
        if text.len() == Cid::CHARS
            && let Ok(cid) = text.parse()
        {
            return Ok(Self::Blessed(cid));
        }
        if text.starts_with("Qm") {
            return Err(CidError::Version0);
        }
        let base32 = text.strip_prefix('b').ok_or(CidError::Multibase)?;
        let len = BASE32.decode_len(base32.len()).map_err(|error| error.kind)?;
        let mut buffer = [0; Self::MAX_BYTES];
        let bytes = buffer.get_mut(..len).ok_or(CidError::TooLong)?;
        BASE32.decode_mut(base32.as_bytes(), bytes).map_err(|partial| partial.error.kind)?;
        Self::from_bytes(bytes)
    }
}

impl fmt::Display for CidLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blessed(cid) => cid.fmt(f),
            Self::General(general) => general.fmt(f),
        }
    }
}

impl fmt::Debug for CidLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CidLink({self})")
    }
}

impl fmt::Display for GeneralCid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", BASE32.encode_display(&self.0))
    }
}

impl fmt::Debug for GeneralCid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeneralCid({self})")
    }
}

/// The numbers in the binary form of a CIDv1: version, codec, hash function, digest length.
pub(crate) struct Layout {
    pub(crate) codec: u64,
    pub(crate) hash: u64,
    pub(crate) digest_len: usize,
}

impl Layout {
    /// Checks that the bytes are exactly one CIDv1.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, CidError> {
        if bytes.len() > CidLink::MAX_BYTES {
            return Err(CidError::TooLong);
        }
        if bytes.starts_with(&[0x12, 0x20]) {
            return Err(CidError::Version0);
        }
        let (version, rest) = varint(bytes)?;
        if version != 1 {
            return Err(CidError::Version(version));
        }
        let (codec, rest) = varint(rest)?;
        let (hash, rest) = varint(rest)?;
        let (digest_len, digest) = varint(rest)?;
        if digest_len != digest.len() as u64 {
            return Err(CidError::DigestLength);
        }
        Ok(Self { codec, hash, digest_len: digest.len() })
    }
}

/// Reads an unsigned varint as multiformats define it: seven bits a byte, lowest first, shortest
/// form, at most nine bytes.
fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), CidError> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let shortest = *byte != 0 || index == 0;
            let rest = bytes.get(index + 1..).unwrap_or_default();
            return shortest.then_some((value, rest)).ok_or(CidError::Number);
        }
    }
    Err(if bytes.len() < 9 { CidError::Truncated } else { CidError::Number })
}
