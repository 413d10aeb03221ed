//! Hashes blocks for engines that do not.

use arobase_bench_repo_workload::engine::Outcome;
use cid::Cid;
use sha2::{Digest, Sha256};

/// Compares every block with its CID.
pub fn check<'a>(blocks: impl Iterator<Item = (&'a Cid, &'a [u8])>) -> Outcome<()> {
    for (cid, bytes) in blocks {
        if cid.hash().digest() != &*Sha256::digest(bytes) {
            return Err("a block is not of its CID".into());
        }
    }
    Ok(())
}
