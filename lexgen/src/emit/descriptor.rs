//! Descriptors: compiled schemas as Rust statics.

use arobase_lexicon::schema::{
    ArraySchema, BlobSchema, BooleanSchema, Field, IntegerSchema, KeyType, Lengths, Ref, Role, StringSchema, Type,
    UNBOUNDED, UnionSchema,
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::paths::{Scope, format_variant, ident};
use crate::ir::{Descriptor, TypeName};

pub(super) fn emit(scope: &Scope<'_>, descriptor: &Descriptor) -> TokenStream {
    let print = Print { scope, descriptor };
    let name = ident(&descriptor.name);
    let id = &*descriptor.schema.id;
    let (role, ty) = (print.role(), print.ty(&descriptor.schema.ty));
    quote! {
        #[doc(hidden)]
        pub static #name: rt::Schema = rt::Schema { id: rt::name(#id), role: #role, ty: #ty };
    }
}

struct Print<'a> {
    scope: &'a Scope<'a>,
    descriptor: &'a Descriptor,
}

impl Print<'_> {
    fn role(&self) -> TokenStream {
        let variant = match &self.descriptor.schema.role {
            Role::Record(key) => {
                let key = match key {
                    KeyType::Literal(text) => {
                        let text = &**text;
                        quote! { Literal(rt::name(#text)) }
                    }
                    KeyType::Tid => quote! { Tid },
                    KeyType::Nsid => quote! { Nsid },
                    KeyType::Any => quote! { Any },
                };
                return quote! { rt::Role::Record(rt::KeyType::#key) };
            }
            Role::Definition => "Definition",
            Role::Params => "Params",
            Role::Input => "Input",
            Role::Output => "Output",
            Role::Message => "Message",
            Role::Inline => "Inline",
        };
        let variant = ident(variant);
        quote! { rt::Role::#variant }
    }

    fn ty(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::Boolean(schema) => boolean(*schema),
            Type::Integer(schema) => integer(schema),
            Type::String(schema) => string(schema),
            Type::Bytes(bounds) => {
                let bounds = lengths(*bounds);
                quote! { rt::Type::Bytes(#bounds) }
            }
            Type::CidLink => quote! { rt::Type::CidLink },
            Type::Blob(schema) => blob(schema),
            Type::Unknown => quote! { rt::Type::Unknown },
            Type::Any => quote! { rt::Type::Any },
            Type::Array(schema) => self.array(schema),
            Type::Object(fields) => {
                let fields = fields.iter().map(|field| self.field(field));
                quote! { rt::Type::Object(rt::Shared::Static(&[#(#fields),*])) }
            }
            Type::Union(schema) => self.union(schema),
            Type::Ref(reference) => match self.target(*reference) {
                Some(name) => {
                    let name = self.scope.static_of(name);
                    quote! { rt::to(&#name) }
                }
                None => quote! { rt::Type::Any },
            },
        }
    }

    /// `None` where the document is missing: such data stays untyped.
    fn target(&self, reference: Ref) -> Option<&TypeName> {
        match reference {
            Ref::Id(id) => self.descriptor.targets.get(&id)?.as_ref(),
            Ref::Static(_) => None,
        }
    }

    fn field(&self, field: &Field) -> TokenStream {
        let key = &*field.key;
        let kind = ident(match (field.required, field.nullable) {
            (true, false) => "required",
            (false, false) => "optional",
            (true, true) => "required_nullable",
            (false, true) => "optional_nullable",
        });
        // What a list refers to lives as long as the static only in a literal, not in an argument
        // of a function; the macro stands for that literal.
        if let Type::Array(schema) = &field.ty {
            let (items, length) = (self.ty(&schema.items), lengths(schema.length));
            return quote! { rt::list!(#kind, #key, #items, #length) };
        }
        let ty = self.ty(&field.ty);
        quote! { rt::#kind(#key, #ty) }
    }

    fn array(&self, schema: &ArraySchema) -> TokenStream {
        let (items, length) = (self.ty(&schema.items), lengths(schema.length));
        quote! { rt::Type::Array(rt::ArraySchema { items: rt::Shared::Static(&#items), length: #length }) }
    }

    fn union(&self, schema: &UnionSchema) -> TokenStream {
        let known: Vec<_> = schema.members.iter().filter_map(|member| self.target(*member)).collect();
        let closed = schema.closed && known.len() == schema.members.len();
        let members = known.into_iter().map(|name| {
            let name = self.scope.static_of(name);
            quote! { rt::Ref::Static(&#name) }
        });
        quote! {
            rt::Type::Union(rt::UnionSchema { members: rt::Shared::Static(&[#(#members),*]), closed: #closed })
        }
    }
}

fn lengths(bounds: Lengths) -> TokenStream {
    if bounds == Lengths::ANY {
        return quote! { rt::Lengths::ANY };
    }
    let min = Literal::u32_unsuffixed(bounds.min);
    let max = match bounds.max {
        UNBOUNDED => quote! { rt::UNBOUNDED },
        max => {
            let max = Literal::u32_unsuffixed(max);
            quote! { #max }
        }
    };
    quote! { rt::lengths(#min, #max) }
}

fn boolean(schema: BooleanSchema) -> TokenStream {
    if schema == BooleanSchema::ANY {
        return quote! { rt::boolean() };
    }
    let (default, constant) = (option(schema.default), option(schema.constant));
    quote! { rt::Type::Boolean(rt::BooleanSchema { default: #default, constant: #constant }) }
}

fn integer(schema: &IntegerSchema) -> TokenStream {
    let int = |value: i64| match value {
        i64::MIN => quote! { i64::MIN },
        i64::MAX => quote! { i64::MAX },
        value => {
            let value = Literal::i64_unsuffixed(value);
            quote! { #value }
        }
    };
    let (min, max) = (int(schema.min), int(schema.max));
    if schema == &IntegerSchema::ANY {
        return quote! { rt::integer() };
    }
    if schema.enumeration.is_none() && schema.default.is_none() && schema.constant.is_none() {
        return quote! { rt::within(#min, #max) };
    }
    let enumeration = schema.enumeration.as_ref().map(|values| {
        let values = values.iter().map(|value| int(*value));
        quote! { rt::Shared::Static(&[#(#values),*]) }
    });
    let bounds = [
        (schema.min != i64::MIN).then(|| quote! { min: #min, }),
        (schema.max != i64::MAX).then(|| quote! { max: #max, }),
    ];
    let others =
        [("enumeration", enumeration), ("default", schema.default.map(int)), ("constant", schema.constant.map(int))];
    let others = others.into_iter().filter_map(set);
    quote! { rt::Type::Integer(rt::IntegerSchema { #(#bounds)* #(#others)* ..rt::IntegerSchema::ANY }) }
}

/// A field of a literal that is not as usual.
fn set((name, value): (&str, Option<TokenStream>)) -> Option<TokenStream> {
    let (name, value) = (ident(name), value?);
    Some(quote! { #name: ::core::option::Option::Some(#value), })
}

fn string(schema: &StringSchema) -> TokenStream {
    let format = schema.format.map(|format| {
        let format = format_variant(format);
        quote! { rt::Format::#format }
    });
    let bounded = schema.length != Lengths::ANY || schema.graphemes != Lengths::ANY;
    let listed = schema.enumeration.is_some() || schema.default.is_some() || schema.constant.is_some();
    match format {
        None if !bounded && !listed => return quote! { rt::text() },
        Some(format) if !bounded && !listed => return quote! { rt::format(#format) },
        None if !listed => {
            let (length, graphemes) = (lengths(schema.length), lengths(schema.graphemes));
            return quote! { rt::bounded(#length, #graphemes) };
        }
        _ => {}
    }
    let name = |text: &str| quote! { rt::name(#text) };
    let enumeration = schema.enumeration.as_ref().map(|values| {
        let values = values.iter().map(|value| &**value);
        quote! { rt::names!(#(#values),*) }
    });
    let bounds = [("length", schema.length), ("graphemes", schema.graphemes)];
    let bounds = bounds.into_iter().filter(|(_, bounds)| *bounds != Lengths::ANY).map(|(name, bounds)| {
        let (name, bounds) = (ident(name), lengths(bounds));
        quote! { #name: #bounds, }
    });
    let others = [
        ("format", format),
        ("enumeration", enumeration),
        ("default", schema.default.as_ref().map(|text| name(text))),
        ("constant", schema.constant.as_ref().map(|text| name(text))),
    ];
    let others = others.into_iter().filter_map(set);
    quote! { rt::Type::String(rt::StringSchema { #(#bounds)* #(#others)* ..rt::StringSchema::ANY }) }
}

fn blob(schema: &BlobSchema) -> TokenStream {
    let accept = schema.accept.iter().map(|pattern| &**pattern);
    let max = option(schema.max_size.map(Literal::u64_unsuffixed));
    quote! {
        rt::Type::Blob(rt::BlobSchema { accept: rt::names!(#(#accept),*), max_size: #max })
    }
}

fn option<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote! { ::core::option::Option::Some(#value) },
        None => quote! { ::core::option::Option::None },
    }
}
