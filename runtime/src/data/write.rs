//! The typed encoder: one loop over descriptor and view, for JSON, DAG-CBOR and untyped data.
//! What it writes it has checked.

mod message;

use std::iter::Peekable;

use arobase_lexicon::{
    check::Violation,
    compile::Catalog,
    schema::{ArraySchema, Role, Schema, Type, UnionSchema},
    syntax::Mode,
};

use super::{
    Error, ErrorKind, MapIter, Value,
    fields::{Extra, Fields, Items, View},
    map::key_order,
    scalar::{self, At},
    sink::Sink,
    untyped,
    validate::{Validator, check_type, shadowed},
};

/// One run of the encoder.
pub(crate) struct Encoder<'c> {
    catalog: &'c Catalog,
    /// Whether faults that a lenient reader kept are written back as they were read; otherwise
    /// every rule must hold.
    lenient: bool,
}

impl<'c> Encoder<'c> {
    pub(crate) fn new(catalog: &'c Catalog, lenient: bool) -> Self {
        Self { catalog, lenient }
    }

    /// Writes one value of a type.
    pub(crate) fn write<S: Sink>(&self, sink: &mut S, ty: &Type, view: View<'_>) -> Result<(), Error> {
        match (ty, view) {
            (_, View::Null) => sink.null(),
            (Type::Ref(reference), view) => {
                let Some(schema) = self.catalog.get(*reference) else {
                    return Err(Violation::UnknownSchema(self.catalog.name(*reference).into()).into());
                };
                return self.write_schema(sink, schema, view);
            }
            (Type::String(schema), View::Text(text)) => {
                self.judge(|| scalar::text(schema, text, Mode::Strict))?;
                sink.text(text);
            }
            (Type::Integer(schema), View::Int(value)) => {
                self.judge(|| scalar::integer(schema, value))?;
                sink.int(value);
            }
            (Type::Boolean(schema), View::Bool(value)) => {
                self.judge(|| scalar::boolean(*schema, value))?;
                sink.bool(value);
            }
            (Type::Bytes(lengths), View::Bytes(bytes)) => {
                self.judge(|| scalar::bytes(*lengths, bytes.len()))?;
                sink.bytes(bytes);
            }
            (Type::CidLink, View::Link(link)) => sink.link(link),
            (Type::Blob(schema), View::Blob(blob)) => {
                self.judge(|| scalar::blob(schema, blob, false))?;
                blob.write(sink);
            }
            (Type::Array(schema), View::List(items)) => return self.write_list(sink, schema, items),
            // Data that stays untyped where the schema says more is checked by the validator.
            (ty, View::Value(value)) => {
                if !self.lenient {
                    Validator::first_of(self.catalog, ty, View::Value(value))?;
                }
                return untyped::write(value, self.lenient, sink);
            }
            _ => return Err(mismatch()),
        }
        Ok(())
    }

    /// Writes one value of a definition.
    pub(crate) fn write_schema<S: Sink>(&self, sink: &mut S, schema: &Schema, view: View<'_>) -> Result<(), Error> {
        match (&schema.ty, view) {
            (Type::Object(_), View::Object(object)) => {
                let computed = matches!(schema.role, Role::Record(_));
                self.write_object(sink, schema, object, if computed { Tag::of(schema) } else { Tag::Kept })
            }
            (Type::Union(union), View::Union(members)) => match members.current() {
                (Some(index), View::Object(object)) => {
                    let member = union.members.get(index).and_then(|member| self.catalog.get(*member));
                    let Some(member) = member else { return Err(mismatch()) };
                    self.write_object(sink, member, object, Tag::of(member))
                }
                (None, View::Value(value)) => self.write_unknown_member(sink, union, value),
                _ => Err(mismatch()),
            },
            (Type::Object(_) | Type::Union(_), View::Value(value)) => {
                if !self.lenient {
                    Validator::first(self.catalog, schema, View::Value(value))?;
                }
                untyped::write(value, self.lenient, sink)
            }
            (Type::Object(_) | Type::Union(_), _) => Err(mismatch()),
            (ty, view) => self.write(sink, ty, view),
        }
    }

    fn judge(&self, check: impl FnOnce() -> Result<(), Violation>) -> Result<(), Error> {
        if self.lenient { Ok(()) } else { Ok(check()?) }
    }

    fn write_list<S: Sink>(&self, sink: &mut S, schema: &ArraySchema, items: &dyn Items) -> Result<(), Error> {
        let count = items.count();
        self.judge(|| scalar::list(schema.length, count))?;
        sink.begin_list(count);
        for index in 0..count {
            self.write(sink, &schema.items, items.at(index)).map_err(|error| error.at_index(index))?;
        }
        sink.end_list();
        Ok(())
    }

    /// An unknown member must not pass for a known one, which would have been checked.
    fn write_unknown_member<S: Sink>(&self, sink: &mut S, union: &UnionSchema, value: &Value) -> Result<(), Error> {
        if !self.lenient {
            self.check_unknown_member(union, value)?;
        }
        untyped::write(value, self.lenient, sink)
    }

    fn check_unknown_member(&self, union: &UnionSchema, value: &Value) -> Result<(), Error> {
        scalar::unknown(value)?;
        let checked = match value.type_name() {
            None => Err(Violation::Missing),
            Some(name) if union.members.iter().any(|member| self.catalog.name(*member) == name) => {
                Err(Violation::Shadowed)
            }
            Some(name) if union.closed => Err(Violation::UnknownMember(name.into())),
            Some(_) => Ok(()),
        };
        checked.map_err(|violation| violation.at("$type"))
    }

