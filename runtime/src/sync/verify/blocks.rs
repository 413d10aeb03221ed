//! The blocks of events and proofs.

use bytes::Bytes;

use crate::{
    data::{Cid, CidLink, Codec},
    repo::{
        Commit, MemoryBlocks,
        car::{CarLimits, CarSlice},
    },
    sync::invalid::Invalid,
};

/// The blocks of a CAR file, each hashed; slices of the file.
pub(super) struct FileBlocks {
    /// The first root.
    root: CidLink,
    pub(super) nodes: MemoryBlocks,
    /// Blocks under CIDs of other forms.
    pub(super) others: Vec<(CidLink, Bytes)>,
}

impl FileBlocks {
    pub(super) fn read(file: &Bytes) -> Result<Self, Invalid> {
        let car = CarSlice::new(file, CarLimits::DEFAULT)?;
        let root = car.roots().first().cloned().ok_or(Invalid::NoRoot)?;
        let (mut nodes, mut others) = (MemoryBlocks::new(), Vec::new());
        for block in car.blocks() {
            let block = block?;
            let (verified, bytes) = (block.verified(), file.slice_ref(block.bytes));
            match block.cid {
                CidLink::Blessed(cid) => nodes.insert_verified(cid, bytes),
                // Of those that nobody can hash, none counts as there.
                general if verified => others.push((general, bytes)),
                _ => {}
            }
        }
        Ok(Self { root, nodes, others })
    }

    /// A block.
    pub(super) fn block(&self, cid: &CidLink) -> Option<&Bytes> {
        find(&self.nodes, &self.others, cid)
    }

    /// The commit, which has to be this one.
    pub(super) fn commit_of(&self, cid: Cid) -> Result<Commit, Invalid> {
        if self.root != cid.into() {
            return Err(Invalid::Root { commit: Some(cid), root: self.root.clone() });
        }
        self.commit()
    }

    /// The commit that the first root is.
    pub(super) fn commit(&self) -> Result<Commit, Invalid> {
        match self.root.as_cid() {
            Some(cid) if cid.codec() == Codec::DagCbor => {
                let block = self.nodes.block(&cid).ok_or(Invalid::MissingCommit(cid))?;
                Ok(Commit::decode(block.clone())?)
            }
            _ => Err(Invalid::Root { commit: None, root: self.root.clone() }),
        }
    }
}

/// A block of one kind or the other.
pub(super) fn find<'a>(nodes: &'a MemoryBlocks, others: &'a [(CidLink, Bytes)], cid: &CidLink) -> Option<&'a Bytes> {
    match cid {
        CidLink::Blessed(cid) => nodes.block(cid),
        CidLink::General(_) => others.iter().find(|(other, _)| other == cid).map(|(_, bytes)| bytes),
    }
}
