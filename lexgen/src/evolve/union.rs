//! Unions.

use arobase_lexicon::{
    document::{Reference, Union},
    json::Path,
};

use super::change::{Changes, Level};
use crate::walk::child;

impl Changes<'_> {
    pub(super) fn union(&mut self, path: &Path, old: &Union, new: &Union) {
        if old.closed != new.closed {
            self.changed(path, Level::Breaking, "union-closed-changed", "closed", old.closed, new.closed);
        }
        let refs = child(path, "refs");
        let closed = old.closed || new.closed;
        for reference in gone(&new.refs, &old.refs) {
            let (level, code) =
                if closed { (Level::Breaking, "closed-union-changed") } else { (Level::Ok, "union-member-added") };
            self.push(level, code, &refs, format!("the union gained `{reference}`"));
        }
        for reference in gone(&old.refs, &new.refs) {
            let code = if closed { "closed-union-changed" } else { "union-member-removed" };
            self.push(Level::Breaking, code, &refs, format!("the union lost `{reference}`"));
        }
    }
}

/// What is in the first list and not in the second.
fn gone<'a>(first: &'a [Reference], second: &'a [Reference]) -> impl Iterator<Item = &'a Reference> {
    first.iter().filter(|reference| !second.contains(reference))
}
