//! A report as JSON.

use arobase::{lexicon::json::Json, repo::Commit};

use crate::{
    output::{number, object, optional, string},
    repo::{revision, signature::Form},
};

use super::report::{Collection, Report, Sample, Tree};

/// A report as JSON.
pub(crate) fn to_json(report: &Report) -> Json {
    let blocks = &report.blocks;
    object([
        ("file", string(&report.file)),
        ("kind", Json::from(report.kind().name())),
        ("bytes", number(report.bytes)),
        ("roots", report.roots.iter().map(string).collect::<Vec<_>>().into()),
        ("blocks", number(blocks.count)),
        ("duplicates", number(blocks.duplicates)),
        ("unreferenced", optional(report.commit.as_ref().ok(), |_| number(blocks.unreferenced))),
        ("fault", optional(report.fault.as_ref(), fault)),
        ("commit", optional(report.commit.as_ref().ok(), commit)),
        ("noCommit", optional(report.commit.as_ref().err(), string)),
        ("tree", optional(report.commit.as_ref().ok(), |_| tree(&report.tree))),
        ("collections", report.collections.iter().map(collection).collect::<Vec<_>>().into()),
        ("blobs", blobs(report)),
    ])
}

fn fault(error: &arobase::repo::car::Error) -> Json {
    object([("offset", number(error.offset)), ("message", string(&error.fault))])
}

fn commit(commit: &Commit) -> Json {
    object([
        ("cid", string(commit.cid())),
        ("did", string(commit.did())),
        ("rev", string(commit.rev())),
        ("time", optional(revision::time(commit.rev()), string)),
        ("data", string(commit.data())),
        ("prev", optional(commit.prev(), string)),
        ("version", Json::Int(commit.version())),
        ("signatureBytes", number(commit.signature().len() as u64)),
        ("signatureS", Json::from(Form::of(commit.signature()).name())),
    ])
}

fn tree(tree: &Tree) -> Json {
    let largest = |(path, bytes): &(String, u64)| object([("path", string(path)), ("bytes", number(*bytes))]);
    object([
        ("streamable", Json::from(tree.streamable)),
        ("records", number(tree.records)),
        ("nodes", number(tree.nodes)),
        ("layers", number(tree.layers)),
        ("widest", number(tree.widest)),
        ("nodeBytes", number(tree.node_bytes)),
        ("recordBytes", number(tree.record_bytes)),
        ("largest", optional(tree.largest.as_ref(), largest)),
        ("missingNodes", sample(&tree.missing_nodes)),
        ("missingRecords", sample(&tree.missing_records)),
        ("faults", sample(&tree.faults)),
    ])
}

fn sample(sample: &Sample<impl std::fmt::Display>) -> Json {
    let first: Vec<Json> = sample.first.iter().map(string).collect();
    object([("count", number(sample.count)), ("first", first.into())])
}

fn collection((name, collection): (&String, &Collection)) -> Json {
    object([
        ("collection", string(name)),
        ("count", number(collection.count)),
        ("bytes", number(collection.bytes)),
        ("first", string(&collection.first)),
        ("last", string(&collection.last)),
    ])
}

fn blobs(report: &Report) -> Json {
    let bytes = report.blobs.values().fold(0u64, |sum, size| sum.saturating_add(*size));
    object([("count", number(report.blobs.len() as u64)), ("bytes", number(bytes))])
}
