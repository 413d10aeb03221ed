//! Strings and their escapes.

use super::{JsonReader, Text};
use crate::data::{Error, json::scan};

impl<'a> JsonReader<'a> {
    /// Reads a string. Where it has a lone surrogate, which is well-formed JSON, the error comes
    /// after the whole string was read.
    pub(super) fn string(&mut self) -> Result<Text<'a>, Error> {
        if self.peek_token() != Some(b'"') {
            return Err(self.mismatch("text"));
        }
        self.pos += 1;
        let start = self.pos;
        self.pos += scan::plain_len(self.bytes_left());
        if self.peek() == Some(b'"') {
            let text = self.slice(start);
            self.pos += 1;
            return Ok(Text::Input(text));
        }
        self.escaped(start)
    }

    /// Reads the rest of a string whose plain beginning stands at `start`.
    fn escaped(&mut self, start: usize) -> Result<Text<'a>, Error> {
        let mut plain = start;
        let mut lone = None;
        self.scratch.clear();
        loop {
            let text = self.slice(plain);
            self.scratch.push_str(text);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let at = self.pos;
                    let unescaped = self.escape()?;
                    lone = lone.or(unescaped.is_none().then_some(at));
                    self.scratch.push(unescaped.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                Some(_) => return Err(self.syntax("a control character stands in a string")),
                None => return Err(self.unexpected("the end of a string")),
            }
            plain = self.pos;
            self.pos += scan::plain_len(self.bytes_left());
        }
        self.pos += 1;
        match lone {
            Some(at) => Err(Error::model("half of a surrogate pair stands alone").at_offset(at)),
            None => Ok(Text::Scratch),
        }
    }

    /// Reads one escape; `None` where it is a lone surrogate.
    fn escape(&mut self) -> Result<Option<char>, Error> {
        let letter = self.bytes_left().get(1).copied();
        let found = match letter {
            Some(b'u') => {
                self.pos += 2;
                return self.code_unit().and_then(|unit| self.pair(unit));
            }
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => {
                self.pos += 1;
                return Err(self.unexpected("the rest of an escape"));
            }
        };
        self.pos += 2;
        Ok(Some(found))
    }

    /// The character that begins with this UTF-16 unit.
    fn pair(&mut self, unit: u32) -> Result<Option<char>, Error> {
        let found = char::from_u32(unit);
        let high = (0xd800..0xdc00).contains(&unit);
        if found.is_some() || !high || !self.bytes_left().starts_with(b"\\u") {
            return Ok(found);
        }
        let second = self.pos;
        self.pos += 2;
        let low = self.code_unit()?;
        if !(0xdc00..0xe000).contains(&low) {
            self.pos = second;
            return Ok(None);
        }
        Ok(char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)))
    }

    /// Reads the four digits of a `\u` escape.
    fn code_unit(&mut self) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("a hexadecimal digit"));
            };
            unit = unit << 4 | digit;
            self.pos += 1;
        }
        Ok(unit)
    }
}
