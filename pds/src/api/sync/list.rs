//! What accounts there are, in which state, with which blobs.

use arobase::{
    com::atproto::sync::{
        GetRepoStatus, ListBlobs, ListRepos, ListReposByCollection, get_repo_status, list_blobs, list_repos,
        list_repos_by_collection,
    },
    data::Cid,
    repo::Commit,
    syntax::{CidString, Did},
};

use crate::{
    accounts::{find, find_readable},
    auth::Credentials,
    error::Error,
    repos,
    store::{Account, AccountId, View},
};

/// The latest commit of a repository.
pub(super) fn latest(view: &dyn View, did: Did, reader: Option<&Credentials>) -> Result<Commit, Error> {
    let account = find_readable(view, &did.into(), reader)?;
    Ok(repos::open(view, &account)?.commit().clone())
}

/// Whether an account is active, and why not.
pub(super) fn status(view: &dyn View, query: GetRepoStatus) -> Result<get_repo_status::Output, Error> {
    let account = find(view, &query.did.into())?;
    let state = account.state();
    let mut output = get_repo_status::Output::new(account.did.clone(), state.is_active());
    output.status = state.status().map(|status| status.as_str().into());
    if state.is_active() {
        output.rev = view.commit(account.id)?.map(|commit| commit.rev().clone());
    }
    Ok(output)
}

/// All repositories, whatever the state of their accounts.
pub(super) fn repos(view: &dyn View, query: &ListRepos) -> Result<list_repos::Output, Error> {
    let limit = limit(query.limit_or_default());
    let accounts = view.accounts(position(query.cursor.as_deref())?, limit)?;
    let mut repos = Vec::with_capacity(accounts.len());
    for account in &accounts {
        // An account gets its first commit in the unit that creates it.
        if let Some(commit) = view.commit(account.id)? {
            repos.push(entry(account, &commit)?);
        }
    }
    let mut output = list_repos::Output::new(repos);
    output.cursor = cursor(&accounts, limit);
    Ok(output)
}

fn entry(account: &Account, commit: &Commit) -> Result<list_repos::Repo, Error> {
    let state = account.state();
    let mut repo = list_repos::Repo::new(account.did.clone(), text(&commit.cid())?, commit.rev().clone());
    repo.active = Some(state.is_active());
    repo.status = state.status().map(|status| status.as_str().into());
    Ok(repo)
}

/// The active accounts that have records of a collection.
pub(super) fn repos_by_collection(
    view: &dyn View,
    query: &ListReposByCollection,
) -> Result<list_repos_by_collection::Output, Error> {
    let limit = limit(query.limit_or_default());
    let accounts = view.accounts_with(&query.collection, position(query.cursor.as_deref())?, limit)?;
    let active = accounts.iter().filter(|account| account.state().is_active());
    let repos: Vec<_> = active.map(|account| list_repos_by_collection::Repo::new(account.did.clone())).collect();
    let mut output = list_repos_by_collection::Output::new(repos);
    output.cursor = cursor(&accounts, limit);
    Ok(output)
}

/// The blobs that records of an account refer to.
pub(super) fn blobs(
    view: &dyn View,
    query: &ListBlobs,
    reader: Option<&Credentials>,
) -> Result<list_blobs::Output, Error> {
    let account = find_readable(view, &query.did.clone().into(), reader)?;
    let limit = limit(query.limit_or_default());
    let cids = view.linked_blobs(account.id, query.since.as_ref(), query.cursor.as_deref(), limit)?;
    let cids = cids.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let last = cids.last().filter(|_| cids.len() == limit).map(|cid| cid.as_str().to_owned());
    let mut output = list_blobs::Output::new(cids);
    output.cursor = last;
    Ok(output)
}

/// The text form of a CID.
pub(super) fn text(cid: &Cid) -> Result<CidString, Error> {
    cid.to_string().parse().map_err(Error::internal)
}

/// A limit that the schema has checked.
fn limit(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(1)
}

/// What a cursor of ours says: which account was the last one.
fn position(cursor: Option<&str>) -> Result<Option<AccountId>, Error> {
    let position = cursor.map(|cursor| cursor.parse().map(AccountId)).transpose();
    position.map_err(|_| Error::invalid_request("the cursor is none of this server"))
}

/// Where the next page begins. A page that is not full is the last one.
fn cursor(accounts: &[Account], limit: usize) -> Option<String> {
    accounts.last().filter(|_| accounts.len() == limit).map(|account| account.id.0.to_string())
}
