//! Types that need a value of themselves, so that no value of them can exist.

use std::collections::{BTreeMap, BTreeSet};

use arobase_lexicon::{
    document::{Def, DefKind, Kind, Object, Reference},
    json::Path,
};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    resolve::{Corpus, Entry, Origin},
    walk::{child, keys},
    words::spell_def,
};

/// How many names of a cycle are shown.
const MAX_WAY: usize = 6;

/// A definition, and the definitions of which every value of it contains a value.
struct Type<'a> {
    entry: &'a Entry,
    needs: Vec<Need<'a>>,
}

/// A reference that every value fills.
struct Need<'a> {
    reference: &'a Reference,
    path: Path,
}

/// Reports cycles of needs, each at its first reference in a local document.
///
/// A type with two needs can be on two cycles; the second is reported when the first is mended.
pub(super) fn check(corpus: &Corpus, dx: &mut Diagnostics) {
    let mut types = collect(corpus);
    prune(&mut types);
    for cycle in cycles(&types) {
        report(&types, &cycle, dx);
    }
}

/// The key of a definition.
type Node<'a> = (&'a str, &'a str);

fn collect(corpus: &Corpus) -> BTreeMap<Node<'_>, Type<'_>> {
    let mut types = BTreeMap::new();
    for entry in corpus.iter() {
        for (name, def) in &entry.document.defs {
            let mut needs = Vec::new();
            def_needs(def, &keys(&["defs", name]), &mut needs);
            types.insert((entry.document.id.as_str(), name.as_str()), Type { entry, needs });
        }
    }
    types
}

fn def_needs<'a>(def: &'a Def, path: &Path, needs: &mut Vec<Need<'a>>) {
    match &def.kind {
        DefKind::Record(record) => object_needs(&record.record, &child(path, "record"), needs),
        DefKind::Type(kind) => kind_needs(kind, path, needs),
        _ => {}
    }
}

fn kind_needs<'a>(kind: &'a Kind, path: &Path, needs: &mut Vec<Need<'a>>) {
    match kind {
        Kind::Object(object) => object_needs(object, path, needs),
        Kind::Array(array) if array.min_length.is_some_and(|length| length > 0) => {
            kind_needs(&array.items.kind, &child(path, "items"), needs);
        }
        Kind::Ref(reference) => needs.push(Need { reference, path: child(path, "ref") }),
        _ => {}
    }
}

fn object_needs<'a>(object: &'a Object, path: &Path, needs: &mut Vec<Need<'a>>) {
    let properties = child(path, "properties");
    let mut needed: BTreeSet<_> = object.required.iter().collect();
    for name in &object.nullable {
        needed.remove(name);
    }
    for (name, node) in &object.properties {
        if needed.contains(name) {
            kind_needs(&node.kind, &child(&properties, name), needs);
        }
    }
}

/// Leaves only the types that need something that is left: those on a cycle or before one.
fn prune(types: &mut BTreeMap<Node<'_>, Type<'_>>) {
    let mut needed_by: BTreeMap<Node<'_>, Vec<Node<'_>>> = BTreeMap::new();
    let mut missing: BTreeMap<Node<'_>, usize> = BTreeMap::new();
    for (node, definition) in &*types {
        let needs: Vec<_> = definition.needs.iter().map(target).filter(|need| types.contains_key(need)).collect();
        missing.insert(*node, needs.len());
        for need in needs {
            needed_by.entry(need).or_default().push(*node);
        }
    }
    let mut ready: Vec<_> = missing.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
    while let Some(node) = ready.pop() {
        types.remove(&node);
        for user in needed_by.get(&node).into_iter().flatten() {
            let Some(count) = missing.get_mut(user) else { continue };
            *count -= 1;
            if *count == 0 {
                ready.push(*user);
            }
        }
    }
}

fn target<'a>(need: &Need<'a>) -> Node<'a> {
    (need.reference.nsid.as_str(), need.reference.name.as_str())
}

/// Follows the first need of each type. After pruning each has one, so every way ends in a cycle.
fn cycles<'a>(types: &BTreeMap<Node<'a>, Type<'a>>) -> Vec<Vec<Node<'a>>> {
    let mut cycles = Vec::new();
    let mut seen = BTreeSet::new();
    for start in types.keys() {
        let mut way = Vec::new();
        let mut node = *start;
        while seen.insert(node) {
            way.push(node);
            let Some((after, _)) = next(types, node) else { break };
            node = after;
        }
        // Where the way ran into an older one, its cycle is known.
        if let Some(begin) = way.iter().position(|passed| *passed == node) {
            let mut cycle = way.split_off(begin);
            cycle.sort_unstable();
            cycles.push(cycle);
        }
    }
    cycles
}

fn next<'t, 'a>(types: &'t BTreeMap<Node<'a>, Type<'a>>, node: Node<'a>) -> Option<(Node<'a>, &'t Need<'a>)> {
    let needs = &types.get(&node)?.needs;
    needs.iter().map(|need| (target(need), need)).find(|(node, _)| types.contains_key(node))
}

fn report(types: &BTreeMap<Node<'_>, Type<'_>>, cycle: &[Node<'_>], dx: &mut Diagnostics) {
    let local = |node: &&Node<'_>| types.get(*node).is_some_and(|found| found.entry.origin == Origin::Local);
    let Some(first) = cycle.iter().find(local) else { return };
    let (Some(definition), Some((_, need))) = (types.get(first), next(types, *first)) else { return };
    let way = way_round(types, *first);
    let subject = spell_def(first.0, first.1);
    let message = match way.len() {
        2 => format!("`{subject}` requires a value of itself, so no value of it can exist"),
        _ => format!("`{subject}` requires itself, so no value of it can exist: {}", way.join(" -> ")),
    };
    dx.push(
        Diagnostic::error("unsatisfiable", message)
            .at(definition.entry.file, need.path.clone())
            .expected("a recursion that can end")
            .help("make the property optional or nullable, or put it in an array or a union"),
    );
}

/// The names on the way from a type on a cycle back to it; of a long way, the first ones.
fn way_round(types: &BTreeMap<Node<'_>, Type<'_>>, first: Node<'_>) -> Vec<String> {
    let mut way = vec![spell_def(first.0, first.1)];
    let mut node = first;
    while let Some((after, _)) = next(types, node) {
        if way.len() == MAX_WAY && after != first {
            way.push("...".to_owned());
            break;
        }
        way.push(spell_def(after.0, after.1));
        node = after;
        if node == first {
            break;
        }
    }
    way
}
