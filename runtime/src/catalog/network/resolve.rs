//! From an NSID to the lexicon that its authority published.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use arobase_lexicon::{
    document::Document,
    syntax::{AtIdentifier, AtUri, Did, Nsid, RecordKey, Tid},
};
use futures_util::future::{Either, select};

use super::{
    LexiconError, authority,
    proof::Host,
    record::{self, COLLECTION},
};
#[cfg(feature = "dns")]
use crate::{
    client::ConfigError,
    identity::{AddressPolicy, PublicTransport, SystemDns},
};
use crate::{
    client::Transport,
    clock::{Clock, SystemClock},
    data::{Cid, Codec, Value},
    identity::{Dns, Resolver},
    sync::{limits::MAX_AHEAD, verify::RecordProof},
};

/// Resolves lexicons (Lexicon, authority and resolution): NSID, DNS, DID, PDS, record, with the proof that the record
/// is in the repository of the authority.
///
/// It remembers nothing but what the resolver of identities does; see [`NetworkCatalog`](super::NetworkCatalog).
#[derive(Clone)]
pub struct LexiconResolver {
    dns: Arc<dyn Dns>,
    identities: Resolver,
    public: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    development: bool,
}

/// A lexicon as its authority published it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResolvedLexicon {
    /// The authority.
    pub did: Did,
    /// The revision of the repository that proved it.
    pub rev: Tid,
    /// The CID of the record.
    pub cid: Cid,
    /// The record, with its `$type`.
    pub record: Value,
    /// The lexicon.
    pub document: Arc<Document>,
}

/// What an authority says: a lexicon, or that there is none.
pub(super) struct Answer {
    pub(super) did: Did,
    /// The revision of the repository that proved it.
    pub(super) rev: Tid,
    pub(super) lexicon: Result<ResolvedLexicon, LexiconError>,
    /// The bytes of the record.
    pub(super) bytes: usize,
}

impl LexiconResolver {
    /// Over these; `public` should reach public addresses only.
    #[must_use]
    pub fn new(dns: Arc<dyn Dns>, identities: Resolver, public: Arc<dyn Transport>) -> Self {
        let clock = Arc::new(SystemClock);
        Self { dns, identities, public, clock, timeout: Duration::from_secs(15), development: false }
    }

    /// A resolver of the public network: DNS of the system, `https://plc.directory`, public addresses only. It has to be
    /// used within a tokio runtime.
    ///
    /// # Errors
    /// DNS of the system is not configured, or TLS could not be set up.
    #[cfg(feature = "dns")]
    pub fn system() -> Result<Self, ConfigError> {
        let dns = SystemDns::new().map_err(|error| ConfigError::new(error.to_string()))?;
        let dns: Arc<dyn Dns> = Arc::new(dns);
        let public = PublicTransport::new(dns.clone(), AddressPolicy::Public)?;
        let identities = Resolver::native(dns.clone(), AddressPolicy::Public)?.build()?;
        Ok(Self::new(dns, identities, Arc::new(public)))
    }

    /// With another clock. Default: that of the computer.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How long a resolution may take, and each page of a list. Default: 15 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Lets a PDS be asked over plain http. Default: no.
    #[must_use]
    pub fn development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// The lexicon of an NSID.
    ///
    /// A host of a repository can show an old state of it. Who resolves more than once should remember the latest
    /// revision of each authority, and use [`LexiconResolver::resolve_since`].
    ///
    /// # Errors
    /// See [`LexiconError`].
    pub async fn resolve(&self, nsid: &Nsid) -> Result<ResolvedLexicon, LexiconError> {
        self.resolve_since(nsid, |_| None).await
    }

    /// The lexicon of an NSID, if the proof is not of an older state than the one that `seen` says of the authority.
    ///
    /// # Errors
    /// See [`LexiconError`], of which [`LexiconError::Downgrade`] is for this.
    pub async fn resolve_since(
        &self,
        nsid: &Nsid,
        seen: impl FnOnce(&Did) -> Option<Tid>,
    ) -> Result<ResolvedLexicon, LexiconError> {
        self.ask(nsid, seen).await?.lexicon
    }

