//! Methods and permission sets.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    docs::doc,
    paths::{Scope, ident},
};
use crate::{
    ir::{Endpoint, EndpointKind, Item, Payload, Permission, PermissionSet, Ty},
    name::variant_ident,
};

pub(super) fn emit(scope: &Scope<'_>, it: &Endpoint) -> TokenStream {
    let (name, nsid) = (ident(&it.request), &it.nsid);
    let error = (it.error != Ty::Never).then(|| {
        let error = scope.ty(&it.error);
        quote! { , error #error }
    });
    match &it.kind {
        EndpointKind::Query { output, paged } => {
            let output = body(scope, "output", output);
            let paged = paged.then(|| quote! { , paged cursor });
            quote! { rt::query! { #name, #nsid #output #error #paged } }
        }
        EndpointKind::Procedure { input, output } => {
            let (input, output) = (body(scope, "input", input), body(scope, "output", output));
            quote! { rt::procedure! { #name, #nsid #input #output #error } }
        }
        EndpointKind::Subscription { message } => {
            let message = scope.ty(message);
            quote! { rt::subscription! { #name, #nsid, message #message #error } }
        }
    }
}

/// A body with its encoding, where there is one. The request struct itself is `Self`.
fn body(scope: &Scope<'_>, label: &str, body: &Payload) -> Option<TokenStream> {
    let (label, encoding) = (ident(label), &body.encoding);
    let ty = match &body.ty {
        Ty::Unit => return None,
        Ty::Itself => quote! { Self },
        ty => scope.ty(ty),
    };
    Some(quote! { , #label #encoding => #ty })
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
