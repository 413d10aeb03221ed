//! What the documents of a run mean to each other: references, and types that need themselves.

mod cycle;
mod reference;
mod reserved;

use crate::{diagnostic::Diagnostics, resolve::Corpus};

/// What a check lets pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// A reference that leads nowhere is a warning: code can treat what stands there as unknown
    /// data.
    pub missing_as_unknown: bool,
}

/// Checks the local documents of a corpus.
pub fn check(corpus: &Corpus, options: Options, dx: &mut Diagnostics) {
    for entry in corpus.local() {
        reference::check(corpus, entry, options, dx);
        reserved::check(entry, dx);
    }
    cycle::check(corpus, dx);
}
