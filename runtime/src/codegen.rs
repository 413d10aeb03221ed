//! What generated code refers to, under the one name `rt`. Not for use by hand: it changes with
//! the generator.
//!
//! The macros write the impls that every type of a kind has. They keep all behaviour in
//! functions of this crate; what they expand to is one line each.

#[path = "codegen/groups.rs"]
mod groups;
#[path = "codegen/methods.rs"]
mod methods;

pub use std::convert::Infallible;

pub use arobase_lexicon::{
    schema::{
        ArraySchema, BlobSchema, BooleanSchema, Field, IntegerSchema, KeyType, Lengths, List, Name, Ref, Role, Schema,
        Shared, StringSchema, Type, UNBOUNDED, UnionSchema,
    },
    syntax::{
        AtIdentifier, AtUri, CidString, Datetime, Did, Format, Handle, Language, Nsid, RecordKey, SyntaxError, Tid, Uri,
    },
};

#[cfg(feature = "client")]
pub use crate::{
    __beside as beside,
    client::{Call, Caller, Subscribe},
};
#[doc(inline)]
pub use crate::{
    __body as body, __build as build, __client as client, __complete_server as complete_server, __data as data,
    __delegates as delegates, __errors as errors, __key as key, __list as list, __methods as methods, __names as names,
    __nsid as nsid, __object as object, __or as or, __params as params, __procedure as procedure, __query as query,
    __record as record, __serde as serde, __server as server, __string as string, __subscription as subscription,
    __text_impls as text_impls, __union as union,
};
#[cfg(feature = "server")]
pub use crate::{
    __router as router, __served as served,
    server::{Context, Events, Failure, Route, Router},
};
pub use crate::{
    data::{
        Blob, Bytes, CidLink, Data, Extra, Nullable, Value,
        fields::{EXTRA, Fields, Items, Members, NullablePlace, OptionalPlace, Place, Slot, Text, View},
        same::{debug_object, debug_union, hash_object, hash_union, objects_equal, unions_equal},
    },
    xrpc::{
        Action, Body, BodySchema, DeclaredError, Endpoint, EndpointKind, Form, Method, Paged, Payload, Permission,
        PermissionSet, Procedure, Query, Record, RecordKeyOf, RequestPart, Subscription,
    },
};
#[cfg(feature = "server")]
pub use groups::{Handler, Unserved, served, served_stream, served_with, unserved};
pub use methods::body;

#[cfg(feature = "serde")]
pub use crate::data::value_serde::{deserialize, serialize};
#[cfg(feature = "serde")]
pub use ::serde as serde_crate;

/// A name that is part of the program.
#[must_use]
pub const fn name(text: &'static str) -> Name {
    Shared::Static(text)
}

/// A field that must be there.
#[must_use]
pub const fn required(key: &'static str, ty: Type) -> Field {
    Field { key: name(key), required: true, nullable: false, ty }
}

/// A field that may be absent.
#[must_use]
pub const fn optional(key: &'static str, ty: Type) -> Field {
    Field { key: name(key), required: false, nullable: false, ty }
}

/// A field that must be there and may be null.
#[must_use]
pub const fn required_nullable(key: &'static str, ty: Type) -> Field {
    Field { key: name(key), required: true, nullable: true, ty }
}

/// A field that may be absent, and may be null.
#[must_use]
pub const fn optional_nullable(key: &'static str, ty: Type) -> Field {
    Field { key: name(key), required: false, nullable: true, ty }
}

/// A reference to another descriptor.
#[must_use]
pub const fn to(schema: &'static Schema) -> Type {
    Type::Ref(Ref::Static(schema))
}

/// A string.
#[must_use]
pub const fn text() -> Type {
    Type::String(StringSchema::ANY)
}

/// A string of a format.
#[must_use]
pub const fn format(format: Format) -> Type {
    Type::String(StringSchema { format: Some(format), ..StringSchema::ANY })
}

/// An integer.
#[must_use]
pub const fn integer() -> Type {
    Type::Integer(IntegerSchema::ANY)
}

/// An integer within bounds.
#[must_use]
pub const fn within(min: i64, max: i64) -> Type {
    Type::Integer(IntegerSchema { min, max, ..IntegerSchema::ANY })
}

