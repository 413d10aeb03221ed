//! JSON text from a tree.

use alloc::{format, string::String};
use core::fmt::{self, Display, Formatter, Write};

use super::Json;

impl Json {
    /// The text over several lines, each level indented by 2 spaces. (The compact form is
    /// what `to_string()` gives.)
    #[must_use]
    pub fn to_string_pretty(&self) -> String {
        format!("{self:#}")
    }
}

/// Compact by default, over several lines with the `#` flag.
impl Display for Json {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut printer = Printer { pretty: f.alternate(), depth: 0, out: f };
        printer.value(self)
    }
}

struct Printer<'a, 'f> {
    out: &'a mut Formatter<'f>,
    pretty: bool,
    depth: usize,
}

impl Printer<'_, '_> {
    fn value(&mut self, json: &Json) -> fmt::Result {
        match json {
            Json::Null => self.out.write_str("null"),
            Json::Bool(value) => write!(self.out, "{value}"),
            Json::Int(value) => write!(self.out, "{value}"),
            Json::Float(value) if !value.is_finite() => self.out.write_str("null"),
            // The debug form keeps the `.0` or the exponent, by which it is read as a float again.
            Json::Float(value) => write!(self.out, "{value:?}"),
            Json::String(text) => self.string(text),
            Json::Array(items) => self.list('[', ']', items, Self::value),
            Json::Object(entries) => self.list('{', '}', entries, Self::entry),
        }
    }

    fn entry(&mut self, (key, value): &(String, Json)) -> fmt::Result {
        self.string(key)?;
        self.out.write_str(if self.pretty { ": " } else { ":" })?;
        self.value(value)
    }

    fn list<T>(
        &mut self,
        open: char,
        close: char,
        items: &[T],
        print: fn(&mut Self, &T) -> fmt::Result,
    ) -> fmt::Result {
        self.out.write_char(open)?;
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.write_char(',')?;
            }
            self.new_line()?;
            print(self, item)?;
        }
        self.depth -= 1;
        if !items.is_empty() {
            self.new_line()?;
        }
        self.out.write_char(close)
    }

    fn new_line(&mut self) -> fmt::Result {
        if self.pretty {
            write!(self.out, "\n{:width$}", "", width = 2 * self.depth)?;
        }
        Ok(())
    }

    fn string(&mut self, text: &str) -> fmt::Result {
        self.out.write_char('"')?;
        let mut plain = text;
        while let Some(at) = plain.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (before, rest) = plain.split_at(at);
            self.out.write_str(before)?;
            let mut rest = rest.chars();
            if let Some(special) = rest.next() {
                self.escape(special)?;
            }
            plain = rest.as_str();
        }
        self.out.write_str(plain)?;
        self.out.write_char('"')
    }

    fn escape(&mut self, special: char) -> fmt::Result {
        match special {
            '"' => self.out.write_str("\\\""),
            '\\' => self.out.write_str("\\\\"),
            '\n' => self.out.write_str("\\n"),
            '\r' => self.out.write_str("\\r"),
            '\t' => self.out.write_str("\\t"),
            other => write!(self.out, "\\u{:04x}", u32::from(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec, vec::Vec};

    use super::*;

    #[test]
    fn the_compact_form_has_no_white_space() {
        let text = r#"{"b":[1,-2.5,true,null,"x"],"a":{},"c":[]}"#;
        assert_eq!(Json::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn the_pretty_form_indents_by_two_spaces() {
        let json = Json::parse(r#"{"a":[1,{"b":null}],"c":{},"d":[]}"#).unwrap();
        let lines = [
            "{",
            "  \"a\": [",
            "    1,",
            "    {",
            "      \"b\": null",
            "    }",
            "  ],",
            "  \"c\": {},",
            "  \"d\": []",
            "}",
        ];
        assert_eq!(json.to_string_pretty(), lines.join("\n"));
    }

    #[test]
    fn special_characters_are_escaped_and_others_are_not() {
        let text = "\" \\ / \n \r \t \u{8} \0 \u{1f} \u{7f} é 👋";
        let shown = Json::from(text).to_string();
        assert_eq!(shown, "\"\\\" \\\\ / \\n \\r \\t \\u0008 \\u0000 \\u001f \u{7f} é 👋\"");
        assert_eq!(Json::parse(&shown), Ok(Json::from(text)));
    }

    #[test]
    fn a_float_stays_a_float() {
        for (value, shown) in [(1.0, "1.0"), (-0.0, "-0.0"), (1e18, "1e18"), (1.5e-7, "1.5e-7")] {
            assert_eq!(Json::Float(value).to_string(), shown);
            assert_eq!(Json::parse(shown), Ok(Json::Float(value)));
        }
    }

    #[test]
    fn what_json_has_no_number_for_is_null() {
        let values: Vec<_> = [f64::NAN, f64::INFINITY].map(Json::Float).into();
        assert_eq!(Json::Array(values).to_string(), "[null,null]");
        assert_eq!(Json::from(vec![true, false]).to_string(), "[true,false]");
    }
}
