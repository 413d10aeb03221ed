//! A catalog that grows by what it is asked for.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use arobase_lexicon::{check::Violation, document::Document, syntax::Nsid};

use super::{
    LexiconError, LexiconResolver,
    bounded::Bounded,
    entry::{Times, Want, age},
    gather::{Gathered, Gatherer},
    lookup::{Lookup, Spawn},
    references,
};
use crate::{
    Catalog,
    catalog::{Unknown, Validity},
    data::{self, ErrorKind, Value},
    xrpc::BoxFuture,
};

/// The most types in a record whose lexicons are looked for beside that of the record.
const MAX_TYPES: usize = 20;

/// How long a catalog is given out without a look at what it consists of.
const RECHECK: Duration = Duration::from_secs(10);

/// The most bytes of the records behind the catalogs that are ready, and what each lexicon counts at least.
const MAX_READY: usize = 16 << 20;
const LEAST: usize = 2 << 10;

/// A catalog that fetches lexicons which it does not have, and remembers them. Cheap to clone; clones share what they
/// remember.
///
/// - What is remembered is good for an hour. If the authority does not answer then, or with something that is not
///   believed, the old lexicon stays for another day; if it proves that there is none any more, it goes. What could
///   not be had is not asked for again for five minutes, or half a minute where another attempt may mend it.
/// - At most 2,000 lexicons with 8 MiB are remembered, and at most 100 with 2 MiB are fetched for one catalog, up to 32
///   references away. Those that were not used for longest go first.
/// - Of each authority the latest revision of its repository is remembered, and nothing older is believed.
/// - All who want the same lexicon wait for one look-up.
///
/// What strangers write makes it ask hosts of their choice. Give it transports that reach public addresses only.
///
/// ```
/// # #[cfg(feature = "dns")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use arobase_runtime::{
///     Catalog,
///     catalog::{LexiconResolver, NetworkCatalog},
///     data::Value,
/// };
///
/// let catalog = NetworkCatalog::new(Catalog::new(), LexiconResolver::system()?);
/// let note = Value::from_json(br#"{ "$type": "com.example.note", "text": "hello" }"#)?;
/// match catalog.validate_new_record(&"com.example.note".parse()?, &note).await {
///     Ok(validity) => println!("{}", validity.as_str()),
///     Err(error) if error.is_unknown() => println!("nobody can say: {error}"),
///     Err(error) => println!("invalid: {error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct NetworkCatalog {
    inner: Arc<Inner>,
}

struct Inner {
    gatherer: Gatherer,
    ready: Mutex<Bounded<Box<[Nsid]>, Ready>>,
}

/// A catalog that was given out.
#[derive(Clone)]
struct Ready {
    catalog: Catalog,
    documents: Arc<[Arc<Document>]>,
    checked: SystemTime,
    /// [`Lookup::changes`] then.
    changes: u64,
}

/// How a [`NetworkCatalog`] is made.
pub struct NetworkCatalogBuilder {
    base: Catalog,
    resolver: LexiconResolver,
    times: Times,
    patience: Duration,
    spawn: Option<Spawn>,
}

/// Why a record is not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// The lexicon of its collection could not be had, or one that the record leads to is out of reach for now: nobody
    /// can say whether the record is valid.
    Lexicon(LexiconError),
    /// It breaks its lexicon, or the rules of the data model.
    Invalid(data::Error),
}

impl NetworkCatalog {
    /// Lexicons of `base` are never asked for and never replaced. Its settings ([`Catalog::unknown`],
    /// [`Catalog::deep`], [`Catalog::ignore`]) are those of all catalogs that come out.
    #[must_use]
    pub fn new(base: Catalog, resolver: LexiconResolver) -> Self {
        Self::builder(base, resolver).build()
    }

    /// The same, to be set up.
    #[must_use]
    pub fn builder(base: Catalog, resolver: LexiconResolver) -> NetworkCatalogBuilder {
        let (hour, day) = (Duration::from_secs(60 * 60), Duration::from_secs(24 * 60 * 60));
        let times = Times { fresh: hour, keep: day, negative: Duration::from_secs(5 * 60) };
        NetworkCatalogBuilder { base, resolver, times, patience: Duration::from_secs(20), spawn: None }
    }

    /// A catalog that has the lexicon of an NSID and everything that it refers to, in `base` or in the network. It
    /// need not have anything else. A reference whose lexicon cannot be had leads nowhere, which is an error only
    /// where data follows it.
    ///
    /// # Errors
    /// The lexicon itself cannot be had, or cannot stand beside those that it refers to.
    pub async fn with(&self, nsid: &Nsid) -> Result<Catalog, LexiconError> {
        self.with_all(nsid, &[]).await
    }

    /// The same, with an answer of the authority that is at most a few seconds old; what the lexicon refers to may be
    /// remembered. What was remembered stays, for those who do not insist, unless the authority proves that there is
    /// none any more.
    ///
    /// # Errors
    /// As [`NetworkCatalog::with`], and also where an old lexicon would be there.
    pub async fn refresh(&self, nsid: &Nsid) -> Result<Catalog, LexiconError> {
        let gatherer = &self.inner.gatherer;
        if gatherer.base().document(nsid.as_str()).is_none() {
            gatherer.lookup.get(nsid, Want::New).await?;
        }
        self.with(nsid).await
    }

