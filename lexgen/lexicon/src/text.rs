//! Shortening of texts.

use unicode_segmentation::UnicodeSegmentation;

/// The longest start of a text that has at most so many extended grapheme clusters (UAX 29) and at
/// most so many UTF-8 bytes. It ends where a cluster ends.
#[must_use]
pub fn start(text: &str, max_graphemes: usize, max_bytes: usize) -> &str {
    let ends = text.grapheme_indices(true).map(|(at, cluster)| at + cluster.len());
    let end = ends.take(max_graphemes).take_while(|end| *end <= max_bytes).last();
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_within_both_lengths_is_its_own_start() {
        assert_eq!(start("héllo", 5, 6), "héllo");
        assert_eq!(start("", 0, 0), "");
    }

    #[test]
    fn no_grapheme_is_split() {
        assert_eq!(start("a👨‍👩‍👧b", 2, usize::MAX), "a👨‍👩‍👧");
        assert_eq!(start("a👨‍👩‍👧b", 9, 18), "a");
        assert_eq!(start("e\u{301}e\u{301}", 9, 5), "e\u{301}");
        assert_eq!(start("\r\n\r\n", 1, 9), "\r\n");
    }

    #[test]
    fn nothing_fits_into_no_length() {
        assert_eq!(start("abc", 0, 9), "");
        assert_eq!(start("👨‍👩‍👧", 9, 17), "");
    }
}
