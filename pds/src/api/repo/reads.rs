//! Reading records, and which blobs are missing.

use arobase::{
    Context,
    com::atproto::repo::{
        GetRecord, ListMissingBlobs, ListRecords, get_record,
        list_missing_blobs::{self, RecordBlob},
        list_records,
    },
    data::Value,
    repo::mst::Direction,
    syntax::{CidString, Did, RecordKey},
};

use super::text;
use crate::{
    accounts,
    auth::{self, STANDARD},
    error::Error,
    pds::Pds,
    repos::{self, Page, is_served},
    store::Record,
};

pub(super) async fn get(pds: &Pds, cx: &Context, query: GetRecord) -> Result<get_record::Output, Error> {
    let path = repos::path(&query.collection, &query.rkey)?;
    let wanted = query.cid.as_ref().map(text::link).transpose()?;
    let (reader, repo) = (auth::caller(cx).cloned(), query.repo);
    let (did, record) = pds
        .inner
        .db
        .read(move |view| {
            let account = accounts::find_readable(view, &repo, reader.as_ref())?;
            let record = view.record(account.id, &path)?;
            let record = record.filter(|record| wanted.as_ref().is_none_or(|cid| *cid == record.cid));
            let missing = || Error::named("RecordNotFound", format!("there is no such record {path}"));
            Ok::<_, Error>((account.did, record.ok_or_else(missing)?))
        })
        .await?;
    let mut output = get_record::Output::new(text::uri_of_path(&did, &record.path), value(&record)?);
    output.cid = Some(text::cid(&record.cid));
    Ok(output)
}

pub(super) async fn list(pds: &Pds, cx: &Context, query: ListRecords) -> Result<list_records::Output, Error> {
    let direction = if query.reverse == Some(true) { Direction::Up } else { Direction::Down };
    let after = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(cursor).transpose()?;
    let limit = usize::try_from(query.limit_or_default()).unwrap_or_default();
    let page = Page::default().after(after).direction(direction).limit(limit);
    let (reader, served) = (auth::caller(cx).cloned(), is_served(&pds.inner, &query.collection));
    let (records, cursor) = pds
        .inner
        .db
        .read(move |view| {
            let account = accounts::find_readable(view, &query.repo, reader.as_ref())?;
            let (records, more) = match served {
                true => repos::records(view, account.id, &query.collection, &page)?,
                false => (Vec::new(), false),
            };
            let cursor = records.last().filter(|_| more).map(|record| record.path.rkey().to_owned());
            // Here and not later: decoding takes long enough to keep others waiting.
            Ok::<_, Error>((listed(&account.did, &records)?, cursor))
        })
        .await?;
    let mut output = list_records::Output::new(records);
    output.cursor = cursor;
    Ok(output)
}

/// The record key behind which a page begins.
fn cursor(text: &str) -> Result<RecordKey, Error> {
    text.parse().map_err(|_| Error::invalid_request("the cursor is none that was given"))
}

fn listed(did: &Did, records: &[Record]) -> Result<Vec<list_records::Record>, Error> {
    let list = |record: &Record| {
        let (uri, cid) = (text::uri_of_path(did, &record.path), text::cid(&record.cid));
        Ok(list_records::Record::new(uri, cid, value(record)?))
    };
    records.iter().map(list).collect()
}

/// What only records of the data model get into a repository for.
fn value(record: &Record) -> Result<Value, Error> {
    Value::from_cbor(&record.block).map_err(Error::internal)
}

pub(super) async fn missing_blobs(
    pds: &Pds,
    cx: &Context,
    query: ListMissingBlobs,
) -> Result<list_missing_blobs::Output, Error> {
    let (did, _) = auth::account(cx, STANDARD)?;
    let limit = usize::try_from(query.limit_or_default()).unwrap_or_default();
    let (wanted, after) = (did.clone().into(), query.cursor);
    let mut missing = pds
        .inner
        .db
        .read(move |view| {
            let account = accounts::find(view, &wanted)?;
            Ok::<_, Error>(view.missing_blobs(account.id, after.as_deref(), limit.saturating_add(1))?)
        })
        .await?;
    let more = missing.len() > limit;
    missing.truncate(limit);
    let blobs: Vec<RecordBlob> = missing
        .iter()
        .map(|(cid, path)| RecordBlob::new(CidString::from_unchecked(&cid.to_string()), text::uri_of_path(did, path)))
        .collect();
    let cursor = missing.last().filter(|_| more).map(|(cid, _)| cid.to_string());
    let mut output = list_missing_blobs::Output::new(blobs);
    output.cursor = cursor;
    Ok(output)
}
