//! Writing to repositories.

mod batches;
mod concurrency;
mod hooks;
mod lexicons;
mod model;
mod reading;
mod swaps;

use arobase::{
    data::Value,
    syntax::{Did, Tid},
};

use super::{
    Change, Validate, WriteOptions,
    testing::{NOTE, content, create, delete, events, follow, note, nsid, object, put, rkey, write},
};
use crate::{
    error::Error,
    pds::Pds,
    store::MemoryStore,
    testing::{builder, settings, with_alice},
};

/// Why a write is refused.
async fn refusal(pds: &Pds, did: &Did, changes: Vec<Change>) -> Error {
    let before = content(pds, did).await;
    let error = pds.write(did, changes, WriteOptions::default()).await.unwrap_err();
    assert_eq!(content(pds, did).await, before, "a write that is refused leaves nothing behind");
    error
}
