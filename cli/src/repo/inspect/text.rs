//! A report as text.

use std::fmt::Write;

use arobase::repo::Commit;

use crate::{
    repo::{revision, signature::Form},
    units::{bytes, count},
};

use super::report::{Report, Sample, Tree};

/// Lines of a name and what there is to say about it.
struct Lines(String);

/// A report as text.
pub(crate) fn to_text(report: &Report) -> String {
    let mut lines = Lines(format!("{}: {}\n", report.file, report.kind().words()));
    file(report, &mut lines);
    match &report.commit {
        Ok(found) => {
            commit(found, &mut lines);
            tree(report, &mut lines);
            collections(report, &mut lines);
        }
        Err(reason) => lines.line("commit", format_args!("none: {reason}")),
    }
    lines.0
}

impl Lines {
    fn line(&mut self, name: &str, what: impl std::fmt::Display) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "  {name:<12} {what}");
    }
}

fn file(report: &Report, lines: &mut Lines) {
    lines.line("size", format_args!("{} ({})", bytes(report.bytes), count(report.bytes, "byte")));
    let roots: Vec<String> = report.roots.iter().map(ToString::to_string).collect();
    lines.line("roots", if roots.is_empty() { "none".to_owned() } else { roots.join(" ") });
    let blocks = &report.blocks;
    let mut text = blocks.count.to_string();
    if blocks.duplicates > 0 {
        let _ = write!(text, ", {} there already", blocks.duplicates);
    }
    if blocks.unreferenced > 0 && report.commit.is_ok() {
        let _ = write!(text, ", {} that nothing refers to", blocks.unreferenced);
    }
    lines.line("blocks", text);
    if let Some(fault) = &report.fault {
        lines.line("fault", format_args!("at byte {}: {}; the rest was not read", fault.offset, fault.fault));
    }
}

fn commit(commit: &Commit, lines: &mut Lines) {
    let signature = commit.signature();
    lines.line("commit", commit.cid());
    lines.line("did", commit.did());
    lines.line("rev", revision::with_time(commit.rev()));
    lines.line("data", commit.data());
    lines.line("prev", commit.prev().map_or_else(|| "null".to_owned(), ToString::to_string));
    lines.line("version", commit.version());
    let length = count(signature.len() as u64, "byte");
    lines.line("signature", format_args!("{length}, {}; not checked", Form::of(signature).words()));
}

fn tree(report: &Report, lines: &mut Lines) {
    let tree = &report.tree;
    lines.line("order", if tree.streamable { "streamable (pre-order)" } else { "not streamable" });
    let (nodes, layers) = (count(tree.nodes, "node"), count(tree.layers, "layer"));
    let widest = if tree.widest == 1 { "1 entry".to_owned() } else { format!("{} entries", tree.widest) };
    lines.line("tree", format_args!("{nodes} in {layers}, the widest with {widest}, {}", bytes(tree.node_bytes)));
    lines.line("records", format_args!("{}, {}", tree.records, bytes(tree.record_bytes)));
    if let Some((path, size)) = &tree.largest {
        lines.line("largest", format_args!("{path}, {}", bytes(*size)));
    }
    let blobs: u64 = report.blobs.values().fold(0, |sum, size| sum.saturating_add(*size));
    lines.line("blobs", format_args!("{} referred to, {}", report.blobs.len(), bytes(blobs)));
    gaps(tree, lines);
}

fn gaps(tree: &Tree, lines: &mut Lines) {
    sample("missing", "node", &tree.missing_nodes, lines);
    sample("missing", "record", &tree.missing_records, lines);
    sample("faulty", "place", &tree.faults, lines);
}

fn sample(name: &str, what: &str, sample: &Sample<impl std::fmt::Display>, lines: &mut Lines) {
    if sample.count == 0 {
        return;
    }
    lines.line(name, count(sample.count, what));
    for thing in &sample.first {
        lines.line("", format_args!("  {thing}"));
    }
    if sample.count > sample.first.len() as u64 {
        lines.line("", "  ...");
    }
}

fn collections(report: &Report, lines: &mut Lines) {
    let width = report.collections.keys().map(String::len).max().unwrap_or(0);
    for (name, collection) in &report.collections {
        let (records, size) = (count(collection.count, "record"), bytes(collection.bytes));
        let (first, last) = (&collection.first, &collection.last);
        // Writing to a text cannot fail.
        let _ = writeln!(lines.0, "  {name:<width$}  {records:>14}  {size:>10}  {first} .. {last}");
    }
}
