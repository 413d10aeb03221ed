//! From [`ir`](crate::ir) to Rust tokens. Nothing is decided here.

mod descriptor;
mod docs;
mod endpoint;
mod group;
mod object;
mod paths;
mod strings;
mod union;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Item, ItemKind, Module, Package, Ty};
pub(crate) use docs::{doc, inner_doc};
pub(crate) use group::Traits;
use paths::Scope;
pub(crate) use paths::ident;

/// Attributes that the user wants on types, by the path of the definition.
pub(crate) type Attributes<'a> = dyn Fn(&str) -> Vec<TokenStream> + 'a;

/// The items of each module; `is_crate` where the root of the code is that of the crate.
pub(crate) fn emit(
    package: &Package,
    is_crate: bool,
    attributes: &Attributes<'_>,
) -> BTreeMap<Vec<String>, TokenStream> {
    let emit = |path: &[String], module| emit_module(&Scope::new(path, Some(module), is_crate), module, attributes);
    package.modules.iter().map(|(path, module)| (path.clone(), emit(path, module))).collect()
}

/// The traits of each group of methods, by the module that they stand in.
pub(crate) fn groups(package: &Package, is_crate: bool, traits: Traits) -> BTreeMap<Vec<String>, TokenStream> {
    let scope = |path| Scope::new(path, package.modules.get(path), is_crate);
    package.groups.iter().map(|(path, it)| (path.clone(), group::emit(&scope(path), it, traits))).collect()
}

fn emit_module(scope: &Scope<'_>, module: &Module, attributes: &Attributes<'_>) -> TokenStream {
    let items = module.items.iter().map(|item| emit_item(scope, item, attributes));
    let schemas = module.items.iter().filter_map(|item| item.schema.as_ref());
    let schemas = schemas.map(|schema| descriptor::emit(scope, schema));
    quote! { #(#items)* #(#schemas)* }
}

fn emit_item(scope: &Scope<'_>, item: &Item, attributes: &Attributes<'_>) -> TokenStream {
    let attributes = || attributes(&item.path);
    match &item.kind {
        ItemKind::Struct(it) => object::emit(scope, item, it, &attributes()),
        ItemKind::Union(union) => union::emit(scope, item, union, &attributes()),
        ItemKind::Strings(it) => strings::emit(item, it, &attributes()),
        ItemKind::Alias(ty) => alias(scope, item, ty),
        ItemKind::Token(text) => strings::token(item, text),
        ItemKind::Errors(variants) => strings::errors(item, variants),
        ItemKind::Endpoint(it) => endpoint::emit(scope, it),
        ItemKind::Permissions(set) => endpoint::permissions(item, set),
        ItemKind::LiteralKey(text) => strings::key(item, text),
    }
}

fn alias(scope: &Scope<'_>, item: &Item, ty: &Ty) -> TokenStream {
    let (docs, name, ty) = (doc(&item.docs), paths::ident(&item.name), scope.ty(ty));
    quote! { #docs pub type #name = #ty; }
}
