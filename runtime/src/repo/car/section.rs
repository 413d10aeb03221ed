//! A section: a length and so many bytes, as the header and the blocks are.

use std::ops::Range;

use crate::data::{Cid, CidLink, Codec};

use super::{CarBlock, CarLimits, Error, Fault, varint};

/// What there is too much of in a block that is too long.
const BLOCK: &str = "bytes of a block";

/// How much of a section is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: where its content is.
    Whole(Range<usize>),
    /// Not all: it has at least so many bytes.
    AtLeast(usize),
}

/// How long a section may be, and how to say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    what: &'static str,
    limit: usize,
    /// What may come on top of the limit.
    extra: usize,
}

impl Bound {
    /// The bound of the header.
    pub(super) fn header(limits: CarLimits) -> Self {
        Self { what: "bytes of a header", limit: limits.header, extra: 0 }
    }

    /// The bound of a block, beside which there is its CID.
    pub(super) fn block(limits: CarLimits) -> Self {
        Self { what: BLOCK, limit: limits.block, extra: CidLink::MAX_BYTES }
    }

    /// Where a section ends whose content starts here and has so many bytes.
    fn end(self, start: usize, len: u64) -> Result<usize, Fault> {
        let fits = |len: &usize| *len <= self.limit.saturating_add(self.extra);
        let len = usize::try_from(len).ok().filter(fits);
        len.and_then(|len| start.checked_add(len)).ok_or(Fault::Limit { what: self.what, limit: self.limit as u64 })
    }
}

/// Measures the section that the bytes begin with.
pub(super) fn measure(bytes: &[u8], bound: Bound) -> Result<Extent, Fault> {
    let Some((len, start)) = varint::read(bytes)? else {
        return Ok(Extent::AtLeast(bytes.len() + 1));
    };
    let end = bound.end(start, len)?;
    Ok(if end <= bytes.len() { Extent::Whole(start..end) } else { Extent::AtLeast(end) })
}

/// Goes through the blocks that the bytes hold whole, hashed, with their offsets in the file, of which
/// the bytes are the part from the offset `base` on. How many bytes they take.
pub(super) fn each<E: From<Error>>(
    bytes: &[u8],
    base: u64,
    limits: CarLimits,
    mut take: impl FnMut(u64, &CarBlock<&[u8]>) -> Result<(), E>,
) -> Result<usize, E> {
    let mut at = 0;
    loop {
        let (rest, offset) = (bytes.get(at..).unwrap_or_default(), base + at as u64);
        let fault = |fault| Error { offset, fault };
        // The two do not meet before the block is taken, so that it need not be moved to where they do.
        if let Some((cid, bytes, len)) = common(rest, limits) {
            if !cid.verify(bytes) {
                return Err(fault(Fault::Hash).into());
            }
            take(offset, &CarBlock { cid: cid.into(), bytes, verified: true })?;
            at += len;
        } else if let Some((block, len)) = uncommon(rest, limits).map_err(fault)? {
            take(offset, &block)?;
            at += len;
        } else {
            return Ok(at);
        }
    }
}

/// A block, and how many bytes it takes with its length.
pub(crate) type Whole<'a> = (CarBlock<&'a [u8]>, usize);

/// The block that the bytes begin with, hashed, and how many bytes it takes; `None` if it is not whole.
pub(crate) fn block(bytes: &[u8], limits: CarLimits) -> Result<Option<Whole<'_>>, Fault> {
    match common(bytes, limits) {
        Some((cid, bytes, len)) => CarBlock::new(cid, bytes).map(|block| Some((block, len))).ok_or(Fault::Hash),
        None => uncommon(bytes, limits),
    }
}

/// There are more blocks than there may be.
#[cold]
pub(super) fn too_many(offset: u64, limits: CarLimits) -> Error {
    Error { offset, fault: Fault::Limit { what: "blocks", limit: limits.blocks } }
}

/// A CID, its block, and how many bytes both take with their length.
pub(super) type Split<'a, C> = (C, &'a [u8], usize);

/// The block that the bytes begin with, not hashed, if it is like nearly all: whole, under a CID of the
/// blessed form and of less than 16 KiB. Of others it does not say what they are.
#[inline]
fn common(bytes: &[u8], limits: CarLimits) -> Option<Split<'_, Cid>> {
    let (start, len) = match *bytes {
        [low @ 0..0x80, ..] => (1, usize::from(low)),
        [low, high @ 1..0x80, ..] => (2, usize::from(low & 0x7f) | usize::from(high) << 7),
        _ => return None,
    };
    let (cid, block) = bytes.get(start..start + len)?.split_first_chunk::<{ Cid::BYTES }>()?;
    let (head, digest) = cid.split_first_chunk::<4>()?;
    let codec = match head {
        [1, 0x71, 0x12, 0x20] => Codec::DagCbor,
        [1, 0x55, 0x12, 0x20] => Codec::Raw,
        _ => return None,
    };
    let fits = block.len() <= limits.block;
    Some((Cid::new(codec, *digest.first_chunk()?), block, start + len)).filter(|_| fits)
}

