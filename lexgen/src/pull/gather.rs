//! What was asked for, and what that refers to.

use std::collections::{BTreeMap, BTreeSet};

use arobase_lexicon::{document::Document, syntax::Nsid};
use arobase_runtime::catalog::{LexiconError, ResolvedLexicon};

use super::{failure, network::Hosts, wanted::Wanted};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    walk,
};

/// The most lexicons of one run.
const MAX: usize = 1_000;

/// How many are fetched at once.
const AT_ONCE: usize = 8;

/// What came of it.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) lexicons: BTreeMap<Nsid, ResolvedLexicon>,
    failures: Vec<Failure>,
    /// The groups in which their authorities list nothing.
    empty: Vec<String>,
    /// Whether there was more than is fetched in one run.
    is_cut: bool,
}

struct Failure {
    what: String,
    error: LexiconError,
    /// Whether it was asked for, and not only referred to.
    is_wanted: bool,
}

/// Fetches level by level.
pub(super) async fn gather(hosts: &Hosts, wanted: &Wanted, is_known: impl Fn(&str) -> bool) -> Gathered {
    let mut gathered = Gathered::default();
    let mut level = wanted.names.clone();
    for group in &wanted.groups {
        match hosts.list(group).await {
            Ok(names) if names.is_empty() => gathered.empty.push(name(group)),
            Ok(names) => level.extend(names),
            Err(error) => gathered.fail(group, error),
        }
    }
    let (mut met, mut is_wanted) = (level.clone(), true);
    while !level.is_empty() {
        gathered.is_cut |= met.len() > MAX;
        if gathered.is_cut {
            break;
        }
        let mut next = BTreeSet::new();
        gathered.fetch(hosts, &level, is_wanted, &mut next).await;
        next.retain(|nsid| !is_known(nsid.as_str()) && met.insert(nsid.clone()));
        (level, is_wanted) = (next, false);
    }
    gathered
}

impl Gathered {
    async fn fetch(&mut self, hosts: &Hosts, level: &BTreeSet<Nsid>, is_wanted: bool, next: &mut BTreeSet<Nsid>) {
        let level: Vec<&Nsid> = level.iter().collect();
        for some in level.chunks(AT_ONCE) {
            let running: Vec<_> = some.iter().map(|nsid| hosts.resolve((*nsid).clone())).collect();
            for task in running {
                match task.await {
                    Ok((nsid, Ok(lexicon))) => {
                        references(&lexicon.document, next);
                        self.lexicons.insert(nsid, lexicon);
                    }
                    Ok((nsid, Err(error))) => {
                        self.failures.push(Failure { what: nsid.into_string(), error, is_wanted });
                    }
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
            }
        }
    }

    fn fail(&mut self, group: &Nsid, error: LexiconError) {
        self.failures.push(Failure { what: name(group), error, is_wanted: true });
    }

    /// Says what could not be had. That what is only referred to does not exist is no error.
    pub(super) fn report(&self, dx: &mut Diagnostics) {
        for Failure { what, error, is_wanted } in &self.failures {
            failure::report(what, error, *is_wanted, dx);
        }
        for group in &self.empty {
            let message = format!("the host of the authority of `{group}` lists no lexicon in it");
            dx.push(Diagnostic::error("lexicon-not-found", message));
        }
        if self.is_cut {
            let message = format!("more than {MAX} lexicons");
            dx.push(Diagnostic::error("too-many-lexicons", message).help("pull less at once, or with `--no-refs`"));
        }
    }
}

/// How a group is asked for.
fn name(group: &Nsid) -> String {
    format!("{}.*", group.group())
}

fn references(document: &Document, found: &mut BTreeSet<Nsid>) {
    walk::references(document, &mut |reference| {
        found.insert(reference.nsid.clone());
    });
}
