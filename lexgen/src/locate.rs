//! Finds the text that a JSON path names, and the line of an offset.
//!
//! Documents carry no positions: this module scans the text again, only when there is
//! something to show. It accepts any text, however broken, and answers `None` rather than
//! guess where the structure ends early.

use std::ops::Range;

use arobase_lexicon::json::{Path, Segment};

/// What a path led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The bytes of the member's key with its quotes, if the place is in an object.
    pub(crate) key: Option<Range<usize>>,
    /// The bytes of the value.
    pub(crate) value: Range<usize>,
    /// How many segments of the path exist.
    pub(crate) depth: usize,
}

/// Follows a path as far as the text has it.
///
/// `None` if the text has no value at all. Of a repeated key the first counts.
pub(crate) fn find(text: &str, path: &Path) -> Option<Found> {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0 };
    let mut key = None;
    let path = path.segments();
    for (depth, segment) in path.iter().enumerate() {
        scanner.skip_space();
        let start = scanner.at;
        let step = match segment {
            Segment::Key(name) => scanner.enter_member(name),
            Segment::Index(index) => scanner.enter_element(*index).map(|()| None),
        };
        match step {
            Some(member) => key = member,
            None => {
                scanner.at = start;
                return scanner.value_span().map(|value| Found { key, value, depth });
            }
        }
    }
    scanner.value_span().map(|value| Found { key, value, depth: path.len() })
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The position of a byte offset; one past the end is the end, one inside a character is
/// that character.
pub(crate) fn position(text: &str, offset: usize) -> Position {
    let before = &text[..floor_char_boundary(text, offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The byte offset of a line (from 1) and a column in bytes (from 1), as parsers count.
pub(crate) fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    start.saturating_add(column.saturating_sub(1)).min(text.len())
}

/// The JSON string whose closing quote is the last one up to a byte offset, quotes included.
pub(crate) fn string_before(text: &str, offset: usize) -> Range<usize> {
    let end = floor_char_boundary(text, offset.saturating_add(1));
    let close = text[..end].rfind('"').unwrap_or(0);
    let open = text[..close].rfind('"').unwrap_or(close);
    open..(close + 1).min(text.len()).max(open)
}

/// The line that holds a byte offset, without its line end, and where it begins.
pub(crate) fn line_at(text: &str, offset: usize) -> (usize, &str) {
    let offset = floor_char_boundary(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].split('\n').next().unwrap_or_default();
    (start, line.strip_suffix('\r').unwrap_or(line))
}

/// The last character boundary that is not behind the offset.
pub(crate) fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Reads JSON without building anything. Never recursive: skipping a value counts brackets.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Stops before the value of the named member; gives the span of its key.
    fn enter_member(&mut self, name: &str) -> Option<Option<Range<usize>>> {
        self.eat(b'{')?;
        loop {
            self.skip_space();
            let key = self.string_span()?;
            self.eat(b':')?;
            if key_is(self.text.get(key.start + 1..key.end.checked_sub(1)?)?, name) {
                self.skip_space();
                return Some(Some(key));
            }
            self.value_span()?;
            self.eat(b',')?;
        }
    }

    /// Stops before the element.
    fn enter_element(&mut self, index: usize) -> Option<()> {
        self.eat(b'[')?;
        for _ in 0..index {
            self.value_span()?;
            self.eat(b',')?;
        }
        self.skip_space();
        (self.peek()? != b']').then_some(())
    }

    /// Passes a string; a missing closing quote ends it at the end of its line.
    fn string_span(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(start..self.at);
                }
                b'\n' => return None,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// Passes any value.
    fn value_span(&mut self) -> Option<Range<usize>> {
        self.skip_space();
        let start = self.at;
        match self.peek()? {
            b'"' => return self.string_span(),
            b'{' | b'[' => self.skip_container()?,
            b',' | b':' | b'}' | b']' => return None,
            _ => self.skip_scalar(),
        }
        Some(start..self.at)
    }

    fn skip_scalar(&mut self) {
        while self.peek().is_some_and(|byte| {
            !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"')
        }) {
            self.at += 1;
        }
    }

    /// Passes an object or array; where the text ends inside it, its end is the end.
    fn skip_container(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string_span()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        Some(())
    }
}

/// Whether the raw text between the quotes of a key spells the name, escapes included.
fn key_is(raw: &[u8], name: &str) -> bool {
    if !raw.contains(&b'\\') {
        return raw == name.as_bytes();
    }
    str::from_utf8(raw).is_ok_and(|raw| unescape(raw).as_deref() == Some(name))
}

/// The text of a JSON string without its quotes; `None` where an escape is broken.
fn unescape(raw: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        text.push(match rest.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unicode_escape(&mut rest)?,
            other => other,
        });
    }
    Some(text)
}

