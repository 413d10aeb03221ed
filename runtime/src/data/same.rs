//! `PartialEq`, `Hash` and `Debug` of generated types, written once over [`View`]. The data model
//! has no floats, so every type has them all, and none of them is derived.

use std::{fmt, hash::Hash};

use super::fields::{Extra, Fields, Items, Members, View};

/// Whether two objects of one type are equal, unknown fields included.
#[must_use]
pub fn objects_equal(a: &dyn Fields, b: &dyn Fields) -> bool {
    let count = a.schema().fields().len();
    (0..count).all(|index| views_equal(a.view(index), b.view(index)))
        && a.extra().map(Extra::map) == b.extra().map(Extra::map)
}

/// Whether two unions of one type are equal.
#[must_use]
pub fn unions_equal(a: &dyn Members, b: &dyn Members) -> bool {
    let ((a, a_view), (b, b_view)) = (a.current(), b.current());
    a == b && views_equal(a_view, b_view)
}

fn views_equal(a: View<'_>, b: View<'_>) -> bool {
    match (a, b) {
        (View::Absent, View::Absent) | (View::Null, View::Null) => true,
        (View::Bool(a), View::Bool(b)) => a == b,
        (View::Int(a), View::Int(b)) => a == b,
        (View::Text(a), View::Text(b)) => a == b,
        (View::Bytes(a), View::Bytes(b)) => a == b,
        (View::Link(a), View::Link(b)) => a == b,
        (View::Blob(a), View::Blob(b)) => a == b,
        (View::Value(a), View::Value(b)) => a == b,
        (View::Object(a), View::Object(b)) => objects_equal(a, b),
        (View::Union(a), View::Union(b)) => unions_equal(a, b),
        (View::List(a), View::List(b)) => {
            a.count() == b.count() && (0..a.count()).all(|index| views_equal(a.at(index), b.at(index)))
        }
        _ => false,
    }
}

/// Hashes an object.
pub fn hash_object(object: &dyn Fields, state: &mut dyn std::hash::Hasher) {
    for index in 0..object.schema().fields().len() {
        hash_view(object.view(index), state);
    }
    if let Some(extra) = object.extra() {
        hash(extra, state);
    }
}

/// Hashes a union.
pub fn hash_union(union: &dyn Members, state: &mut dyn std::hash::Hasher) {
    let (member, view) = union.current();
    hash(&member, state);
    hash_view(view, state);
}

fn hash<T: Hash>(value: &T, mut state: &mut dyn std::hash::Hasher) {
    value.hash(&mut state);
}

fn hash_view(view: View<'_>, state: &mut dyn std::hash::Hasher) {
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
        View::Object(value) => hash_object(value, state),
        View::Union(value) => hash_union(value, state),
        View::List(value) => {
            hash(&(9u8, value.count()), state);
            (0..value.count()).for_each(|index| hash_view(value.at(index), state));
        }
    }
}

/// Shows an object under its Rust name; fields that are absent are left out.
///
/// # Errors
/// Those of the formatter.
pub fn debug_object(name: &str, object: &dyn Fields, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(name);
    for (index, field) in object.schema().fields().iter().enumerate() {
        match object.view(index) {
            View::Absent => {}
            view => {
                out.field(&field.key, &Shown(view));
            }
        }
    }
    if let Some(extra) = object.extra().filter(|extra| !extra.is_empty()) {
        out.field("extra", extra);
    }
    out.finish()
}

/// Shows a union as the type name of its member and the member's content.
///
/// # Errors
/// Those of the formatter.
pub fn debug_union(union: &dyn Members, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fmt::Debug::fmt(&Shown(union.current().1), f)
}

struct Shown<'a>(View<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            View::Absent => f.write_str("Absent"),
            View::Null => f.write_str("Null"),
            View::Bool(value) => value.fmt(f),
            View::Int(value) => value.fmt(f),
            View::Text(value) => value.fmt(f),
            View::Bytes(value) => write!(f, "{} bytes", value.len()),
            View::Link(value) => value.fmt(f),
            View::Blob(value) => value.fmt(f),
            View::Value(value) => value.fmt(f),
            View::Object(value) => debug_object(short_name(&value.schema().id), value, f),
            View::Union(value) => debug_union(value, f),
            View::List(value) => list(value, f),
        }
    }
}

fn list(items: &dyn Items, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_list().entries((0..items.count()).map(|index| Shown(items.at(index)))).finish()
}

/// The last part of a name: `postView` of `app.bsky.feed.defs#postView`.
fn short_name(id: &str) -> &str {
    id.rsplit(['#', '.', '/']).next().unwrap_or(id)
}
