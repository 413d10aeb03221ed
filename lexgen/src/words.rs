//! How messages spell what the language has words for.

/// A definition: `nsid#name`, or the bare NSID for `main`.
pub(crate) fn spell_def(nsid: &str, name: &str) -> String {
    if name == "main" { nsid.to_owned() } else { format!("{nsid}#{name}") }
}

/// The word of a type in a sentence: `an array`.
pub(crate) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'i', 'o']) || word == "unknown" { "an" } else { "a" };
    format!("{article} {word}")
}
