//! Permission sets: the entries that access control heeds.

use arobase_lexicon::{
    document::{self, PermissionSet as Document},
    json::Json,
    syntax::Nsid,
};

use crate::ir::{Permission, PermissionSet};

pub(super) fn lower(nsid: &str, set: &Document) -> PermissionSet {
    let group = nsid.rsplit_once('.').map_or("", |(group, _)| group);
    PermissionSet {
        nsid: nsid.to_owned(),
        title: set.title.clone(),
        detail: set.detail.clone(),
        permissions: set.permissions.iter().filter_map(|permission| entry(permission, group)).collect(),
    }
}

/// An entry with anything unknown in it is ignored as a whole (Lexicon, permission objects).
fn entry(permission: &document::Permission, group: &str) -> Option<Permission> {
    match permission.resource.as_str() {
        "repo" => repo(permission, group),
        "rpc" => rpc(permission, group),
        _ => None,
    }
}

fn repo(permission: &document::Permission, group: &str) -> Option<Permission> {
    let (mut collections, mut actions) = (None, None);
    for (key, value) in &permission.fields {
        match key.as_str() {
            "collection" => collections = Some(inside(value, group)?),
            "action" => actions = Some(texts(value)?),
            _ => return None,
        }
    }
    let all = || ["create", "update", "delete"].map(str::to_owned).to_vec();
    let actions = actions.unwrap_or_else(all);
    let known = !actions.is_empty() && actions.iter().all(|action| all().contains(action));
    known.then_some(Permission::Repo { collections: collections?, actions })
}

fn rpc(permission: &document::Permission, group: &str) -> Option<Permission> {
    let (mut methods, mut any, mut inherit) = (None, false, false);
    for (key, value) in &permission.fields {
        match (key.as_str(), value) {
            ("lxm", value) => methods = Some(inside(value, group)?),
            ("aud", Json::String(audience)) if audience == "*" => any = true,
            ("inheritAud", Json::Bool(value)) => inherit = *value,
            _ => return None,
        }
    }
    (any != inherit).then_some(Permission::Rpc { methods: methods?, inherit_audience: inherit })
}

/// NSIDs in the namespace of the set; a name that is none, or of another one, spoils the entry.
fn inside(value: &Json, group: &str) -> Option<Vec<String>> {
    let names = texts(value)?;
    let fits = |name: &String| {
        name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.')) && name.parse::<Nsid>().is_ok()
    };
    (!names.is_empty() && names.iter().all(fits)).then_some(names)
}

fn texts(value: &Json) -> Option<Vec<String>> {
    match value {
        Json::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many entries are left of one with these names, as collections and as methods.
    fn left(names: &[&str]) -> [usize; 2] {
        let names = Json::Array(names.iter().map(|name| Json::String((*name).into())).collect());
        [("repo", "collection", None), ("rpc", "lxm", Some(("inheritAud".into(), Json::Bool(true))))].map(
            |(resource, key, more)| {
                let fields = [(key.into(), names.clone())].into_iter().chain(more).collect();
                let entry = document::Permission { description: None, resource: resource.into(), fields };
                let set = Document {
                    title: None,
                    title_lang: Vec::new(),
                    detail: None,
                    detail_lang: Vec::new(),
                    permissions: vec![entry],
                };
                lower("com.example.basicAccess", &set).permissions.len()
            },
        )
    }

    #[test]
    fn names_in_the_namespace_of_the_set_are_permitted() {
        assert_eq!(left(&["com.example.note", "com.example.deeper.note"]), [1, 1]);
    }

    #[test]
    fn a_name_that_is_no_nsid_spoils_its_entry() {
        for name in [
            "com.example.",
            "com.example.no-te",
            "com.example.a b",
            "com.example.4",
            "com.example.x#y",
            "com.example.*",
            "*",
            "",
        ] {
            assert_eq!(left(&["com.example.note", name]), [0, 0], "{name:?}");
        }
    }

    #[test]
    fn a_name_of_another_namespace_spoils_its_entry() {
        for name in ["com.other.note", "com.examples.note", "com.example"] {
            assert_eq!(left(&["com.example.note", name]), [0, 0], "{name:?}");
        }
    }
}
