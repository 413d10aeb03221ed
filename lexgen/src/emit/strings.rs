//! Enums over texts, constants, declared errors, literal keys.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs::doc, paths::ident};
use crate::ir::{Item, Strings, Variant};

pub(super) fn emit(item: &Item, it: &Strings, attributes: &[TokenStream]) -> TokenStream {
    let (docs, name) = (doc(&item.docs), ident(&item.name));
    let variants = it.variants.iter().map(|variant| {
        let (docs, name) = (doc(&variant.docs), ident(&variant.name));
        quote! { #docs #name, }
    });
    let (non_exhaustive, other, kind) = match it.variants.first() {
        Some(first) if it.closed => {
            let first = ident(&first.name);
            (None, None, quote! { closed #first })
        }
        _ => (
            Some(quote! { #[non_exhaustive] }),
            Some(quote! {
                /// Another value.
                Other(::std::string::String),
            }),
            quote! { open },
        ),
    };
    let copy = it.closed.then(|| quote! { , Copy });
    let texts = texts(&it.variants);
    quote! {
        #docs
        #(#attributes)*
        #[derive(Clone #copy)]
        #non_exhaustive
        pub enum #name { #(#variants)* #other }

        rt::string! { #name #kind { #texts } }
    }
}

fn texts(variants: &[Variant]) -> TokenStream {
    let pairs = variants.iter().map(|variant| {
        let (name, text) = (ident(&variant.name), &variant.text);
        quote! { #name = #text }
    });
    quote! { #(#pairs),* }
}

pub(super) fn errors(item: &Item, variants: &[Variant]) -> TokenStream {
    let (docs, name) = (doc(&item.docs), ident(&item.name));
    let list = variants.iter().map(|variant| {
        let (docs, name) = (doc(&variant.docs), ident(&variant.name));
        quote! { #docs #name(::core::option::Option<::std::string::String>), }
    });
    let texts = texts(variants);
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum #name { #(#list)* }

        rt::errors! { #name { #texts } }
    }
}

pub(super) fn token(item: &Item, text: &str) -> TokenStream {
    let (docs, name) = (doc(&item.docs), ident(&item.name));
    quote! { #docs pub const #name: &str = #text; }
}

pub(super) fn key(item: &Item, text: &str) -> TokenStream {
    let (docs, name) = (doc(&item.docs), ident(&item.name));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct #name;

        rt::key! { #name = #text }
    }
}
