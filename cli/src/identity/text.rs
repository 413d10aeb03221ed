//! Text of strangers, for terminals.

use std::fmt::Write;

/// Lines of a name and what there is to say about it.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) String);

impl Lines {
    /// A line of its own.
    pub(crate) fn head(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    /// What there is to say about something.
    pub(crate) fn line(&mut self, name: &str, what: impl std::fmt::Display) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "  {name:<12} {what}");
    }
}

/// Text in which everything is escaped that a terminal acts upon, or that makes it look other than it is.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            printable.extend(character.escape_unicode());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// Controls, and what is not seen or turns the direction of what follows.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_terminals_act_upon_is_escaped() {
        assert_eq!(printable("at://é.example"), "at://é.example");
        assert_eq!(printable("a\u{1b}[31m\nb\u{9b}c"), "a\\u{1b}[31m\\u{a}b\\u{9b}c");
        assert_eq!(printable("a\u{61c}b"), "a\\u{61c}b");
        assert_eq!(printable("moc.\u{202e}elpmaxe\u{feff}"), "moc.\\u{202e}elpmaxe\\u{feff}");
    }
}
