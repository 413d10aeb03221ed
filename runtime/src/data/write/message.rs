//! Messages of event streams: members of a union whose type stands in the header of the frame.

use arobase_lexicon::{
    check::Violation,
    schema::{Schema, Type},
};

use super::{Encoder, Tag, mismatch};
use crate::data::{
    Error, Value,
    fields::View,
    scalar::{self, At},
    sink::Sink,
    untyped,
    validate::Validator,
};

impl<'c> Encoder<'c> {
    /// The type of a message, for the header.
    pub(crate) fn message_type<'v>(&self, schema: &'v Schema, view: View<'v>) -> Result<&'v str, Error>
    where
        'c: 'v,
    {
        let Type::Union(union) = &schema.ty else { return Err(mismatch()) };
        let name = match view {
            View::Union(members) => match members.current() {
                (Some(index), _) => {
                    let member = union.members.get(index).and_then(|member| self.catalog.get(*member));
                    return member.and_then(Schema::type_name).ok_or_else(mismatch);
                }
                (None, View::Value(value)) => value.type_name(),
                (None, _) => return Err(mismatch()),
            },
            View::Value(value) => value.type_name(),
            _ => return Err(mismatch()),
        };
        name.ok_or_else(|| Violation::Missing.at("$type"))
    }

    /// Writes a message without its `$type`.
    pub(crate) fn write_message<S: Sink>(&self, sink: &mut S, schema: &Schema, view: View<'_>) -> Result<(), Error> {
        let Type::Union(union) = &schema.ty else { return Err(mismatch()) };
        let value = match view {
            View::Union(members) => match members.current() {
                (Some(index), View::Object(object)) => {
                    let member = union.members.get(index).and_then(|member| self.catalog.get(*member));
                    return self.write_object(sink, member.ok_or_else(mismatch)?, object, Tag::Header);
                }
                (None, View::Value(value)) => {
                    self.check_unknown_member(union, value)?;
                    value
                }
                _ => return Err(mismatch()),
            },
            View::Value(value) => {
                Validator::first(self.catalog, schema, view)?;
                value
            }
            _ => return Err(mismatch()),
        };
        let Value::Map(map) = value else { return Err(mismatch()) };
        let name = value.type_name().unwrap_or_default();
        scalar::type_name(name).map_err(|violation| violation.at("$type"))?;
        untyped::write_without_type(map, sink)
    }
}
