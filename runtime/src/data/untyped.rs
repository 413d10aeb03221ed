//! The loop that writes untyped values through any [`Sink`].

use super::{Error, Limits, Map, Value, check, sink::Sink};

/// Writes a value. `lenient` also writes what the format cannot give back: what a lenient reader
/// kept, and keys that the format reserves.
pub(crate) fn write<S: Sink>(value: &Value, lenient: bool, sink: &mut S) -> Result<(), Error> {
    Writer { sink, lenient }.value(value, 0)
}

/// Writes a map without its `$type`, which stands elsewhere.
pub(crate) fn write_without_type<S: Sink>(map: &Map, sink: &mut S) -> Result<(), Error> {
    let entries = map.iter().filter(|(key, _)| *key != "$type");
    sink.begin_map(entries.clone().count());
    let mut writer = Writer { sink, lenient: false };
    for (key, value) in entries {
        writer.entry(key, value, 1)?;
    }
    writer.sink.end_map();
    Ok(())
}

struct Writer<'s, S> {
    sink: &'s mut S,
    lenient: bool,
}

impl<S: Sink> Writer<'_, S> {
    /// Writes a value that lies in `depth` lists and maps. The limit on the depth bounds the
    /// recursion.
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        match value {
            Value::Null => self.sink.null(),
            Value::Bool(value) => self.sink.bool(*value),
            Value::Int(value) => self.sink.int(*value),
            Value::String(text) => self.sink.text(text),
            Value::Bytes(bytes) => self.sink.bytes(bytes),
            Value::Link(link) => self.sink.link(link),
            Value::Invalid(json) => return self.invalid(json),
            Value::List(_) | Value::Map(_) if depth >= Limits::DEFAULT.max_depth => {
                return Err(Error::limit("lists and maps are nested too deep"));
            }
            Value::List(items) => return self.list(items, depth + 1),
            Value::Map(map) => return self.map(map, depth + 1),
        }
        Ok(())
    }

    fn invalid(&mut self, json: &str) -> Result<(), Error> {
        // Empty text marks what is missing, in `extra` only.
        if self.lenient && !json.is_empty() && self.sink.invalid(json) {
            return Ok(());
        }
        Err(Error::unwritable("the value is outside the data model"))
    }

    fn list(&mut self, items: &[Value], depth: usize) -> Result<(), Error> {
        self.sink.begin_list(items.len());
        for (index, item) in items.iter().enumerate() {
            self.value(item, depth).map_err(|error| error.at_index(index))?;
        }
        self.sink.end_list();
        Ok(())
    }

    fn map(&mut self, map: &Map, depth: usize) -> Result<(), Error> {
        if !self.lenient {
            check::type_key(map).map_err(Error::unwritable)?;
        }
        self.sink.begin_map(map.len());
        let first = if S::TYPE_FIRST { map.get("$type") } else { None };
        if let Some(value) = first {
            self.entry("$type", value, depth)?;
        }
        for (key, value) in map {
            if first.is_none() || key != "$type" {
                self.entry(key, value, depth)?;
            }
        }
        self.sink.end_map();
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &Value, depth: usize) -> Result<(), Error> {
        if !self.lenient && !self.sink.holds_key(key) {
            let reason = format!("JSON cannot hold a map with the key {key}");
            return Err(Error::unwritable(reason));
        }
        self.sink.key(key);
        self.value(value, depth).map_err(|error| error.in_key(key))
    }
}
