//! Lints about a document among the others.

use super::{Context, Finding};
use crate::walk::keys;

/// `x.y` as schema and as the group of `x.y.z`, or `x#foo` and `x.foo`.
pub(super) fn group_conflict(context: &Context<'_>) -> Vec<Finding> {
    let nsid = context.nsid();
    let mut findings = Vec::new();
    let prefix = format!("{nsid}.");
    let nsids = || context.corpus.iter().map(|entry| entry.document.id.as_str());
    if let Some(member) = nsids().find(|other| other.starts_with(&prefix)) {
        let message = format!("`{nsid}` is a schema, and also the group of `{member}`");
        findings.push(Finding::new(&keys(&["id"]), message, "rename one of them"));
    }
    for (name, _) in &context.entry.document.defs {
        let other = format!("{prefix}{name}");
        if context.corpus.entry(&other).is_some() {
            let message = format!("`{nsid}#{name}` and `{other}` differ only by a sign");
            findings.push(Finding::name(&keys(&["defs", name]), message, "rename one of them"));
        }
    }
    findings
}
