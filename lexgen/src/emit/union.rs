//! Enums over other types.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    docs::doc,
    paths::{Scope, ident},
};
use crate::ir::{Item, Union};

pub(super) fn emit(scope: &Scope<'_>, item: &Item, union: &Union, attributes: &[TokenStream]) -> TokenStream {
    let (docs, name) = (doc(&item.docs), ident(&item.name));
    let variants = union.members.iter().map(|member| {
        let docs = doc(&[format!("`{}`", member.id)]);
        let (name, ty) = (ident(&member.name), scope.boxed(&scope.item(&member.ty)));
        quote! { #docs #name(#ty), }
    });
    let open = union.closed.is_none();
    let non_exhaustive = open.then(|| quote! { #[non_exhaustive] });
    let unknown = open.then(|| {
        quote! {
            /// A member that the schema does not list.
            Unknown(rt::Value),
        }
    });
    let schema = item.schema.as_ref().map(|schema| ident(&schema.name));
    let kind = match &union.closed {
        Some(blank) => {
            let blank = ident(blank);
            quote! { closed #blank }
        }
        None => quote! { open },
    };
    let members = union.members.iter().map(|member| {
        let (index, name) = (Literal::usize_unsuffixed(member.index), ident(&member.name));
        let ty = scope.item(&member.ty);
        quote! { #index #name: #ty }
    });
    quote! {
        #docs
        #(#attributes)*
        #[derive(Clone)]
        #non_exhaustive
        pub enum #name { #(#variants)* #unknown }

        rt::union! { #name, #schema, #kind, [#(#members),*] }
    }
}
