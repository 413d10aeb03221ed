//! The resolver: documents and handles, remembered.

mod builder;
mod directory;
mod entry;
mod flights;
mod known;
mod memory;
mod permits;
mod sources;
#[cfg(test)]
mod tests;
mod times;

use std::{fmt, sync::Arc, time::Duration};

use arobase_lexicon::syntax::{AtIdentifier, Did, Handle};

pub use self::builder::ResolverBuilder;
use self::{
    known::Known,
    memory::Memory,
    sources::{Documents, Handles, Sources},
};
#[cfg(feature = "dns")]
use super::{AddressPolicy, PublicTransport, SystemDns};
use super::{DidDocument, Dns, HandleError, IdentityError};
use crate::{client::Transport, crypto::PublicKey, xrpc::BoxFuture};

/// Runs a future in the background.
type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// Resolves DIDs and handles, and remembers what it found (Identity). Cheap to clone; clones share what they remember.
///
/// # What is remembered
/// An answer is as good as new for a while ([`fresh_for`](ResolverBuilder::fresh_for)). After that it is given at once
/// and renewed in the background, or given because nobody can be reached, until it is too old
/// ([`stale_for`](ResolverBuilder::stale_for)). That there is nothing is remembered for a shorter time, and after a
/// failure nobody asks again for some seconds; a failure is never taken for an absence. An app that learns of a change
/// calls [`forget`](Self::forget), and one that has a signature not verify asks with [`Freshness::Fresh`].
///
/// Those who ask for the same at the same time share one request; it ends when none of them waits any more.
///
/// ```
/// # #[cfg(feature = "dns")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use arobase_runtime::identity::{Freshness, Resolver};
///
/// let resolver = Resolver::system()?;
/// let alice = resolver.identity(&"alice.example.com".parse()?, Freshness::Cached).await?;
/// println!("{} signs with {:?}", alice.did, alice.document.signing_key());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Resolver {
    inner: Arc<Inner>,
}

struct Inner {
    sources: Arc<Sources>,
    documents: Arc<Memory<Documents>>,
    handles: Arc<Memory<Handles>>,
    /// What is remembered and contradicts itself is believed for this long.
    doubt: Duration,
}

/// How old an answer may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// What is remembered is good enough, as the settings of the resolver have it.
    #[default]
    Cached,
    /// Not older than this, as a flow that decides something of weight may want it. Times shorter than the
    /// [interval of forced look-ups](ResolverBuilder::forced_interval) count as that.
    MaxAge(Duration),
    /// Asked now, past what is remembered. Those who ask at the same time share an answer, and each identity is asked
    /// anew only [so often](ResolverBuilder::forced_interval), because strangers can cause it; until then the last
    /// answer is given, or the last failure.
    Fresh,
}

/// An identity: a DID, what its document says, and its handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The DID.
    pub did: Did,
    /// The document.
    pub document: Arc<DidDocument>,
    /// The handle in lower case, if it leads to the DID and the document claims it; otherwise `handle.invalid`.
    pub handle: Handle,
}

impl Resolver {
    /// A resolver to be set up, over these. `public` should reach public addresses only, since strangers choose them;
    /// `plc` reaches the PLC directory, which the operator chose.
    #[must_use]
    pub fn builder(dns: Arc<dyn Dns>, public: Arc<dyn Transport>, plc: Arc<dyn Transport>) -> ResolverBuilder {
        ResolverBuilder::new(dns, public, plc)
    }

