//! The kinds of values: how each is written, read and shown.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use arobase::syntax::{Did, Nsid};

use super::raw::Raw;

/// A kind of value.
pub(super) trait Value: Sized {
    /// What it is called, with an article and an example.
    const WHAT: &'static str;
    /// What a list of them is called.
    const MANY: &'static str = "a list";

    /// Reads it; `None` if it is not of this kind.
    fn read(raw: &Raw) -> Option<Self>;

    /// As it would be written.
    fn show(&self) -> String;
}

/// So many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) struct Size(pub(super) u64);

/// A key for AES-256.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(pub(super) [u8; 32]);

const UNITS: [(&str, u64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

const TIMES: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

impl Value for Size {
    const WHAT: &'static str = r#"a size such as "50MiB""#;

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Integer(bytes) => u64::try_from(*bytes).ok().map(Self),
            Raw::Text(text) | Raw::Variable(text) => measured(text, &UNITS, Some(1)).map(Self),
            _ => None,
        }
    }

    fn show(&self) -> String {
        format!("{:?}", in_units(self.0, &UNITS))
    }
}

impl Value for Duration {
    const WHAT: &'static str = r#"a time such as "72h" or "20m""#;

    fn read(raw: &Raw) -> Option<Self> {
        measured(text(raw)?, &TIMES, None).map(Self::from_millis)
    }

    fn show(&self) -> String {
        format!("{:?}", in_units(u64::try_from(self.as_millis()).unwrap_or(u64::MAX), &TIMES))
    }
}

impl Value for Box<str> {
    const WHAT: &'static str = "a text";
    const MANY: &'static str = "a list of texts";

    fn read(raw: &Raw) -> Option<Self> {
        text(raw).map(Into::into)
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl Value for PathBuf {
    const WHAT: &'static str = "a path";

    fn read(raw: &Raw) -> Option<Self> {
        text(raw).filter(|text| !text.is_empty()).map(Into::into)
    }

    fn show(&self) -> String {
        format!("{:?}", self.display().to_string())
    }
}

impl Value for bool {
    const WHAT: &'static str = "true or false";

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Boolean(value) => Some(*value),
            Raw::Variable(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for u64 {
    const WHAT: &'static str = "a whole number";

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Integer(number) => Self::try_from(*number).ok(),
            Raw::Variable(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for SocketAddr {
    const WHAT: &'static str = r#"an address with a port such as "127.0.0.1:2583""#;

    fn read(raw: &Raw) -> Option<Self> {
        parsed(raw)
    }

    fn show(&self) -> String {
        format!("{:?}", self.to_string())
    }
}

impl Value for Did {
    const WHAT: &'static str = "a DID";

    fn read(raw: &Raw) -> Option<Self> {
        parsed(raw)
    }

    fn show(&self) -> String {
        format!("{:?}", self.as_str())
    }
}

impl Value for Nsid {
    const WHAT: &'static str = "an NSID";
    const MANY: &'static str = r#"a list of NSIDs such as ["app.bsky.feed.post"]"#;

    fn read(raw: &Raw) -> Option<Self> {
        parsed(raw)
    }

    fn show(&self) -> String {
        format!("{:?}", self.as_str())
    }
}

impl Value for Key {
    const WHAT: &'static str = "a key of 32 bytes in base64 or hexadecimal";
    const MANY: &'static str = "a list of keys, each 32 bytes in base64 or hexadecimal";

    fn read(raw: &Raw) -> Option<Self> {
        let text = text(raw)?.trim().as_bytes();
        let decoded = match text.len() {
            64 => data_encoding::HEXLOWER_PERMISSIVE.decode(text),
            44 => data_encoding::BASE64.decode(text),
            _ => data_encoding::BASE64_NOPAD.decode(text),
        };
        decoded.ok()?.try_into().ok().map(Self)
    }

    fn show(&self) -> String {
        super::HIDDEN.into()
    }
}

/// A list. In a variable it is divided by commas.
impl<T: Value> Value for Vec<T> {
    const WHAT: &'static str = T::MANY;

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::List(items) => items.iter().map(T::read).collect(),
            Raw::Variable(text) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(|item| T::read(&Raw::Variable(item.to_owned()))).collect()
            }
            _ => None,
        }
    }

    fn show(&self) -> String {
        let items: Vec<_> = self.iter().map(T::show).collect();
        format!("[{}]", items.join(", "))
    }
}

pub(super) fn text(raw: &Raw) -> Option<&str> {
    match raw {
        Raw::Text(text) | Raw::Variable(text) => Some(text),
        _ => None,
    }
}

fn parsed<T: FromStr>(raw: &Raw) -> Option<T> {
    text(raw)?.parse().ok()
}

/// A whole number with a unit behind it, or without one if that is allowed.
fn measured(text: &str, units: &[(&str, u64)], bare: Option<u64>) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "" => bare?,
        unit => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// In the greatest unit of which it is a multiple.
fn in_units(number: u64, units: &[(&str, u64)]) -> String {
    let fits = |(_, factor): &&(&str, u64)| number > 0 && number.is_multiple_of(*factor);
    match units.iter().filter(fits).max_by_key(|(_, factor)| *factor) {
        Some((name, factor)) => format!("{}{name}", number / factor),
        None => format!("0{}", units.last().map_or("", |(name, _)| if *name == "w" { "s" } else { name })),
    }
}