/// A boolean.
#[must_use]
pub const fn boolean() -> Type {
    Type::Boolean(BooleanSchema::ANY)
}

/// A string with bounds.
#[must_use]
pub const fn bounded(length: Lengths, graphemes: Lengths) -> Type {
    Type::String(StringSchema { length, graphemes, ..StringSchema::ANY })
}

/// Bounds of a length.
#[must_use]
pub const fn lengths(min: u32, max: u32) -> Lengths {
    Lengths { min, max }
}

/// A field that is an array. A macro, because what the literal borrows then lives as long as the
/// static that it stands in.
#[doc(hidden)]
#[macro_export]
macro_rules! __list {
    ($kind:ident, $key:literal, $items:expr, $length:expr $(,)?) => {
        $crate::__codegen::Field {
            key: $crate::__codegen::name($key),
            required: $crate::__codegen::list!(@ required $kind),
            nullable: $crate::__codegen::list!(@ nullable $kind),
            ty: $crate::__codegen::Type::Array($crate::__codegen::ArraySchema {
                items: $crate::__codegen::Shared::Static(&$items),
                length: $length,
            }),
        }
    };
    (@ required required) => { true };
    (@ required required_nullable) => { true };
    (@ nullable required_nullable) => { true };
    (@ nullable optional_nullable) => { true };
    (@ $any:ident $kind:ident) => { false };
}

/// A list of names.
#[doc(hidden)]
#[macro_export]
macro_rules! __names {
    ($($name:literal),* $(,)?) => {
        $crate::__codegen::Shared::Static(const { &[$($crate::__codegen::name($name)),*] })
    };
}

/// The impls of an object that keeps unknown fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    ($name:ident, $schema:ident, [$($index:literal $field:ident),* $(,)?] $(,)?) => {
        $crate::__codegen::params!(@ $name, $schema, [$($index => $field,)* $crate::__codegen::EXTRA => extra]);
    };
}

/// The impls of parameters: an object without unknown fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __params {
    ($name:ident, $schema:ident, [$($index:literal $field:ident),* $(,)?] $(,)?) => {
        $crate::__codegen::params!(@ $name, $schema, [$($index => $field),*]);
    };
    (@ $name:ident, $schema:ident, [$($index:pat => $field:ident),*]) => {
        impl $crate::__codegen::Fields for $name {
            fn place(&mut self, index: usize) -> $crate::__codegen::Place<'_> {
                match index {
                    $($index => $crate::__codegen::Slot::place(&mut self.$field),)*
                    _ => $crate::__codegen::Place::None,
                }
            }

            fn view(&self, index: usize) -> $crate::__codegen::View<'_> {
                match index {
                    $($index => $crate::__codegen::Slot::view(&self.$field),)*
                    _ => $crate::__codegen::View::Absent,
                }
            }
        }

        impl $crate::__codegen::Slot for $name {
            fn blank() -> Self {
                Self { $($field: $crate::__codegen::Slot::blank(),)* }
            }

            fn place(&mut self) -> $crate::__codegen::Place<'_> {
                $crate::__codegen::Place::Object(self)
            }

            fn view(&self) -> $crate::__codegen::View<'_> {
                $crate::__codegen::View::Object(self)
            }
        }

        $crate::__codegen::delegates!($name, $schema, objects_equal, hash_object, debug_object);
        $crate::__codegen::data!($name, $schema);
    };
}

