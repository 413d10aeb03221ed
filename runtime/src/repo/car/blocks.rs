//! Files small enough to be taken apart at once: events, proofs.

use bytes::Bytes;

use crate::{data::CidLink, repo::MemoryBlocks};

use super::{CarLimits, CarSlice, Error};

/// Takes a file apart: its roots, and its blocks under CIDs of the blessed form, every one of them
/// hashed. Other blocks are left out. In which order they stand, and whether they are linked to, is
/// not looked at.
///
/// # Errors
/// What is wrong with the file.
pub fn to_blocks(file: &[u8], limits: CarLimits) -> Result<(Vec<CidLink>, MemoryBlocks), Error> {
    let car = CarSlice::new(file, limits)?;
    let mut blocks = MemoryBlocks::new();
    for block in car.blocks() {
        let block = block?;
        if let CidLink::Blessed(cid) = block.cid {
            blocks.insert_verified(cid, Bytes::copy_from_slice(block.bytes));
        }
    }
    Ok((car.roots().to_vec(), blocks))
}
