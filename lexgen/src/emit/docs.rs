//! Doc comments. Descriptions come from strangers: nothing in them may become a link, a code
//! block that is run as a test, or HTML.

use proc_macro2::TokenStream;
use quote::quote;

/// The doc attributes of an item.
pub(crate) fn doc(docs: &[String]) -> TokenStream {
    let lines = lines(docs).map(|line| quote! { #[doc = #line] });
    quote! { #(#lines)* }
}

/// The doc comment of a file.
pub(crate) fn inner_doc(docs: &[String]) -> String {
    lines(docs).map(|line| format!("//!{line}\n")).collect()
}

fn lines(docs: &[String]) -> impl Iterator<Item = String> {
    let end = docs.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    docs.iter().take(end).map(|line| if line.is_empty() { String::new() } else { format!(" {}", escape(line)) })
}

/// Makes a line of prose harmless for rustdoc. What stands between backticks stays as it is.
pub(super) fn escape(line: &str) -> String {
    let paired = line.matches('`').count().is_multiple_of(2) && !line.contains("``");
    let mut out = String::new();
    let mut in_code = false;
    for c in line.chars() {
        match c {
            '`' if paired => {
                in_code = !in_code;
                out.push(c);
            }
            '`' | '[' | ']' | '<' | '>' | '*' | '_' | '~' | '\\' | '#' | '|' | '&' | '$' if !in_code => {
                out.push('\\');
                out.push(c);
            }
            // A bare address is linked by some readers and complained about by rustdoc.
            ':' if !in_code && (out.ends_with("http") || out.ends_with("https")) => out.push_str("\\:"),
            _ if c.is_control() || turns(c) => out.push(' '),
            _ => out.push(c),
        }
    }
    // Four spaces at the start would make code, which rustdoc runs as a test.
    let out = out.trim();
    match out.chars().next() {
        // At the start of a line these make lists, rules and headings.
        Some('-' | '+' | '=') => format!("\\{out}"),
        Some(first) if first.is_ascii_digit() => number(out),
        _ => out.to_owned(),
    }
}

/// Whether a character turns the direction of the text; rustc refuses such comments.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `1.` and `1)` begin a list.
fn number(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'.' | b')') => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn prose_cannot_become_markup() {
        assert_eq!(escape("see [this] <b>"), "see \\[this\\] \\<b\\>");
        assert_eq!(escape("```rust"), "\\`\\`\\`rust");
        assert_eq!(escape("# title"), "\\# title");
        assert_eq!(escape("1. first"), "1\\. first");
        assert_eq!(escape("- item"), "\\- item");
        assert_eq!(escape("https://example.com"), "https\\://example.com");
        assert_eq!(escape("\u{1}\u{1}\u{1}\u{1}code"), "code");
        assert_eq!(escape("left \u{202e}right"), "left  right");
    }

    #[test]
    fn code_in_pairs_of_backticks_stays() {
        assert_eq!(escape("the `a_b[0]` field"), "the `a_b[0]` field");
    }
}
