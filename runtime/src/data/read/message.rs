//! Messages of event streams: members of a union whose type stands in the header of the frame.

use arobase_lexicon::{
    check::{Found, Violation},
    schema::{Schema, Type, UnionSchema},
};

use super::{Decoder, TypeAt, expect, mismatch};
use crate::data::{
    Error, Lenient, Map, Strictness, Value, defaults,
    fields::{Members, Place, View},
    scalar::At,
    source::{Kind, Source},
    validate::Validator,
};

impl Decoder<'_> {
    /// Reads a message of the type `name` into its place.
    pub(crate) fn read_message<S: Source>(
        &mut self,
        source: &mut S,
        schema: &Schema,
        name: &str,
        place: Place<'_>,
    ) -> Result<(), Error> {
        let (Type::Union(union), Place::Union(place)) = (&schema.ty, place) else { return Err(mismatch()) };
        expect(source, Kind::Map)?;
        match self.member(union, name) {
            Some((index, member)) => match place.select(Some(index)) {
                Place::Object(object) => self.read_object(source, member, object, TypeAt::Header),
                _ => Err(mismatch()),
            },
            None => self.read_unknown_message(source, union, name, place),
        }
    }

    fn read_unknown_message<S: Source>(
        &mut self,
        source: &mut S,
        union: &UnionSchema,
        name: &str,
        place: &mut dyn Members,
    ) -> Result<(), Error> {
        if union.closed {
            return Err(Violation::UnknownMember(name.into()).into());
        }
        if name == "blob" {
            self.fault(Violation::WrongType { expected: Found::Object, found: Found::Blob }.into())?;
        }
        let Place::Value(value) = place.select(None) else { return Err(mismatch()) };
        let Value::Map(map) = self.value(source)? else { return Err(mismatch()) };
        *value = self.typed_map(map, name)?;
        Ok(())
    }

    /// Reads a message of the type `name` as untyped data, and checks it against the schema.
    pub(crate) fn read_message_value<S: Source>(
        mut self,
        source: &mut S,
        schema: &Schema,
        name: &str,
    ) -> Result<Lenient<Value>, Error> {
        let Type::Union(union) = &schema.ty else { return Err(mismatch()) };
        expect(source, Kind::Map)?;
        if union.closed && self.member(union, name).is_none() {
            return Err(Violation::UnknownMember(name.into()).into());
        }
        let Value::Map(map) = self.value(source)? else { return Err(mismatch()) };
        let mut value = self.typed_map(map, name)?;
        match self.strictness {
            Strictness::Strict => Validator::first(self.catalog, schema, View::Value(&value))?,
            Strictness::Parse => {
                defaults::fill_defaults(self.catalog, schema, &mut value);
                Validator::first(self.catalog, schema, View::Value(&value))?;
            }
            Strictness::Lenient => {
                Validator::all(self.catalog, schema, View::Value(&value))
                    .into_iter()
                    .for_each(|issue| self.note(issue));
            }
        }
        Ok(Lenient { value, issues: self.issues })
    }

    /// A message with its `$type`. It has none of its own, or the same.
    fn typed_map(&mut self, mut map: Map, name: &str) -> Result<Value, Error> {
        match map.insert("$type".to_owned(), name.into()) {
            Some(found) if found != Value::from(name) => {
                let found = found.as_str().unwrap_or_default().into();
                self.fault(Violation::TypeMismatch { expected: name.into(), found }.at("$type"))?;
            }
            _ => {}
        }
        Ok(Value::Map(map))
    }
}
