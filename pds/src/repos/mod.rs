//! Repositories: writing, importing, and what reading them takes.

mod blocks;
mod change;
mod draft;
mod import;
mod keep;
mod lexicons;
mod read;
mod state;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod write;

use arobase::{
    crypto::Signer,
    repo::{Repo, Written},
    syntax::Nsid,
};

use crate::{
    blobs::Absent,
    error::Error,
    pds::Inner,
    store::{Account, Unit, View},
};

pub(crate) use blocks::RepoBlocks;
pub use change::{Change, Outcome, Validate, WriteOptions, WriteResult};
pub(crate) use keep::keep;
pub(crate) use lexicons::Lexicons;
pub use read::Page;
pub(crate) use read::{path, records};
pub(crate) use state::{REV_FLOOR, Repos};

/// A repository as of its latest commit.
pub(crate) fn open(view: &dyn View, account: &Account) -> Result<Repo, Error> {
    let commit = view.commit(account.id)?.ok_or_else(|| Error::repo_not_found(&account.did))?;
    Ok(Repo::open(commit))
}

/// Whether records of a collection can be written here and are listed.
pub(crate) fn is_served(inner: &Inner, collection: &Nsid) -> bool {
    inner.settings.collections.as_ref().is_none_or(|served| served.contains(collection))
}

/// Makes the first commit of a repository, and keeps it. Events are the caller's.
pub(crate) fn create(
    inner: &Inner,
    unit: &mut dyn Unit,
    account: &Account,
    signer: &dyn Signer,
) -> Result<Written, Error> {
    let pending = Repo::prepare_create(account.did.clone(), &[], &inner.tids)?.with_rev(inner.rev_after(None))?;
    let (_, written) = Repo::sign_create(pending, signer)?;
    keep(unit, account, &written, Absent::Refused, inner.now())?;
    Ok(written)
}

/// Makes a commit that changes nothing but the revision and the signature, and keeps it. Events are the caller's.
pub(crate) fn recommit(inner: &Inner, unit: &mut dyn Unit, account: &Account) -> Result<Written, Error> {
    let signer = inner.keys.open(&account.key).map_err(Error::internal)?;
    let mut repo = open(unit, account)?;
    let rev = inner.rev_after(Some(repo.commit().rev()));
    let pending = repo.prepare_recommit(&inner.tids)?.with_rev(rev)?;
    let written = repo.sign(pending, &*signer)?;
    keep(unit, account, &written, Absent::Tolerated, inner.now())?;
    Ok(written)
}