    fn write_object<S: Sink>(
        &self,
        sink: &mut S,
        schema: &Schema,
        object: &dyn Fields,
        tag: Tag<'_>,
    ) -> Result<(), Error> {
        let extra = object.extra().filter(|extra| !extra.is_empty());
        if let (Some(extra), false) = (extra, self.lenient) {
            check_extra(schema, extra)?;
        }
        // A lenient reader kept this one because it is not the computed one.
        let tag = if self.lenient && kept(extra, "$type") { Tag::Kept } else { tag };
        sink.begin_map(if S::COUNTS { count(schema, object, extra, tag) } else { 0 });
        let mut rest = Rest::new(extra, tag, self.lenient);
        if S::TYPE_FIRST {
            rest.write_tag(sink);
        }
        for (index, field) in schema.fields().iter().enumerate() {
            let view = object.view(index);
            if kept(extra, &field.key) {
                continue;
            }
            match view {
                View::Absent if !field.required => {}
                View::Absent => return Err(Violation::Missing.at(&field.key)),
                View::Null if !field.nullable && !self.lenient => return Err(Violation::Null.at(&field.key)),
                view => {
                    rest.write_before(sink, &field.key)?;
                    sink.key(&field.key);
                    self.write(sink, &field.ty, view).map_err(|error| error.in_key(&field.key))?;
                }
            }
        }
        rest.finish(sink)?;
        sink.end_map();
        Ok(())
    }
}

/// What becomes of the `$type` of an object.
#[derive(Clone, Copy)]
enum Tag<'a> {
    /// Written where `extra` has one: it need not be there.
    Kept,
    /// Written, computed from the schema.
    Computed(&'a str),
    /// Not written: the header of the frame has it.
    Header,
}

impl<'a> Tag<'a> {
    fn of(schema: &'a Schema) -> Self {
        schema.type_name().map_or(Self::Kept, Self::Computed)
    }

    fn computed(self) -> Option<&'a str> {
        if let Self::Computed(name) = self { Some(name) } else { None }
    }

    /// Whether it stands in for the one in `extra`.
    fn replaces(self) -> bool {
        !matches!(self, Self::Kept)
    }
}

/// What is written between the fields of an object: its `$type` and the fields that the schema
/// does not know, in canonical key order.
struct Rest<'a> {
    tag: Option<&'a str>,
    tagged: bool,
    extra: Option<Peekable<MapIter<'a>>>,
    lenient: bool,
}

impl<'a> Rest<'a> {
    fn new(extra: Option<&'a Extra>, tag: Tag<'a>, lenient: bool) -> Self {
        Self {
            tag: tag.computed(),
            tagged: tag.replaces(),
            extra: extra.map(|extra| extra.map().iter().peekable()),
            lenient,
        }
    }

    fn write_tag<S: Sink>(&mut self, sink: &mut S) {
        if let Some(tag) = self.tag.take() {
            sink.key("$type");
            sink.text(tag);
        }
    }

    /// Writes what comes before a key.
    fn write_before<S: Sink>(&mut self, sink: &mut S, key: &str) -> Result<(), Error> {
        while let Some((name, value)) =
            self.extra.as_mut().and_then(|extra| extra.next_if(|(name, _)| key_order(name, key).is_lt()))
        {
            self.write_entry(sink, name, value)?;
        }
        if self.tag.is_some() && key_order("$type", key).is_lt() {
            self.write_tag(sink);
        }
        Ok(())
    }

    fn finish<S: Sink>(mut self, sink: &mut S) -> Result<(), Error> {
        while let Some((name, value)) = self.extra.as_mut().and_then(Iterator::next) {
            self.write_entry(sink, name, value)?;
        }
        self.write_tag(sink);
        Ok(())
    }

    fn write_entry<S: Sink>(&mut self, sink: &mut S, name: &str, value: &Value) -> Result<(), Error> {
        if !is_written(name, value, self.tagged) {
            return Ok(());
        }
        if self.tag.is_some() && key_order("$type", name).is_lt() {
            self.write_tag(sink);
        }
        sink.key(name);
        untyped::write(value, self.lenient, sink).map_err(|error| error.in_key(name))
    }
}

/// The number of entries of the map.
fn count(schema: &Schema, object: &dyn Fields, extra: Option<&Extra>, tag: Tag<'_>) -> usize {
    let fields = schema.fields().iter().enumerate();
    let fields =
        fields.filter(|(index, field)| !matches!(object.view(*index), View::Absent) && !kept(extra, &field.key));
    let others = extra
        .map_or(0, |extra| extra.map().iter().filter(|(key, value)| is_written(key, value, tag.replaces())).count());
    fields.count() + others + usize::from(tag.computed().is_some())
}

/// Whether a lenient reader kept what stood in a field, because the field cannot hold it.
fn kept(extra: Option<&Extra>, key: &str) -> bool {
    extra.is_some_and(|extra| extra.get(key).is_some())
}

/// Not written again: a `$type` beside the computed one, and the mark of a missing field.
fn is_written(key: &str, value: &Value, tagged: bool) -> bool {
    let absent = matches!(value, Value::Invalid(text) if text.is_empty());
    let computed = tagged && key == "$type";
    !absent && !computed
}

fn check_extra(schema: &Schema, extra: &Extra) -> Result<(), Error> {
    for field in schema.fields() {
        if let Some(kept) = extra.get(&field.key) {
            return Err(shadowed(kept).at(&field.key));
        }
    }
    match extra.get("$type") {
        Some(found) => check_type(found, schema).map_err(|violation| violation.at("$type")),
        None => Ok(()),
    }
}

#[cold]
fn mismatch() -> Error {
    Error::new(ErrorKind::Mismatch)
}
