//! What makes a request struct a method, and what makes a struct a record.

use arobase_lexicon::schema::{BodySchema, Ref, Schema, Shared};

use crate::xrpc::{Form, Payload};

/// A body of an endpoint. `any` describes JSON that has no schema.
#[must_use]
pub const fn body<T: Payload>(encoding: &'static str, any: &'static Schema) -> Option<BodySchema> {
    let schema = match (T::SCHEMA, T::FORM) {
        (Some(schema), _) => Some(Ref::Static(schema)),
        (None, Form::Json) => Some(Ref::Static(any)),
        (None, Form::Empty | Form::Stream) => None,
    };
    Some(BodySchema { encoding: Shared::Static(encoding), schema })
}

/// A query: its request struct, its NSID, and where there are such, its output and its errors.
#[doc(hidden)]
#[macro_export]
macro_rules! __query {
    ($name:ident, $nsid:literal
        $(, output $encoding:literal => $output:ty)?
        $(, error $error:ty)?
        $(, paged $cursor:ident)?
        $(,)?) => {
        $crate::__codegen::nsid!($name, $nsid);

        impl $crate::__codegen::Method for $name {
            const ENDPOINT: &'static $crate::__codegen::Endpoint = &$crate::__codegen::Endpoint {
                nsid: $crate::__codegen::name($nsid),
                kind: $crate::__codegen::EndpointKind::Query,
                params: ::core::option::Option::Some($crate::__codegen::Ref::Static(
                    <Self as $crate::__codegen::Data>::SCHEMA,
                )),
                input: ::core::option::Option::None,
                output: $crate::__codegen::body!($nsid, Output $(, $encoding => $output)?),
                message: ::core::option::Option::None,
            };
            const REQUEST: $crate::__codegen::RequestPart = $crate::__codegen::RequestPart::Params;
            type Input = ();
            type Output = $crate::__codegen::or!(() $(, $output)?);
            type Error = $crate::__codegen::or!($crate::__codegen::Infallible $(, $error)?);
        }

        impl $crate::__codegen::Query for $name {}

        $(impl $crate::__codegen::Paged for $name {
            fn next(output: &Self::Output) -> ::core::option::Option<&str> {
                output.$cursor.as_deref()
            }

            fn position(&self) -> ::core::option::Option<&str> {
                self.$cursor.as_deref()
            }

            fn set_cursor(&mut self, cursor: ::std::string::String) {
                self.$cursor = ::core::option::Option::Some(cursor);
            }
        })?
    };
}

/// A procedure: its request struct, its NSID, and where there are such, its input, its output and
/// its errors. The input `Self` is the request struct.
#[doc(hidden)]
#[macro_export]
macro_rules! __procedure {
    ($name:ident, $nsid:literal, input $input_encoding:literal => Self
        $(, output $encoding:literal => $output:ty)?
        $(, error $error:ty)?
        $(,)?) => {
        $crate::__codegen::procedure!(@ $name, $nsid, Input, (), ::core::option::Option::None,
            $crate::__codegen::body!($nsid, Input, $input_encoding => Self),
            $crate::__codegen::body!($nsid, Output $(, $encoding => $output)?),
            $crate::__codegen::or!(() $(, $output)?),
            $crate::__codegen::or!($crate::__codegen::Infallible $(, $error)?)
        );
    };
    ($name:ident, $nsid:literal
        $(, input $input_encoding:literal => $input:ty)?
        $(, output $encoding:literal => $output:ty)?
        $(, error $error:ty)?
        $(,)?) => {
        $crate::__codegen::procedure!(@ $name, $nsid, Params, $crate::__codegen::or!(() $(, $input)?),
            ::core::option::Option::Some($crate::__codegen::Ref::Static(<Self as $crate::__codegen::Data>::SCHEMA)),
            $crate::__codegen::body!($nsid, Input $(, $input_encoding => $input)?),
            $crate::__codegen::body!($nsid, Output $(, $encoding => $output)?),
            $crate::__codegen::or!(() $(, $output)?),
            $crate::__codegen::or!($crate::__codegen::Infallible $(, $error)?)
        );
    };
    (@ $name:ident, $nsid:literal, $request:ident, $beside:ty, $params:expr, $input:expr, $output:expr,
        $answer:ty, $error:ty) => {
        $crate::__codegen::nsid!($name, $nsid);

        impl $crate::__codegen::Method for $name {
            const ENDPOINT: &'static $crate::__codegen::Endpoint = &$crate::__codegen::Endpoint {
                nsid: $crate::__codegen::name($nsid),
                kind: $crate::__codegen::EndpointKind::Procedure,
                params: $params,
                input: $input,
                output: $output,
                message: ::core::option::Option::None,
            };
            const REQUEST: $crate::__codegen::RequestPart = $crate::__codegen::RequestPart::$request;
            type Input = $beside;
            type Output = $answer;
            type Error = $error;
        }

        impl $crate::__codegen::Procedure for $name {}
    };
}

/// A subscription: its request struct, its NSID, its messages, and where there are such, its errors.
#[doc(hidden)]
#[macro_export]
macro_rules! __subscription {
    ($name:ident, $nsid:literal, message $message:ty $(, error $error:ty)? $(,)?) => {
        $crate::__codegen::nsid!($name, $nsid);

        impl $crate::__codegen::Subscription for $name {
            const ENDPOINT: &'static $crate::__codegen::Endpoint = &$crate::__codegen::Endpoint {
                nsid: $crate::__codegen::name($nsid),
                kind: $crate::__codegen::EndpointKind::Subscription,
                params: ::core::option::Option::Some($crate::__codegen::Ref::Static(
                    <Self as $crate::__codegen::Data>::SCHEMA,
                )),
                input: ::core::option::Option::None,
                output: ::core::option::Option::None,
                message: ::core::option::Option::Some($crate::__codegen::Ref::Static(
                    <$message as $crate::__codegen::Data>::SCHEMA,
                )),
            };
            type Message = $message;
            type Error = $crate::__codegen::or!($crate::__codegen::Infallible $(, $error)?);
        }
    };
}

/// A record: its struct, its NSID, and the type of its keys.
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($name:ident, $nsid:literal, $key:ty $(,)?) => {
        $crate::__codegen::nsid!($name, $nsid);

        impl $crate::__codegen::Record for $name {
            const NSID: &'static str = $nsid;
            type Key = $key;
        }
    };
}

/// The NSID as a constant of the type, which needs no import.
#[doc(hidden)]
#[macro_export]
macro_rules! __nsid {
    ($name:ident, $nsid:literal) => {
        impl $name {
            #[doc = ::core::concat!("`", $nsid, "`")]
            pub const NSID: &'static str = $nsid;
        }
    };
}

/// A body of an endpoint, where there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __body {
    ($nsid:literal, $role:ident) => {
        ::core::option::Option::None
    };
    ($nsid:literal, $role:ident, $encoding:literal => $ty:ty) => {
        $crate::__codegen::body::<$ty>(
            $encoding,
            const {
                &$crate::__codegen::Schema {
                    id: $crate::__codegen::name($nsid),
                    role: $crate::__codegen::Role::$role,
                    ty: $crate::__codegen::Type::Any,
                }
            },
        )
    };
}

/// The second type; where there is none, the first.
#[doc(hidden)]
#[macro_export]
macro_rules! __or {
    ($default:ty) => {
        $default
    };
    ($default:ty, $given:ty) => {
        $given
    };
}
