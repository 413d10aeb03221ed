//! The traits of a group of methods.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    docs::doc,
    paths::{Scope, ident},
};
use crate::ir::{EndpointKind, Group, Method, Ty};

/// Which traits a group has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    /// The one to call methods.
    pub(crate) client: bool,
    /// The one to serve methods.
    pub(crate) server: bool,
    /// Whether the methods of the server have a body that answers 501.
    pub(crate) stubs: bool,
}

pub(super) fn emit(scope: &Scope<'_>, group: &Group, traits: Traits) -> TokenStream {
    let namespace = &group.namespace;
    let sides = sides(namespace, traits);
    if sides.is_empty() {
        return TokenStream::new();
    }
    let is_stream = |method: &&Method| matches!(method.endpoint.kind, EndpointKind::Subscription { .. });
    let (streams, methods): (Vec<_>, Vec<_>) = group.methods.iter().partition(is_stream);
    let block = |label: &str, methods: Vec<&Method>| {
        let label = ident(label);
        let lines = methods.iter().map(|it| method(scope, it));
        (!methods.is_empty()).then(|| quote! { , #label { #(#lines)* } })
    };
    let (methods, streams) = (block("methods", methods), block("subscriptions", streams));
    quote! { rt::methods! { #namespace [#(#sides),*] #methods #streams } }
}

/// The traits that there are; that of the server with what the compiler says where it is missing.
fn sides(namespace: &str, traits: Traits) -> Vec<TokenStream> {
    let client = traits.client.then(|| quote! { client });
    let server = traits.server.then(|| {
        let server = ident(if traits.stubs { "server" } else { "complete_server" });
        let message = format!("`{{Self}}` does not serve `{namespace}`");
        quote! { #server(#message) }
    });
    client.into_iter().chain(server).collect()
}

fn method(scope: &Scope<'_>, it: &Method) -> TokenStream {
    let (docs, name, request) = (doc(&it.docs), ident(&it.name), scope.item(&it.request));
    let error = scope.ty(&it.endpoint.error);
    match &it.endpoint.kind {
        EndpointKind::Query { output, .. } => {
            let output = scope.ty(&output.ty);
            quote! { #docs fn #name(query: #request) -> Result<#output, #error>; }
        }
        EndpointKind::Procedure { input, output } => {
            let output = scope.ty(&output.ty);
            let request_name = ident(if input.ty == Ty::Itself { "input" } else { "params" });
            let beside = beside(scope, &input.ty);
            quote! { #docs fn #name(#request_name: #request #beside) -> Result<#output, #error>; }
        }
        EndpointKind::Subscription { message } => {
            let message = scope.ty(message);
            quote! { #docs fn #name(params: #request) -> Stream<#message, #error>; }
        }
    }
}

/// What is passed beside the request struct.
fn beside(scope: &Scope<'_>, ty: &Ty) -> Option<TokenStream> {
    let name = match ty {
        Ty::Unit | Ty::Itself => return None,
        Ty::Body => ident("body"),
        _ => ident("input"),
    };
    let ty = scope.ty(ty);
    Some(quote! { , #name: #ty })
}
