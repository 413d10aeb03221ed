//! The nearest name, for "did you mean".

/// The longest text that is compared, in characters; comparing costs the product of lengths.
const MAX_LENGTH: usize = 80;

/// How many candidates are compared.
const MAX_CANDIDATES: usize = 5000;

/// The candidate that a misspelt name probably meant.
///
/// At most a third of the name may differ; a name that differs only in case always counts.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(name, candidates, name.chars().count().div_ceil(3))
}

/// The nearest candidate with at most `allowed` edits.
fn nearest_within<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, allowed: usize) -> Option<&'a str> {
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter(|candidate| candidate.len() <= MAX_LENGTH * 4 && name.len() <= MAX_LENGTH * 4)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The NSID that a misspelt one probably meant: one with another last part in the same group, or
/// one that differs by two characters anywhere. (By length alone, most NSIDs are alike.)
pub(crate) fn nearest_nsid<'a>(nsid: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let (group, name) = nsid.rsplit_once('.')?;
    let siblings = candidates.iter().filter_map(|candidate| candidate.rsplit_once('.'));
    let names = siblings.filter(|(other, _)| *other == group).map(|(_, name)| name);
    let sibling = nearest(name, names).map(|name| format!("{group}.{name}"));
    match sibling {
        Some(sibling) => candidates.iter().find(|candidate| **candidate == sibling).copied(),
        None => nearest_within(nsid, candidates.iter().copied(), 2),
    }
}

/// How many characters must be inserted, removed or replaced, after folding the case.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(MAX_LENGTH).collect();
    let b: Vec<char> = b.to_lowercase().chars().take(MAX_LENGTH).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_single_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("createdAt", "createdat"), 0);
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(nearest("createAt", ["text", "createdAt", "embed"]), Some("createdAt"));
    }

    #[test]
    fn a_group_in_common_does_not_make_nsids_alike() {
        let known = ["com.example.part", "com.example.getThing", "org.example.feed.post"];
        assert_eq!(nearest_nsid("com.example.prat", &known), Some("com.example.part"));
        assert_eq!(nearest_nsid("com.example.subscribe", &known), None);
        assert_eq!(nearest_nsid("org.exmaple.feed.post", &known), Some("org.example.feed.post"));
        assert_eq!(nearest_nsid("com.example.feed.post", &known), None);
    }

    #[test]
    fn a_name_that_is_like_no_other_gets_no_suggestion() {
        assert_eq!(nearest("subject", ["text", "createdAt"]), None);
        assert_eq!(nearest("subject", []), None);
    }
}