/// The impls of a union. `blank` is the member that decoding starts from: the unknown one of an
/// open union, or a member of a closed one that does not contain the union itself.
#[doc(hidden)]
#[macro_export]
macro_rules! __union {
    ($name:ident, $schema:ident, open, [$($index:literal $member:ident: $ty:ty),* $(,)?] $(,)?) => {
        $crate::__codegen::union!(@ $name, $schema, [$($index $member: $ty),*],
            Self::Unknown($crate::__codegen::Value::Null),
            Unknown(this) => (::core::option::Option::None, $crate::__codegen::View::Value(this)),
            _ => {
                *self = Self::Unknown($crate::__codegen::Value::Null);
                match self {
                    Self::Unknown(value) => $crate::__codegen::Place::Value(value),
                    #[allow(unreachable_patterns, reason = "a union without known members")]
                    _ => $crate::__codegen::Place::None,
                }
            }, self
        );
    };
    ($name:ident, $schema:ident, closed $blank:ident, [$($index:literal $member:ident: $ty:ty),* $(,)?] $(,)?) => {
        $crate::__codegen::union!(@ $name, $schema, [$($index $member: $ty),*],
            Self::$blank($crate::__codegen::Slot::blank()), , _ => $crate::__codegen::Place::None, self);
    };
    (@ $name:ident, $schema:ident, [$($index:literal $member:ident: $ty:ty),*], $blank:expr,
        $($unknown:ident($value:ident) => $current:expr)?, _ => $select:expr, $self:ident) => {
        $(impl ::core::convert::From<$ty> for $name {
            fn from(member: $ty) -> Self {
                Self::$member(::std::boxed::Box::new(member))
            }
        })*

        impl $crate::__codegen::Members for $name {
            fn select(&mut $self, member: ::core::option::Option<usize>) -> $crate::__codegen::Place<'_> {
                match member {
                    $(::core::option::Option::Some($index) => {
                        *$self = Self::$member($crate::__codegen::Slot::blank());
                        match $self {
                            Self::$member(member) => $crate::__codegen::Slot::place(member),
                            #[allow(unreachable_patterns, reason = "a union with one member")]
                            _ => $crate::__codegen::Place::None,
                        }
                    })*
                    _ => $select,
                }
            }

            fn current(&self) -> (::core::option::Option<usize>, $crate::__codegen::View<'_>) {
                match self {
                    $(Self::$member(member) => {
                        (::core::option::Option::Some($index), $crate::__codegen::Slot::view(member))
                    })*
                    $(Self::$unknown($value) => $current,)?
                }
            }
        }

        impl $crate::__codegen::Slot for $name {
            fn blank() -> Self {
                $blank
            }

            fn place(&mut self) -> $crate::__codegen::Place<'_> {
                $crate::__codegen::Place::Union(self)
            }

            fn view(&self) -> $crate::__codegen::View<'_> {
                $crate::__codegen::View::Union(self)
            }
        }

        $crate::__codegen::delegates!($name, $schema, unions_equal, hash_union, debug_union);
        $crate::__codegen::data!($name, $schema);
    };
}

/// `PartialEq`, `Eq`, `Hash` and `Debug` by the functions that do it for all types.
#[doc(hidden)]
#[macro_export]
macro_rules! __delegates {
    ($name:ident, $schema:ident, $equal:ident, $hash:ident, $debug:ident) => {
        impl ::core::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $crate::__codegen::$equal(&$schema, self, other)
            }
        }

        impl ::core::cmp::Eq for $name {}

        impl ::core::hash::Hash for $name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                $crate::__codegen::$hash(&$schema, self, state);
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__codegen::$debug(&$schema, self, f)
            }
        }
    };
}

/// The codecs of a type, and its serde impls where the feature is on.
#[doc(hidden)]
#[macro_export]
macro_rules! __data {
    ($name:ident, $schema:ident) => {
        impl $crate::__codegen::Data for $name {
            const SCHEMA: &'static $crate::__codegen::Schema = &$schema;
        }

        $crate::__codegen::serde!($name);
    };
}

/// The serde impls of a type; nothing where the feature is off.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __serde {
    ($name:ident) => {
        impl $crate::__codegen::serde_crate::Serialize for $name {
            fn serialize<S: $crate::__codegen::serde_crate::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::__codegen::serialize(self, serializer)
            }
        }

        impl<'de> $crate::__codegen::serde_crate::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__codegen::serde_crate::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__codegen::deserialize(deserializer)
            }
        }
    };
}

/// The serde impls of a type; nothing where the feature is off.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __serde {
    ($name:ident) => {};
}

/// The constructor and the setters of an object; types are those of the arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __build {
    ($name:ident { $($required:ident: $required_ty:ty),* $(,)? } [$($optional:ident),* $(,)?] $($extra:ident)?
        $({ $($setter:ident => $field:ident: $ty:ty),* $(,)? })? $(,)?) => {
        impl $name {
            /// With the required fields, in the order of the schema.
            #[allow(clippy::too_many_arguments, reason = "as many as the schema requires")]
            #[allow(clippy::self_named_constructors, reason = "a method may be called `new`")]
            #[must_use]
            pub fn new($($required: $required_ty),*) -> Self {
                Self {
                    $($required: $required.into(),)*
                    $($optional: ::core::option::Option::None,)*
                    $($extra: $crate::__codegen::Extra::new(),)?
                }
            }

            $($(
                #[doc = ::core::concat!("Sets `", ::core::stringify!($field), "`.")]
                #[must_use]
                pub fn $setter(mut self, $field: $ty) -> Self {
                    self.$field = ::core::option::Option::Some($field.into());
                    self
                }
            )*)?
        }
    };
}

