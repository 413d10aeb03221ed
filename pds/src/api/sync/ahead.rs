//! The blocks of a repository for an export, which asks for its records in the order of their paths.

use std::{
    cell::{RefCell, RefMut},
    collections::VecDeque,
    ops::Bound,
};

use arobase::{
    data::{Cid, CidLink},
    repo::{Blocks, RepoPath, Revs, SourceError, mst::Direction},
    syntax::Tid,
};
use bytes::Bytes;

use crate::store::{AccountId, Range, Record, StoreError, View};

/// How many records the first page has, and each one after a page of which little was wanted.
const FIRST: usize = 8;
/// How many records a page has at most, and how many bytes of them.
const MOST: (usize, usize) = (1_024, 1 << 20);

/// The blocks of a repository in a store. Records are read by pages: an export wants them in the order of their paths,
/// though not those that it had before, nor those that are older than it was asked for.
pub(super) struct Ahead<'a> {
    view: &'a dyn View,
    id: AccountId,
    page: RefCell<Page>,
    /// The node that was lent last, of which the revision is asked next.
    node: RefCell<Option<(Cid, Tid)>>,
}

/// The records that come next.
struct Page {
    records: VecDeque<Record>,
    /// The last path that was read; none at the beginning.
    last: Option<RepoPath>,
    /// How many records the page had, and how many of them were wanted.
    len: usize,
    wanted: usize,
    /// There are no records behind these.
    over: bool,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(view: &'a dyn View, id: AccountId) -> Self {
        let page = Page { records: VecDeque::new(), last: None, len: 0, wanted: 0, over: false };
        Self { view, id, page: RefCell::new(page), node: RefCell::new(None) }
    }

    /// The record with this CID that comes next, if there is one; those before it are passed over.
    fn next_of(&self, cid: Cid) -> Result<Option<Record>, StoreError> {
        let mut page = self.page.borrow_mut();
        loop {
            // Those that are passed over were sent before, so all of a page is wanted.
            page.wanted = page.len;
            match page.records.pop_front() {
                Some(record) if record.cid == CidLink::Blessed(cid) => return Ok(Some(record)),
                Some(_) => {}
                None if page.over => return Ok(None),
                None => {
                    let last = page.last.take();
                    let from = last.as_ref().map_or(Bound::Unbounded, |path| Bound::Excluded(path.as_str()));
                    self.turn(&mut page, from)?;
                }
            }
        }
    }

    /// Goes to a path, which is behind all that were asked for.
    fn go_to(&self, path: &RepoPath) -> Result<RefMut<'_, Page>, StoreError> {
        let mut page = self.page.borrow_mut();
        while page.records.front().is_some_and(|record| record.path < *path) {
            page.records.pop_front();
        }
        if page.records.is_empty() && !page.over {
            self.turn(&mut page, Bound::Included(path.as_str()))?;
        }
        page.wanted += 1;
        Ok(page)
    }

    /// Reads the next page: a longer one if most of the last was wanted.
    fn turn(&self, page: &mut Page, from: Bound<&str>) -> Result<(), StoreError> {
        let limit = if page.wanted * 2 >= page.len { page.len * 2 } else { FIRST };
        let range = Range {
            from,
            to: Bound::Unbounded,
            direction: Direction::Up,
            limit: limit.clamp(FIRST, MOST.0),
            bytes: MOST.1,
        };
        page.records = self.view.records(self.id, range)?.into();
        (page.len, page.wanted) = (page.records.len(), 0);
        page.over = page.records.is_empty();
        page.last = page.records.back().map(|record| record.path.clone());
        Ok(())
    }

    /// Whether the very next record has this CID: then it is that which is wanted, and not a node.
    fn is_next(&self, cid: Cid) -> bool {
        self.page.borrow().records.front().is_some_and(|record| record.cid == CidLink::Blessed(cid))
    }
}

impl Blocks for Ahead<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        let mut block = None;
        self.lend(cid, &mut |bytes| block = Some(bytes.clone()))?;
        Ok(block)
    }

    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        if !self.is_next(*cid)
            && let Some(node) = self.view.node(self.id, cid)?
        {
            *self.node.borrow_mut() = Some((*cid, node.rev));
            take(&node.block);
            return Ok(true);
        }
        if let Some(record) = self.next_of(*cid)? {
            take(&record.block);
            return Ok(true);
        }
        let block = self.view.record_block(self.id, &(*cid).into())?;
        Ok(block.map(|block| take(&block)).is_some())
    }

    /// Only what was hashed gets into a store.
    fn verified(&self) -> bool {
        true
    }
}

impl Revs for Ahead<'_> {
    fn node_rev(&self, node: &Cid) -> Result<Option<Tid>, SourceError> {
        if let Some((cid, rev)) = &*self.node.borrow()
            && cid == node
        {
            return Ok(Some(rev.clone()));
        }
        Ok(self.view.node(self.id, node)?.map(|node| node.rev))
    }

    fn record_rev(&self, key: &[u8], _: &CidLink) -> Result<Option<Tid>, SourceError> {
        let path = RepoPath::from_key(key)?;
        let page = self.go_to(&path)?;
        Ok(page.records.front().filter(|record| record.path == path).map(|record| record.rev.clone()))
    }
}
