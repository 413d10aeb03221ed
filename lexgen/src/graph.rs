//! Questions about what contains what, answered once for the whole package.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Item, ItemKind, Package, Struct, Ty, TypeName};

/// Puts a struct that contains itself without a list or a union between on the heap: one box in
/// each circle, at the field that closes it.
pub(crate) fn box_cycles(package: &mut Package) {
    let closing = {
        let mut search = Search { structs: structs(package), closing: BTreeSet::new(), done: BTreeSet::new() };
        let names: Vec<_> = search.structs.keys().cloned().collect();
        for name in names {
            search.visit(&name, &mut Vec::new());
        }
        search.closing
    };
    for (module, item) in items_mut(package) {
        if let ItemKind::Struct(it) = &mut item.kind {
            let name = TypeName { module: module.clone(), name: item.name.clone(), root: None };
            for field in &mut it.fields {
                if closing.contains(&(name.clone(), field.key.clone())) {
                    let ty = std::mem::replace(&mut field.ty, Ty::Unit);
                    field.ty = Ty::Boxed(Box::new(ty));
                }
            }
        }
    }
}

/// The fields of each struct that hold another struct itself, with the key of the field.
type Structs = BTreeMap<TypeName, Vec<(String, TypeName)>>;

struct Search {
    structs: Structs,
    /// The fields that lead back to a struct on the way.
    closing: BTreeSet<(TypeName, String)>,
    done: BTreeSet<TypeName>,
}

impl Search {
    fn visit(&mut self, name: &TypeName, way: &mut Vec<TypeName>) {
        if self.done.contains(name) {
            return;
        }
        way.push(name.clone());
        for (key, target) in self.structs.get(name).cloned().unwrap_or_default() {
            if way.contains(&target) {
                self.closing.insert((name.clone(), key));
            } else {
                self.visit(&target, way);
            }
        }
        way.pop();
        self.done.insert(name.clone());
    }
}

fn structs(package: &Package) -> Structs {
    items(package)
        .filter_map(|(module, item)| match &item.kind {
            ItemKind::Struct(it) => Some((name_of(module, item), held(it))),
            _ => None,
        })
        .collect()
}

fn held(it: &Struct) -> Vec<(String, TypeName)> {
    it.fields
        .iter()
        .filter_map(|field| match &field.ty {
            Ty::Item(target) => Some((field.key.clone(), target.clone())),
            _ => None,
        })
        .collect()
}

/// Chooses for each closed union a member that can be made blank: one that does not require the
/// union itself on every way. Gives back the unions that have none, by document and place.
pub(crate) fn choose_blanks(package: &mut Package) -> Vec<(String, String)> {
    let blanks = blanks(package);
    let mut endless = Vec::new();
    for (path, module) in &mut package.modules {
        for item in &mut module.items {
            let name = name_of(path, item);
            let ItemKind::Union(union) = &mut item.kind else { continue };
            match blanks.get(&name) {
                Some(Some(member)) => union.closed = Some(member.clone()),
                Some(None) => {}
                None => endless.push((module.nsid.clone(), item.path.clone())),
            }
        }
    }
    endless
}

/// The types whose blank value ends: grown from those that require nothing. With each closed
/// union stands the member that was there before it, and so does not lead back to it.
fn blanks(package: &Package) -> BTreeMap<TypeName, Option<String>> {
    let mut blanks = BTreeMap::new();
    loop {
        let before = blanks.len();
        for (module, item) in items(package) {
            let name = name_of(module, item);
            if !blanks.contains_key(&name)
                && let Some(member) = blank(&item.kind, &blanks)
            {
                blanks.insert(name, member);
            }
        }
        if blanks.len() == before {
            return blanks;
        }
    }
}

/// Whether a blank value ends, as far as is known; and of a closed union, which member it is.
fn blank(kind: &ItemKind, known: &BTreeMap<TypeName, Option<String>>) -> Option<Option<String>> {
    let ends = |ty: &TypeName| ty.root.is_some() || known.contains_key(ty);
    match kind {
        ItemKind::Struct(it) => it
            .fields
            .iter()
            .all(|field| field.argument.is_none() || field.nullable || innermost(&field.ty).is_none_or(ends))
            .then_some(None),
        ItemKind::Union(union) if union.closed.is_some() => {
            union.members.iter().find(|member| ends(&member.ty)).map(|member| Some(member.name.clone()))
        }
        ItemKind::Alias(ty) => innermost(ty).is_none_or(ends).then_some(None),
        _ => Some(None),
    }
}

fn innermost(ty: &Ty) -> Option<&TypeName> {
    match ty {
        Ty::Item(name) => Some(name),
        Ty::Boxed(ty) => innermost(ty),
        _ => None,
    }
}

fn name_of(module: &[String], item: &Item) -> TypeName {
    TypeName { module: module.to_vec(), name: item.name.clone(), root: None }
}

fn items(package: &Package) -> impl Iterator<Item = (&Vec<String>, &Item)> {
    package.modules.iter().flat_map(|(path, module)| module.items.iter().map(move |item| (path, item)))
}

fn items_mut(package: &mut Package) -> impl Iterator<Item = (&Vec<String>, &mut Item)> {
    package.modules.iter_mut().flat_map(|(path, module)| module.items.iter_mut().map(move |item| (path, item)))
}
