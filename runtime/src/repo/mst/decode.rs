//! Reading a node strictly: what is not the one encoding of a sound node is refused.

use std::sync::OnceLock;

use crate::data::{Cid, CidLink, Codec};

use super::{
    error::Fault,
    key::{MAX_KEY, key_layer},
    node::{EMPTY, LINK_HEAD, LINK_LEN, NULL, Node, Span},
};

/// The most entries of a node that is read. The chance of n neighbours without a higher key between
/// them is 0.75^n, so that honest nodes stay far below 100.
pub const MAX_READ_ENTRIES: usize = 512;

/// Where an entry is in its node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The key.
    pub(crate) span: Span,
    /// The digest of the child to the right, if there is one.
    pub(crate) right: Option<u32>,
    /// The binary CID of the value.
    pub(crate) value: u32,
    /// How many bytes that has.
    pub(crate) value_len: u8,
}

/// What a node is beside its entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline {
    pub(crate) layer: u8,
    /// Where the digest of the first child is, if there is one.
    pub(crate) left: Option<u32>,
}

/// Reads a node whose bytes are known to be those of the CID. The parent says the layer; a root is
/// told its layer by its keys.
pub(crate) fn decode(cid: Cid, bytes: &[u8], layer: Option<u8>) -> Result<Node, Fault> {
    let mut spans = Vec::new();
    let outline = read(cid, bytes, layer, &mut Vec::new(), |place| spans.push(place.span))?;
    let slots = if outline.layer == 0 { 0 } else { spans.len() + 1 };
    let kids = (0..slots).map(|_| OnceLock::new()).collect();
    Ok(Node::from_parts(*cid.digest(), outline.layer, bytes.into(), spans.into(), kids))
}

/// The same without making a node of it: gives the places of the entries, and leaves the last key in
/// `key`, which has to be empty before.
pub(crate) fn read(
    cid: Cid,
    bytes: &[u8],
    layer: Option<u8>,
    key: &mut Vec<u8>,
    mut entry: impl FnMut(Place),
) -> Result<Outline, Fault> {
    if cid.codec() != Codec::DagCbor {
        return Err(Fault::Codec);
    }
    if bytes == EMPTY {
        return if layer.is_none() { Ok(Outline { layer: 0, left: None }) } else { Err(Fault::Empty) };
    }
    let mut reader = Reader { bytes, at: 0 };
    let mut layers = Layers { node: layer, other: None };
    let mut has_kid = false;
    reader.exact(&[0xa2, 0x61, b'e'])?;
    let count = reader.head(0x80)?;
    if count > MAX_READ_ENTRIES {
        return Err(Fault::TooWide);
    }
    for index in 0..count {
        let place = read_entry(&mut reader, index, key)?;
        layers.add(index, key_layer(key));
        has_kid |= place.right.is_some();
        entry(place);
    }
    let left = reader.left()?;
    reader.end()?;
    let layer = layers.agree(count, left.is_some())?;
    if layer == 0 && (has_kid || left.is_some()) {
        return Err(Fault::ChildAtBottom);
    }
    Ok(Outline { layer, left })
}

/// What the keys of a node say about its layer.
struct Layers {
    /// The layer that the parent says, or else the first key.
    node: Option<u8>,
    /// The first entry of another layer, and that layer.
    other: Option<(usize, u8)>,
}

impl Layers {
    fn add(&mut self, entry: usize, found: u8) {
        if *self.node.get_or_insert(found) != found && self.other.is_none() {
            self.other = Some((entry, found));
        }
    }

    /// The layer of the node, if all agree on it.
    fn agree(&self, entries: usize, left: bool) -> Result<u8, Fault> {
        match (self.node, self.other) {
            (None, _) => Err(Fault::PointerRoot),
            (Some(_), _) if entries == 0 && !left => Err(Fault::Empty),
            (Some(node), Some((entry, found))) => Err(Fault::Layer { entry, found, node }),
            (Some(node), None) => Ok(node),
        }
    }
}

fn read_entry(reader: &mut Reader<'_>, index: usize, key: &mut Vec<u8>) -> Result<Place, Fault> {
    let span = read_key(reader, index, key)?;
    reader.exact(&[0x61, b't'])?;
    let right = reader.kid()?;
    reader.exact(&[0x61, b'v'])?;
    let (value, value_len) = reader.value()?;
    Ok(Place { span, right, value, value_len })
}

