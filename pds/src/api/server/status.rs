//! The state of the caller's account.

use arobase::{
    Context,
    com::atproto::server::{DeactivateAccount, check_account_status::Output},
    syntax::Did,
};

use crate::{
    accounts::find,
    auth::{self, Access, STANDARD},
    error::Error,
    pds::Pds,
    repos,
    store::{Account, AccountId, StoreError, Usage, View},
};

/// How many blobs are counted at a time.
const PAGE: usize = 1_000;

/// What is stored of an account.
struct Stored {
    account: Account,
    commit: String,
    rev: String,
    usage: Usage,
    linked: i64,
}

pub(super) async fn check(pds: &Pds, cx: &Context) -> Result<Output, Error> {
    let (did, _) = auth::account(cx, STANDARD)?;
    let stored = stored(pds, did).await?;
    let valid = pds.inner.check_ready(&stored.account).await.is_ok();
    let Usage { records, nodes, blobs, .. } = stored.usage;
    // The commit is a block too.
    let blocks = records.saturating_add(nodes).saturating_add(1);
    let activated = stored.account.deactivated_at.is_none();
    let commit = stored.commit.parse().map_err(Error::internal)?;
    Ok(Output::new(activated, valid, commit, stored.rev, blocks, records, 0, stored.linked, blobs))
}

async fn stored(pds: &Pds, did: &Did) -> Result<Stored, Error> {
    let who = did.clone().into();
    let reading = pds.inner.db.read(move |view| {
        let account = find(view, &who)?;
        let repo = repos::open(view, &account)?;
        let (commit, rev) = (repo.commit().cid().to_string(), repo.commit().rev().to_string());
        let (usage, linked) = (view.usage(account.id)?, count_linked(view, account.id)?);
        Ok(Stored { account, commit, rev, usage, linked })
    });
    reading.await
}

/// How many blobs records refer to.
fn count_linked(view: &dyn View, id: AccountId) -> Result<i64, StoreError> {
    let (mut count, mut after) = (0_i64, None::<String>);
    loop {
        let page = view.linked_blobs(id, None, after.as_deref(), PAGE)?;
        count = count.saturating_add(i64::try_from(page.len()).unwrap_or(i64::MAX));
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.to_string()),
            _ => return Ok(count),
        }
    }
}

pub(super) async fn activate(pds: &Pds, cx: &Context) -> Result<(), Error> {
    let (did, _) = auth::account(cx, &[Access::Full])?;
    let who = did.clone().into();
    let account = pds.inner.db.read(move |view| find(view, &who)).await?;
    pds.inner.check_ready(&account).await?;
    pds.activate(did).await
}

pub(super) async fn deactivate(pds: &Pds, cx: &Context, input: DeactivateAccount) -> Result<(), Error> {
    let (did, _) = auth::account(cx, &[Access::Full, Access::Takendown])?;
    let delete_after = match input.delete_after {
        Some(time) => Some(time.unix_micros().ok_or_else(|| Error::invalid_request("`deleteAfter` is no time"))?),
        None => None,
    };
    pds.deactivate(did, delete_after).await
}
