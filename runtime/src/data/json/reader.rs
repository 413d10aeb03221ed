mod text;
mod untyped;

use super::number::{self, NotInteger};
use crate::data::{
    CidLink, Error, Limits, Value,
    source::{Kind, Source},
};

/// A strict pull reader of JSON with the `$link` and `$bytes` forms of the data model
/// (Data model, JSON).
///
/// The depth of the nesting is counted where lists and maps are entered, so that typed and
/// untyped reading share it. A map that stands for a link or bytes is no level, as in CBOR.
#[derive(Debug)]
pub(crate) struct JsonReader<'a> {
    /// The input as far as it is UTF-8.
    text: &'a str,
    /// Whether the input goes on with something else.
    cut: bool,
    pos: usize,
    /// For each open list and map, how many items were begun.
    counts: Vec<usize>,
    /// How many items were begun at all.
    values: usize,
    /// Whether the innermost list or map was only just entered.
    fresh: bool,
    limits: Limits,
    lenient: bool,
    issues: Vec<Error>,
    /// The last string that had escapes.
    scratch: String,
}

/// A position in the input. It serves as long as the list or map in which it was taken is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pos: usize,
    depth: usize,
    count: usize,
    values: usize,
    fresh: bool,
    issues: usize,
}

/// Where the content of a string is.
#[derive(Clone, Copy)]
enum Text<'a> {
    Input(&'a str),
    Scratch,
}

impl<'a> JsonReader<'a> {
    /// A strict reader at the beginning of the input.
    pub(crate) fn new(json: &'a [u8], limits: Limits) -> Self {
        let (text, cut) = match str::from_utf8(json) {
            Ok(text) => (text, false),
            Err(error) => {
                let valid = json.get(..error.valid_up_to()).unwrap_or_default();
                (str::from_utf8(valid).unwrap_or_default(), true)
            }
        };
        Self {
            text,
            cut,
            pos: 0,
            counts: Vec::new(),
            values: 0,
            fresh: false,
            limits,
            lenient: false,
            issues: Vec::new(),
            scratch: String::new(),
        }
    }

    /// Whether [`Source::value`] keeps what breaks the data model as [`Value::Invalid`] and lists
    /// it as an issue, with a path that begins at that value.
    pub(crate) fn lenient(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    /// Checks that nothing but white space is left.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.skip_space();
        if self.pos == self.text.len() && !self.cut { Ok(()) } else { Err(self.unexpected("nothing more")) }
    }

    /// The error with the reader's position, unless it has one.
    pub(crate) fn locate(&self, error: Error) -> Error {
        error.or_offset(self.pos)
    }

    fn bytes_left(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.pos..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.pos += 1;
        }
    }

    /// The next byte that is not white space, without consuming it.
    fn peek_token(&mut self) -> Option<u8> {
        self.skip_space();
        self.peek()
    }

    fn slice(&self, start: usize) -> &'a str {
        self.text.get(start..self.pos).unwrap_or_default()
    }

    #[cold]
    fn syntax(&self, reason: &'static str) -> Error {
        Error::syntax(reason).at_offset(self.pos)
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> Error {
        let found = self.text.get(self.pos..).unwrap_or_default().chars().next();
        let reason = match found {
            Some(found) => format!("expected {expected}, found {found:?}"),
            None if self.cut => "the input is not UTF-8".to_owned(),
            None => format!("expected {expected}, found the end of the input"),
        };
        Error::syntax(reason).at_offset(self.pos)
    }

    /// The value that stands next is not what is wanted.
    #[cold]
    fn mismatch(&mut self, expected: &str) -> Error {
        match self.kind() {
            Ok(found) => Error::wrong_kind(expected, found).at_offset(self.pos),
            Err(error) => error,
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Error> {
        if !self.bytes_left().starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.pos += word.len();
        Ok(())
    }

    fn integer(&mut self) -> Result<i64, Error> {
        if !matches!(self.peek_token(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.mismatch("an integer"));
        }
        let start = self.pos;
        match number::len(self.bytes_left()) {
            Ok(len) => self.pos += len,
            Err(right) => {
                self.pos += right;
                return Err(self.unexpected("a digit"));
            }
        }
        number::integer(self.slice(start)).map_err(|why| {
            let reason = match why {
                NotInteger::Fraction => "the number is not an integer",
                NotInteger::TooLarge => "the integer does not fit in 64 bits",
            };
            Error::model(reason).at_offset(start)
        })
    }

    fn content(&self, text: Text<'a>) -> &str {
        match text {
            Text::Input(text) => text,
            Text::Scratch => &self.scratch,
        }
    }

    /// Enters a list or a map without a look at the depth.
    fn open(&mut self, bracket: u8, expected: &str) -> Result<(), Error> {
        if self.peek_token() != Some(bracket) {
            return Err(self.mismatch(expected));
        }
        self.pos += 1;
        self.counts.push(0);
        self.fresh = true;
        Ok(())
    }

    fn check_depth(&self, depth: usize) -> Result<(), Error> {
        if depth > self.limits.max_depth {
            let reason = "lists and maps are nested too deep";
            return Err(Error::limit(reason).at_offset(self.pos));
        }
        Ok(())
    }

    /// Goes to the next item of the innermost list or map, or leaves it.
    fn advance(&mut self, end: u8, expected: &str) -> Result<bool, Error> {
        let fresh = std::mem::take(&mut self.fresh);
        match self.peek_token() {
            Some(byte) if byte == end => {
                self.pos += 1;
                self.counts.pop();
                return Ok(false);
            }
            Some(b',') if !fresh => self.pos += 1,
            Some(_) if fresh => {}
            _ => return Err(self.unexpected(expected)),
        }
        if self.values >= self.limits.max_values {
            return Err(Error::limit("there are too many values").at_offset(self.pos));
        }
        self.values += 1;
        let max = self.limits.max_items;
        match self.counts.last_mut() {
            Some(count) if *count >= max => Err(Error::limit("a list or map has too many items").at_offset(self.pos)),
            Some(count) => {
                *count += 1;
                Ok(true)
            }
            None => Err(self.syntax("nothing is open here")),
        }
    }

    /// Reads the next key and its colon, or leaves the map.
    fn key(&mut self) -> Result<Option<Text<'a>>, Error> {
        if !self.advance(b'}', "`,` or `}`")? {
            return Ok(None);
        }
        if self.peek_token() != Some(b'"') {
            return Err(self.unexpected("a key in quotes"));
        }
        let key = self.string().map_err(Error::into_syntax)?;
        if self.content(key).len() > self.limits.max_key {
            return Err(Error::limit("a key is too long").at_offset(self.pos));
        }
        if self.peek_token() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.pos += 1;
        Ok(Some(key))
    }

    fn owned_key(&mut self) -> Result<Option<String>, Error> {
        let key = self.key()?;
        Ok(key.map(|key| self.content(key).to_owned()))
    }

    fn seek_type(&mut self) -> Result<Option<Text<'a>>, Error> {
        self.enter_map()?;
        while let Some(key) = self.key()? {
            if self.content(key) != "$type" {
                self.skip()?;
                continue;
            }
            let text = self.string().map_err(|error| error.in_key("$type"))?;
            if self.content(text).is_empty() {
                return Err(self.locate(Error::model("$type is empty").in_key("$type")));
            }
            return Ok(Some(text));
        }
        Ok(None)
    }
}