    /// The NSIDs that the authority of a group has lexicons for, sorted; the group is that of any NSID in it. Its host
    /// says so, without a proof: resolve each. At most 10,000 are listed.
    ///
    /// # Errors
    /// See [`LexiconError`].
    pub async fn list(&self, in_group: &Nsid) -> Result<Vec<Nsid>, LexiconError> {
        let did = authority::resolve(in_group, &*self.dns).await?;
        self.host().list(&did, in_group.group()).await
    }

    /// Resolves, and gives what is known also where there is no lexicon.
    pub(super) async fn ask(
        &self,
        nsid: &Nsid,
        seen: impl FnOnce(&Did) -> Option<Tid>,
    ) -> Result<Answer, LexiconError> {
        let asked = std::pin::pin!(self.ask_patiently(nsid, seen));
        match select(asked, self.public.sleep(self.timeout)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(LexiconError::Timeout),
        }
    }

    async fn ask_patiently(&self, nsid: &Nsid, seen: impl FnOnce(&Did) -> Option<Tid>) -> Result<Answer, LexiconError> {
        let did = authority::resolve(nsid, &*self.dns).await?;
        // Before the request: an answer may be overtaken by a later one, which makes it no lie.
        let seen = seen(&did);
        let proof = self.host().prove(&did, nsid).await?;
        let rev = proof.commit.rev().clone();
        self.check_rev(&rev, seen)?;
        let bytes = proof.record.as_ref().map_or(0, bytes::Bytes::len);
        let lexicon = lexicon(nsid, &did, &proof);
        Ok(Answer { did, rev, lexicon, bytes })
    }

    pub(super) fn host(&self) -> Host<'_> {
        let Self { identities, timeout, development, .. } = self;
        Host { identities, public: &*self.public, timeout: *timeout, development: *development }
    }

    pub(super) fn now(&self) -> std::time::SystemTime {
        self.clock.now()
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        &*self.public
    }

    fn check_rev(&self, rev: &Tid, seen: Option<Tid>) -> Result<(), LexiconError> {
        let now = self.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if rev.micros().is_none_or(|micros| u128::from(micros) > now.saturating_add(MAX_AHEAD).as_micros()) {
            return Err(LexiconError::Future { rev: rev.clone() });
        }
        match seen {
            Some(seen) if *rev < seen => Err(LexiconError::Downgrade { seen, found: rev.clone() }),
            _ => Ok(()),
        }
    }
}

/// The lexicon that was proven.
fn lexicon(nsid: &Nsid, did: &Did, proof: &RecordProof) -> Result<ResolvedLexicon, LexiconError> {
    let link = proof.cid.as_ref().ok_or_else(|| LexiconError::NotFound { authority: Some(did.clone()) })?;
    let cid = link.as_cid().filter(|cid| cid.codec() == Codec::DagCbor).ok_or(LexiconError::NoBlock)?;
    let block = proof.record.as_ref().ok_or(LexiconError::NoBlock)?;
    let (record, document) = record::read(nsid, block)?;
    Ok(ResolvedLexicon { did: did.clone(), rev: proof.commit.rev().clone(), cid, record, document })
}

impl ResolvedLexicon {
    /// Where it was published: `at://`, the authority, the collection of lexicons and the NSID.
    #[must_use]
    pub fn uri(&self) -> AtUri {
        let authority = AtIdentifier::from(self.did.clone());
        let (collection, rkey) =
            (Nsid::from_unchecked(COLLECTION), RecordKey::from_unchecked(self.document.id.as_str()));
        AtUri::record(&authority, &collection, &rkey)
    }
}

impl fmt::Debug for LexiconResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LexiconResolver").finish_non_exhaustive()
    }
}
