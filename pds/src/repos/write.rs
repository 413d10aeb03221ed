//! Writing to repositories.

use std::sync::Arc;

use arobase::{
    data::Cid,
    repo::{Batch, Written},
    sync::CommitEvent,
    syntax::Did,
};

use super::{Change, Outcome, WriteOptions, blocks::RepoBlocks, draft::Draft, keep, open};
use crate::{
    blobs::Absent,
    error::Error,
    hooks::{Committed, Proposal},
    pds::{Inner, Pds},
    store::{Account, State, Unit, View},
};

impl Pds {
    /// Writes to a repository with one commit, all or nothing (Repository, write API). Where nothing changes there is
    /// no commit.
    ///
    /// # Errors
    /// 400: the account is not here or not active, a record is not valid, a swap failed; what a hook says; the store
    /// failed.
    pub async fn write(&self, did: &Did, changes: Vec<Change>, options: WriteOptions) -> Result<Outcome, Error> {
        let draft = Draft::of(&self.inner, changes, options.validate).await?;
        let draft = self.ask_hooks(did, draft).await?;
        let (batch, results) = draft.encode()?;
        let write = BatchWrite { inner: Arc::clone(&self.inner), did: did.clone(), batch, swap: options.swap_commit };
        let written = if self.inner.hooks.is_empty() {
            self.carry_out(write).await?
        } else {
            self.carry_out_and_tell(write).await?
        };
        let commit = written.map(|written| (written.commit.cid(), written.commit.rev().clone()));
        Ok(Outcome { commit, results })
    }

    /// Asks the hooks, one after the other.
    async fn ask_hooks(&self, did: &Did, mut draft: Draft) -> Result<Draft, Error> {
        if self.inner.hooks.is_empty() {
            return Ok(draft);
        }
        let proposal = Proposal { did: did.clone(), changes: std::mem::take(&mut draft.changes) };
        for hooks in &self.inner.hooks {
            hooks.before_write(&proposal).await?;
        }
        draft.changes = proposal.changes;
        Ok(draft)
    }

    async fn carry_out(&self, write: BatchWrite) -> Result<Option<Written>, Error> {
        self.inner.db.write(move |unit| write.run(unit)).await
    }

    /// Carries out a write and tells the hooks of it, also if the caller goes away in between.
    async fn carry_out_and_tell(&self, write: BatchWrite) -> Result<Option<Written>, Error> {
        let pds = self.clone();
        let task = tokio::spawn(async move {
            let written = pds.carry_out(write).await?;
            if let Some(written) = &written {
                pds.tell_hooks(written);
            }
            Ok(written)
        });
        task.await.unwrap_or_else(|panic| Err(Error::internal(panic)))
    }

    fn tell_hooks(&self, written: &Written) {
        let commit = &written.commit;
        let committed = Committed {
            did: commit.did().clone(),
            rev: commit.rev().clone(),
            commit: commit.cid(),
            ops: written.ops.clone(),
        };
        for hooks in &self.inner.hooks {
            hooks.after_commit(&committed);
        }
    }
}

/// A batch for the repository of an account.
struct BatchWrite {
    inner: Arc<Inner>,
    did: Did,
    batch: Batch<'static>,
    swap: Option<Cid>,
}

impl BatchWrite {
    /// The unit of work: checks, signs, keeps, tells.
    fn run(self, unit: &mut dyn Unit) -> Result<Option<Written>, Error> {
        let Self { inner, did, batch, swap } = self;
        let account = active(unit, &did)?;
        let mut repo = open(unit, &account)?;
        let blocks = RepoBlocks { view: unit, id: account.id };
        let prepared = repo.prepare_batch(batch, &inner.tids, &blocks);
        // What changes nothing succeeds, whatever was expected; what is wrong otherwise comes after that.
        if let Some(commit) = swap.filter(|_| !matches!(prepared, Ok(None))) {
            repo.check_commit(&commit)?;
        }
        let Some(pending) = prepared? else { return Ok(None) };
        let pending = pending.with_rev(inner.rev_after(Some(repo.commit().rev())))?;
        let signer = inner.keys.open(&account.key).map_err(Error::internal)?;
        let written = repo.sign(pending, &*signer)?;
        keep(unit, &account, &written, Absent::Refused, inner.now())?;
        unit.emit(account.id, CommitEvent::of(&written).map_err(Error::internal)?.into())?;
        Ok(Some(written))
    }
}

/// The account of a DID, if its repository can be written to.
fn active(view: &dyn View, did: &Did) -> Result<Account, Error> {
    let account = view.account_of_did(did)?.ok_or_else(|| Error::repo_not_found(did))?;
    match account.state() {
        State::Active => Ok(account),
        state => Err(Error::inactive(did, state)),
    }
}
