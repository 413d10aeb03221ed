//! What there is to say of the history of a did:plc.

use std::collections::HashMap;

use arobase::{
    data::Cid,
    identity::plc::{Content, Entry, Log, PlcData},
    lexicon::json::Json,
};

use crate::{
    output::{object, optional, string},
    units::count,
};

use super::text::{Lines, printable};

/// As text: a paragraph for each operation.
pub(crate) fn to_text(log: &Log) -> String {
    let mut lines = Lines::default();
    let state = if log.is_tombstoned() { ", given up" } else { "" };
    lines.head(&format!("{}: valid, {}{state}", log.did(), count(log.entries().len() as u64, "operation")));
    let entries: HashMap<Cid, &Entry> = log.entries().iter().map(|entry| (entry.cid, entry)).collect();
    for entry in log.entries() {
        let mark = if entry.nullified { " (nullified)" } else { "" };
        lines.head(&format!("{} {} {}{mark}", entry.created_at, entry.cid, kind(entry)));
        let before = entry.operation.prev().and_then(|prev| entries.get(&prev));
        let before = before.and_then(|before| before.operation.content().data());
        if let Some(data) = entry.operation.content().data() {
            changes(before.as_ref(), &data, &mut lines);
        }
    }
    lines.0
}

/// What an operation is.
fn kind(entry: &Entry) -> &'static str {
    match entry.operation.content() {
        Content::Create(_) => "create",
        Content::Tombstone { .. } => "tombstone",
        Content::Update { prev: None, .. } => "genesis",
        Content::Update { .. } => "update",
    }
}

/// What an operation made different.
fn changes(before: Option<&PlcData>, data: &PlcData, lines: &mut Lines) {
    if before.is_none_or(|before| before.also_known_as != data.also_known_as) {
        list("known as", &data.also_known_as, lines);
    }
    if before.is_none_or(|before| before.rotation_keys != data.rotation_keys) {
        list("rotation", &data.rotation_keys, lines);
    }
    if before.is_none_or(|before| before.verification_methods != data.verification_methods) {
        let methods = data.verification_methods.iter().map(|(id, key)| format!("{id} {key}"));
        list("key", &methods.collect::<Vec<_>>(), lines);
    }
    if before.is_none_or(|before| before.services != data.services) {
        let services = data.services.iter().map(|(id, service)| format!("{id} {} {}", service.kind, service.endpoint));
        list("service", &services.collect::<Vec<_>>(), lines);
    }
}

fn list(name: &str, items: &[impl AsRef<str>], lines: &mut Lines) {
    if items.is_empty() {
        lines.line(name, "none");
    }
    for item in items {
        lines.line(name, printable(item.as_ref()));
    }
}

/// As JSON.
pub(crate) fn to_json(log: &Log) -> Json {
    object([
        ("did", Json::from(log.did().as_str())),
        ("tombstoned", Json::Bool(log.is_tombstoned())),
        ("operations", log.entries().iter().map(entry_json).collect::<Vec<_>>().into()),
    ])
}

fn entry_json(entry: &Entry) -> Json {
    let operation = Json::parse_bytes(&entry.operation.to_json()).ok();
    object([
        ("createdAt", string(&entry.created_at)),
        ("cid", string(entry.cid)),
        ("kind", Json::from(kind(entry))),
        ("nullified", Json::Bool(entry.nullified)),
        ("operation", optional(operation, |operation| operation)),
    ])
}
