//! serde for untyped data, in the JSON form of the data model, and through it for generated types.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
    ser::{self, SerializeMap, SerializeSeq},
};

use super::{
    Data, Error, Map, Value,
    encoding::encode_base64,
    json::form::{Form, check_map},
};

/// Serializes a typed value.
///
/// # Errors
/// If it breaks its schema, and those of the serializer.
pub fn serialize<T: Data, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_value().map_err(ser::Error::custom)?.serialize(serializer)
}

/// Deserializes a typed value; strict.
///
/// # Errors
/// If the input breaks the schema, and those of the deserializer.
pub fn deserialize<'de, T: Data, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => special(serializer, "$bytes", &base64(bytes)),
            Self::Link(link) => special(serializer, "$link", &link.to_string()),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                map.iter().try_for_each(|(key, value)| out.serialize_entry(key, value))?;
                out.end()
            }
            Self::Invalid(_) => Err(ser::Error::custom("not a value of the data model")),
        }
    }
}

fn special<S: Serializer>(serializer: S, key: &str, text: &str) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, text)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the AT Protocol data model")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom("an integer beyond 64 bits"))
    }

    /// serde hands over the number, not its text, and a fraction beyond the precision of a float is
    /// gone by then. The readers of this crate go by the text.
    #[expect(clippy::cast_possible_truncation, reason = "within 53 bits, and integral")]
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        let exact = value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_991.0;
        if exact { Ok(Value::Int(value as i64)) } else { Err(E::custom("a number that is no integer")) }
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry::<String, Value>()? {
            entries.push(entry);
        }
        let twice = |key| de::Error::custom(format!("the key {key:?} stands twice"));
        let map = Map::from_unsorted(entries).map_err(twice)?;
        special_form(map).map_err(de::Error::custom)
    }
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    encode_base64(bytes, &mut text);
    text
}

/// A map, or what it stands for.
fn special_form(map: Map) -> Result<Value, Error> {
    let alone = if map.len() == 1 { map.iter().next() } else { None };
    match alone.and_then(|(key, value)| Some((Form::of(key)?, value))) {
        Some((form, Value::String(text))) => form.value(text),
        Some(_) => Err(Error::model("the value of $link and of $bytes is text")),
        None => check_map(&map).map(|()| Value::Map(map)),
    }
}
