//! Families of lexicons: the first two segments of their NSIDs. In a published crate each is a
//! feature.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    emit::ident,
    ir::{EndpointKind, ItemKind, Package, TypeName},
};

/// The families of a package.
#[derive(Clone, Debug, Default)]
pub struct Families {
    /// For each family, by its first two modules: its feature and the features that it needs.
    families: BTreeMap<Vec<String>, Family>,
}

#[derive(Clone, Debug, Default)]
struct Family {
    feature: String,
    needs: BTreeSet<String>,
    schemas: Vec<TypeName>,
    endpoints: Vec<(TypeName, &'static str)>,
}

impl Families {
    /// The families of a package and the edges between them, which follow from references.
    pub(crate) fn new(package: &Package) -> Self {
        let mut families = Self::default();
        for (path, module) in &package.modules {
            let feature = module.nsid.split('.').take(2).collect::<Vec<_>>().join("-").to_lowercase();
            let key: Vec<_> = path.iter().take(2).cloned().collect();
            let family = families.families.entry(key).or_default();
            family.feature = feature;
            let name = |name: &str| TypeName { module: path.clone(), name: name.to_owned(), root: None };
            for item in &module.items {
                family.schemas.extend(item.schema.iter().map(|schema| name(&schema.name)));
                if let ItemKind::Endpoint(endpoint) = &item.kind {
                    family.endpoints.push((name(&endpoint.request), method_trait(&endpoint.kind)));
                }
            }
        }
        let needs: Vec<_> = package.modules.iter().map(|(path, module)| (path, targets(module))).collect();
        for (path, targets) in needs {
            let key: Vec<_> = path.iter().take(2).cloned().collect();
            for target in targets {
                let other: Vec<_> = target.iter().take(2).cloned().collect();
                let Some(feature) = families.families.get(&other).map(|family| family.feature.clone()) else {
                    continue;
                };
                if let Some(family) = families.families.get_mut(&key).filter(|family| family.feature != feature) {
                    family.needs.insert(feature);
                }
            }
        }
        families
    }

    /// Each feature with the features that it needs.
    #[must_use]
    pub fn features(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.families.values().map(|family| (family.feature.clone(), family.needs.clone())).collect()
    }

    /// The `cfg` of a module: of a family itself, or of what holds several.
    pub(crate) fn gate(&self, parent: &[String], name: &str) -> Option<TokenStream> {
        let mut path = parent.to_vec();
        path.push(name.to_owned());
        if path.len() == 2 {
            let feature = &self.families.get(&path)?.feature;
            return Some(quote! { #[cfg(feature = #feature)] });
        }
        if path.len() > 2 {
            return None;
        }
        let features: Vec<_> =
            self.families.iter().filter(|(key, _)| key.starts_with(&path)).map(|(_, family)| &family.feature).collect();
        match features.as_slice() {
            [feature] => Some(quote! { #[cfg(feature = #feature)] }),
            features => Some(quote! { #[cfg(any(#(feature = #features),*))] }),
        }
    }

    /// The lists of all descriptors.
    pub(crate) fn schemas(&self) -> TokenStream {
        let lists = self.lists(|family| family.schemas.iter().map(static_of).collect());
        quote! {
            /// The descriptors of all families that are switched on, a list a family.
            #[rustfmt::skip]
            pub static SCHEMAS: &[&[&__codegen::Schema]] = &[#(#lists),*];
        }
    }

    /// The lists of all methods.
    pub(crate) fn endpoints(&self) -> TokenStream {
        let lists = self.lists(|family| family.endpoints.iter().map(endpoint_of).collect());
        quote! {
            /// The methods of all families that are switched on, a list a family.
            #[rustfmt::skip]
            pub static ENDPOINTS: &[&[&__codegen::Endpoint]] = &[#(#lists),*];
        }
    }

    /// A list for each family, there with its feature.
    fn lists(&self, list: impl Fn(&Family) -> Vec<TokenStream>) -> impl Iterator<Item = TokenStream> {
        self.families.values().map(move |family| {
            let (feature, list) = (&family.feature, list(family));
            quote! {
                #[cfg(feature = #feature)]
                &[#(#list),*]
            }
        })
    }
}

/// The trait that has the descriptor of a method.
fn method_trait(kind: &EndpointKind) -> &'static str {
    match kind {
        EndpointKind::Query { .. } | EndpointKind::Procedure { .. } => "Method",
        EndpointKind::Subscription { .. } => "Subscription",
    }
}

fn path(name: &TypeName) -> TokenStream {
    let (module, name) = (name.module.iter().map(|segment| ident(segment)), ident(&name.name));
    quote! { crate #(::#module)* :: #name }
}

fn static_of(name: &TypeName) -> TokenStream {
    let path = path(name);
    quote! { &#path }
}

fn endpoint_of((name, method): &(TypeName, &str)) -> TokenStream {
    let (path, method) = (path(name), ident(method));
    quote! { <#path as __codegen::#method>::ENDPOINT }
}

fn targets(module: &crate::ir::Module) -> BTreeSet<Vec<String>> {
    let schemas = module.items.iter().filter_map(|item| item.schema.as_ref());
    schemas.flat_map(|schema| schema.targets.values().flatten()).map(|name| name.module.clone()).collect()
}
