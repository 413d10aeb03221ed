//! A node that the walk is in.

use crate::{
    data::{Cid, CidLink, Codec},
    repo::{
        mst::{
            Fault,
            decode::{Outline, Place, read},
        },
        path::PathError,
    },
};

use super::paths::Paths;

/// A link that the walk comes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next<'a> {
    /// To a node.
    Node(Cid),
    /// To a record: the binary CID.
    Record(&'a [u8]),
}

impl Next<'_> {
    /// Whether the link is this one.
    pub(super) fn is(&self, cid: &CidLink) -> bool {
        match (self, cid) {
            (Self::Node(node), CidLink::Blessed(cid)) => node == cid,
            (Self::Node(_), CidLink::General(_)) => false,
            (Self::Record(record), CidLink::Blessed(cid)) => is_cid(record, cid),
            (Self::Record(record), CidLink::General(_)) => cid.with_bytes(|cid| cid == *record),
        }
    }

    /// The link itself. There is always one, as nodes are decoded strictly.
    pub(super) fn cid(&self) -> Option<CidLink> {
        match self {
            Self::Node(node) => Some((*node).into()),
            Self::Record(record) => CidLink::from_bytes(record).ok(),
        }
    }
}

/// Whether bytes are this CID. The digest alone would nearly do, and so it is compared first.
#[inline]
fn is_cid(bytes: &[u8], cid: &Cid) -> bool {
    let digest = bytes.last_chunk() == Some(cid.digest());
    digest && bytes.len() == Cid::BYTES && bytes.first_chunk() == Some(&[1, cid.codec().number(), 0x12, 0x20])
}

/// A node that the walk is in, and where in it. It can be used again for another node, so that nothing
/// is allocated for most nodes.
#[derive(Debug)]
pub(super) struct Open {
    cid: Cid,
    bytes: Vec<u8>,
    entries: Vec<Place>,
    outline: Outline,
    /// Twice the slot; one more for the entry behind that slot.
    at: usize,
    /// The key of the entry here or behind the slot here; at the end, of the last one.
    key: Vec<u8>,
}

impl Open {
    /// Room for nodes.
    pub(super) fn new() -> Self {
        Self {
            cid: Cid::new(Codec::DagCbor, [0; 32]),
            bytes: Vec::new(),
            entries: Vec::new(),
            outline: Outline { layer: 0, left: None },
            at: 0,
            key: Vec::new(),
        }
    }

    /// Reads a node, whose bytes are known to be those of its CID, and goes to its first slot.
    pub(super) fn open(
        &mut self,
        cid: Cid,
        bytes: &[u8],
        layer: Option<u8>,
        lower: Option<&[u8]>,
        upper: Option<&[u8]>,
    ) -> Result<(), Fault> {
        self.cid = cid;
        self.key.clear();
        self.entries.clear();
        self.outline = read(cid, bytes, layer, &mut self.key, |entry| self.entries.push(entry))?;
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.at = 0;
        self.check_range(lower, upper)?;
        self.key.clear();
        Ok(())
    }

    /// Checks that all keys, of which the last one was read last, are between two others.
    fn check_range(&self, lower: Option<&[u8]>, upper: Option<&[u8]>) -> Result<(), Fault> {
        let Some(last) = self.entries.len().checked_sub(1) else { return Ok(()) };
        if lower.is_some_and(|lower| self.suffix(0) <= lower) {
            return Err(Fault::OutOfRange { entry: 0 });
        }
        if upper.is_some_and(|upper| *self.key >= *upper) {
            return Err(Fault::OutOfRange { entry: last });
        }
        Ok(())
    }

    pub(super) fn cid(&self) -> Cid {
        self.cid
    }

    pub(super) fn layer(&self) -> u8 {
        self.outline.layer
    }

    /// The key of the entry here or behind the slot here; `None` behind the last entry.
    pub(super) fn key(&self) -> Option<&[u8]> {
        (self.at / 2 < self.entries.len()).then_some(&*self.key)
    }

    /// Goes on to the entry behind the slot here, or to the slot behind the entry here.
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// Makes the key that of the entry behind the slot here, if there is one, and checks that it is a
    /// path.
    pub(super) fn load_key(&mut self, paths: &mut Paths) -> Result<(), PathError> {
        let index = self.at / 2;
        let Some(entry) = self.entries.get(index) else { return Ok(()) };
        let shared = usize::from(entry.span.prefix);
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix(&self.bytes, entry));
        paths.check(&self.key, shared)
    }

    /// Whether everything in the node was passed.
    pub(super) fn is_over(&self) -> bool {
        self.at > 2 * self.entries.len()
    }

    /// The link here; `None` in an empty slot and at the end.
    pub(super) fn next(&self) -> Option<Next<'_>> {
        self.link(self.at)
    }

    /// The links from here on, or behind here.
    pub(super) fn rest(&self, skip: usize) -> impl Iterator<Item = Next<'_>> {
        (self.at + skip..2 * self.entries.len() + 1).filter_map(|at| self.link(at))
    }

    fn link(&self, at: usize) -> Option<Next<'_>> {
        if at % 2 == 1 {
            let entry = self.entries.get(at / 2)?;
            let start = entry.value as usize;
            return self.bytes.get(start..start + usize::from(entry.value_len)).map(Next::Record);
        }
        let digest = match (at / 2).checked_sub(1) {
            None => self.outline.left?,
            Some(entry) => self.entries.get(entry)?.right?,
        };
        let digest = self.bytes.get(digest as usize..)?.first_chunk()?;
        Some(Next::Node(Cid::new(Codec::DagCbor, *digest)))
    }

    fn suffix(&self, entry: usize) -> &[u8] {
        self.entries.get(entry).map(|entry| suffix(&self.bytes, entry)).unwrap_or_default()
    }
}

/// The part of its key that an entry holds.
fn suffix<'a>(bytes: &'a [u8], entry: &Place) -> &'a [u8] {
    let start = entry.span.at as usize;
    bytes.get(start..start + usize::from(entry.span.suffix)).unwrap_or_default()
}
