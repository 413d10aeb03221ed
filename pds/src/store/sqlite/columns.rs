//! What rows say.

use std::str::FromStr;

use arobase::data::{Cid, CidLink};
use bytes::Bytes;
use rusqlite::{Row, types::ValueRef};

use super::{
    super::{
        Account, AccountId, BlobPlace, BlobRow, BlobState, Doomed, Logged, Record, Remote, SessionRow, StoreError,
        StoreErrorKind, Usage,
    },
    fault::fault,
};
use crate::keys::SealedKey;

/// A column.
pub(super) fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    row.get(index).map_err(fault)
}

/// A text that has a syntax.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    text(row, index)?.parse().map_err(|_| damaged("a text that breaks its syntax"))
}

fn parsed_if_any<T: FromStr>(row: &Row<'_>, index: usize) -> Result<Option<T>, StoreError> {
    match row.get_ref(index).map_err(fault)? {
        ValueRef::Null => Ok(None),
        _ => parsed(row, index).map(Some),
    }
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> Result<&'r str, StoreError> {
    row.get_ref(index).map_err(fault)?.as_str().map_err(|_| damaged("a column of another type"))
}

fn blob<'r>(row: &'r Row<'_>, index: usize) -> Result<&'r [u8], StoreError> {
    row.get_ref(index).map_err(fault)?.as_blob().map_err(|_| damaged("a column of another type"))
}

/// A block, or a frame.
pub(super) fn bytes(row: &Row<'_>, index: usize) -> Result<Bytes, StoreError> {
    blob(row, index).map(Bytes::copy_from_slice)
}

/// A CID in its binary form.
pub(super) fn cid(row: &Row<'_>, index: usize) -> Result<Cid, StoreError> {
    Cid::from_bytes(blob(row, index)?).map_err(|_| damaged("no CID"))
}

fn cid_link(row: &Row<'_>, index: usize) -> Result<CidLink, StoreError> {
    CidLink::from_bytes(blob(row, index)?).map_err(|_| damaged("no CID"))
}

fn damaged(what: &'static str) -> StoreError {
    StoreError::because(StoreErrorKind::Corrupt, what)
}

/// A number that is never below zero.
pub(super) fn unsigned(row: &Row<'_>, index: usize) -> Result<u64, StoreError> {
    u64::try_from(get::<i64>(row, index)?).map_err(|_| damaged("a number below zero"))
}

/// A number that SQLite can keep. What is above has no meaning for sizes and durations.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The columns of [`account`].
macro_rules! account_columns {
    () => {
        "id, did, handle, email, email_confirmed_at, password, key, created_at, deactivated_at, delete_after, \
         suspended_at, takedown"
    };
}

pub(super) fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(get(row, 0)?),
        did: parsed(row, 1)?,
        handle: parsed_if_any(row, 2)?,
        email: get(row, 3)?,
        email_confirmed_at: get(row, 4)?,
        password: get(row, 5)?,
        key: SealedKey::from_bytes(blob(row, 6)?),
        created_at: get(row, 7)?,
        deactivated_at: get(row, 8)?,
        delete_after: get(row, 9)?,
        suspended_at: get(row, 10)?,
        takedown: get(row, 11)?,
    })
}

/// From the columns in the order of the fields.
pub(super) fn usage(row: &Row<'_>) -> Result<Usage, StoreError> {
    Ok(Usage {
        records: get(row, 0)?,
        record_bytes: get(row, 1)?,
        nodes: get(row, 2)?,
        node_bytes: get(row, 3)?,
        blobs: get(row, 4)?,
        blob_bytes: get(row, 5)?,
    })
}

/// From `path, cid, rev, block`.
pub(super) fn record(row: &Row<'_>) -> Result<Record, StoreError> {
    Ok(Record { path: parsed(row, 0)?, cid: cid_link(row, 1)?, rev: parsed(row, 2)?, block: bytes(row, 3)? })
}

/// The columns of [`blob_row`].
macro_rules! blob_columns {
    () => {
        "account, cid, mime_type, size, temporary, created_at, takedown, object, url, checked_at, gone, width, \
         height, duration"
    };
}

pub(super) fn blob_row(row: &Row<'_>) -> Result<BlobRow, StoreError> {
    let object = get::<Option<Box<str>>>(row, 7)?;
    Ok(BlobRow {
        account: AccountId(get(row, 0)?),
        cid: parsed(row, 1)?,
        mime_type: get(row, 2)?,
        size: unsigned(row, 3)?,
        state: if get(row, 4)? { BlobState::Temporary } else { BlobState::Permanent },
        created_at: get(row, 5)?,
        takedown: get(row, 6)?,
        place: object.map_or_else(|| remote(row).map(BlobPlace::Remote), |key| Ok(BlobPlace::Object(key)))?,
    })
}

fn remote(row: &Row<'_>) -> Result<Remote, StoreError> {
    Ok(Remote {
        url: get(row, 8)?,
        checked_at: get(row, 9)?,
        gone: get(row, 10)?,
        width: get(row, 11)?,
        height: get(row, 12)?,
        duration: get::<Option<i64>>(row, 13)?.map(|_| unsigned(row, 13)).transpose()?,
    })
}

/// From `key, since`.
pub(super) fn doomed(row: &Row<'_>) -> Result<Doomed, StoreError> {
    Ok(Doomed { key: get(row, 0)?, since: get(row, 1)? })
}

/// From `id, account, expires_at, next, app_password`.
pub(super) fn session(row: &Row<'_>) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: get(row, 0)?,
        account: AccountId(get(row, 1)?),
        expires_at: get(row, 2)?,
        next: get(row, 3)?,
        app_password: get(row, 4)?,
    })
}

/// From `seq, time, account, frame`.
pub(super) fn logged(row: &Row<'_>) -> Result<Logged, StoreError> {
    Ok(Logged { seq: get(row, 0)?, time: get(row, 1)?, account: AccountId(get(row, 2)?), frame: bytes(row, 3)? })
}

pub(super) use {account_columns, blob_columns};
