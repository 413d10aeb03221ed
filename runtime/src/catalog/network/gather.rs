//! A lexicon and everything that it refers to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use arobase_lexicon::{document::Document, syntax::Nsid};
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream,
};

use super::{
    LexiconError,
    entry::{Known, Want},
    lookup::Lookup,
    references,
};
use crate::{
    Catalog,
    catalog::{
        Loader,
        error::{MistakeKind, Mistakes},
    },
    xrpc::BoxFuture,
};

/// The most lexicons of the network that are looked for for one catalog, and about how many bytes their records have.
const MAX_LEXICONS: usize = 100;
const MAX_BYTES: usize = 2 << 20;

/// How many references away from what was asked for a lexicon may be.
const MAX_DEPTH: usize = 32;

/// How many lexicons are looked up at once.
const AT_ONCE: usize = 8;

/// Finds lexicons, in a catalog first and then in the network.
pub(super) struct Gatherer {
    base: Catalog,
    /// What the lexicons of the catalog refer to.
    references: BTreeMap<Nsid, Box<[Nsid]>>,
    pub(super) lookup: Arc<Lookup>,
    /// How long references are looked for.
    patience: Duration,
}

/// What stands together in a catalog.
#[derive(Default)]
pub(super) struct Gathered {
    /// From the nearest to the farthest.
    pub(super) documents: Vec<Arc<Document>>,
    /// How many of them are from the network.
    pub(super) fetched: usize,
    /// The bytes of the records of these.
    pub(super) bytes: usize,
}

impl Gathered {
    /// Whether the lexicons are the same ones.
    pub(super) fn is_same(&self, documents: &[Arc<Document>]) -> bool {
        self.documents.len() == documents.len()
            && self.documents.iter().zip(documents).all(|(one, other)| Arc::ptr_eq(one, other))
    }

    fn fetched(&mut self, known: &Known) {
        self.fetched += 1;
        self.bytes += known.bytes;
        self.documents.push(Arc::clone(&known.document));
    }

    fn is_full(&self) -> bool {
        self.bytes >= MAX_BYTES
    }
}

/// A look through references, level by level.
struct Search {
    gathered: Gathered,
    seen: BTreeSet<Nsid>,
    next: Vec<Nsid>,
    /// How many lexicons were looked for in the network, also in vain.
    asked: usize,
}

impl Search {
    /// Puts lexicons on the next level, unless they were met.
    fn follow<'a>(&mut self, references: impl IntoIterator<Item = &'a Nsid>) {
        for nsid in references {
            if self.seen.insert(nsid.clone()) {
                self.next.push(nsid.clone());
            }
        }
    }
}

impl Gatherer {
    pub(super) fn new(base: Catalog, lookup: Arc<Lookup>, patience: Duration) -> Self {
        let of = |document: &Arc<Document>| references::of_document(document).into_iter().collect();
        let references = base.lexicons.documents.values().map(|document| (document.id.clone(), of(document))).collect();
        Self { base, references, lookup, patience }
    }

    pub(super) fn base(&self) -> &Catalog {
        &self.base
    }

    /// A lexicon, others that would be good to have, and what they refer to. Of what is not there or too much, all but
    /// the first is left out.
    pub(super) async fn gather(&self, nsid: &Nsid, others: &[Nsid]) -> Result<Gathered, LexiconError> {
        let mut search = Search { gathered: Gathered::default(), seen: BTreeSet::new(), next: Vec::new(), asked: 0 };
        search.seen.insert(nsid.clone());
        match self.of_base(nsid)? {
            Some(document) => search.gathered.documents.push(document),
            None => {
                search.asked += 1;
                let known = self.lookup.get(nsid, Want::Remembered).await?;
                search.gathered.fetched(&known);
                search.follow(&known.references);
            }
        }
        search.follow(self.references.get(nsid).into_iter().flatten());
        search.follow(others);
        self.descend(&mut search).await;
        Ok(search.gathered)
    }

    async fn descend(&self, search: &mut Search) {
        let mut deadline = self.lookup.resolver.transport().sleep(self.patience);
        for _ in 0..MAX_DEPTH {
            let level = std::mem::take(&mut search.next);
            let absent = self.take_from_base(level, search);
            if absent.is_empty() && search.next.is_empty() {
                return;
            }
            if !self.take_from_network(&absent, search, &mut deadline).await {
                return;
            }
        }
    }

    /// Gives what the catalog does not have.
    fn take_from_base(&self, level: Vec<Nsid>, search: &mut Search) -> Vec<Nsid> {
        let mut absent = Vec::new();
        for nsid in level {
            match self.of_base(&nsid) {
                Ok(Some(document)) => {
                    search.gathered.documents.push(document);
                    search.follow(self.references.get(&nsid).into_iter().flatten());
                }
                Ok(None) => absent.push(nsid),
                Err(_) => {}
            }
        }
        absent
    }

    /// Whether there is time and room for more afterwards.
    async fn take_from_network(&self, level: &[Nsid], search: &mut Search, deadline: &mut BoxFuture<'_, ()>) -> bool {
        let room = MAX_LEXICONS.saturating_sub(search.asked);
        search.asked += level.len();
        // Collected: the compiler cannot tell that a future with a closure that borrows is `Send`.
        let asked: Vec<_> = level.iter().take(room).map(|nsid| self.lookup.get(nsid, Want::Remembered)).collect();
        let mut found = std::pin::pin!(stream::iter(asked).buffered(AT_ONCE));
        loop {
            match select(found.next(), &mut *deadline).await {
                Either::Left((Some(Ok(known)), _)) if !search.gathered.is_full() => {
                    search.gathered.fetched(&known);
                    search.follow(&known.references);
                }
                Either::Left((Some(Err(_)), _)) => {}
                Either::Left((None, _)) => return true,
                Either::Left((Some(Ok(_)), _)) | Either::Right(_) => return false,
            }
        }
    }

    /// The document of the catalog.
    pub(super) fn of_base(&self, nsid: &Nsid) -> Result<Option<Arc<Document>>, LexiconError> {
        match self.base.lexicons.documents.get(&nsid.as_str().to_ascii_lowercase()) {
            Some(document) if document.id == *nsid => Ok(Some(Arc::clone(document))),
            Some(other) => Err(same_but_case(nsid, &other.id)),
            None => Ok(None),
        }
    }

    /// A catalog of these, with the settings of the one that was given.
    pub(super) fn build(&self, gathered: &Gathered) -> Result<Catalog, LexiconError> {
        if gathered.fetched == 0 {
            return Ok(self.base.clone());
        }
        let catalog = Catalog { lexicons: Arc::default(), ..self.base.clone() };
        let mut loader = Loader { catalog, mistakes: Mistakes::default() };
        gathered.documents.iter().for_each(|document| loader.add(None, Arc::clone(document)));
        loader.finish().map_err(|error| LexiconError::Incompatible(Arc::new(error)))
    }
}

fn same_but_case(nsid: &Nsid, other: &Nsid) -> LexiconError {
    let mut mistakes = Mistakes::default();
    mistakes.add(None, MistakeKind::SameButCase(nsid.as_str().to_owned(), other.as_str().to_owned()));
    match mistakes.or(()) {
        Err(error) => LexiconError::Incompatible(Arc::new(error)),
        Ok(()) => LexiconError::NotFound { authority: None },
    }
}