/// A string with known values. An open one keeps others.
#[doc(hidden)]
#[macro_export]
macro_rules! __string {
    ($name:ident open { $($variant:ident = $text:literal),* $(,)? } $(,)?) => {
        impl $name {
            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Other(::std::string::String::from(text)),
                }
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl $crate::__codegen::Text for $name {
            fn set(&mut self, text: &str) -> bool {
                *self = Self::from(text);
                true
            }
        }

        $crate::__codegen::text_impls!($name, Self::Other(::std::string::String::new()));
    };
    ($name:ident closed $blank:ident { $($variant:ident = $text:literal),* $(,)? } $(,)?) => {
        impl $name {
            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::__codegen::UnknownText;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::__codegen::UnknownText> {
                match text {
                    $($text => ::core::result::Result::Ok(Self::$variant),)*
                    _ => ::core::result::Result::Err($crate::__codegen::UnknownText),
                }
            }
        }

        impl $crate::__codegen::Text for $name {
            fn set(&mut self, text: &str) -> bool {
                match text.parse() {
                    ::core::result::Result::Ok(value) => {
                        *self = value;
                        true
                    }
                    ::core::result::Result::Err(_) => false,
                }
            }
        }

        $crate::__codegen::text_impls!($name, Self::$blank);
    };
}

/// What both kinds of strings with known values have: they are their text.
#[doc(hidden)]
#[macro_export]
macro_rules! __text_impls {
    ($name:ident, $blank:expr) => {
        impl ::core::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl ::core::cmp::Eq for $name {}

        impl ::core::cmp::PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl ::core::hash::Hash for $name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__codegen::Slot for $name {
            fn blank() -> Self {
                $blank
            }

            fn place(&mut self) -> $crate::__codegen::Place<'_> {
                $crate::__codegen::Place::Text(self)
            }

            fn view(&self) -> $crate::__codegen::View<'_> {
                $crate::__codegen::View::Text(self.as_str())
            }
        }
    };
}

/// The declared errors of a method.
#[doc(hidden)]
#[macro_export]
macro_rules! __errors {
    ($name:ident { $($variant:ident = $text:literal),* $(,)? } $(,)?) => {
        impl $crate::__codegen::DeclaredError for $name {
            const NAMES: &'static [&'static str] = &[$($text),*];

            fn from_parts(
                name: &str,
                message: ::core::option::Option<::std::string::String>,
            ) -> ::core::option::Option<Self> {
                match name {
                    $($text => ::core::option::Option::Some(Self::$variant(message)),)*
                    _ => ::core::option::Option::None,
                }
            }

            fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $text,)*
                }
            }

            fn message(&self) -> ::core::option::Option<&str> {
                match self {
                    $(Self::$variant(message) => message.as_deref(),)*
                }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::xrpc::display_error(self, f)
            }
        }

        impl ::core::error::Error for $name {}
    };
}

/// A record key that is always the same text.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    ($name:ident = $text:literal) => {
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad($text)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::__codegen::UnknownText;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::__codegen::UnknownText> {
                if text == $text {
                    ::core::result::Result::Ok(Self)
                } else {
                    ::core::result::Result::Err($crate::__codegen::UnknownText)
                }
            }
        }

        impl $crate::__codegen::RecordKeyOf for $name {}
    };
}

/// The value of a field that stands for a string, or its default.
#[must_use]
pub fn text_or_default<T: Slot + Text + Clone>(value: Option<&T>, default: &str) -> T {
    value.cloned().unwrap_or_else(|| {
        let mut value = T::blank();
        value.set(default);
        value
    })
}

/// A text outside a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownText;

impl std::fmt::Display for UnknownText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not one of the allowed values")
    }
}

impl std::error::Error for UnknownText {}
