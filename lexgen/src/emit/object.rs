//! Structs.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    docs::doc,
    paths::{Scope, format_type, ident},
};
use crate::ir::{Default, Field, Item, RecordKey, Struct, Ty};

pub(super) fn emit(scope: &Scope<'_>, item: &Item, it: &Struct, attributes: &[TokenStream]) -> TokenStream {
    let (docs, name) = (doc(&item.docs), ident(&item.name));
    let fields = it.fields.iter().map(|field| {
        let (docs, ident, ty) = (doc(&field.docs), ident(&field.ident), stored_type(scope, field));
        quote! { #docs pub #ident: #ty, }
    });
    let extra = it.extra.then(|| {
        quote! {
            /// Fields that the schema does not know.
            pub extra: rt::Extra,
        }
    });
    // A struct without required fields has a meaningful default.
    let default = it.fields.iter().all(|field| field.argument.is_none()).then(|| quote! { , Default });
    let constructors = constructors(scope, item, it);
    let accessors = accessors(scope, item, it);
    let impls = impls(item, it);
    let record = it.record.as_ref().map(|key| record(item, it, key));
    quote! {
        #docs
        #(#attributes)*
        #[derive(Clone #default)]
        pub struct #name { #(#fields)* #extra }

        #constructors
        #accessors
        #record
        #impls
    }
}

/// The type with `Option` and `Nullable` around it.
fn stored_type(scope: &Scope<'_>, field: &Field) -> TokenStream {
    let ty = settable_type(scope, field);
    if field.argument.is_some() { ty } else { scope.option(&ty) }
}

fn settable_type(scope: &Scope<'_>, field: &Field) -> TokenStream {
    let ty = scope.ty(&field.ty);
    if field.nullable {
        quote! { rt::Nullable<#ty> }
    } else {
        ty
    }
}

/// What constructors and setters take: anything that becomes the type. A format stands for itself,
/// so that `"...".parse()?` knows what it makes.
fn argument_type(scope: &Scope<'_>, field: &Field) -> TokenStream {
    let ty = settable_type(scope, field);
    match &field.ty {
        Ty::Bool | Ty::Int | Ty::Format(_) if !field.nullable => ty,
        _ => {
            let into = scope.into();
            quote! { impl #into<#ty> }
        }
    }
}

fn constructors(scope: &Scope<'_>, item: &Item, it: &Struct) -> TokenStream {
    let name = ident(&item.name);
    let mut required: Vec<_> = it.fields.iter().filter(|field| field.argument.is_some()).collect();
    required.sort_by_key(|field| field.argument);
    let required = required.into_iter().map(|field| {
        let (ident, ty) = (ident(&field.ident), argument_type(scope, field));
        quote! { #ident: #ty }
    });
    let optional: Vec<_> = it.fields.iter().filter(|field| field.argument.is_none()).collect();
    let idents = optional.iter().map(|field| ident(&field.ident));
    let setters = optional.iter().filter_map(|field| {
        let (setter, ident, ty) = (ident(field.setter.as_ref()?), ident(&field.ident), argument_type(scope, field));
        Some(quote! { #setter => #ident: #ty })
    });
    let extra = it.extra.then(|| quote! { extra });
    let setters = (!optional.is_empty()).then(|| quote! { { #(#setters),* } });
    quote! {
        rt::build! { #name { #(#required),* } [#(#idents),*] #extra #setters }
    }
}

/// What an absent field with a default stands for.
fn accessors(scope: &Scope<'_>, item: &Item, it: &Struct) -> Option<TokenStream> {
    let name = ident(&item.name);
    let methods: Vec<_> = it
        .fields
        .iter()
        .filter(|field| field.argument.is_none() && !field.nullable)
        .filter_map(|field| accessor(scope, field))
        .collect();
    (!methods.is_empty()).then(|| quote! { impl #name { #(#methods)* } })
}

fn accessor(scope: &Scope<'_>, field: &Field) -> Option<TokenStream> {
    let field_ident = ident(&field.ident);
    let (method, default) = field.default.as_ref()?;
    let method = ident(method);
    let (ty, value) = match (default, &field.ty) {
        (Default::Bool(value), Ty::Bool | Ty::Item(_)) => {
            (quote! { bool }, quote! { self.#field_ident.unwrap_or(#value) })
        }
        (Default::Int(value), Ty::Int | Ty::Item(_)) => {
            let value = Literal::i64_unsuffixed(*value);
            (quote! { i64 }, quote! { self.#field_ident.unwrap_or(#value) })
        }
        (Default::Text(value), Ty::Text) => {
            (quote! { &str }, quote! { self.#field_ident.as_deref().unwrap_or(#value) })
        }
        (Default::Text(value), Ty::Item(_) | Ty::Format(_)) => {
            let ty = scope.ty(&field.ty);
            (ty, quote! { rt::text_or_default(self.#field_ident.as_ref(), #value) })
        }
        _ => return None,
    };
    let docs = doc(&[format!("`{}`, or its default where it is absent.", field.key)]);
    Some(quote! {
        #docs
        #[must_use]
        pub fn #method(&self) -> #ty { #value }
    })
}

fn impls(item: &Item, it: &Struct) -> Option<TokenStream> {
    let name = ident(&item.name);
    let schema = ident(&item.schema.as_ref()?.name);
    let mut fields: Vec<_> = it.fields.iter().collect();
    fields.sort_by_key(|field| field.index);
    let fields = fields.into_iter().map(|field| {
        let (index, ident) = (Literal::usize_unsuffixed(field.index), ident(&field.ident));
        quote! { #index #ident }
    });
    let kind = ident(if it.extra { "object" } else { "params" });
    Some(quote! {
        rt::#kind! { #name, #schema, [#(#fields),*] }
    })
}

fn record(item: &Item, it: &Struct, key: &RecordKey) -> TokenStream {
    let (name, nsid) = (ident(&item.name), &it.nsid);
    let key = match key {
        RecordKey::Format(format) => format_type(*format),
        RecordKey::Literal(name) => {
            let name = ident(name);
            quote! { #name }
        }
    };
    quote! {
        rt::record! { #name, #nsid, #key }
    }
}
