//! A few records with their proofs.

use bytes::Bytes;

use crate::repo::{blocks::Blocks, car, error::Error, mst::Block, path::RepoPath, repository::Repo};

use super::{lend, seen::Seen};

impl Repo {
    /// A few records with what proves them, or that there are none: the commit, the nodes on the ways to them, and
    /// the records that there are, each block once.
    ///
    /// # Errors
    /// A node is missing or invalid, or a record is missing.
    pub fn select(&self, paths: &[&RepoPath], blocks: &dyn Blocks) -> Result<Vec<Block>, Error> {
        let mut selected = self.proof_of(paths, blocks)?;
        let mut seen = Seen::default();
        for path in paths {
            if let Some(link) = self.get(path, blocks)?
                && seen.insert(&link)
            {
                selected.push(lend(path.as_key(), link, blocks, |cid, bytes| bytes.into_block(cid))?);
            }
        }
        Ok(selected)
    }

    /// The CAR file of a record with its proof, or of the proof that there is none (`sync.getRecord`).
    ///
    /// # Errors
    /// As [`Repo::select`].
    pub fn proof_car(&self, path: &RepoPath, blocks: &dyn Blocks) -> Result<Bytes, Error> {
        let mut out = car::header(&[self.commit().cid()]).to_vec();
        for block in self.select(&[path], blocks)? {
            car::put_block(&mut out, &block.cid.into(), &block.bytes);
        }
        Ok(out.into())
    }
}
