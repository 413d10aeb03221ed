//! The query string of a method (XRPC, parameters).

mod form;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use arobase_lexicon::{
    check::Violation,
    compile::Catalog,
    schema::{Field, Schema, Type},
};

use crate::data::{
    Error, ErrorKind, Map, Value,
    defaults::{default_of, fill_defaults},
    fields::View,
    map::key_order,
    validate::{Object, Validator, scalar_view},
};

/// The most bytes of a query string that [`decode`] takes.
pub const MAX_QUERY: usize = 64 * 1024;

/// The most pairs of a query string that [`decode`] takes.
pub const MAX_PAIRS: usize = 4_096;

/// The most characters of a foreign name that an error repeats.
const SHOWN: usize = 60;

/// What becomes of parameters that the schema does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownParams {
    /// They are ignored, as the protocol says.
    #[default]
    Ignore,
    /// They are an error.
    Refuse,
}

/// Writes a query string, without `?`, from a request struct or from an untyped map. What is not
/// set is sent with its declared default; an empty list is the same as not set. Escaping is that of
/// `application/x-www-form-urlencoded`.
///
/// An empty text is sent as it is, `name=`; servers that follow the protocol take it for not set.
///
/// # Errors
/// The first parameter that breaks the schema, a required one that is not set, a key that the schema
/// does not know.
pub fn encode(catalog: &Catalog, schema: &Schema, view: View<'_>) -> Result<String, Error> {
    let object = match view {
        View::Object(object) => Object::Typed(object),
        View::Value(Value::Map(map)) => {
            refuse_unknown(schema, map)?;
            Object::Map(map)
        }
        _ => return Err(Error::model("parameters are a map")),
    };
    let mut writer = Writer { catalog, out: String::new() };
    for (index, field) in schema.fields().iter().enumerate() {
        writer.field(field, object.field(index, field)).map_err(|error| error.in_key(&field.key))?;
    }
    Ok(writer.out)
}

/// Reads a query string, without `?`: what the schema describes, with its defaults filled in, and
/// then checked.
///
/// `+` is a space, and a malformed escape stands for itself. A parameter without a value counts as
/// not given. Lists are repeated parameters; one alone is a list of one.
///
/// To get a request struct, give the map as `Value::Map` to
/// [`Data::from_value`](crate::data::Data::from_value).
///
/// # Errors
/// The first parameter that breaks the schema; one that stands twice and is no list; text that is
/// not UTF-8; more than [`MAX_QUERY`] bytes or [`MAX_PAIRS`] pairs.
pub fn decode(catalog: &Catalog, schema: &Schema, query: &str, unknown: UnknownParams) -> Result<Map, Error> {
    let value = read(catalog, schema, query, unknown)?;
    Validator::first(catalog, schema, View::Value(&value))?;
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(mismatch()),
    }
}

/// The same without the check: a map whose values have the right types, with its defaults. Who makes
/// a request struct of it checks it by doing so.
pub(crate) fn read(catalog: &Catalog, schema: &Schema, query: &str, unknown: UnknownParams) -> Result<Value, Error> {
    if query.len() > MAX_QUERY {
        return Err(Error::limit("the query string is too long"));
    }
    let mut map = Map::new();
    for (count, pair) in query.split('&').enumerate() {
        if count >= MAX_PAIRS {
            return Err(Error::limit("the query string has too many parameters"));
        }
        read_pair(schema, pair, unknown, &mut map)?;
    }
    let mut value = Value::Map(map);
    fill_defaults(catalog, schema, &mut value);
    Ok(value)
}

fn read_pair(schema: &Schema, pair: &str, unknown: UnknownParams, map: &mut Map) -> Result<(), Error> {
    let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
    let name = form::unescape(name)?;
    let text = form::unescape(text).map_err(|error| error.in_key(shown(&name)))?;
    if text.is_empty() {
        return Ok(());
    }
    match find(schema, &name) {
        Some(field) => put(field, text, map).map_err(|error| error.in_key(&field.key)),
        None if unknown == UnknownParams::Refuse => Err(unknown_param(&name)),
        None => Ok(()),
    }
}

