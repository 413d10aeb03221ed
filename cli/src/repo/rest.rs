//! Where an import finds what the file has only once and the tree more than once: equal records.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
};

use arobase::{
    data::{Cid, CidLink},
    repo::{Blocks, CarIndex, SourceError},
};
use bytes::Bytes;

use crate::{progress::Show, source::Source};

use super::opened;

/// The most bytes of records that are kept of standard input.
const KEPT: usize = 256 << 20;

/// The blocks of the file that is imported.
pub(crate) enum Rest {
    /// Read again, once something is missing.
    File {
        /// The file.
        source: Source,
        /// Whether to show progress.
        progress: Show,
        /// The index, once something was missing.
        index: OnceCell<CarIndex>,
    },
    /// The records that came, as far as there is room for them.
    Kept(RefCell<Kept>),
}

/// Records of standard input.
#[derive(Default)]
pub(crate) struct Kept {
    records: HashMap<Cid, Bytes>,
    bytes: usize,
    /// Whether there was no room for a record.
    full: bool,
}

impl Rest {
    /// What there is of a file or standard input.
    pub(crate) fn of(source: &Source, progress: Show) -> Self {
        if source.is_stream() {
            return Self::Kept(RefCell::default());
        }
        Self::File { source: source.clone(), progress, index: OnceCell::new() }
    }

    /// Takes note of a record that came.
    pub(crate) fn keep(&self, cid: &CidLink, bytes: &[u8]) {
        if let (Self::Kept(kept), Some(cid)) = (self, cid.as_cid()) {
            kept.borrow_mut().add(cid, bytes);
        }
    }
}

impl Kept {
    fn add(&mut self, cid: Cid, bytes: &[u8]) {
        let size = bytes.len() + size_of::<(Cid, Bytes)>();
        if self.full || self.bytes + size > KEPT {
            self.full = true;
        } else if !self.records.contains_key(&cid) {
            self.bytes += size;
            self.records.insert(cid, Bytes::copy_from_slice(bytes));
        }
    }

    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        match self.records.get(cid) {
            None if self.full => {
                Err(format!("{cid} may have come before, and not all is kept: read from a file").into())
            }
            found => Ok(found.cloned()),
        }
    }
}

/// The index of a file, made when it is first asked for.
fn indexed<'r>(source: &Source, progress: Show, index: &'r OnceCell<CarIndex>) -> Result<&'r CarIndex, SourceError> {
    if let Some(index) = index.get() {
        return Ok(index);
    }
    let opened = opened::index(source, progress);
    let opened = opened.map_err(|stop| stop.in_file(&source.to_string()).to_string())?;
    Ok(index.get_or_init(|| opened))
}

impl Blocks for Rest {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        self.get_link(&(*cid).into())
    }

    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        match (self, cid.as_cid()) {
            (Self::File { source, progress, index }, _) => indexed(source, *progress, index)?.get_link(cid),
            (Self::Kept(kept), Some(cid)) => kept.borrow().get(&cid),
            (Self::Kept(_), None) => Ok(None),
        }
    }

    /// Whatever came was hashed.
    fn verified(&self) -> bool {
        true
    }
}
