//! What is done, and how often.

use std::time::Duration;

use arobase::xrpc::BoxFuture;

use super::accounts;
use crate::{backup, error::Error, pds::Pds};

/// How many rows one unit of tidying takes: writers wait for it.
const ROWS: usize = 500;

/// Something that is done again and again.
pub(super) struct Task {
    pub(super) name: &'static str,
    /// How long it rests when there is nothing more to do.
    pub(super) every: Duration,
    /// Does a piece of it; whether there may be more.
    pub(super) work: fn(Pds) -> BoxFuture<'static, Result<bool, Error>>,
}

/// All tasks but that of the relays, which has its own times.
pub(super) const TASKS: [Task; 6] = [
    Task { name: "trim", every: Duration::from_secs(10), work: |pds| Box::pin(trim(pds)) },
    Task { name: "blobs", every: Duration::from_secs(60), work: |pds| Box::pin(collect(pds)) },
    Task { name: "purge", every: Duration::from_secs(30), work: |pds| Box::pin(purge(pds)) },
    Task { name: "sessions", every: Duration::from_secs(60), work: |pds| Box::pin(expire(pds)) },
    Task { name: "accounts", every: Duration::from_secs(600), work: |pds| Box::pin(accounts::look(pds)) },
    Task { name: "restore", every: Duration::from_secs(3600), work: |pds| Box::pin(heal(pds)) },
];

/// Removes events that nobody can ask for any more.
async fn trim(pds: Pds) -> Result<bool, Error> {
    let inner = &pds.inner;
    let retention = i64::try_from(inner.settings.retention.as_micros()).unwrap_or(i64::MAX);
    let before = inner.now().saturating_sub(retention);
    Ok(inner.firehose.trim(before, ROWS).await? >= ROWS)
}

/// Deletes objects that nobody refers to.
async fn collect(pds: Pds) -> Result<bool, Error> {
    pds.collect_blobs().await?;
    Ok(false)
}

/// Removes what accounts held that were deleted.
async fn purge(pds: Pds) -> Result<bool, Error> {
    pds.inner.db.write(|unit| Ok(unit.purge(ROWS)?)).await
}

/// Ends sessions whose time is over.
async fn expire(pds: Pds) -> Result<bool, Error> {
    let now = pds.inner.now();
    pds.inner.db.write(move |unit| Ok(unit.delete_expired_sessions(now, ROWS)? >= ROWS)).await
}

/// Gives repositories fresh commits that came from a backup.
async fn heal(pds: Pds) -> Result<bool, Error> {
    backup::heal(&pds).await
}
