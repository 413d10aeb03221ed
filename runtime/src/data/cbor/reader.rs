use super::{BYTES, FALSE, LINK_TAG, LIST, MAP, NEGATIVE, NULL, TEXT, TRUE, UNSIGNED};
use crate::data::{
    CidLink, Error, Limits, Map, Value, check,
    map::key_order,
    source::{Kind, Source},
};

/// How many elements are made room for before the first one was read.
const MAX_RESERVED: usize = 64;

/// A strict pull reader of canonical DAG-CBOR (Data model, CBOR).
///
/// The depth of the nesting is counted where lists and maps are entered, so that typed and
/// untyped reading share it. What is announced is believed only as far as the input is long.
#[derive(Debug)]
pub(crate) struct CborReader<'a> {
    input: &'a [u8],
    pos: usize,
    open: Vec<Frame<'a>>,
    /// How many items all lists and maps so far have.
    values: usize,
    limits: Limits,
}

/// An open list or map.
#[derive(Clone, Copy, Debug)]
struct Frame<'a> {
    /// Elements or entries that have not begun yet.
    remaining: usize,
    /// The last key of a map.
    key: Option<&'a str>,
}

/// A position in the input. It serves as long as the list or map in which it was taken is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    pos: usize,
    depth: usize,
    frame: Option<Frame<'a>>,
    values: usize,
}

/// The head of an item.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    argument: u64,
}