/// Reads `k` and `p` of an entry, and makes `key` its key.
fn read_key(reader: &mut Reader<'_>, entry: usize, key: &mut Vec<u8>) -> Result<Span, Fault> {
    reader.exact(&[0xa4, 0x61, b'k'])?;
    let len = reader.head(0x40)?;
    let at = reader.at;
    let suffix = reader.take(len)?;
    reader.exact(&[0x61, b'p'])?;
    let prefix = reader.head(0x00)?;
    if prefix > key.len() {
        return Err(Fault::PrefixTooLong { entry });
    }
    if !(1..=MAX_KEY).contains(&(prefix + suffix.len())) {
        return Err(Fault::KeyLength { entry });
    }
    if entry > 0 {
        match (key.get(prefix), suffix.first()) {
            (_, None) => return Err(Fault::Order { entry }),
            (Some(before), Some(here)) if here == before => return Err(Fault::PrefixTooShort { entry }),
            (Some(before), Some(here)) if here < before => return Err(Fault::Order { entry }),
            _ => {}
        }
    }
    key.truncate(prefix);
    key.extend_from_slice(suffix);
    // A key has at most 1,024 bytes; a block that 32 bits do not count is refused before it is read.
    Ok(Span { at: at as u32, prefix: prefix as u16, suffix: suffix.len() as u16 })
}

/// The rest of a block.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self) -> Fault {
        Fault::Encoding { offset: self.at }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(len).ok_or(self.fault())?;
        let taken = self.bytes.get(self.at..end).ok_or(self.fault())?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.at).ok_or(self.fault())?;
        self.at += 1;
        Ok(byte)
    }

    fn exact<const N: usize>(&mut self, expected: &[u8; N]) -> Result<(), Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.first_chunk() == Some(expected) {
            self.at += N;
            return Ok(());
        }
        Err(self.fault())
    }

    /// The head of an item of this major type, with its argument in the shortest form. Nothing in a
    /// node has an argument of more than 16 bits.
    fn head(&mut self, major: u8) -> Result<usize, Fault> {
        let fault = self.fault();
        let info = self.byte()?.checked_sub(major).ok_or(fault)?;
        match info {
            0..24 => Ok(usize::from(info)),
            24 => Some(usize::from(self.byte()?)).filter(|value| *value >= 24).ok_or(fault),
            25 => {
                let value = u16::from_be_bytes([self.byte()?, self.byte()?]);
                Some(usize::from(value)).filter(|value| *value >= 0x100).ok_or(fault)
            }
            _ => Err(fault),
        }
    }

    /// A link to a node, or `null`. Where the digest is, if it is a link.
    fn kid(&mut self) -> Result<Option<u32>, Fault> {
        if self.bytes.get(self.at) == Some(&NULL) {
            self.at += 1;
            return Ok(None);
        }
        self.exact(&LINK_HEAD)?;
        let digest = self.at as u32;
        self.take(LINK_LEN - LINK_HEAD.len())?;
        Ok(Some(digest))
    }

    /// `l`. Where the digest is, if it is a link.
    fn left(&mut self) -> Result<Option<u32>, Fault> {
        self.exact(&[0x61, b'l'])?;
        self.kid()
    }

    /// A link to anything. Where its binary CID is, and how many bytes that has.
    fn value(&mut self) -> Result<(u32, u8), Fault> {
        let fault = self.fault();
        let cid = if self.exact(&LINK_HEAD).is_ok() {
            self.take(LINK_LEN - LINK_HEAD.len())?;
            Cid::BYTES
        } else {
            self.exact(&[0xd8, 0x2a])?;
            let len = self.head(0x40)?;
            let cid = self.take(len)?.strip_prefix(&[0]).ok_or(fault)?;
            CidLink::from_bytes(cid).map_err(|_| fault)?;
            cid.len()
        };
        // A CID has at most 100 bytes.
        Ok(((self.at - cid) as u32, cid as u8))
    }

    fn end(&self) -> Result<(), Fault> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.fault()) }
    }
}
