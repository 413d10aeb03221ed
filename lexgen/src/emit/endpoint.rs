//! Methods and permission sets.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    docs::doc,
    paths::{Scope, ident},
};
use crate::{
    ir::{Endpoint, EndpointKind, Item, Permission, PermissionSet, Ty},
    name::variant_ident,
};

pub(super) fn emit(scope: &Scope<'_>, it: &Endpoint) -> TokenStream {
    let (name, nsid, error) = (ident(&it.request), &it.nsid, scope.ty(&it.error));
    match &it.kind {
        EndpointKind::Query { output } => {
            let (encoding, output) = (&output.encoding, scope.ty(&output.ty));
            quote! {
                impl rt::Query for #name {
                    const NSID: &'static str = #nsid;
                    const OUTPUT_ENCODING: &'static str = #encoding;
                    type Output = #output;
                    type Error = #error;
                }
            }
        }
        EndpointKind::Procedure { input, output } => {
            let request = ident(if input.ty == Ty::Itself { "Input" } else { "Params" });
            let (input_encoding, input) = (&input.encoding, scope.ty(&input.ty));
            let (output_encoding, output) = (&output.encoding, scope.ty(&output.ty));
            quote! {
                impl rt::Procedure for #name {
                    const NSID: &'static str = #nsid;
                    const REQUEST: rt::RequestPart = rt::RequestPart::#request;
                    const INPUT_ENCODING: &'static str = #input_encoding;
                    const OUTPUT_ENCODING: &'static str = #output_encoding;
                    type Input = #input;
                    type Output = #output;
                    type Error = #error;
                }
            }
        }
        EndpointKind::Subscription { message } => {
            let message = scope.ty(message);
            quote! {
                impl rt::Subscription for #name {
                    const NSID: &'static str = #nsid;
                    type Message = #message;
                    type Error = #error;
                }
            }
        }
    }
}

pub(super) fn permissions(item: &Item, set: &PermissionSet) -> TokenStream {
    let (docs, name, nsid) = (doc(&item.docs), ident(&item.name), &set.nsid);
    let text = |text: &Option<String>| match text {
        Some(text) => quote! { ::core::option::Option::Some(#text) },
        None => quote! { ::core::option::Option::None },
    };
    let (title, detail) = (text(&set.title), text(&set.detail));
    let permissions = set.permissions.iter().map(permission);
    quote! {
        #docs
        pub const #name: rt::PermissionSet = rt::PermissionSet {
            nsid: #nsid,
            title: #title,
            detail: #detail,
            permissions: &[#(#permissions),*],
        };
    }
}

fn permission(permission: &Permission) -> TokenStream {
    match permission {
        Permission::Repo { collections, actions } => {
            let actions = actions.iter().map(|action| ident(&variant_ident(action)));
            quote! {
                rt::Permission::Repo { collections: &[#(#collections),*], actions: &[#(rt::Action::#actions),*] }
            }
        }
        Permission::Rpc { methods, inherit_audience } => quote! {
            rt::Permission::Rpc { methods: &[#(#methods),*], inherit_audience: #inherit_audience }
        },
    }
}
