//! Writing operations and states: the same walk makes JSON and DAG-CBOR. Keys are plain text here, also those that mean
//! links or bytes in records.

use std::collections::BTreeMap;

use super::{
    Content, LegacyCreate, PlcData, PlcService,
    names::{
        ALSO_KNOWN_AS, CREATE, DID, ENDPOINT, HANDLE, OPERATION, PREV, RECOVERY_KEY, ROTATION_KEYS, SERVICE, SERVICES,
        SIG, SIGNING_KEY, TOMBSTONE, TYPE, VERIFICATION_METHODS,
    },
};
use crate::data::{Cid, map::key_order, sink::Sink};

/// A value of an operation.
enum Node<'a> {
    Null,
    Text(&'a str),
    Owned(String),
    List(&'a [String]),
    Keys(&'a BTreeMap<String, String>),
    Services(&'a BTreeMap<String, PlcService>),
}

type Entry<'a> = (&'a str, Node<'a>);

/// Writes an operation, with its signature or without.
pub(super) fn operation<S: Sink>(content: &Content, sig: Option<&str>, sink: &mut S) {
    let mut entries = match content {
        Content::Update { data, prev } => update(data, prev.as_ref()),
        Content::Tombstone { prev } => Vec::from([(TYPE, Node::Text(TOMBSTONE)), (PREV, cid(Some(prev)))]),
        Content::Create(create) => legacy(create),
    };
    entries.extend(sig.map(|sig| (SIG, Node::Text(sig))));
    map(entries, sink);
}

/// Writes a state with the DID that it is of.
pub(super) fn state<S: Sink>(did: &str, data: &PlcData, sink: &mut S) {
    let mut entries = of_data(data);
    entries.push((DID, Node::Text(did)));
    map(entries, sink);
}

fn update<'a>(data: &'a PlcData, prev: Option<&Cid>) -> Vec<Entry<'a>> {
    let mut entries = of_data(data);
    entries.extend([(TYPE, Node::Text(OPERATION)), (PREV, cid(prev))]);
    entries
}

fn of_data(data: &PlcData) -> Vec<Entry<'_>> {
    Vec::from([
        (ROTATION_KEYS, Node::List(&data.rotation_keys)),
        (VERIFICATION_METHODS, Node::Keys(&data.verification_methods)),
        (ALSO_KNOWN_AS, Node::List(&data.also_known_as)),
        (SERVICES, Node::Services(&data.services)),
    ])
}

fn legacy(create: &LegacyCreate) -> Vec<Entry<'_>> {
    Vec::from([
        (TYPE, Node::Text(CREATE)),
        (SIGNING_KEY, Node::Text(&create.signing_key)),
        (RECOVERY_KEY, Node::Text(&create.recovery_key)),
        (HANDLE, Node::Text(&create.handle)),
        (SERVICE, Node::Text(&create.service)),
        (PREV, Node::Null),
    ])
}

fn cid<'a>(prev: Option<&Cid>) -> Node<'a> {
    prev.map_or(Node::Null, |cid| Node::Owned(cid.to_string()))
}

fn map<S: Sink>(mut entries: Vec<Entry<'_>>, sink: &mut S) {
    entries.sort_by(|(a, _), (b, _)| key_order(a, b));
    sink.begin_map(entries.len());
    for (key, node) in entries {
        sink.key(key);
        value(&node, sink);
    }
    sink.end_map();
}

fn value<S: Sink>(node: &Node<'_>, sink: &mut S) {
    match node {
        Node::Null => sink.null(),
        Node::Text(text) => sink.text(text),
        Node::Owned(text) => sink.text(text),
        Node::List(items) => list(items, sink),
        Node::Keys(keys) => map(keys.iter().map(|(name, key)| (name.as_str(), Node::Text(key))).collect(), sink),
        Node::Services(services) => by_name(services, sink),
    }
}

fn list<S: Sink>(items: &[String], sink: &mut S) {
    sink.begin_list(items.len());
    for item in items {
        sink.text(item);
    }
    sink.end_list();
}

fn by_name<S: Sink>(services: &BTreeMap<String, PlcService>, sink: &mut S) {
    let mut sorted: Vec<_> = services.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| key_order(a, b));
    sink.begin_map(sorted.len());
    for (name, service) in sorted {
        sink.key(name);
        map(Vec::from([(TYPE, Node::Text(&service.kind)), (ENDPOINT, Node::Text(&service.endpoint))]), sink);
    }
    sink.end_map();
}
