//! What could not be had, as diagnostics.

use arobase_runtime::catalog::LexiconError;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// Says why a lexicon, or a group of them, could not be had.
pub(super) fn report(what: &str, error: &LexiconError, is_wanted: bool, dx: &mut Diagnostics) {
    let file = dx.sources_mut().add(what, "");
    if let LexiconError::Document(mistakes) = error {
        for mistake in mistakes.iter() {
            dx.push(Diagnostic::error("lexicon-invalid", mistake.to_string()).in_file(file));
        }
        return;
    }
    let severity = if is_wanted || !error.is_not_found() { Severity::Error } else { Severity::Warning };
    let mut diagnostic = Diagnostic::new(severity, code(error), error.to_string()).in_file(file);
    if let Some(help) = help(error, is_wanted) {
        diagnostic = diagnostic.help(help);
    }
    dx.push(diagnostic);
}

fn code(error: &LexiconError) -> &'static str {
    match error {
        LexiconError::NotFound { .. } => "lexicon-not-found",
        LexiconError::NotAnNsid
        | LexiconError::LongAuthority
        | LexiconError::Ambiguous
        | LexiconError::NotADid
        | LexiconError::Did(_) => "no-authority",
        LexiconError::Proof(_) | LexiconError::NoBlock | LexiconError::Future { .. } => "lexicon-unproven",
        LexiconError::Downgrade { .. } => "lexicon-downgrade",
        LexiconError::Data(_) | LexiconError::Type { .. } | LexiconError::Version | LexiconError::Id { .. } => {
            "lexicon-invalid"
        }
        _ => "network",
    }
}

fn help(error: &LexiconError, is_wanted: bool) -> Option<&'static str> {
    match error {
        LexiconError::NotFound { .. } if !is_wanted => Some("another lexicon refers to it; what it defines is missing"),
        LexiconError::NotFound { authority: None } => {
            Some("a TXT record of `_lexicon.` and the group, in reverse, names the DID that publishes its lexicons")
        }
        LexiconError::Downgrade { .. } => Some("if an older state is what you want, say `--allow-downgrade`"),
        LexiconError::Plaintext => Some("in a network of your own, say `--development`"),
        error if !error.is_permanent() => Some("try again later"),
        _ => None,
    }
}
