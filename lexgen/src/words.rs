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

/// A list for a sentence: `a, b, c`, cut after ten.
pub(crate) fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 10;
    let mut items: Vec<&str> = items.into_iter().collect();
    let more = items.len().saturating_sub(MOST);
    items.truncate(MOST);
    let shown = items.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
