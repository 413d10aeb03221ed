//! Texts that keep the constraints of a string.

use arobase::__codegen::{Format, Lengths, StringSchema};
use arobase_lexicon::{check, syntax::Mode};

use super::dice::Dice;

/// Pieces of text, each at most one grapheme more.
const PIECES: [&str; 16] =
    ["a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{1}", "\u{7f}", "é", "ß", "日", "\u{2028}", "👩‍👩‍👧", "e\u{301}"];

pub(crate) fn text(schema: &StringSchema, dice: &mut Dice) -> String {
    if let Some(constant) = &schema.constant {
        return constant.to_string();
    }
    if let Some(values) = &schema.enumeration {
        return dice.pick(values).to_string();
    }
    match schema.format {
        Some(format) => formatted(format, schema, dice),
        None => free(schema.length, schema.graphemes, dice),
    }
}

/// Within the bounds, and now and then as long as they allow.
fn free(bytes: Lengths, graphemes: Lengths, dice: &mut Dice) -> String {
    let min = bytes.min.max(graphemes.min) as usize;
    let max = bytes.max.min(graphemes.max) as usize;
    let mut text = "a".repeat(min);
    if dice.once_in(12) && max < 5000 {
        return "x".repeat(max);
    }
    let mut count = min;
    for _ in 0..dice.below(12) {
        let piece = *dice.pick(&PIECES);
        if count < graphemes.max as usize && text.len() + piece.len() <= bytes.max as usize {
            text.push_str(piece);
            count += 1;
        }
    }
    text
}

fn formatted(format: Format, schema: &StringSchema, dice: &mut Dice) -> String {
    let fits = |text: &&str| {
        check::string_length(text, schema.length.min(), schema.length.max()).is_ok()
            && check::graphemes(text, schema.graphemes.min(), schema.graphemes.max()).is_ok()
    };
    let samples: Vec<&str> = samples(format).iter().copied().filter(fits).collect();
    let text = *dice.pick(&samples);
    assert_eq!(format.check(text, Mode::Strict), Ok(()), "a sample of {format}");
    text.to_owned()
}

fn samples(format: Format) -> &'static [&'static str] {
    match format {
        Format::AtIdentifier => &["did:plc:abcdefghijklmnopqrstuvwx", "bob.test", "EU.Example.com"],
        Format::AtUri => &[
            "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3jzfcijpj2z2a",
            "at://bob.test",
            "at://did:web:example.com/com.example.thing",
        ],
        Format::Cid => &[
            "bafyreib2rxk3rh6kzwqdk4q6ym6qh6zqmhrqgv5u5tnnd2z5wozq3tzqja",
            "zdpuAyvkgEDQm9TenwGkd5eNaosSxjgEYd8QatfPetgB1CdEZ",
        ],
        Format::Datetime => &[
            "2024-02-29T12:34:56Z",
            "1985-04-12T23:20:50.123456789Z",
            "2023-11-05T01:02:03.4-03:30",
            "0001-01-01T00:00:00.000Z",
            "2025-06-30T23:59:59+00:00",
        ],
        Format::Did => &["did:plc:abcdefghijklmnopqrstuvwx", "did:web:localhost%3A1234", "did:key:zQ3sh"],
        Format::Handle => &["bob.test", "xn--ls8h.example", "A1.b-c.example.com"],
        Format::Language => &["pt", "en-GB", "zh-Hant-TW", "sl-rozaj", "de-x-private"],
        Format::Nsid => &["app.bsky.feed.post", "com.example.fooBar", "a.b.c"],
        Format::RecordKey => &["self", "3jzfcijpj2z2a", "a_b~c:d-e.f"],
        Format::Tid => &["3jzfcijpj2z2a", "2222222222222", "7zzzzzzzzzzzz"],
        Format::Uri => &["https://example.com/a?b=c#d", "urn:x:y", "at://bob.test/x"],
    }
}