fn find<'s>(schema: &'s Schema, name: &str) -> Option<&'s Field> {
    let fields = schema.fields();
    fields.get(fields.binary_search_by(|field| key_order(&field.key, name)).ok()?)
}

/// Adds one occurrence of a parameter.
fn put(field: &Field, text: Cow<'_, str>, map: &mut Map) -> Result<(), Error> {
    let value = match (&field.ty, map.get_mut(&field.key)) {
        (Type::Array(schema), Some(Value::List(items))) => {
            let item = scalar(&schema.items, text).map_err(|error| error.at_index(items.len()))?;
            items.push(item);
            return Ok(());
        }
        (Type::Array(schema), _) => {
            let item = scalar(&schema.items, text).map_err(|error| error.at_index(0))?;
            Value::List(vec![item])
        }
        (_, Some(_)) => return Err(Error::model("stands more than once, but takes one value")),
        (ty, None) => scalar(ty, text)?,
    };
    map.insert((*field.key).to_owned(), value);
    Ok(())
}

/// The value that a text stands for.
fn scalar(ty: &Type, text: Cow<'_, str>) -> Result<Value, Error> {
    match ty {
        Type::String(_) => Ok(Value::String(text.into_owned())),
        Type::Integer(_) => integer(&text).map(Value::Int),
        Type::Boolean(_) => match &*text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(Error::model("a boolean is `true` or `false`")),
        },
        _ => Err(mismatch()),
    }
}

fn integer(text: &str) -> Result<i64, Error> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::model("an integer is digits, with a `-` before them if it is negative"));
    }
    text.parse().map_err(|_| Error::model("the integer does not fit in 64 bits"))
}

struct Writer<'c> {
    catalog: &'c Catalog,
    out: String,
}

impl Writer<'_> {
    fn field(&mut self, field: &Field, view: View<'_>) -> Result<(), Error> {
        match view {
            View::Null | View::Value(Value::Null) => return Err(Violation::Null.into()),
            view if is_unset(view) => {
                return match default_of(self.catalog, &field.ty) {
                    Some(default) => self.pair(&field.key, View::Value(&default)),
                    None if field.required => Err(Violation::Missing.into()),
                    None => Ok(()),
                };
            }
            view => Validator::first_of(self.catalog, &field.ty, view)?,
        }
        match view {
            View::List(items) => (0..items.count()).try_for_each(|index| self.pair(&field.key, items.at(index))),
            View::Value(Value::List(items)) => {
                items.iter().try_for_each(|item| self.pair(&field.key, View::Value(item)))
            }
            view => self.pair(&field.key, view),
        }
    }

    fn pair(&mut self, key: &str, view: View<'_>) -> Result<(), Error> {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        form::escape(key, &mut self.out);
        self.out.push('=');
        match scalar_view(view) {
            View::Text(text) => form::escape(text, &mut self.out),
            View::Int(value) => self.out.push_str(itoa::Buffer::new().format(value)),
            View::Bool(value) => self.out.push_str(if value { "true" } else { "false" }),
            _ => return Err(mismatch()),
        }
        Ok(())
    }
}

/// An empty list cannot be sent, and so is the same as no list.
fn is_unset(view: View<'_>) -> bool {
    match view {
        View::Absent => true,
        View::List(items) => items.count() == 0,
        View::Value(Value::List(items)) => items.is_empty(),
        _ => false,
    }
}

fn refuse_unknown(schema: &Schema, map: &Map) -> Result<(), Error> {
    match map.keys().find(|key| find(schema, key).is_none()) {
        Some(key) => Err(unknown_param(key)),
        None => Ok(()),
    }
}

fn unknown_param(name: &str) -> Error {
    Error::model("the method has no such parameter").in_key(shown(name))
}

fn shown(name: &str) -> &str {
    let end = name.char_indices().nth(SHOWN).map_or(name.len(), |(index, _)| index);
    name.get(..end).unwrap_or_default()
}

/// Neither a scalar nor a list of scalars: no schema of parameters has that.
#[cold]
fn mismatch() -> Error {
    Error::new(ErrorKind::Mismatch)
}
