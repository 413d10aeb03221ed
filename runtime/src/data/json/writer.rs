use super::scan::plain_len;
use crate::data::{CidLink, check, encoding::encode_base64, sink::Sink};

/// The bytes to begin with: most records fit.
const START: usize = 1024;

/// Writes JSON without white space (Data model, JSON).
#[derive(Debug)]
pub(crate) struct JsonWriter {
    out: String,
    /// Whether a comma stands between what was written and the next item.
    comma: bool,
}

impl JsonWriter {
    /// A writer of one value.
    pub(crate) fn new() -> Self {
        Self { out: String::with_capacity(START), comma: false }
    }

    /// What was written.
    pub(crate) fn into_string(self) -> String {
        self.out
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// Begins an item of the innermost list or map.
    fn item(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
    }

    fn word(&mut self, word: &str) {
        self.item();
        self.out.push_str(word);
    }

    fn open(&mut self, bracket: char) {
        self.item();
        self.out.push(bracket);
        self.comma = false;
    }

    fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.comma = true;
    }

    fn string(&mut self, text: &str) {
        if plain_len(text.as_bytes()) == text.len() {
            self.out.reserve(text.len() + 3);
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        } else {
            self.escaped(text);
        }
    }

    #[cold]
    fn escaped(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some((plain, special)) = rest.split_at_checked(plain_len(rest.as_bytes())) {
            self.out.push_str(plain);
            let mut chars = special.chars();
            match chars.next() {
                Some(special) => self.escape(special),
                None => break,
            }
            rest = chars.as_str();
        }
        self.out.push('"');
    }

    fn escape(&mut self, special: char) {
        let letter = match special {
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\0'..' ' => return self.escape_code(special),
            quote => quote,
        };
        self.out.push('\\');
        self.out.push(letter);
    }

    fn escape_code(&mut self, control: char) {
        let digit = |value| char::from_digit(value, 16).unwrap_or('0');
        let code = u32::from(control);
        self.out.push_str("\\u00");
        self.out.push(digit(code >> 4));
        self.out.push(digit(code & 0xf));
    }
}

impl Sink for JsonWriter {
    const TYPE_FIRST: bool = true;
    const COUNTS: bool = false;

    fn null(&mut self) {
        self.word("null");
    }

    fn bool(&mut self, value: bool) {
        self.word(if value { "true" } else { "false" });
    }

    fn int(&mut self, value: i64) {
        self.item();
        self.out.push_str(itoa::Buffer::new().format(value));
    }

    fn text(&mut self, text: &str) {
        self.item();
        self.string(text);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.word("{\"$bytes\":\"");
        encode_base64(bytes, &mut self.out);
        self.out.push_str("\"}");
    }

    fn link(&mut self, link: &CidLink) {
        self.word("{\"$link\":\"");
        link.push_text(&mut self.out);
        self.out.push_str("\"}");
    }

    fn begin_list(&mut self, _len: usize) {
        self.open('[');
    }

    fn end_list(&mut self) {
        self.close(']');
    }

    fn begin_map(&mut self, _len: usize) {
        self.open('{');
    }

    fn holds_key(&self, key: &str) -> bool {
        !check::RESERVED_KEYS.contains(&key)
    }

    fn key(&mut self, key: &str) {
        self.item();
        self.string(key);
        self.out.push(':');
        self.comma = false;
    }

    fn end_map(&mut self) {
        self.close('}');
    }

    fn invalid(&mut self, json: &str) -> bool {
        self.word(json);
        true
    }
}
