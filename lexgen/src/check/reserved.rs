//! Property names that the data model keeps for itself.

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    resolve::Entry,
    walk::{Part, walk},
};

/// Keys that say what a map is.
const RESERVED: [&str; 3] = ["$type", "$link", "$bytes"];

/// Refuses properties that would hide what a map is.
pub(super) fn check(entry: &Entry, dx: &mut Diagnostics) {
    walk(&entry.document, &mut |path, part| {
        if let Part::Property { name, .. } | Part::Param { name, .. } = part
            && RESERVED.contains(&name)
        {
            dx.push(
                Diagnostic::error("property-reserved", format!("a property cannot be named `{name}`"))
                    .at_key(entry.file, path.clone())
                    .rule("`$type`, `$link` and `$bytes` say what a map is, and are no properties")
                    .help("choose a name that does not begin with `$`"),
            );
        }
    });
}
