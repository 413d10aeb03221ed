//! What a directory says when it refuses.

use arobase_lexicon::json::Json;

/// The most characters of a message.
const MAX: usize = 300;

/// The message of an error's body: `message` of its JSON, otherwise the text. Bounded, and without anything that could
/// do harm on a terminal or in a log.
pub(super) fn message(body: &[u8]) -> Box<str> {
    let told = Json::parse_bytes(body).ok();
    match told.as_ref().and_then(|json| json.get("message")?.as_str()) {
        Some(message) => printable(message),
        None => printable(&String::from_utf8_lossy(body)),
    }
}

fn printable(text: &str) -> Box<str> {
    let mut characters = text.trim().chars().map(|c| if is_printable(c) { c } else { '\u{fffd}' });
    let mut short: String = characters.by_ref().take(MAX).collect();
    if characters.next().is_some() {
        short.pop();
        short.push('…');
    }
    short.into()
}

/// Not a control character, and nothing that reorders or hides text.
fn is_printable(c: char) -> bool {
    let hidden = matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    !c.is_control() && !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_the_json_is_told_otherwise_the_text() {
        for (body, told) in [
            (r#"{"message":"Operations not correctly ordered"}"#, "Operations not correctly ordered"),
            (r#"{"error":"x"}"#, r#"{"error":"x"}"#),
            (r#"{"message":7}"#, r#"{"message":7}"#),
            (" Bad Gateway\n", "Bad Gateway"),
            ("", ""),
        ] {
            assert_eq!(&*message(body.as_bytes()), told);
        }
    }

    #[test]
    fn a_message_is_bounded_and_printable() {
        let long = message("é".repeat(1000).as_bytes());
        assert_eq!((long.chars().count(), long.chars().last()), (MAX, Some('…')));
        assert_eq!(message("x".repeat(MAX).as_bytes()).len(), MAX);
        assert_eq!(&*message(b"{\"message\":\"a\\u001b[31mb\\u202ec\"}"), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(&*message(&[b'a', 0xff, 0]), "a\u{fffd}\u{fffd}");
        for hidden in ['\u{ad}', '\u{61c}', '\u{180e}', '\u{2060}', '\u{2067}', '\u{fff9}', '\u{e0041}'] {
            assert_eq!(&*message(format!("a{hidden}b").as_bytes()), "a\u{fffd}b", "{}", hidden.escape_unicode());
        }
    }
}
