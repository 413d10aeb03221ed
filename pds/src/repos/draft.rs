//! Writes on their way to the repository: everything that can be done before it is opened.

use arobase::{
    catalog::Validity,
    data::{Map, Value},
    lexicon::schema::KeyType,
    repo::{Batch, MAX_WRITES, RepoPath, Write},
    syntax::{Nsid, RecordKey},
};
use tokio::time::Instant;

use super::{Change, Validate, WriteResult, is_served, lexicons::PATIENCE};
use crate::{error::Error, pds::Inner};

/// Writes that are complete and checked, as far as that can be done without the repository.
pub(super) struct Draft {
    pub(super) changes: Vec<Change>,
    validities: Vec<Option<Validity>>,
}

impl Draft {
    /// Fills in keys and types, and validates.
    pub(super) async fn of(inner: &Inner, mut changes: Vec<Change>, validate: Validate) -> Result<Self, Error> {
        if changes.len() > MAX_WRITES {
            return Err(Error::invalid_request(format!("{} writes; at most {MAX_WRITES} are allowed", changes.len())));
        }
        let deadline = Instant::now() + PATIENCE;
        let mut validities = Vec::with_capacity(changes.len());
        for change in &mut changes {
            check_collection(inner, change.collection())?;
            validities.push(complete(inner, change, validate, deadline).await?);
        }
        Ok(Self { changes, validities })
    }

    /// Encodes and hashes the records. The results are what there is to say once the batch was carried out.
    pub(super) fn encode(self) -> Result<(Batch<'static>, Vec<WriteResult>), Error> {
        let (mut writes, mut results) =
            (Vec::with_capacity(self.changes.len()), Vec::with_capacity(self.changes.len()));
        for (change, validity) in self.changes.into_iter().zip(self.validities) {
            let (write, collection, rkey) = encode(change)?;
            writes.push(write);
            results.push(WriteResult { collection, rkey, cid: None, validity });
        }
        let paths: Vec<RepoPath> = writes.iter().map(|write| write.path().clone()).collect();
        let batch = Batch::new(writes)?;
        for (result, path) in results.iter_mut().zip(&paths) {
            result.cid = batch.cid(path).map(Into::into);
        }
        Ok((batch, results))
    }
}

fn check_collection(inner: &Inner, collection: &Nsid) -> Result<(), Error> {
    match is_served(inner, collection) {
        true => Ok(()),
        false => Err(Error::invalid_request(format!("this server takes no {collection}"))),
    }
}

/// Fills in the key and the type of a change, and validates it.
async fn complete(
    inner: &Inner,
    change: &mut Change,
    validate: Validate,
    deadline: Instant,
) -> Result<Option<Validity>, Error> {
    let (collection, record) = match change {
        Change::Delete { .. } => return Ok(None),
        Change::Create { collection, record, .. } | Change::Put { collection, record, .. } => (&*collection, record),
    };
    fill_type(collection, record)?;
    let judgement = inner.lexicons.judge(collection, record, validate, deadline).await?;
    if let Change::Create { rkey: rkey @ None, .. } = change {
        *rkey = Some(make_key(inner, &judgement.key)?);
    }
    check_key(&judgement.key, change)?;
    Ok(judgement.validity)
}

/// The `$type` of a record is its collection.
fn fill_type(collection: &Nsid, record: &mut Value) -> Result<(), Error> {
    const TYPE: &str = "$type";
    let Value::Map(record) = record else { return Err(Error::invalid_request("a record is an object")) };
    match record.get(TYPE).map(Value::as_str) {
        Some(Some(name)) if name == collection.as_str() => Ok(()),
        Some(_) => Err(wrong_type(collection, record)),
        None => {
            record.insert(TYPE.to_owned(), collection.as_str().into());
            Ok(())
        }
    }
}

fn wrong_type(collection: &Nsid, record: &Map) -> Error {
    let found = record.get("$type").and_then(Value::as_str).unwrap_or("no text");
    let found: String = found.chars().take(100).collect();
    Error::invalid_request(format!("the $type of a {collection} is {found}"))
}

/// A key for a record that has none.
fn make_key(inner: &Inner, key_type: &KeyType) -> Result<RecordKey, Error> {
    match key_type {
        KeyType::Tid | KeyType::Any => {
            let now = u64::try_from(inner.now()).unwrap_or_default();
            inner.tids.next_at(now).as_str().parse().map_err(Error::internal)
        }
        KeyType::Literal(key) => key.parse().map_err(Error::internal),
        KeyType::Nsid => Err(Error::invalid_request("a record of this collection needs a key, which is an NSID")),
    }
}

fn check_key(key_type: &KeyType, change: &Change) -> Result<(), Error> {
    let Some(rkey) = change.rkey() else { return Ok(()) };
    key_type
        .check(rkey.as_str())
        .map_err(|error| Error::invalid_request(format!("the record key {rkey} of a {}: {error}", change.collection())))
}

fn encode(change: Change) -> Result<(Write, Nsid, RecordKey), Error> {
    let path = |collection: &Nsid, rkey: &RecordKey| {
        RepoPath::new(collection, rkey).map_err(|error| Error::invalid_request(error.to_string()))
    };
    let block = |record: &Value| record.to_cbor().map_err(|error| Error::invalid_request(error.to_string()));
    match change {
        Change::Create { rkey: None, .. } => Err(Error::internal("a create without a key")),
        Change::Create { collection, rkey: Some(rkey), record } => {
            Ok((Write::create(path(&collection, &rkey)?, block(&record)?), collection, rkey))
        }
        Change::Put { collection, rkey, record, swap } => {
            Ok((Write::put(path(&collection, &rkey)?, block(&record)?).swapping(swap), collection, rkey))
        }
        Change::Delete { collection, rkey, swap } => {
            Ok((Write::delete(path(&collection, &rkey)?).swapping(swap), collection, rkey))
        }
    }
}
