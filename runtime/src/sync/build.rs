//! Events of what was written.

use crate::{
    data::CidLink,
    repo::{Commit, Written, car},
};

use super::{
    event::{CommitEvent, SyncEvent},
    limits::{MAX_COMMIT_BLOCKS, MAX_OPS, MAX_RECORD, MAX_SYNC_BLOCKS, TooLarge},
};

impl CommitEvent {
    /// The event of a commit: with it go the covering proof of all its operations, the new nodes and the new
    /// records.
    ///
    /// # Errors
    /// There are more operations or bytes than an event may have: the commit must not be published. What a
    /// [`Repo`](crate::repo::Repo) writes always fits.
    pub fn of(written: &Written) -> Result<Self, TooLarge> {
        TooLarge::check("operations", MAX_OPS, written.ops.len())?;
        for record in &written.records {
            TooLarge::check("bytes of a record", MAX_RECORD, record.bytes.len())?;
        }
        let blocks = written.to_car();
        TooLarge::check("bytes of blocks", MAX_COMMIT_BLOCKS, blocks.len())?;
        let commit = &written.commit;
        Ok(Self {
            did: commit.did().clone(),
            rev: commit.rev().clone(),
            since: written.since.clone(),
            commit: commit.cid(),
            prev_data: written.prev_data,
            ops: written.ops.clone(),
            blocks,
        })
    }
}

impl SyncEvent {
    /// The event that announces a commit without what led to it.
    ///
    /// # Errors
    /// The commit is longer than an event may be.
    pub fn of(commit: &Commit) -> Result<Self, TooLarge> {
        let mut blocks = car::header(&[commit.cid()]).to_vec();
        car::put_block(&mut blocks, &CidLink::from(commit.cid()), commit.bytes());
        TooLarge::check("bytes of blocks", MAX_SYNC_BLOCKS, blocks.len())?;
        Ok(Self { did: commit.did().clone(), rev: commit.rev().clone(), blocks: blocks.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::Cid,
        repo::mst::Block,
        sync::test_repo::{Publisher, blocks_of, put},
    };

    fn block(bytes: usize) -> Block {
        let bytes = vec![0; bytes];
        Block { cid: Cid::of_cbor(&bytes), bytes: bytes.into() }
    }

    #[test]
    fn the_event_of_a_commit_has_every_block_once_and_the_commit_first() {
        let (mut publisher, _) = Publisher::new("a", &(0..50).map(|n| put(&n.to_string(), n)).collect::<Vec<_>>());
        let event = publisher.write(&[put("x", 1), put("y", 1), put("3", 77)]);
        let cids: Vec<Cid> = blocks_of(&event.blocks).into_iter().map(|(cid, _)| cid).collect();
        assert_eq!(cids.first(), Some(&event.commit));
        let mut once = cids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), cids.len());
    }

    #[test]
    fn events_over_a_limit_are_not_made() {
        let (mut publisher, _) = Publisher::new("a", &[]);
        let written = publisher.written(&[put("a", 1)]);
        assert!(CommitEvent::of(&written).is_ok());
        let mut long = written.clone();
        long.records.push(block(MAX_RECORD + 1));
        assert_eq!(CommitEvent::of(&long).unwrap_err().what, "bytes of a record");
        let mut long = written.clone();
        long.records.extend([block(MAX_RECORD), block(MAX_RECORD - 1)]);
        assert_eq!(CommitEvent::of(&long).unwrap_err().what, "bytes of blocks");
        let mut many = written.clone();
        many.ops = std::iter::repeat_n(written.ops[0].clone(), MAX_OPS + 1).collect();
        assert_eq!(CommitEvent::of(&many).unwrap_err().to_string(), "201 operations, of which at most 200 are allowed");
    }
}
