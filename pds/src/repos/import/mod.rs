//! Importing repositories (Repository, importRepo).
//!
//! The file is spooled to disk and verified as a whole, over a snapshot. What has to change is written to a second file,
//! the [plan](plan), so that the unit of work, for which all other writers wait, has nothing to do but to put rows:
//! nothing is hashed, decoded or compared in it. Nothing before it leaves a trace, and it is kept as a whole or not.

mod apply;
mod plan;
mod spool;
#[cfg(test)]
mod tests;
mod verify;

use std::{path::Path, sync::Arc};

use arobase::{syntax::Did, xrpc::Body};
use tokio::task::spawn_blocking;

use crate::{
    error::Error,
    pds::{Inner, Pds},
    store::{Account, State, View},
};
use plan::Plan;
use spool::Spool;

/// How often an import begins anew because the repository was written to meanwhile.
const ATTEMPTS: usize = 3;

impl Pds {
    /// Replaces a repository by one from a CAR file (Repository, importRepo), with a commit of our own. The file is the
    /// whole repository, or what has changed since a revision that is here. It and a copy of what is new in it are kept
    /// for a while in the system's folder for temporary files.
    ///
    /// # Errors
    /// 400: the account is not here, or was switched off by the operator; the file is no repository of this account or
    /// lacks something, or the repository was written to all the time. 413: it is too long.
    pub async fn import_repo(&self, did: &Did, file: Body) -> Result<(), Error> {
        let wanted = did.clone();
        self.inner.db.read(move |view| importable(view, &wanted)).await?;
        let spool = Arc::new(Spool::fill(file, self.settings().import_limit).await?);
        // Nobody closes it.
        let _turn = self.inner.repos.imports.acquire().await.ok();
        for _ in 0..ATTEMPTS {
            let plan = self.plan(did, &spool).await?;
            let inner = Arc::clone(&self.inner);
            if self.inner.db.write(move |unit| apply::apply(&inner, unit, &plan)).await? {
                return Ok(());
            }
        }
        Err(Error::named("InvalidSwap", "the repository was written to meanwhile"))
    }

    /// Verifies a file, and finds out what has to change.
    async fn plan(&self, did: &Did, spool: &Arc<Spool>) -> Result<Plan, Error> {
        let (inner, did, spool) = (Arc::clone(&self.inner), did.clone(), Arc::clone(spool));
        let planning = spawn_blocking(move || make_plan(&inner, &did, spool.path()));
        planning.await.unwrap_or_else(|panic| Err(Error::internal(panic)))
    }
}

fn make_plan(inner: &Inner, did: &Did, file: &Path) -> Result<Plan, Error> {
    let index = verify::index(file, inner.settings.import_limit)?;
    inner.db.read_long(|view| {
        let account = importable(view, did)?;
        let found = verify::verify(&index, view, &account, inner.now())?;
        Plan::make(&index, view, &account, &found)
    })
}

/// The account of a DID, if its owner may bring a repository.
fn importable(view: &dyn View, did: &Did) -> Result<Account, Error> {
    let account = view.account_of_did(did)?.ok_or_else(|| Error::repo_not_found(did))?;
    match account.state() {
        State::Active | State::Deactivated => Ok(account),
        state => Err(Error::inactive(did, state)),
    }
}