/// The same as [`block`] for any block, and what is wrong with what is none.
#[cold]
fn uncommon(bytes: &[u8], limits: CarLimits) -> Result<Option<Whole<'_>>, Fault> {
    match unhashed(bytes, limits)? {
        Some((head, block, len)) => Ok(Some((head.verify(block)?, len))),
        None => Ok(None),
    }
}

/// The block that the bytes begin with, not hashed; `None` if it is not whole.
pub(super) fn unhashed(bytes: &[u8], limits: CarLimits) -> Result<Option<Split<'_, Head>>, Fault> {
    let Extent::Whole(content) = measure(bytes, Bound::block(limits))? else { return Ok(None) };
    let end = content.end;
    let content = bytes.get(content).unwrap_or_default();
    let head = split(content, limits)?;
    let block = content.get(head.len..).unwrap_or_default();
    Ok(Some((head, block, end)))
}

/// Takes the content of a section apart into CID and block, without comparing them.
pub(super) fn split(content: &[u8], limits: CarLimits) -> Result<Head, Fault> {
    if content.is_empty() {
        return Err(Fault::EmptySection);
    }
    let head = cid(content)?;
    if content.len() - head.len > limits.block {
        return Err(Fault::Limit { what: BLOCK, limit: limits.block as u64 });
    }
    Ok(head)
}

/// A CID at the beginning of bytes.
pub(super) struct Head {
    cid: CidLink,
    /// How many bytes it takes, which are there.
    len: usize,
    /// A CID of the same digest, if that is one of SHA-256.
    sha256: Option<Cid>,
}

impl Head {
    /// Where the block begins.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Compares the block with the CID, if that can be done.
    pub(super) fn verify<T: AsRef<[u8]>>(self, bytes: T) -> Result<CarBlock<T>, Fault> {
        match &self.sha256 {
            Some(digest) if !digest.verify(bytes.as_ref()) => Err(Fault::Hash),
            _ => Ok(self.trust(bytes)),
        }
    }

    /// Takes the block for that of the CID, since it was compared before.
    pub(super) fn trust<T>(self, bytes: T) -> CarBlock<T> {
        CarBlock { cid: self.cid, bytes, verified: self.sha256.is_some() }
    }
}

/// Reads the CID that the bytes begin with.
fn cid(bytes: &[u8]) -> Result<Head, Fault> {
    if let Some(first) = bytes.get(..Cid::BYTES)
        && let Ok(cid) = Cid::from_bytes(first)
    {
        return Ok(Head { cid: cid.into(), len: Cid::BYTES, sha256: Some(cid) });
    }
    general_cid(bytes)
}

/// The CID with the same digest by which blocks under this one are verified; `None` if its hash function is
/// not SHA-256, so that they cannot be.
pub(crate) fn verifier(cid: &CidLink) -> Option<Cid> {
    match cid {
        CidLink::Blessed(cid) => Some(*cid),
        CidLink::General(_) => cid.with_bytes(general_cid).ok()?.sha256,
    }
}

#[cold]
fn general_cid(bytes: &[u8]) -> Result<Head, Fault> {
    let mut at = 0;
    let mut number = || {
        let (value, len) = varint::read(bytes.get(at..).unwrap_or_default()).ok().flatten().ok_or(Fault::Cid)?;
        at += len;
        Ok(value)
    };
    let [_version, _codec, hash, digest_len] = [number()?, number()?, number()?, number()?];
    let digest_len = usize::try_from(digest_len).map_err(|_| Fault::Cid)?;
    let len = at.checked_add(digest_len).ok_or(Fault::Cid)?;
    let digest = bytes.get(at..len).ok_or(Fault::Cid)?;
    let cid = CidLink::from_bytes(bytes.get(..len).ok_or(Fault::Cid)?).map_err(|_| Fault::Cid)?;
    let digest = <[u8; 32]>::try_from(digest).ok().filter(|_| hash == SHA_256);
    Ok(Head { cid, len, sha256: digest.map(|digest| Cid::new(Codec::Raw, digest)) })
}

/// The number of SHA-256 among hash functions.
const SHA_256: u64 = 0x12;
