//! What was asked for.

use std::collections::BTreeSet;

use arobase_lexicon::syntax::Nsid;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// What was asked for.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) names: BTreeSet<Nsid>,
    /// Any NSID of each group.
    pub(super) groups: BTreeSet<Nsid>,
}

impl Wanted {
    pub(super) fn read(patterns: &[String], dx: &mut Diagnostics) -> Self {
        let mut wanted = Self::default();
        for pattern in patterns {
            let (text, set) = match pattern.strip_suffix(".*") {
                Some(group) => (format!("{group}.any"), &mut wanted.groups),
                None => (pattern.clone(), &mut wanted.names),
            };
            match text.parse() {
                Ok(nsid) => drop(set.insert(nsid)),
                Err(_) => dx.push(
                    Diagnostic::error("not-an-nsid", format!("`{pattern}` is neither an NSID nor a group of NSIDs"))
                        .expected("`com.example.thing`, or `com.example.*`"),
                ),
            }
        }
        wanted
    }
}
