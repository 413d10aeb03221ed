//! What an import finds, on its way to where repositories are put.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;

use super::{Repositories, error::FetchError};
use crate::{
    data::{Cid, CidLink},
    repo::{Blocks, Commit, Import, SourceError, import::Item},
};

/// Where what an import finds goes.
pub(super) struct Found<'a> {
    did: &'a Did,
    repositories: &'a dyn Repositories,
    pub(super) commit: Option<Commit>,
    failed: Option<SourceError>,
    /// Whether nobody wants the rest: the store failed, or the fetch was given up.
    stopped: &'a AtomicBool,
}

impl<'a> Found<'a> {
    pub(super) fn new(did: &'a Did, repositories: &'a dyn Repositories, stopped: &'a AtomicBool) -> Self {
        Self { did, repositories, commit: None, failed: None, stopped }
    }

    pub(super) fn take(&mut self, item: Item<'_>) {
        if let Item::Commit(commit) = item {
            self.commit = Some(commit.clone());
        }
        if !self.stopped.load(Ordering::Relaxed)
            && let Err(error) = self.repositories.take(self.did, item)
        {
            self.stopped.store(true, Ordering::Relaxed);
            self.failed = Some(error);
        }
    }

    pub(super) fn result(&mut self) -> Result<(), FetchError> {
        self.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }
}

/// Takes in the rest of an import, which may take long: it blocks.
pub(super) fn complete(
    did: &Did,
    repositories: &dyn Repositories,
    import: Import,
    stopped: &AtomicBool,
) -> Result<Commit, FetchError> {
    let mut found = Found::new(did, repositories, stopped);
    let blocks = UntilStopped { blocks: repositories.blocks(did), stopped };
    let commit = import.finish(&blocks, &mut |item| found.take(item));
    // That the store failed is the cause of what failed after that.
    found.result()?;
    Ok(commit?)
}

/// Stops an import when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Stop(pub(super) Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Blocks that fail once the import is stopped, and it with them.
struct UntilStopped<'a> {
    blocks: Box<dyn Blocks + 'a>,
    stopped: &'a AtomicBool,
}

impl UntilStopped<'_> {
    fn check(&self) -> Result<(), SourceError> {
        if self.stopped.load(Ordering::Relaxed) { Err("the import was given up".into()) } else { Ok(()) }
    }
}

impl Blocks for UntilStopped<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        self.check()?;
        self.blocks.get(cid)
    }

    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        self.check()?;
        self.blocks.lend(cid, take)
    }

    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        self.check()?;
        self.blocks.get_link(cid)
    }

    fn verified(&self) -> bool {
        self.blocks.verified()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::{
        repo::MemoryBlocks,
        sync::{follow::CarStream, test_repo::Publisher},
        xrpc::BoxFuture,
    };

    /// A store that is full, and counts how often it had to say so.
    #[derive(Default)]
    struct Full(AtomicUsize);

    impl Repositories for Full {
        fn fetch<'a>(&'a self, _: &'a Did) -> BoxFuture<'a, Result<CarStream, SourceError>> {
            Box::pin(async { Err("nothing to fetch".into()) })
        }

        fn take(&self, _: &Did, _: Item<'_>) -> Result<(), SourceError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err("full".into())
        }

        fn blocks<'a>(&'a self, _: &Did) -> Box<dyn Blocks + 'a> {
            Box::new(())
        }
    }

    #[test]
    fn a_store_that_failed_gets_nothing_more() {
        let (full, stopped, publisher) = (Full::default(), AtomicBool::new(false), Publisher::new("a", &[]).0);
        let did = publisher.did();
        let mut found = Found::new(&did, &full, &stopped);
        for _ in 0..3 {
            found.take(Item::Commit(publisher.repo.commit()));
        }
        assert_eq!(found.result().unwrap_err().to_string(), "full");
        assert!(stopped.load(Ordering::Relaxed));
        assert_eq!(full.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_stopped_import_finds_no_more_blocks() {
        let (stop, mut blocks) = (Stop::default(), MemoryBlocks::new());
        let cid = Cid::of_cbor(b"x");
        blocks.insert(cid, b"x".to_vec());
        let stopped = Arc::clone(&stop.0);
        let blocks = UntilStopped { blocks: Box::new(blocks), stopped: &stopped };
        assert!(blocks.get(&cid).unwrap().is_some());
        drop(stop);
        assert!(blocks.get(&cid).is_err() && blocks.lend(&cid, &mut |_| {}).is_err());
    }
}
