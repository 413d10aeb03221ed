//! The network, as the command line has it.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arobase_lexicon::syntax::{Did, Nsid, Tid};
use arobase_runtime::{
    catalog::{LexiconError, LexiconResolver, ResolvedLexicon},
    identity::{AddressPolicy, Dns, PublicTransport, Resolver, SystemDns},
};
use tokio::{runtime::Runtime, task::JoinHandle};

use super::{Gathered, Pull, Wanted, gather};

/// How long a name server that was given may take.
const DNS_TIMEOUT: Duration = Duration::from_secs(3);

/// The network, and the latest revision of each authority.
pub(super) struct Network {
    runtime: Runtime,
    hosts: Hosts,
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Hosts {
    resolver: LexiconResolver,
    seen: Arc<Mutex<BTreeMap<Did, Tid>>>,
    allow_downgrade: bool,
}

impl Network {
    /// What is needed to ask.
    pub(super) fn open(pull: &Pull, seen: BTreeMap<Did, Tid>) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| cannot("begin", &error))?;
        // The parts want to be made where they will be used.
        let resolver = runtime.block_on(async { resolver(pull) })?;
        let hosts = Hosts { resolver, seen: Arc::new(Mutex::new(seen)), allow_downgrade: pull.allow_downgrade };
        Ok(Self { runtime, hosts })
    }

    /// Fetches what was asked for, and what that refers to unless it is known.
    pub(super) fn gather(&self, wanted: &Wanted, is_known: impl Fn(&str) -> bool) -> Gathered {
        self.runtime.block_on(gather::gather(&self.hosts, wanted, is_known))
    }
}

impl Hosts {
    /// Resolves a lexicon, beside others.
    pub(super) fn resolve(&self, nsid: Nsid) -> JoinHandle<(Nsid, Result<ResolvedLexicon, LexiconError>)> {
        let hosts = self.clone();
        tokio::spawn(async move {
            let found = hosts.resolver.resolve_since(&nsid, |did| hosts.seen(did)).await;
            if let Ok(lexicon) = &found {
                hosts.see(lexicon);
            }
            (nsid, found)
        })
    }

    pub(super) async fn list(&self, in_group: &Nsid) -> Result<Vec<Nsid>, LexiconError> {
        self.resolver.list(in_group).await
    }

    fn seen(&self, did: &Did) -> Option<Tid> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(did).filter(|_| !self.allow_downgrade).cloned()
    }

    fn see(&self, lexicon: &ResolvedLexicon) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = seen.entry(lexicon.did.clone()).or_insert_with(|| lexicon.rev.clone());
        if *latest < lexicon.rev {
            *latest = lexicon.rev.clone();
        }
    }
}

fn resolver(pull: &Pull) -> Result<LexiconResolver, String> {
    let policy = if pull.development { AddressPolicy::Any } else { AddressPolicy::Public };
    let dns = match pull.dns {
        Some(server) => SystemDns::with_servers(&[server], DNS_TIMEOUT),
        None => SystemDns::new(),
    };
    let dns: Arc<dyn Dns> = Arc::new(dns.map_err(|error| cannot("use DNS", &error))?);
    let public = PublicTransport::new(dns.clone(), policy).map_err(|error| cannot("use HTTP", &error))?;
    let mut identities = Resolver::native(dns.clone(), policy).map_err(|error| cannot("use HTTP", &error))?;
    if let Some(url) = &pull.plc {
        identities = identities.plc_url(url);
    }
    let identities = identities.build().map_err(|error| cannot("use the PLC directory", &error))?;
    Ok(LexiconResolver::new(dns, identities, Arc::new(public)).development(pull.development))
}

fn cannot(what: &str, error: &dyn Display) -> String {
    format!("cannot {what}: {error}")
}