impl<'a> CborReader<'a> {
    /// A reader at the beginning of the input.
    pub(crate) fn new(cbor: &'a [u8], limits: Limits) -> Self {
        Self { input: cbor, pos: 0, open: Vec::new(), values: 0, limits }
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.syntax("bytes follow the item")) }
    }

    /// What was not read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.input.get(self.pos..).unwrap_or_default()
    }

    /// The error with the reader's position, unless it has one.
    pub(crate) fn locate(&self, error: Error) -> Error {
        error.or_offset(self.pos)
    }

    #[cold]
    fn syntax(&self, reason: &'static str) -> Error {
        Error::syntax(reason).at_offset(self.pos)
    }

    #[cold]
    fn truncated(&self) -> Error {
        Error::syntax("the input ends too early").at_offset(self.input.len())
    }

    /// The value that stands next is not what is wanted.
    #[cold]
    fn mismatch(&mut self, expected: &str) -> Error {
        match self.kind() {
            Ok(found) => Error::wrong_kind(expected, found).at_offset(self.pos),
            Err(error) => error,
        }
    }

    fn peek(&self) -> Result<u8, Error> {
        let next = self.input.get(self.pos);
        next.copied().ok_or_else(|| self.truncated())
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let taken = self.rest().get(..len).ok_or_else(|| self.truncated())?;
        self.pos += len;
        Ok(taken)
    }

    /// Reads a head; its argument must be in the shortest form.
    fn head(&mut self) -> Result<Head, Error> {
        let first = self.peek()?;
        let (width, least) = match first & 0x1f {
            small @ 0..24 => {
                self.pos += 1;
                return Ok(Head { major: first >> 5, argument: small.into() });
            }
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            31 => return Err(self.syntax("lengths have to be definite")),
            _ => return Err(self.syntax("a reserved byte begins an item")),
        };
        let start = self.pos;
        self.pos += 1;
        let argument = self.take(width)?.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        if argument < least {
            let reason = "a number is not in its shortest form";
            return Err(Error::syntax(reason).at_offset(start));
        }
        Ok(Head { major: first >> 5, argument })
    }

    /// Reads the head of an item of this major type.
    fn expect(&mut self, major: u8, expected: &str) -> Result<u64, Error> {
        if self.peek()? >> 5 != major {
            return Err(self.mismatch(expected));
        }
        self.head().map(|head| head.argument)
    }

    /// Reads the rest of a string of this length.
    fn string(&mut self, len: u64) -> Result<&'a [u8], Error> {
        match usize::try_from(len) {
            Ok(len) => self.take(len),
            Err(_) => Err(self.truncated()),
        }
    }

    /// Reads bytes without copying them.
    #[cfg(feature = "sync")]
    pub(crate) fn byte_slice(&mut self) -> Result<&'a [u8], Error> {
        let len = self.expect(BYTES, "bytes")?;
        self.string(len)
    }

    fn str(&mut self) -> Result<&'a str, Error> {
        let len = self.expect(TEXT, "text")?;
        let start = self.pos;
        let bytes = self.string(len)?;
        str::from_utf8(bytes).map_err(|error| Error::syntax("text is not UTF-8").at_offset(start + error.valid_up_to()))
    }

    fn integer(&mut self) -> Result<i64, Error> {
        let start = self.pos;
        if !matches!(self.peek()? >> 5, UNSIGNED | NEGATIVE) {
            return Err(self.mismatch("an integer"));
        }
        let head = self.head()?;
        let value = i64::try_from(head.argument)
            .map_err(|_| Error::model("the integer does not fit in 64 bits").at_offset(start))?;
        Ok(if head.major == NEGATIVE { !value } else { value })
    }

    fn cid(&mut self) -> Result<CidLink, Error> {
        if self.kind()? != Kind::Link {
            return Err(self.mismatch("a link"));
        }
        self.pos += LINK_TAG.len();
        if self.peek()? >> 5 != BYTES {
            return Err(self.syntax("a link is a byte string"));
        }
        let head = self.head()?;
        let start = self.pos;
        match self.string(head.argument)?.split_first() {
            Some((0, cid)) => CidLink::from_bytes(cid).map_err(|e| Error::model(e.to_string()).at_offset(start)),
            _ => Err(Error::syntax("a link begins with a zero byte").at_offset(start)),
        }
    }

    /// Enters a list or map of so many items, each of at least `width` bytes.
    fn enter(&mut self, items: u64, width: usize) -> Result<(), Error> {
        let most = self.rest().len() / width;
        let remaining = match usize::try_from(items) {
            Ok(items) if items <= most => items,
            _ => return Err(self.truncated()),
        };
        if remaining > self.limits.max_items {
            let reason = "a list or map has too many items";
            return Err(Error::limit(reason).at_offset(self.pos));
        }
        if remaining > self.limits.max_values.saturating_sub(self.values) {
            return Err(Error::limit("there are too many values").at_offset(self.pos));
        }
        self.values += remaining;
        if self.open.len() >= self.limits.max_depth {
            let reason = "lists and maps are nested too deep";
            return Err(Error::limit(reason).at_offset(self.pos));
        }
        self.open.push(Frame { remaining, key: None });
        Ok(())
    }

    /// Goes to the next item of the innermost list or map, or leaves it.
    fn advance(&mut self) -> bool {
        match self.open.last_mut() {
            Some(frame) if frame.remaining > 0 => {
                frame.remaining -= 1;
                true
            }
            _ => {
                self.open.pop();
                false
            }
        }
    }

    /// How many items of the innermost list or map have room made for them.
    fn room(&self) -> usize {
        let remaining = self.open.last().map_or(0, |frame| frame.remaining);
        remaining.min(MAX_RESERVED)
    }

    /// Reads the next key, which must come after the last one in canonical order, or leaves the
    /// map.
    fn key(&mut self) -> Result<Option<&'a str>, Error> {
        if !self.advance() {
            return Ok(None);
        }
        let start = self.pos;
        if self.peek()? >> 5 != TEXT {
            return Err(self.syntax("a key is not text"));
        }
        let key = self.str()?;
        if key.len() > self.limits.max_key {
            return Err(Error::limit("a key is too long").at_offset(start));
        }
        if let Some(frame) = self.open.last_mut() {
            if frame.key.is_some_and(|last| key_order(last, key).is_ge()) {
                let reason = "the keys of a map are not in canonical order, or stand twice";
                return Err(Error::syntax(reason).at_offset(start));
            }
            frame.key = Some(key);
        }
        Ok(Some(key))
    }

    /// Reads a value without a schema.
    fn any(&mut self) -> Result<Value, Error> {
        match self.kind()? {
            Kind::Null => self.null().map(|()| Value::Null),
            Kind::Bool => self.bool().map(Value::Bool),
            Kind::Int => self.integer().map(Value::Int),
            Kind::Text => self.str().map(Value::from),
            Kind::Bytes => self.bytes().map(|bytes| Value::Bytes(bytes.into())),
            Kind::Link => self.cid().map(Value::Link),
            Kind::List => self.any_list(),
            Kind::Map => self.any_map(),
        }
    }

    fn any_list(&mut self) -> Result<Value, Error> {
        self.enter_list()?;
        let mut items = Vec::with_capacity(self.room());
        while self.advance() {
            let item = self.any().map_err(|error| error.at_index(items.len()))?;
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn any_map(&mut self) -> Result<Value, Error> {
        let start = self.pos;
        self.enter_map()?;
        let mut entries = Vec::with_capacity(self.room());
        while let Some(key) = self.key()? {
            let value = self.any().map_err(|error| error.in_key(key))?;
            entries.push((key.to_owned(), value));
        }
        let map = Map::from_sorted(entries);
        check::type_key(&map).map_err(|reason| Error::model(reason).at_offset(start))?;
        Ok(Value::Map(map))
    }

    /// Gets past a value with no more than a look at its structure.
    fn skip(&mut self) -> Result<(), Error> {
        let mut pending = 1_u64;
        while pending > 0 {
            self.kind()?;
            let head = self.head()?;
            let inside = match head.major {
                BYTES | TEXT => self.string(head.argument).map(|_| 0)?,
                LIST => head.argument,
                MAP => head.argument.saturating_mul(2),
                super::TAG => 1,
                _ => 0,
            };
            if inside > self.rest().len() as u64 {
                return Err(self.truncated());
            }
            pending = pending - 1 + inside;
        }
        Ok(())
    }

    /// Gets past a value and checks that it is canonical, without keeping anything of it. The limit
    /// on the depth bounds the recursion.
    pub(crate) fn pass(&mut self) -> Result<(), Error> {
        match self.kind()? {
            Kind::Null => self.null(),
            Kind::Bool => self.bool().map(drop),
            Kind::Int => self.integer().map(drop),
            Kind::Text => self.str().map(drop),
            Kind::Bytes => {
                let len = self.expect(BYTES, "bytes")?;
                self.string(len).map(drop)
            }
            Kind::Link => self.cid().map(drop),
            Kind::List => {
                self.enter_list()?;
                while self.advance() {
                    self.pass()?;
                }
                Ok(())
            }
            Kind::Map => {
                self.enter_map()?;
                while let Some(key) = self.key()? {
                    self.pass().map_err(|error| error.in_key(key))?;
                }
                Ok(())
            }
        }
    }

    fn seek_type(&mut self) -> Result<Option<&'a str>, Error> {
        self.enter_map()?;
        while let Some(key) = self.key()? {
            match key_order(key, "$type") {
                std::cmp::Ordering::Less => self.skip()?,
                std::cmp::Ordering::Greater => return Ok(None),
                std::cmp::Ordering::Equal => {
                    let name = self.str().map_err(|error| error.in_key("$type"))?;
                    if name.is_empty() {
                        return Err(self.locate(Error::model("$type is empty").in_key("$type")));
                    }
                    return Ok(Some(name));
                }
            }
        }
        Ok(None)
    }
}

