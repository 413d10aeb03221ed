//! A part of the lexicons: what matches, and what that refers to.

use std::collections::BTreeSet;

use arobase_lexicon::document::{Document, Reference};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, nearest},
    resolve::Corpus,
    walk,
};

/// Keeps of the local documents what matches a pattern, with all that it refers to. No patterns
/// mean everything.
pub(crate) fn select(corpus: &mut Corpus, patterns: &[String], dx: &mut Diagnostics) {
    if patterns.is_empty() {
        return;
    }
    let mut open = Vec::new();
    for pattern in patterns {
        let matching = corpus.local().map(|entry| entry.document.id.as_str()).filter(|nsid| matches(pattern, nsid));
        let matching: Vec<_> = matching.map(str::to_owned).collect();
        if matching.is_empty() {
            let known: Vec<_> = corpus.local().map(|entry| entry.document.id.as_str()).collect();
            let mut diagnostic =
                Diagnostic::error("no-match", format!("`only` has `{pattern}`, which no lexicon matches"));
            if let Some(near) = nearest(pattern, known) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            dx.push(diagnostic);
        }
        open.extend(matching);
    }
    let mut wanted = BTreeSet::new();
    while let Some(nsid) = open.pop() {
        if let Some(entry) = corpus.entry(&nsid)
            && wanted.insert(nsid)
        {
            open.extend(references(&entry.document));
        }
    }
    corpus.retain_local(|nsid| wanted.contains(nsid));
}

fn matches(pattern: &str, nsid: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => prefix.ends_with('.') && nsid.starts_with(prefix),
        None => pattern == nsid,
    }
}

fn references(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    walk::references(document, &mut |reference: &Reference| found.push(reference.nsid.as_str().to_owned()));
    found
}
