//! Lints about permission sets. What loads but breaks these rules, access control ignores.

use arobase_lexicon::{
    document::{DefKind, Permission},
    json::{Json, Path},
    syntax::Nsid,
};

use super::{Context, Finding};
use crate::walk::{Part, child};

pub(super) fn no_title(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let DefKind::PermissionSet(set) = &def.kind else { return None };
    set.title.is_none().then(|| Finding::new(path, "this permission set has no `title`", "name it in a few words"))
}

pub(super) fn no_permissions(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let DefKind::PermissionSet(set) = &def.kind else { return None };
    let path = child(path, "permissions");
    set.permissions.is_empty().then(|| Finding::new(&path, "this permission set is empty", "list what it permits"))
}

pub(super) fn permission_resource(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Permission(permission) = part else { return None };
    let resource = permission.resource.as_str();
    let message = match resource {
        "repo" | "rpc" => return None,
        "blob" | "account" | "identity" => format!("`{resource}` cannot be permitted by a set"),
        _ => format!("`{resource}` is no resource"),
    };
    Some(Finding::new(&child(path, "resource"), message, "remove the permission: it is ignored"))
}

pub(super) fn permission_audience(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Permission(permission) = part else { return None };
    let any_method = strings(permission, "lxm").is_some_and(|methods| methods == ["*"]);
    let any_audience = field(permission, "aud").and_then(Json::as_str) == Some("*");
    (permission.resource == "rpc" && any_method && any_audience).then(|| {
        let message = "this permits every method of every service";
        Finding::new(&child(path, "aud"), message, "list the methods in `lxm`, or use `inheritAud`")
    })
}

pub(super) fn permission_fields(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Permission(permission) = part else { return None };
    let (place, message) = match permission.resource.as_str() {
        "repo" => repo_fault(permission)?,
        "rpc" => rpc_fault(permission)?,
        _ => return None,
    };
    let path = if field(permission, place).is_some() { child(path, place) } else { path.clone() };
    Some(Finding::new(&path, message, "correct it: a permission with a fault is ignored as a whole"))
}

/// The field at fault, and what is wrong.
type Fault = Option<(&'static str, String)>;

fn repo_fault(permission: &Permission) -> Fault {
    const ACTIONS: [&str; 3] = ["create", "update", "delete"];
    if let Some(fault) = unknown_field(permission, &["collection", "action"]) {
        return Some(fault);
    }
    if !is_nsid_list(permission, "collection", false) {
        return Some(("collection", "`collection` is not a list of NSIDs".to_owned()));
    }
    field(permission, "action")?;
    let actions = strings(permission, "action").unwrap_or_default();
    let known = !actions.is_empty() && actions.iter().all(|action| ACTIONS.contains(action));
    (!known).then(|| ("action", "`action` is not a list of create, update and delete".to_owned()))
}

fn rpc_fault(permission: &Permission) -> Fault {
    if let Some(fault) = unknown_field(permission, &["lxm", "aud", "inheritAud"]) {
        return Some(fault);
    }
    if !is_nsid_list(permission, "lxm", true) {
        return Some(("lxm", "`lxm` is not a list of NSIDs".to_owned()));
    }
    let inherits = match field(permission, "inheritAud") {
        None => false,
        Some(Json::Bool(value)) => *value,
        Some(_) => return Some(("inheritAud", "`inheritAud` is not a boolean".to_owned())),
    };
    match (field(permission, "aud").map(Json::as_str), inherits) {
        (Some(_), true) => Some(("aud", "`aud` and `inheritAud` exclude each other".to_owned())),
        (None, false) => Some(("aud", "there is neither `aud` nor `inheritAud`".to_owned())),
        (Some(audience), false) if audience != Some("*") => Some(("aud", "`aud` of a set can only be `*`".to_owned())),
        _ => None,
    }
}

fn unknown_field(permission: &Permission, known: &'static [&'static str]) -> Fault {
    let (name, _) = permission.fields.iter().find(|(name, _)| !known.contains(&name.as_str()))?;
    Some(("", format!("`{}` has no field `{name}`", permission.resource)))
}

/// Whether a field is a list of one NSID or more; `*` alone is tolerated for methods.
fn is_nsid_list(permission: &Permission, name: &str, or_any: bool) -> bool {
    let Some(names) = strings(permission, name) else { return false };
    (or_any && names == ["*"]) || (!names.is_empty() && names.iter().all(|name| name.parse::<Nsid>().is_ok()))
}

pub(super) fn permission_namespace(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Permission(permission) = part else { return None };
    let group = context.nsid().strip_suffix(context.name())?;
    ["collection", "lxm"].into_iter().find_map(|list| {
        let names = strings(permission, list)?;
        let outsider = names.into_iter().find(|name| *name != "*" && !name.starts_with(group))?;
        let message = format!("`{outsider}` is not in the group `{}`", group.trim_end_matches('.'));
        Some(Finding::new(
            &child(path, list),
            message,
            "move it to a set of its own group: here the permission is ignored",
        ))
    })
}

fn field<'a>(permission: &'a Permission, name: &str) -> Option<&'a Json> {
    permission.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// A list of strings; `None` if it is anything else.
fn strings<'a>(permission: &'a Permission, name: &str) -> Option<Vec<&'a str>> {
    field(permission, name)?.as_array()?.iter().map(Json::as_str).collect()
}
