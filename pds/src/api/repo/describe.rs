//! What there is to know of a repository.

use arobase::{
    Context,
    com::atproto::repo::{DescribeRepo, describe_repo},
    data::Value,
    identity::{DidDocument, Freshness, Resolved},
    syntax::{AtIdentifier, Did, Handle},
};

use crate::{accounts, auth, error::Error, pds::Pds, repos::is_served, store::Account};

/// The handle of those who have none.
const NO_HANDLE: &str = "handle.invalid";

/// How many collections are named. The answer has no pages, and anybody may ask for it: who makes more than this
/// must not make it endless.
const COLLECTIONS: usize = 5_000;

pub(super) async fn describe(pds: &Pds, cx: &Context, query: DescribeRepo) -> Result<describe_repo::Output, Error> {
    let (reader, repo) = (auth::caller(cx).cloned(), query.repo);
    let (account, mut collections) = pds
        .inner
        .db
        .read(move |view| {
            let account = accounts::find_readable(view, &repo, reader.as_ref())?;
            let collections = view.collections(account.id, COLLECTIONS)?;
            Ok::<_, Error>((account, collections))
        })
        .await?;
    collections.retain(|collection| is_served(&pds.inner, collection));
    let resolved = resolve(pds, &account.did).await;
    let is_correct = resolved.as_ref().is_some_and(|resolved| is_correct(pds, &account, resolved));
    let document = resolved.map_or_else(|| pds.document_of(&account), |resolved| Ok((*resolved.document).clone()))?;
    let Account { did, handle, .. } = account;
    let handle = handle.unwrap_or_else(|| Handle::from_unchecked(NO_HANDLE));
    Ok(describe_repo::Output::new(handle, did, value(&document)?, collections, is_correct))
}

/// Whether the handle of an account is its handle for everybody. Where one under our own domains leads is for this
/// server to say, which need not ask itself.
fn is_correct(pds: &Pds, account: &Account, resolved: &Resolved) -> bool {
    let Some(handle) = &account.handle else { return false };
    let leads_here = resolved.handle == *handle || pds.settings().hosted_name(handle).is_some();
    leads_here && resolved.document.handle().as_ref() == Some(handle)
}

/// What others see of an identity; nothing if it cannot be resolved now.
async fn resolve(pds: &Pds, did: &Did) -> Option<Resolved> {
    let who = AtIdentifier::Did(did.clone());
    match pds.inner.resolver.identity(&who, Freshness::Cached).await {
        Ok(resolved) => Some(resolved),
        Err(error) => {
            tracing::debug!(%did, %error, "the identity cannot be resolved");
            None
        }
    }
}

fn value(document: &DidDocument) -> Result<Value, Error> {
    Value::from_json(&document.to_json()).map_err(Error::internal)
}
