//! Carrying out a plan.

use arobase::{
    repo::{Commit, commit::Unsigned},
    sync::SyncEvent,
    syntax::Tid,
};

use super::{
    importable,
    plan::{Plan, Step},
};
use crate::{
    blobs::Absent,
    error::Error,
    pds::Inner,
    repos::keep::Keeper,
    store::{Account, Unit},
};

/// The unit of work of an import: what is planned, and a commit of our own under it. `false`, and nothing is done, if
/// the repository has another commit by now.
pub(super) fn apply(inner: &Inner, unit: &mut dyn Unit, plan: &Plan) -> Result<bool, Error> {
    // By its number: another account may have got the DID meanwhile.
    let account = unit.account(plan.account)?.ok_or_else(|| Error::repo_not_found(plan.imported.did()))?;
    let account = importable(unit, &account.did)?;
    let current = unit.commit(account.id)?.filter(|commit| commit.cid() == plan.base);
    let Some(current) = current else { return Ok(false) };
    let rev = inner.rev_after(current.rev().max(plan.imported.rev()).into());
    carry_out(inner, unit, &account, plan, &rev)?;
    let commit = sign(inner, &account, &plan.imported, rev)?;
    unit.put_commit(account.id, &commit)?;
    if account.state().is_active() {
        unit.emit(account.id, SyncEvent::of(&commit).map_err(Error::internal)?.into())?;
    }
    Ok(true)
}

fn carry_out(inner: &Inner, unit: &mut dyn Unit, account: &Account, plan: &Plan, rev: &Tid) -> Result<(), Error> {
    let mut keeper = Keeper::new(unit, account, rev, Absent::Tolerated, inner.now());
    for step in plan.steps().map_err(Error::internal)? {
        match step.map_err(Error::internal)? {
            Step::Node(cid, block) => keeper.node(&cid, &block)?,
            Step::Retired(cid) => keeper.retire(&cid)?,
            Step::Record { path, replaces, after } => keeper.record(&path, replaces, after)?,
        }
    }
    keeper.finish()
}

/// Our commit for an imported tree.
fn sign(inner: &Inner, account: &Account, imported: &Commit, rev: Tid) -> Result<Commit, Error> {
    let signer = inner.keys.open(&account.key).map_err(Error::internal)?;
    let unsigned = Unsigned { did: account.did.clone(), rev, data: imported.data(), prev: None };
    unsigned.sign(&*signer).map_err(Error::internal)
}
