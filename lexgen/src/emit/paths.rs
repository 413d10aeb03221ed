//! Names and types as tokens.

use std::collections::BTreeSet;

use arobase_lexicon::syntax::Format;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::{Module, Ty, TypeName};

/// What names mean in the module at hand.
pub(super) struct Scope<'m> {
    path: &'m [String],
    /// The types that the module has itself; they hide those of the prelude.
    own: BTreeSet<&'m str>,
    /// Whether the root of the generated code is that of the crate.
    is_crate: bool,
}

impl<'m> Scope<'m> {
    pub(super) fn new(path: &'m [String], module: Option<&'m Module>, is_crate: bool) -> Self {
        let items = module.into_iter().flat_map(|module| &module.items);
        Self { path, own: items.map(|item| item.name.as_str()).collect(), is_crate }
    }

    /// A generated type.
    pub(super) fn item(&self, name: &TypeName) -> TokenStream {
        self.path_to(name, &name.name)
    }

    /// The static of a generated type.
    pub(super) fn static_of(&self, name: &TypeName) -> TokenStream {
        self.path_to(name, &name.static_name())
    }

    /// Relative where the code is included somewhere; in a crate of its own only to neighbours.
    fn path_to(&self, name: &TypeName, last: &str) -> TokenStream {
        let last = ident(last);
        if let Some(root) = &name.root {
            let root: TokenStream = root.parse().unwrap_or_default();
            let module = name.module.iter().map(|segment| ident(segment));
            return quote! { #root #(:: #module)* :: #last };
        }
        let common = self.path.iter().zip(&name.module).take_while(|(a, b)| a == b).count();
        if self.is_crate && self.path.len() > common + 1 {
            let module = name.module.iter().map(|segment| ident(segment));
            return quote! { crate #(:: #module)* :: #last };
        }
        let up = (common..self.path.len()).map(|_| quote! { super:: });
        let down = name.module.iter().skip(common).map(|segment| ident(segment));
        quote! { #(#up)* #(#down ::)* #last }
    }

    /// A type of the prelude, by its full path where the module has one of that name.
    fn prelude(&self, name: &str, full: TokenStream) -> TokenStream {
        if self.own.contains(name) {
            return full;
        }
        let name = ident(name);
        quote! { #name }
    }

    pub(super) fn option(&self, ty: &TokenStream) -> TokenStream {
        let option = self.prelude("Option", quote! { ::core::option::Option });
        quote! { #option<#ty> }
    }

    pub(super) fn boxed(&self, ty: &TokenStream) -> TokenStream {
        let boxed = self.prelude("Box", quote! { ::std::boxed::Box });
        quote! { #boxed<#ty> }
    }

    pub(super) fn into(&self) -> TokenStream {
        self.prelude("Into", quote! { ::core::convert::Into })
    }

    pub(super) fn string(&self) -> TokenStream {
        self.prelude("String", quote! { ::std::string::String })
    }

    /// A type.
    pub(super) fn ty(&self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::Bool => quote! { bool },
            Ty::Int => quote! { i64 },
            Ty::Text => self.string(),
            Ty::Format(format) => format_type(*format),
            Ty::Bytes => quote! { rt::Bytes },
            Ty::Link => quote! { rt::CidLink },
            Ty::Blob => quote! { rt::Blob },
            Ty::Value => quote! { rt::Value },
            Ty::Body => quote! { rt::Body },
            Ty::Unit | Ty::Itself => quote! { () },
            Ty::Never => quote! { rt::Infallible },
            Ty::Item(name) => self.item(name),
            Ty::List(ty) => {
                let (vec, ty) = (self.prelude("Vec", quote! { ::std::vec::Vec }), self.ty(ty));
                quote! { #vec<#ty> }
            }
            Ty::Boxed(ty) => self.boxed(&self.ty(ty)),
        }
    }
}

/// The type of a string format.
pub(super) fn format_type(format: Format) -> TokenStream {
    let name = format_variant(format);
    let name = if format == Format::Cid { ident("CidString") } else { name };
    quote! { rt::#name }
}

/// The variant of [`Format`].
pub(super) fn format_variant(format: Format) -> Ident {
    ident(&format!("{format:?}"))
}

/// An identifier, raw if it says so.
pub(crate) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(name) => Ident::new_raw(name, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}