impl<'a> Source for CborReader<'a> {
    type Mark = Mark<'a>;

    fn kind(&mut self) -> Result<Kind, Error> {
        let first = self.peek()?;
        match first >> 5 {
            UNSIGNED | NEGATIVE => Ok(Kind::Int),
            BYTES => Ok(Kind::Bytes),
            TEXT => Ok(Kind::Text),
            LIST => Ok(Kind::List),
            MAP => Ok(Kind::Map),
            super::TAG if self.rest().starts_with(&LINK_TAG) => Ok(Kind::Link),
            super::TAG if self.rest().len() == 1 => Err(self.truncated()),
            super::TAG => Err(self.syntax("a tag other than 42 is not allowed")),
            _ => match first {
                FALSE | TRUE => Ok(Kind::Bool),
                NULL => Ok(Kind::Null),
                0xf9..=0xfb => Err(self.syntax("floats are not allowed")),
                0xf7 => Err(self.syntax("undefined is not allowed")),
                _ => Err(self.syntax("a simple value other than false, true and null")),
            },
        }
    }

    fn null(&mut self) -> Result<(), Error> {
        match self.peek()? {
            NULL => {
                self.pos += 1;
                Ok(())
            }
            _ => Err(self.mismatch("null")),
        }
    }

    fn bool(&mut self) -> Result<bool, Error> {
        match self.peek()? {
            value @ (FALSE | TRUE) => {
                self.pos += 1;
                Ok(value == TRUE)
            }
            _ => Err(self.mismatch("a boolean")),
        }
    }

    fn int(&mut self) -> Result<i64, Error> {
        self.integer()
    }

    fn text(&mut self) -> Result<&str, Error> {
        self.str()
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let len = self.expect(BYTES, "bytes")?;
        self.string(len).map(<[u8]>::to_vec)
    }

    fn link(&mut self) -> Result<CidLink, Error> {
        self.cid()
    }

    fn enter_list(&mut self) -> Result<(), Error> {
        let len = self.expect(LIST, "a list")?;
        self.enter(len, 1)
    }

    fn next_item(&mut self) -> Result<bool, Error> {
        Ok(self.advance())
    }

    fn enter_map(&mut self) -> Result<(), Error> {
        let len = self.expect(MAP, "a map")?;
        self.enter(len, 2)
    }

    fn next_key(&mut self) -> Result<Option<&str>, Error> {
        self.key()
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.any()
    }

    fn find_type(&mut self) -> Result<Option<&str>, Error> {
        let mark = self.mark();
        let found = self.seek_type();
        self.reset(mark);
        found
    }

    fn mark(&self) -> Mark<'a> {
        Mark { pos: self.pos, depth: self.open.len(), frame: self.open.last().copied(), values: self.values }
    }

    fn reset(&mut self, mark: Mark<'a>) {
        self.pos = mark.pos;
        self.values = mark.values;
        self.open.truncate(mark.depth);
        if let (Some(open), Some(frame)) = (self.open.last_mut(), mark.frame) {
            *open = frame;
        }
    }
}
