//! What is told of one DID.

use std::sync::Arc;

use arobase_runtime::syntax::{Did, DidMethod};
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    DidPath,
    answer::{DOCUMENT, Failure, json, typed},
    path, shown,
    told::audited,
};
use crate::{Directory, DirectoryError, store::Record};

pub(super) async fn document(State(directory): State<Directory>, did: DidPath) -> Result<Response, Failure> {
    let did = known(did)?;
    let document = directory.document(&did).await.map_err(|error| Failure::of(did.as_str(), &error))?;
    Ok(typed(DOCUMENT, document.to_json()))
}

pub(super) async fn data(State(directory): State<Directory>, did: DidPath) -> Result<Response, Failure> {
    let did = known(did)?;
    let data = directory.data(&did).await.map_err(|error| Failure::of(did.as_str(), &error))?;
    Ok(json(data.to_json(&did)))
}

pub(super) async fn log(State(directory): State<Directory>, did: DidPath) -> Result<Response, Failure> {
    let records = records(&directory, did).await?;
    let operations = records.iter().filter(|record| !record.nullified).map(|record| Arc::clone(&record.operation));
    Ok(json(list(operations)))
}

pub(super) async fn audit(State(directory): State<Directory>, did: DidPath) -> Result<Response, Failure> {
    Ok(json(list(records(&directory, did).await?.iter().map(audited))))
}

pub(super) async fn last(State(directory): State<Directory>, did: DidPath) -> Result<Response, Failure> {
    let did = known(did)?;
    let last = directory.last(&did).await.map_err(|error| Failure::of(did.as_str(), &error))?;
    Ok(json(last.operation.to_string()))
}

async fn records(directory: &Directory, did: DidPath) -> Result<Vec<Record>, Failure> {
    let did = known(did)?;
    directory.records(&did).await.map_err(|error| Failure::of(did.as_str(), &error))
}

/// A DID that may be in the directory. Nothing else ever was, which is how it is told.
fn known(did: DidPath) -> Result<Did, Failure> {
    let text = path(did)?;
    let did = text.parse::<Did>().ok().filter(|did| did.check_method() == Ok(DidMethod::Plc));
    did.ok_or_else(|| {
        Failure::new(StatusCode::NOT_FOUND, format!("{}: {}", DirectoryError::NotRegistered, shown(&text)))
    })
}

fn list<T: AsRef<str>>(items: impl Iterator<Item = T>) -> String {
    let mut list = String::from("[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            list.push(',');
        }
        list.push_str(item.as_ref());
    }
    list.push(']');
    list
}
