//! The methods of a namespace, which have their traits in common.

use crate::ir::{Group, ItemKind, Method, Package, TypeName};

/// Puts all methods of a package into their groups.
pub(super) fn add(package: &mut Package) {
    for (path, method) in package.modules.keys().filter_map(|path| method(package, path)).collect::<Vec<_>>() {
        let [above @ .., _] = path.as_slice() else { continue };
        let nsid = &method.endpoint.nsid;
        let namespace = nsid.rsplit_once('.').map_or(nsid.as_str(), |(namespace, _)| namespace).to_owned();
        let group = package.groups.entry(above.to_vec());
        group.or_insert_with(|| Group { namespace, methods: Vec::new() }).methods.push(method);
    }
}

/// The method of a module, where it has one.
fn method(package: &Package, path: &[String]) -> Option<(Vec<String>, Method)> {
    let (name, above) = path.split_last()?;
    let module = package.modules.get(path)?;
    let endpoint = module.items.iter().find_map(|item| match &item.kind {
        ItemKind::Endpoint(endpoint) => Some(endpoint),
        _ => None,
    })?;
    // Mostly the module of the group names it again; otherwise it is where it is.
    let again = package.uses(above).contains(&(name.as_str(), endpoint.request.as_str()));
    let request =
        TypeName { module: if again { above } else { path }.to_vec(), name: endpoint.request.clone(), root: None };
    let method = Method { name: name.clone(), docs: module.docs.clone(), request, endpoint: (**endpoint).clone() };
    Some((path.to_vec(), method))
}