    /// The same over reqwest and tokio: `policy` says which addresses strangers may name. The PLC directory may have
    /// any. With [`AddressPolicy::Any`] the resolver is one for [development](ResolverBuilder::development). It has to
    /// be used within a tokio runtime.
    ///
    /// # Errors
    /// TLS could not be set up.
    #[cfg(feature = "dns")]
    pub fn native(dns: Arc<dyn Dns>, policy: AddressPolicy) -> Result<ResolverBuilder, crate::client::ConfigError> {
        let public = Arc::new(PublicTransport::new(dns.clone(), policy)?);
        let plc = Arc::new(PublicTransport::new(dns.clone(), AddressPolicy::Any)?);
        let builder = Self::builder(dns, public, plc).development(policy == AddressPolicy::Any);
        Ok(builder.spawn(|refresh| {
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(refresh);
            }
        }))
    }

    /// A resolver of the public network: DNS of the system, `https://plc.directory`, public addresses only.
    ///
    /// # Errors
    /// DNS of the system is not configured, or TLS could not be set up.
    #[cfg(feature = "dns")]
    pub fn system() -> Result<Self, crate::client::ConfigError> {
        Self::native(system_dns()?, AddressPolicy::Public)?.build()
    }

    /// A resolver of a local network: DNS of the system, a PLC directory of one's own, any address, plain http.
    ///
    /// # Errors
    /// The address of the directory is none, DNS of the system is not configured, or TLS could not be set up.
    #[cfg(feature = "dns")]
    pub fn development(plc_url: &str) -> Result<Self, crate::client::ConfigError> {
        Self::native(system_dns()?, AddressPolicy::Any)?.plc_url(plc_url).build()
    }

    fn assemble(sources: Sources, documents: Memory<Documents>, handles: Memory<Handles>, doubt: Duration) -> Self {
        let (documents, handles) = (Arc::new(documents), Arc::new(handles));
        Self { inner: Arc::new(Inner { sources: Arc::new(sources), documents, handles, doubt }) }
    }

    /// The document of a DID.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn document(&self, did: &Did, freshness: Freshness) -> Result<Arc<DidDocument>, IdentityError> {
        Ok(self.known(did, freshness).await?.document().clone())
    }

    /// The key of a name (without `#`) in the document of a DID, such as `atproto`.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn key(&self, did: &Did, name: &str, freshness: Freshness) -> Result<PublicKey, IdentityError> {
        self.known(did, freshness).await?.key(name).ok_or(IdentityError::NoKey)
    }

    /// The endpoint of the PDS of a DID: `https`, or in development also `http`.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn pds(&self, did: &Did, freshness: Freshness) -> Result<Box<str>, IdentityError> {
        let known = self.known(did, freshness).await?;
        Ok(self.pds_of(&known)?.into())
    }

    /// The DID of a handle, checked both ways.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn did(&self, handle: &Handle, freshness: Freshness) -> Result<Did, IdentityError> {
        Ok(self.owner(handle, freshness).await?.0)
    }

    /// The identity of a DID or a handle, checked both ways. From a DID, a handle that does not lead back becomes
    /// `handle.invalid`; one that cannot be checked, too, unless it was checked before, the answer is not too old, and
    /// [`Freshness::Cached`] was asked for.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn identity(&self, who: &AtIdentifier, freshness: Freshness) -> Result<Resolved, IdentityError> {
        match who {
            AtIdentifier::Handle(handle) => {
                let (did, known) = self.owner(handle, freshness).await?;
                Ok(Resolved { did, document: known.document().clone(), handle: handle.normalize() })
            }
            AtIdentifier::Did(did) => self.account(did, freshness).await,
        }
    }

    /// Forgets what is remembered of a DID and of the handle that it claimed, as after an `#identity` event. A look-up
    /// that is under way still answers those who wait for it, but is not remembered.
    pub fn forget(&self, did: &Did) {
        let known = self.inner.documents.peek(did);
        self.inner.documents.forget(did);
        let Some(handle) = known.as_ref().and_then(|known| known.handle()) else { return };
        // Whoever claims a handle that belongs to somebody else does not make the others ask for it.
        if self.inner.handles.peek(handle).is_none_or(|owner| owner == *did) {
            self.inner.handles.forget(handle);
        }
    }

    /// Forgets what is remembered of a handle.
    pub fn forget_handle(&self, handle: &Handle) {
        self.inner.handles.forget(&handle.normalize());
    }

    async fn known(&self, did: &Did, freshness: Freshness) -> Result<Arc<Known>, IdentityError> {
        did.check_method().map_err(IdentityError::Did)?;
        let sources = &self.inner.sources;
        self.inner.documents.get(did, freshness, || Box::pin(sources.clone().document(did.clone()))).await
    }

    /// The DID that a handle names, whether or not its document claims the handle: for handles that an account is about
    /// to take. Everything else should ask for [`Resolver::did`].
    ///
    /// # Errors
    /// See [`HandleError`].
    pub async fn named(&self, handle: &Handle, freshness: Freshness) -> Result<Did, HandleError> {
        let sources = &self.inner.sources;
        if !sources.may_ask(handle) {
            return Err(HandleError::Reserved);
        }
        let normal;
        let handle = if handle.as_str().bytes().any(|byte| byte.is_ascii_uppercase()) {
            normal = handle.normalize();
            &normal
        } else {
            handle
        };
        self.inner.handles.get(handle, freshness, || Box::pin(sources.clone().handle(handle.clone()))).await
    }

    /// The DID that a handle names and that claims it.
    async fn owner(&self, handle: &Handle, freshness: Freshness) -> Result<(Did, Arc<Known>), IdentityError> {
        let first = self.claimant(handle, freshness).await;
        let Err(IdentityError::Handle(HandleError::NotClaimed) | IdentityError::NotFound | IdentityError::Tombstoned) =
            first
        else {
            return first;
        };
        match self.claimant(handle, self.doubtful(freshness)).await {
            // Nobody could say better.
            Err(error) if !error.is_permanent() => first,
            second => second,
        }
    }

    async fn claimant(&self, handle: &Handle, freshness: Freshness) -> Result<(Did, Arc<Known>), IdentityError> {
        let did = self.named(handle, freshness).await.map_err(IdentityError::Handle)?;
        let known = self.known(&did, freshness).await?;
        if known.claims(handle) { Ok((did, known)) } else { Err(IdentityError::Handle(HandleError::NotClaimed)) }
    }

    async fn account(&self, did: &Did, freshness: Freshness) -> Result<Resolved, IdentityError> {
        let known = self.known(did, freshness).await?;
        let may_be_old = freshness == Freshness::Cached;
        if let Some(handle) = self.verified(did, &known, freshness, may_be_old).await {
            return Ok(resolved(did, &known, handle));
        }
        let again = self.doubtful(freshness);
        let known = match self.known(did, again).await {
            // Nobody could say better.
            Err(error) if !error.is_permanent() => known,
            newer => newer?,
        };
        let handle = self.verified(did, &known, again, may_be_old).await;
        Ok(resolved(did, &known, handle.unwrap_or_else(|| Handle::from_unchecked("handle.invalid"))))
    }

    /// The handle that a document claims, if it leads to the DID. Where nobody can say, an old answer may do.
    async fn verified(&self, did: &Did, known: &Known, freshness: Freshness, may_be_old: bool) -> Option<Handle> {
        let handle = known.handle()?;
        let named = match self.named(handle, freshness).await {
            Err(error) if may_be_old && !error.is_permanent() => self.inner.handles.usable(handle),
            named => named.ok(),
        };
        (named.as_ref() == Some(did)).then(|| handle.clone())
    }

    /// How fresh things have to be for a contradiction between them to be believed: one of them may just be old.
    fn doubtful(&self, freshness: Freshness) -> Freshness {
        match freshness {
            Freshness::Cached => Freshness::MaxAge(self.inner.doubt),
            Freshness::MaxAge(age) => Freshness::MaxAge(age.min(self.inner.doubt)),
            Freshness::Fresh => Freshness::Fresh,
        }
    }

    fn pds_of<'a>(&self, known: &'a Known) -> Result<&'a str, IdentityError> {
        let usable = |url: &&str| self.inner.sources.development || super::is_https(url);
        known.pds().filter(usable).ok_or(IdentityError::NoPds)
    }
}

fn resolved(did: &Did, known: &Known, handle: Handle) -> Resolved {
    Resolved { did: did.clone(), document: known.document().clone(), handle }
}

#[cfg(feature = "dns")]
fn system_dns() -> Result<Arc<dyn Dns>, crate::client::ConfigError> {
    let dns = SystemDns::new().map_err(|error| crate::client::ConfigError::new(error.to_string()))?;
    Ok(Arc::new(dns))
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { documents, handles, .. } = &*self.inner;
        f.debug_struct("Resolver").field("documents", documents).field("handles", handles).finish_non_exhaustive()
    }
}
