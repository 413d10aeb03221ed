//! What a new version of a lexicon means to those who use the old one.
//!
//! Lexicon, evolution: old data must stay valid under the new schema, and new data must be
//! valid under the old one. Whoever needs more than that takes a new NSID.

mod change;
mod endpoint;
mod kind;
mod object;
mod union;

use arobase_lexicon::{
    document::{Def, DefKind, Document, Map, Reference},
    json::Path,
};

use self::change::Changes;
pub use self::change::{Change, Level};
use crate::{resolve::Corpus, walk::keys, words::spell_def};

/// All changes from one version of a document to the next, in the order of the new document;
/// what is gone comes last at each level.
///
/// References into other documents cannot be followed here; [`compare_sets`] does.
pub fn compare(old: &Document, new: &Document) -> Vec<Change> {
    let of = |document: &Document, reference: &Reference| {
        if reference.nsid != document.id {
            return None;
        }
        find(&document.defs, &reference.name).map(|def| def.kind.type_name())
    };
    compare_with(old, new, &Targets { old: &|reference| of(old, reference), new: &|reference| of(new, reference) })
}

/// All changes from one set of documents to the next, by NSID.
pub fn compare_sets(old: &Corpus, new: &Corpus) -> Vec<(String, Vec<Change>)> {
    let of = |corpus: &Corpus, reference: &Reference| corpus.lookup(reference).map(|def| def.kind.type_name());
    let targets = Targets { old: &|reference| of(old, reference), new: &|reference| of(new, reference) };
    let mut changes = Vec::new();
    for entry in old.local() {
        let nsid = entry.document.id.as_str();
        let found = match new.entry(nsid) {
            Some(after) => compare_with(&entry.document, &after.document, &targets),
            None => {
                vec![Change::new(Level::Warning, "lexicon-removed", Path::default(), format!("`{nsid}` was removed"))]
            }
        };
        changes.push((nsid.to_owned(), found));
    }
    for entry in new.local().filter(|entry| old.entry(entry.document.id.as_str()).is_none()) {
        let nsid = entry.document.id.as_str();
        let added = Change::new(Level::Ok, "lexicon-added", Path::default(), format!("`{nsid}` was added"));
        changes.push((nsid.to_owned(), vec![added]));
    }
    changes.retain(|(_, found)| !found.is_empty());
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    changes
}

/// The `type` of what a reference leads to, before and after.
struct Targets<'a> {
    old: &'a dyn Fn(&Reference) -> Option<&'static str>,
    new: &'a dyn Fn(&Reference) -> Option<&'static str>,
}

fn compare_with(old: &Document, new: &Document, targets: &Targets<'_>) -> Vec<Change> {
    let mut changes = Changes::new(targets);
    if old.id != new.id {
        let message = format!("the NSID was `{}` and is `{}`", old.id.as_str(), new.id.as_str());
        changes.push(Level::Breaking, "id-changed", &keys(&["id"]), message);
    }
    if old.description != new.description {
        changes.description(&Path::default());
    }
    for (name, def) in &new.defs {
        let path = keys(&["defs", name]);
        match find(&old.defs, name) {
            Some(before) => changes.def(&path, before, def),
            None => {
                let spelt = spell_def(new.id.as_str(), name);
                changes.push(Level::Ok, "def-added", &path, format!("`{spelt}` was added"));
            }
        }
    }
    for (name, _) in old.defs.iter().filter(|(name, _)| find(&new.defs, name).is_none()) {
        let spelt = spell_def(old.id.as_str(), name);
        changes.push(Level::Warning, "def-removed", &keys(&["defs", name]), format!("`{spelt}` was removed"));
    }
    changes.into_vec()
}

impl Changes<'_> {
    fn def(&mut self, path: &Path, old: &Def, new: &Def) {
        if old.description != new.description {
            self.description(path);
        }
        match (&old.kind, &new.kind) {
            (DefKind::Record(old), DefKind::Record(new)) => self.record(path, old, new),
            (DefKind::Query(old), DefKind::Query(new)) => self.query(path, old, new),
            (DefKind::Procedure(old), DefKind::Procedure(new)) => self.procedure(path, old, new),
            (DefKind::Subscription(old), DefKind::Subscription(new)) => self.subscription(path, old, new),
            (DefKind::PermissionSet(old), DefKind::PermissionSet(new)) => {
                if old != new {
                    self.push(Level::Ok, "permission-set-changed", path, "the permission set changed");
                }
            }
            (DefKind::Token, DefKind::Token) => {}
            (DefKind::Type(before), DefKind::Type(after)) if old.kind.type_name() == new.kind.type_name() => {
                self.kind(path, before, after);
            }
            _ => self.changed(
                path,
                Level::Breaking,
                "def-type-changed",
                "type",
                old.kind.type_name(),
                new.kind.type_name(),
            ),
        }
    }
}

/// The entry of a name.
fn find<'a, T>(map: &'a Map<T>, name: &str) -> Option<&'a T> {
    map.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
