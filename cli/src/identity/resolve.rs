//! `arobase identity resolve`: who that is.

use std::sync::Arc;

use arobase::{
    identity::{DidDocument, Freshness, HandleError, IdentityError, Resolver},
    syntax::{AtIdentifier, Did, Handle},
};

use crate::{
    failure::{Failure, SUCCESS},
    output::Out,
};

use super::{args::Resolve, document, network, text::printable};

/// Who somebody is.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) document: Arc<DidDocument>,
    /// The handle that the document claims.
    pub(crate) handle: Option<Handle>,
    /// Why the handle does not hold, if it does not.
    pub(crate) fault: Option<Fault>,
    /// The PDS, where there is one that may be used.
    pub(crate) pds: Option<Box<str>>,
}

/// Why a handle is not taken for good.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) reason: String,
    /// Whether it is certain that the handle does not hold; else nobody could say.
    pub(crate) is_certain: bool,
}

/// Resolves a handle or DID.
///
/// # Errors
/// There is no such identity, the handle does not hold, nobody could say, or the output cannot be written.
pub(crate) fn run(resolve: &Resolve, out: &mut Out) -> Result<u8, Failure> {
    let report = network::block_on(async {
        let resolver = resolve.network.resolver()?;
        let who = resolve.who.as_str();
        report(&resolver, &resolve.who).await.map_err(|error| failure(who, &error))
    })?;
    if out.json() {
        out.line(crate::output::escape_controls(document::to_json(&report).to_string()))?;
    } else {
        out.text(&document::to_text(&report))?;
    }
    Ok(SUCCESS)
}

async fn report(resolver: &Resolver, who: &AtIdentifier) -> Result<Report, IdentityError> {
    let did = match who {
        AtIdentifier::Did(did) => did.clone(),
        AtIdentifier::Handle(handle) => resolver.did(handle, Freshness::Cached).await?,
    };
    let document = resolver.document(&did, Freshness::Cached).await?;
    let handle = document.handle();
    let fault = match &handle {
        Some(handle) => fault(resolver, handle, &did).await,
        None => None,
    };
    let pds = resolver.pds(&did, Freshness::Cached).await.ok();
    Ok(Report { document, handle, fault, pds })
}

/// Why a handle does not lead to the DID that claims it.
async fn fault(resolver: &Resolver, handle: &Handle, did: &Did) -> Option<Fault> {
    let (reason, is_certain) = match resolver.did(handle, Freshness::Cached).await {
        Ok(owner) if owner == *did => return None,
        Ok(owner) => (format!("it leads to {owner}"), true),
        Err(IdentityError::Handle(HandleError::NotClaimed)) => ("it leads to another DID".to_owned(), true),
        Err(error) => (printable(&error.to_string()), error.is_permanent()),
    };
    Some(Fault { reason, is_certain })
}

/// What an error of the resolver means for the command.
pub(crate) fn failure(who: &str, error: &IdentityError) -> Failure {
    let (who, reason) = (who.to_owned(), printable(&error.to_string()));
    if error.is_permanent() { Failure::Identity { who, reason } } else { Failure::Network { who, reason } }
}
