//! Changing a DID: the log is fetched and checked, the change is tried on it, then it is submitted.

use arobase_lexicon::syntax::{Datetime, Did};

use super::{PlcClient, PlcError};
use crate::{
    crypto::Signer,
    data::Cid,
    identity::plc::{Content, Entry, Log, LogError, Operation, PlcData},
};

/// How often a change is made on a log that turns out to be old by then, in all.
const ATTEMPTS: usize = 2;
const MILLISECOND: i64 = 1_000;

impl PlcClient {
    /// Creates a DID: signs a genesis and submits it. The key has to be one of the rotation keys. Called again with the
    /// same state and key, as after an answer that got lost, it finds the DID that is there, unless that has changed
    /// since.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn create(&self, data: PlcData, signer: &dyn Signer) -> Result<Did, PlcError> {
        let operation = Content::genesis(data).sign(signer)?;
        operation.check_new()?;
        let did = operation.did().ok_or(LogError::NoGenesis)?;
        try_on(&Log::new(did.clone()), &operation)?;
        match self.submit(&did, &operation).await {
            Err(refusal) if !may_be_late(&refusal) || !self.is_last(&did, &operation).await => Err(refusal),
            _ => Ok(did),
        }
    }

    async fn is_last(&self, did: &Did, operation: &Operation) -> bool {
        self.log(did).await.is_ok_and(|log| log.last().is_some_and(|entry| entry.operation == *operation))
    }

    /// Changes the state of a DID: what `edit` leaves alone stays as it is. The log is fetched and checked, and once
    /// more if somebody else was faster; `edit` then sees the state that they made.
    ///
    /// ```
    /// # use arobase_runtime::{crypto::Signer, identity::plc::{PlcClient, PlcError}};
    /// # use arobase_lexicon::syntax::Did;
    /// # async fn rename(client: &PlcClient, did: &Did, key: &dyn Signer) -> Result<(), PlcError> {
    /// client
    ///     .update(did, key, |data| data.also_known_as = vec!["at://alice.example.com".to_owned()])
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn update(
        &self,
        did: &Did,
        signer: &dyn Signer,
        edit: impl Fn(&mut PlcData),
    ) -> Result<Operation, PlcError> {
        self.change(did, signer, |log| edited(last(log)?, &edit)).await
    }

    /// Gives a DID up.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn tombstone(&self, did: &Did, signer: &dyn Signer) -> Result<Operation, PlcError> {
        self.change(did, signer, |log| Ok(Content::Tombstone { prev: last(log)?.cid })).await
    }

    /// Undoes everything behind an operation, with a key that is stronger than what signed it: the state becomes what
    /// `edit` makes of the one at `prev`. A directory takes it within 72 hours of the first operation that it undoes.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn recover(
        &self,
        did: &Did,
        prev: Cid,
        signer: &dyn Signer,
        edit: impl Fn(&mut PlcData),
    ) -> Result<Operation, PlcError> {
        self.change(did, signer, |log| {
            let base = log.active().find(|entry| entry.cid == prev);
            edited(base.ok_or(LogError::Misordered { prev: Some(prev) })?, &edit)
        })
        .await
    }

    async fn change(
        &self,
        did: &Did,
        signer: &dyn Signer,
        make: impl Fn(&Log) -> Result<Content, PlcError>,
    ) -> Result<Operation, PlcError> {
        let mut log = self.log(did).await?;
        let mut attempts = 1;
        loop {
            let operation = make(&log)?.sign(signer)?;
            operation.check_new()?;
            try_on(&log, &operation)?;
            let Err(refusal) = self.submit(did, &operation).await else { return Ok(operation) };
            if attempts == ATTEMPTS || !may_be_late(&refusal) {
                return Err(refusal);
            }
            let newer = self.log(did).await?;
            if newer.active().any(|entry| entry.operation == operation) {
                return Ok(operation);
            }
            // A conflict that nobody sees any more may be gone; any other refusal of the same operation stays.
            if !matches!(refusal, PlcError::Conflict(_)) && tip(&newer) == tip(&log) {
                return Err(refusal);
            }
            log = newer;
            attempts += 1;
        }
    }
}

/// Whether a refusal can mean that the log was old. Not all directories say so with a status of its own, and what they
/// say of an operation that comes late depends on who signed it: that is what fetching the log anew tells.
fn may_be_late(refusal: &PlcError) -> bool {
    matches!(refusal, PlcError::Conflict(_) | PlcError::Refused(400, _))
}

fn tip(log: &Log) -> Option<Cid> {
    log.last().map(|entry| entry.cid)
}

fn last(log: &Log) -> Result<&Entry, PlcError> {
    let last = log.last().ok_or(PlcError::NotFound)?;
    match last.operation.content() {
        Content::Tombstone { .. } => Err(PlcError::Tombstoned),
        _ => Ok(last),
    }
}

fn edited(base: &Entry, edit: impl Fn(&mut PlcData)) -> Result<Content, PlcError> {
    let mut data = base.operation.content().data().ok_or(PlcError::Tombstoned)?;
    edit(&mut data);
    Ok(Content::Update { data, prev: Some(base.cid) })
}

/// Tells before anything is submitted what every directory would refuse. What depends on the time is left to them.
fn try_on(log: &Log, operation: &Operation) -> Result<(), LogError> {
    let latest = log.entries().last().and_then(|entry| entry.created_at.unix_micros()).unwrap_or(0);
    let next = Datetime::from_unix_micros(latest.saturating_add(MILLISECOND)).ok_or(LogError::Clock)?;
    log.clone().append(operation.clone(), next).map(drop)
}