/// The character of `\uXXXX`, or of a surrogate pair of them, behind its `\u`.
fn unicode_escape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let high = hex4(rest)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    if (rest.next()?, rest.next()?) != ('\\', 'u') {
        return None;
    }
    let low = hex4(rest)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)
}

fn hex4(rest: &mut std::str::Chars<'_>) -> Option<u32> {
    let mut value = 0;
    for _ in 0..4 {
        value = value * 16 + rest.next()?.to_digit(16)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r##"{
  "lexicon": 1,
  "defs": {"main": {"refs": ["#a", {"deep": []}, "#c"], "q\"\u0041\ud83d\ude00": null}}
}"##;

    fn path(segments: &[&str]) -> Path {
        let segment = |text: &&str| text.parse().map_or_else(|_| Segment::Key((*text).into()), Segment::Index);
        segments.iter().map(segment).collect()
    }

    fn value(segments: &[&str]) -> &'static str {
        let found = find(TEXT, &path(segments)).unwrap();
        assert_eq!(found.depth, segments.len());
        &TEXT[found.value]
    }

    #[test]
    fn values_are_found_by_keys_and_indices() {
        assert_eq!(value(&["lexicon"]), "1");
        assert_eq!(value(&["defs", "main", "refs", "0"]), "\"#a\"");
        assert_eq!(value(&["defs", "main", "refs", "1"]), "{\"deep\": []}");
        assert_eq!(value(&["defs", "main", "refs", "2"]), "\"#c\"");
    }

    #[test]
    fn a_key_is_compared_without_its_escapes() {
        assert_eq!(value(&["defs", "main", "q\"A😀"]), "null");
    }

    #[test]
    fn the_key_is_found_with_its_quotes() {
        let found = find(TEXT, &path(&["defs", "main"])).unwrap();
        assert_eq!(&TEXT[found.key.unwrap()], "\"main\"");
    }

    #[test]
    fn a_path_that_leads_nowhere_ends_at_the_nearest_value() {
        let found = find(TEXT, &path(&["defs", "main", "refs", "7"])).unwrap();
        assert_eq!((found.depth, &TEXT[found.key.unwrap()]), (3, "\"refs\""));
        assert_eq!(find(TEXT, &path(&["nothing"])).unwrap().value, 0..TEXT.len());
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        assert_eq!(position("ab\ncd", 0), Position { line: 1, column: 1 });
        assert_eq!(position("ab\nçd", 5), Position { line: 2, column: 2 });
        assert_eq!(position("ab\ncd", 99), Position { line: 2, column: 3 });
    }

    #[test]
    fn offsets_are_counted_from_lines_and_columns() {
        assert_eq!(offset("ab\ncd", 1, 2), 1);
        assert_eq!(offset("ab\ncd", 2, 1), 3);
        assert_eq!(offset("ab\ncd", 9, 9), 5);
    }

    proptest! {
        #[test]
        fn any_text_and_any_path_give_spans_inside_the_text(
            text in r#"[\[\]{}":,a\\ \n0ué]{0,60}"#,
            segments in prop::collection::vec(prop_oneof![Just("a"), Just("0"), Just("1"), Just("u")], 0..4),
            offset in 0_usize..80,
        ) {
            if let Some(found) = find(&text, &path(&segments)) {
                prop_assert!(text.get(found.value).is_some());
                prop_assert!(found.key.is_none_or(|key| text.get(key).is_some()));
            }
            prop_assert!(position(&text, offset).line >= 1);
            prop_assert!(line_at(&text, offset).0 <= text.len());
        }
    }
}
