//! The words that `type` can be, and where each may stand.

use alloc::{format, string::String, vec::Vec};

use super::{Fields, Loaded, Loader, Reported, Rule, at::At};

/// A type of the language.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeName {
    Primary(Primary),
    Field(FieldType),
    Token,
    Params,
    Permission,
}

/// A type that only `main` can have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Primary {
    Record,
    Query,
    Procedure,
    Subscription,
    PermissionSet,
}

/// A type that a field can have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldType {
    Boolean,
    Integer,
    String,
    Bytes,
    CidLink,
    Blob,
    Array,
    Object,
    Unknown,
    Ref,
    Union,
}

const TYPES: [(&str, TypeName); 19] = [
    ("record", TypeName::Primary(Primary::Record)),
    ("query", TypeName::Primary(Primary::Query)),
    ("procedure", TypeName::Primary(Primary::Procedure)),
    ("subscription", TypeName::Primary(Primary::Subscription)),
    ("permission-set", TypeName::Primary(Primary::PermissionSet)),
    ("boolean", TypeName::Field(FieldType::Boolean)),
    ("integer", TypeName::Field(FieldType::Integer)),
    ("string", TypeName::Field(FieldType::String)),
    ("bytes", TypeName::Field(FieldType::Bytes)),
    ("cid-link", TypeName::Field(FieldType::CidLink)),
    ("blob", TypeName::Field(FieldType::Blob)),
    ("array", TypeName::Field(FieldType::Array)),
    ("object", TypeName::Field(FieldType::Object)),
    ("unknown", TypeName::Field(FieldType::Unknown)),
    ("ref", TypeName::Field(FieldType::Ref)),
    ("union", TypeName::Field(FieldType::Union)),
    ("token", TypeName::Token),
    ("params", TypeName::Params),
    ("permission", TypeName::Permission),
];

/// A place where a field type can stand.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Definition,
    /// A property of an object, or the elements of an array.
    Value,
    Param,
    ParamItem,
    Record,
    Body,
    Message,
}

impl Place {
    fn allowed(self) -> &'static [FieldType] {
        use FieldType::{Array, Blob, Boolean, Bytes, CidLink, Integer, Object, Ref, String, Union, Unknown};
        match self {
            Place::Definition => &[Boolean, Integer, String, Bytes, CidLink, Blob, Array, Object],
            Place::Value => &[Boolean, Integer, String, Bytes, CidLink, Blob, Array, Object, Unknown, Ref, Union],
            Place::Param => &[Boolean, Integer, String, Array],
            Place::ParamItem => &[Boolean, Integer, String],
            Place::Record => &[Object],
            Place::Body => &[Object, Ref, Union],
            Place::Message => &[Union],
        }
    }

    pub(super) fn allows(self, name: FieldType) -> bool {
        self.allowed().contains(&name)
    }

    fn rule(self) -> Rule {
        match self {
            Place::Definition => Rule::TypeNotDefinable,
            Place::Value | Place::Param | Place::ParamItem => Rule::TypeNotAllowed,
            Place::Record => Rule::RecordObject,
            Place::Body => Rule::BodySchema,
            Place::Message => Rule::MessageSchema,
        }
    }

    /// The place of the elements of an array that stands here.
    pub(super) fn items(self) -> Place {
        match self {
            Place::Param => Place::ParamItem,
            _ => Place::Value,
        }
    }
}

impl Loader {
    pub(super) fn type_name(&mut self, fields: &mut Fields<'_>) -> Loaded<TypeName> {
        fields.required(self, "type", Rule::TypeMissing, Self::read_type_name)
    }

    fn read_type_name(&mut self, at: &At<'_>) -> Loaded<TypeName> {
        let Some(word) = at.json.as_str() else {
            return Err(self.unexpected(at, Rule::TypeMissing, "a string"));
        };
        match TYPES.iter().find(|(name, _)| *name == word) {
            Some((_, name)) => Ok(*name),
            None => Err(self.unexpected(at, Rule::TypeUnknown, "a type of the language")),
        }
    }

    /// The type of a field, if it may stand at `place`.
    pub(super) fn field_type(&mut self, fields: &mut Fields<'_>, place: Place) -> Loaded<FieldType> {
        match self.type_name(fields)? {
            TypeName::Field(name) if place.allows(name) => Ok(name),
            _ => Err(self.not_allowed(fields, place)),
        }
    }

    /// Reports that the type may not stand at `place`.
    pub(super) fn not_allowed(&mut self, fields: &Fields<'_>, place: Place) -> Reported {
        let allowed = |name: &TypeName| match name {
            TypeName::Field(field) => place.allows(*field),
            TypeName::Token => matches!(place, Place::Definition),
            _ => false,
        };
        let names: Vec<String> =
            TYPES.iter().filter(|(_, name)| allowed(name)).map(|(word, _)| format!("`{word}`")).collect();
        let expected = format!("the type {}", names.join(" or "));
        self.unexpected(&fields.place("type"), place.rule(), &expected)
    }

    /// Checks that the type is `only`, where no field type may stand.
    pub(super) fn only_type(&mut self, fields: &mut Fields<'_>, only: TypeName) -> Loaded<()> {
        if self.type_name(fields)? == only {
            return Ok(());
        }
        let word = TYPES.iter().find(|(_, name)| *name == only).map_or("", |(word, _)| word);
        let expected = format!("the type `{word}`");
        Err(self.unexpected(&fields.place("type"), Rule::TypeNotAllowed, &expected))
    }
}
