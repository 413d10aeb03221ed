//! `PartialEq`, `Hash` and `Debug` of generated types, written once over [`View`]. The data model
//! has no floats, so every type has them all, and none of them is derived.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use arobase_lexicon::schema::{Ref, Schema, Type};

use super::fields::{Extra, Fields, Items, Members, View};

/// Whether two objects of one descriptor are equal, unknown fields included.
#[must_use]
pub fn objects_equal(schema: &Schema, a: &dyn Fields, b: &dyn Fields) -> bool {
    let mut fields = schema.fields().iter().enumerate();
    fields.all(|(index, field)| views_equal(&field.ty, a.view(index), b.view(index)))
        && a.extra().map(Extra::map) == b.extra().map(Extra::map)
}

/// Whether two unions of one descriptor are equal.
#[must_use]
pub fn unions_equal(schema: &Schema, a: &dyn Members, b: &dyn Members) -> bool {
    match (a.current(), b.current()) {
        ((Some(a_index), View::Object(a)), (Some(b_index), View::Object(b))) => {
            a_index == b_index && member(schema, a_index).is_some_and(|schema| objects_equal(schema, a, b))
        }
        ((None, View::Value(a)), (None, View::Value(b))) => a == b,
        _ => false,
    }
}

fn views_equal(ty: &Type, a: View<'_>, b: View<'_>) -> bool {
    match (a, b) {
        (View::Absent, View::Absent) | (View::Null, View::Null) => true,
        (View::Bool(a), View::Bool(b)) => a == b,
        (View::Int(a), View::Int(b)) => a == b,
        (View::Text(a), View::Text(b)) => a == b,
        (View::Bytes(a), View::Bytes(b)) => a == b,
        (View::Link(a), View::Link(b)) => a == b,
        (View::Blob(a), View::Blob(b)) => a == b,
        (View::Value(a), View::Value(b)) => a == b,
        (View::Object(a), View::Object(b)) => target(ty).is_some_and(|schema| objects_equal(schema, a, b)),
        (View::Union(a), View::Union(b)) => target(ty).is_some_and(|schema| unions_equal(schema, a, b)),
        (View::List(a), View::List(b)) => {
            let items = items(ty);
            a.count() == b.count() && (0..a.count()).all(|index| views_equal(items, a.at(index), b.at(index)))
        }
        _ => false,
    }
}

/// Hashes an object.
pub fn hash_object(schema: &Schema, object: &dyn Fields, state: &mut dyn Hasher) {
    for (index, field) in schema.fields().iter().enumerate() {
        hash_view(&field.ty, object.view(index), state);
    }
    hash(&object.extra(), state);
}

/// Hashes a union.
pub fn hash_union(schema: &Schema, union: &dyn Members, state: &mut dyn Hasher) {
    match union.current() {
        (Some(index), View::Object(object)) => {
            hash(&index, state);
            if let Some(schema) = member(schema, index) {
                hash_object(schema, object, state);
            }
        }
        (_, view) => hash_view(&Type::Unknown, view, state),
    }
}

fn hash<T: Hash>(value: &T, mut state: &mut dyn Hasher) {
    value.hash(&mut state);
}

/// Each kind has a number of its own, so that neighbours cannot be taken for each other.
fn hash_view(ty: &Type, view: View<'_>, state: &mut dyn Hasher) {
    match view {
        View::Absent => state.write_u8(0),
        View::Null => state.write_u8(1),
        View::Bool(value) => hash(&(2u8, value), state),
        View::Int(value) => hash(&(3u8, value), state),
        View::Text(value) => hash(&(4u8, value), state),
        View::Bytes(value) => hash(&(5u8, value), state),
        View::Link(value) => hash(&(6u8, value), state),
        View::Blob(value) => hash(&(7u8, value), state),
        View::Value(value) => hash(&(8u8, value), state),
        View::List(list) => {
            hash(&(9u8, list.count()), state);
            (0..list.count()).for_each(|index| hash_view(items(ty), list.at(index), state));
        }
        View::Object(object) => {
            state.write_u8(10);
            if let Some(schema) = target(ty) {
                hash_object(schema, object, state);
            }
        }
        View::Union(union) => {
            state.write_u8(11);
            if let Some(schema) = target(ty) {
                hash_union(schema, union, state);
            }
        }
        View::Extra(extra) => hash(&(12u8, extra), state),
    }
}

/// Shows an object under the name of its definition; fields that are absent are left out.
///
/// # Errors
/// Those of the formatter.
pub fn debug_object(schema: &Schema, object: &dyn Fields, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(&short_name(&schema.id));
    for (index, field) in schema.fields().iter().enumerate() {
        match object.view(index) {
            View::Absent => {}
            view => {
                out.field(&field.key, &Shown(&field.ty, view));
            }
        }
    }
    if let Some(extra) = object.extra().filter(|extra| !extra.is_empty()) {
        out.field("extra", extra);
    }
    out.finish()
}

/// Shows a union as its member.
///
/// # Errors
/// Those of the formatter.
pub fn debug_union(schema: &Schema, union: &dyn Members, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match union.current() {
        (Some(index), View::Object(object)) => match member(schema, index) {
            Some(schema) => debug_object(schema, object, f),
            None => f.write_str("?"),
        },
        (_, view) => fmt::Debug::fmt(&Shown(&Type::Unknown, view), f),
    }
}

/// What is in a place of a type.
struct Shown<'a>(&'a Type, View<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            View::Absent => f.write_str("Absent"),
            View::Null => f.write_str("Null"),
            View::Bool(value) => value.fmt(f),
            View::Int(value) => value.fmt(f),
            View::Text(value) => value.fmt(f),
            View::Bytes(value) => write!(f, "{} bytes", value.len()),
            View::Link(value) => value.fmt(f),
            View::Blob(value) => value.fmt(f),
            View::Value(value) => value.fmt(f),
            View::List(value) => list(items(self.0), value, f),
            View::Object(value) => match target(self.0) {
                Some(schema) => debug_object(schema, value, f),
                None => f.write_str("?"),
            },
            View::Union(value) => match target(self.0) {
                Some(schema) => debug_union(schema, value, f),
                None => f.write_str("?"),
            },
            View::Extra(value) => value.fmt(f),
        }
    }
}

fn list(ty: &Type, items: &dyn Items, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_list().entries((0..items.count()).map(|index| Shown(ty, items.at(index)))).finish()
}

/// The last part of a name: `PostView` of `app.bsky.feed.defs#postView`.
fn short_name(id: &str) -> String {
    let name = id.rsplit(['#', '.', '/']).next().unwrap_or(id);
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// The descriptor of an object or union. Typed code has static references only.
fn target(mut ty: &Type) -> Option<&Schema> {
    while let Type::Ref(Ref::Static(schema)) = ty {
        match &schema.ty {
            Type::Object(_) | Type::Union(_) => return Some(schema),
            alias => ty = alias,
        }
    }
    None
}

/// The type of the elements of a list.
fn items(mut ty: &Type) -> &Type {
    while let Type::Ref(Ref::Static(schema)) = ty {
        ty = &schema.ty;
    }
    match ty {
        Type::Array(array) => &array.items,
        other => other,
    }
}

/// The descriptor of a member of a union.
fn member(schema: &Schema, index: usize) -> Option<&Schema> {
    let Type::Union(union) = &schema.ty else { return None };
    match union.members.get(index) {
        Some(Ref::Static(member)) => Some(member),
        _ => None,
    }
}