    /// Checks a record that is about to be created, as [`Catalog::validate_new_record`] does, with the lexicon of its
    /// collection. Where the catalog validates [deep](Catalog::deep), the lexicons of up to 20 types in the record are
    /// looked for too.
    ///
    /// A collection whose lexicon cannot be had is unknown to the catalog, and what becomes of the record is as
    /// [`Catalog::unknown`] says.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub async fn validate_new_record(&self, nsid: &Nsid, value: &Value) -> Result<Validity, RecordError> {
        let base = self.inner.gatherer.base();
        let mut others = if base.deep { references::of_data(value, MAX_TYPES) } else { Vec::new() };
        others.sort();
        let catalog = match self.with_all(nsid, &others).await {
            Ok(catalog) => catalog,
            Err(_) if base.unknown == Unknown::Pass => base.clone(),
            Err(error) => return Err(RecordError::Lexicon(error)),
        };
        catalog.validate_new_record(nsid.as_str(), value).map_err(|error| self.refusal(&catalog, error))
    }

    /// What an error of validation means: what leads to a lexicon that is only out of reach may be valid.
    fn refusal(&self, catalog: &Catalog, error: data::Error) -> RecordError {
        let gatherer = &self.inner.gatherer;
        let lexicon = missing(catalog, &error).filter(|nsid| matches!(gatherer.of_base(nsid), Ok(None)));
        match lexicon.and_then(|nsid| gatherer.lookup.passing_failure(&nsid)) {
            Some(failure) => RecordError::Lexicon(failure),
            None => RecordError::Invalid(error),
        }
    }

    async fn with_all(&self, nsid: &Nsid, others: &[Nsid]) -> Result<Catalog, LexiconError> {
        let Inner { gatherer, .. } = &*self.inner;
        let (now, changes) = (gatherer.lookup.resolver.now(), gatherer.lookup.changes());
        let key: Box<[Nsid]> = std::iter::once(nsid).chain(others).cloned().collect();
        let ready = self.inner.ready().get(&key).cloned();
        if let Some(ready) = &ready
            && ready.changes == changes
            && age(now, ready.checked) < RECHECK
        {
            return Ok(ready.catalog.clone());
        }
        let gathered = gatherer.gather(nsid, others).await?;
        let catalog = match ready {
            Some(ready) if gathered.is_same(&ready.documents) => ready.catalog,
            // Lexicons that cannot stand together leave what was there before.
            ready => gatherer.build(&gathered).or_else(|error| ready.map(|ready| ready.catalog).ok_or(error))?,
        };
        self.inner.keep(key, &catalog, gathered, (now, changes));
        Ok(catalog)
    }
}

/// The lexicon that the data leads to and that the catalog does not have.
fn missing(catalog: &Catalog, error: &data::Error) -> Option<Nsid> {
    let ErrorKind::Violation(Violation::UnknownSchema(name)) = error.kind() else { return None };
    let nsid: Nsid = name.split('#').next()?.parse().ok()?;
    catalog.document(nsid.as_str()).is_none().then_some(nsid)
}

impl Inner {
    fn keep(&self, key: Box<[Nsid]>, catalog: &Catalog, gathered: Gathered, (checked, changes): (SystemTime, u64)) {
        let weight = gathered.bytes.saturating_add(LEAST * gathered.documents.len());
        let ready = Ready { catalog: catalog.clone(), documents: gathered.documents.into(), checked, changes };
        self.ready().insert(key, ready, weight);
    }

    fn ready(&self) -> MutexGuard<'_, Bounded<Box<[Nsid]>, Ready>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NetworkCatalogBuilder {
    /// How long a lexicon is good before its authority is asked again. Default: one hour.
    #[must_use]
    pub fn fresh(mut self, fresh: Duration) -> Self {
        self.times.fresh = fresh;
        self
    }

    /// How long a lexicon is kept after that, while its authority does not answer or is not believed. Default: one day.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.times.keep = keep;
        self
    }

    /// How long a lexicon that could not be had is not asked for again; half a minute at most where another attempt may
    /// mend it. Default: five minutes.
    #[must_use]
    pub fn negative(mut self, negative: Duration) -> Self {
        self.times.negative = negative;
        self
    }

    /// How long the lexicons that another one refers to are looked for. Default: 20 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How refreshes run in the background. Without, an authority whose lexicon is no longer fresh is waited for.
    #[must_use]
    pub fn spawn(mut self, spawn: impl Fn(BoxFuture<'static, ()>) + Send + Sync + 'static) -> Self {
        self.spawn = Some(Arc::new(spawn));
        self
    }

    /// The catalog.
    #[must_use]
    pub fn build(self) -> NetworkCatalog {
        let Self { base, resolver, times, patience, spawn } = self;
        let gatherer = Gatherer::new(base, Arc::new(Lookup::new(resolver, times, spawn)), patience);
        NetworkCatalog { inner: Arc::new(Inner { gatherer, ready: Mutex::new(Bounded::new(MAX_READY)) }) }
    }
}

impl RecordError {
    /// Whether it is only that nobody can say: the record may be valid.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Lexicon(_))
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lexicon(error) => write!(f, "a lexicon of the record: {error}"),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RecordError {}

impl fmt::Debug for NetworkCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkCatalog").field("base", self.inner.gatherer.base()).finish_non_exhaustive()
    }
}

impl fmt::Debug for NetworkCatalogBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkCatalogBuilder").field("base", &self.base).finish_non_exhaustive()
    }
}
