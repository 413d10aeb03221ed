//! The rules of the data model that no codec can enforce by its grammar.

use std::borrow::Cow;

use super::{Blob, CidLink, Codec, Error, Limits, Map, Value, value::is_safe_integer};

/// The keys of the maps that stand for links and bytes in JSON.
pub(crate) const RESERVED_KEYS: [&str; 2] = ["$link", "$bytes"];

/// A `$type` is text and not empty, and what says that it is a blob has the shape of one.
pub(crate) fn type_key(map: &Map) -> Result<(), &'static str> {
    match map.get("$type") {
        Some(Value::String(name)) if name.is_empty() => Err("$type is empty"),
        Some(Value::String(name)) if name == "blob" => Blob::check_map(map),
        None | Some(Value::String(_)) => Ok(()),
        Some(_) => Err("$type is not text"),
    }
}

/// Checks that a value is one of the data model in every part: a `$type` is text and not empty,
/// blobs have their shape, nothing is [`Value::Invalid`], and the nesting is not too deep.
pub(crate) fn model(value: &Value) -> Result<(), Error> {
    model_part(value, 1)
}

fn model_part(value: &Value, depth: usize) -> Result<(), Error> {
    match value {
        Value::Invalid(_) => Err(Error::model("the value is outside the data model")),
        Value::List(_) | Value::Map(_) if depth > Limits::DEFAULT.max_depth => Err(too_deep()),
        Value::List(items) => each_item(items, |item| model_part(item, depth + 1)),
        Value::Map(map) => {
            type_key(map).map_err(Error::model)?;
            each_entry(map, |item| model_part(item, depth + 1))
        }
        _ => Ok(()),
    }
}

/// The rules for new records: see [`Value::check_creatable`].
pub(crate) fn creatable(value: &Value) -> Result<(), Error> {
    match value {
        Value::Map(_) => part(value, 1),
        _ => refuse(format!("a record is a map, not {}", value.noun())),
    }
}

/// Checks a value that lies in `depth - 1` lists and maps. The limit on the depth bounds the
/// recursion.
fn part(value: &Value, depth: usize) -> Result<(), Error> {
    match value {
        Value::Int(int) if !is_safe_integer(*int) => refuse("the integer is outside ±(2^53-1)"),
        Value::Link(CidLink::General(_)) => refuse("the link is not to dag-cbor or raw with SHA-256"),
        Value::Invalid(_) => refuse("the value is outside the data model"),
        Value::List(_) | Value::Map(_) if depth > Limits::RECORD.max_depth => Err(too_deep()),
        Value::List(items) => each_item(items, |item| part(item, depth + 1)),
        Value::Map(map) => {
            map_itself(map)?;
            each_entry(map, |item| part(item, depth + 1))
        }
        _ => Ok(()),
    }
}

fn each_item(items: &[Value], check: impl Fn(&Value) -> Result<(), Error>) -> Result<(), Error> {
    let mut items = items.iter().enumerate();
    items.try_for_each(|(index, item)| check(item).map_err(|error| error.at_index(index)))
}

fn each_entry(map: &Map, check: impl Fn(&Value) -> Result<(), Error>) -> Result<(), Error> {
    map.iter().try_for_each(|(key, item)| check(item).map_err(|error| error.in_key(key)))
}

fn too_deep() -> Error {
    Error::limit("lists and maps are nested too deep")
}

fn map_itself(map: &Map) -> Result<(), Error> {
    type_key(map).or_else(refuse)?;
    if map.contains_key("") {
        return refuse("a key is empty");
    }
    if let Some(key) = RESERVED_KEYS.iter().find(|key| map.contains_key(key)) {
        return refuse(format!("the key {key} is reserved"));
    }
    if Blob::from_legacy_map(map).is_some() {
        return refuse("a blob of the legacy form must not be created");
    }
    match Blob::from_typed_map(map) {
        Ok(blob) => created_blob(&blob),
        Err(_) => Ok(()),
    }
}

fn created_blob(blob: &Blob) -> Result<(), Error> {
    if blob.cid().as_cid().is_none_or(|cid| cid.codec() != Codec::Raw) {
        return refuse("the ref of a blob is a raw CID with SHA-256");
    }
    if !blob.mime_type().contains('/') {
        return refuse("the mimeType of a blob has a `/`");
    }
    Ok(())
}

fn refuse<T>(reason: impl Into<Cow<'static, str>>) -> Result<T, Error> {
    Err(Error::unwritable(reason))
}
