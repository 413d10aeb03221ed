//! The inventory of the blobs: an object of JSON in each line.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use arobase::{data::Cid, syntax::Did};
use serde_json::{Value, json};

use super::error::{At, BackupError};
use crate::store::{AccountId, BlobPlace, View};

/// How many rows are read at a time.
const PAGE: usize = 1_000;

/// A blob whose bytes are in the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) did: Box<str>,
    pub(super) cid: Cid,
    pub(super) size: u64,
    pub(super) key: Box<str>,
}

/// Writes down what a snapshot knows: how many blobs, and how many bytes.
pub(super) fn write(view: &dyn View, path: &Path) -> Result<(u64, u64), BackupError> {
    let mut out = BufWriter::new(File::create(path).at(path)?);
    let (mut after, mut sum, mut owners) = (None, (0, 0), HashMap::new());
    loop {
        let page = view.blobs(after.as_ref().map(|(id, cid)| (*id, cid)), PAGE)?;
        for blob in &page {
            let BlobPlace::Object(key) = &blob.place else { continue };
            let did = owner(view, &mut owners, blob.account)?;
            let line = json!({ "did": did, "cid": blob.cid.to_string(), "size": blob.size, "key": key });
            writeln!(out, "{line}").at(path)?;
            sum = (sum.0 + 1, sum.1 + blob.size);
        }
        match page.last() {
            Some(last) => after = Some((last.account, last.cid)),
            None => break,
        }
    }
    let file = out.into_inner().map_err(|error| BackupError::at(path, &error))?;
    file.sync_all().at(path)?;
    Ok(sum)
}

/// Blobs of one account follow on each other, so that few are remembered.
fn owner(
    view: &dyn View,
    owners: &mut HashMap<AccountId, Option<Did>>,
    id: AccountId,
) -> Result<Option<String>, BackupError> {
    if !owners.contains_key(&id) {
        owners.clear();
        owners.insert(id, view.account(id)?.map(|account| account.did));
    }
    Ok(owners.get(&id).and_then(Option::as_ref).map(|did| did.as_str().to_owned()))
}

/// Reads an inventory, line by line.
pub(super) fn read(path: &Path, mut each: impl FnMut(Item) -> Result<(), BackupError>) -> Result<(), BackupError> {
    let file = BufReader::new(File::open(path).at(path)?);
    for (index, line) in file.lines().enumerate() {
        let line = line.at(path)?;
        let item = parse(&line).ok_or_else(|| BackupError::at(path, &format!("line {} is damaged", index + 1)))?;
        each(item)?;
    }
    Ok(())
}

fn parse(line: &str) -> Option<Item> {
    let value: Value = serde_json::from_str(line).ok()?;
    let key = value.get("key")?.as_str()?;
    // It becomes a path, and must not lead out of the folder.
    let is_plain =
        !key.is_empty() && key.split('/').all(|part| !["", ".", ".."].contains(&part)) && !key.contains('\\');
    Some(Item {
        did: value.get("did").and_then(Value::as_str).unwrap_or_default().into(),
        cid: value.get("cid")?.as_str()?.parse().ok()?,
        size: value.get("size")?.as_u64()?,
        key: is_plain.then(|| key.into())?,
    })
}