impl Source for JsonReader<'_> {
    type Mark = Mark;

    const MAPS_ONLY: bool = true;

    fn kind(&mut self) -> Result<Kind, Error> {
        match self.peek_token() {
            Some(b'"') => Ok(Kind::Text),
            Some(b'{') => Ok(Kind::Map),
            Some(b'[') => Ok(Kind::List),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Int),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn null(&mut self) -> Result<(), Error> {
        match self.peek_token() {
            Some(b'n') => self.word("null"),
            _ => Err(self.mismatch("null")),
        }
    }

    fn bool(&mut self) -> Result<bool, Error> {
        match self.peek_token() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => Err(self.mismatch("a boolean")),
        }
    }

    fn int(&mut self) -> Result<i64, Error> {
        self.integer()
    }

    fn text(&mut self) -> Result<&str, Error> {
        let text = self.string()?;
        Ok(self.content(text))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        match self.form("bytes")? {
            Value::Bytes(bytes) => Ok(bytes.into_vec()),
            _ => Err(self.locate(Error::model("expected bytes, found a link"))),
        }
    }

    fn link(&mut self) -> Result<CidLink, Error> {
        match self.form("a link")? {
            Value::Link(link) => Ok(link),
            _ => Err(self.locate(Error::model("expected a link, found bytes"))),
        }
    }

    fn enter_list(&mut self) -> Result<(), Error> {
        self.open(b'[', "a list")?;
        self.check_depth(self.counts.len())
    }

    fn next_item(&mut self) -> Result<bool, Error> {
        self.advance(b']', "`,` or `]`")
    }

    fn enter_map(&mut self) -> Result<(), Error> {
        self.open(b'{', "a map")?;
        self.check_depth(self.counts.len())
    }

    fn next_key(&mut self) -> Result<Option<&str>, Error> {
        let key = self.key()?;
        Ok(key.map(|key| self.content(key)))
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.any()
    }

    fn find_type(&mut self) -> Result<Option<&str>, Error> {
        let mark = self.mark();
        let found = self.seek_type();
        self.reset(mark);
        let found = found?;
        Ok(found.map(|text| self.content(text)))
    }

    fn take_issues(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.issues)
    }

    fn mark(&self) -> Mark {
        Mark {
            pos: self.pos,
            depth: self.counts.len(),
            count: self.counts.last().copied().unwrap_or(0),
            values: self.values,
            fresh: self.fresh,
            issues: self.issues.len(),
        }
    }

    fn reset(&mut self, mark: Mark) {
        self.pos = mark.pos;
        self.counts.truncate(mark.depth);
        if let Some(count) = self.counts.last_mut() {
            *count = mark.count;
        }
        self.values = mark.values;
        self.fresh = mark.fresh;
        self.issues.truncate(mark.issues);
    }
}
