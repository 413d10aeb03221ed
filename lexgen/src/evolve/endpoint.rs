//! Records, queries, procedures and subscriptions.

use arobase_lexicon::{
    document::{Body, ErrorDef, Params, Procedure, Query, Record, Subscription},
    json::Path,
};

use super::change::{Changes, Level, list};
use crate::walk::child;

/// What the body is for: one that clients send must not be asked for anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Input,
    Output,
}

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

impl Changes<'_> {
    pub(super) fn record(&mut self, path: &Path, old: &Record, new: &Record) {
        if old.key != new.key {
            self.changed(path, Level::Breaking, "record-key-changed", "key", &old.key, &new.key);
        }
        let path = child(path, "record");
        if old.record_description != new.record_description {
            self.description(&path);
        }
        self.object(&path, &old.record, &new.record);
    }

    pub(super) fn query(&mut self, path: &Path, old: &Query, new: &Query) {
        self.parameters(path, old.parameters.as_ref(), new.parameters.as_ref());
        self.body(path, Direction::Output, old.output.as_ref(), new.output.as_ref());
        self.errors(path, &old.errors, &new.errors);
    }

    pub(super) fn procedure(&mut self, path: &Path, old: &Procedure, new: &Procedure) {
        self.parameters(path, old.parameters.as_ref(), new.parameters.as_ref());
        self.body(path, Direction::Input, old.input.as_ref(), new.input.as_ref());
        self.body(path, Direction::Output, old.output.as_ref(), new.output.as_ref());
        self.errors(path, &old.errors, &new.errors);
    }

    pub(super) fn subscription(&mut self, path: &Path, old: &Subscription, new: &Subscription) {
        self.parameters(path, old.parameters.as_ref(), new.parameters.as_ref());
        let message = child(path, "message");
        let (before, after) = (&old.message, &new.message);
        if (&before.description, &before.schema_description) != (&after.description, &after.schema_description) {
            self.description(&message);
        }
        self.union(&child(&message, "schema"), &before.schema, &after.schema);
        self.errors(path, &old.errors, &new.errors);
    }

    fn parameters(&mut self, path: &Path, old: Option<&Params>, new: Option<&Params>) {
        let path = child(path, "parameters");
        match (old, new) {
            (None, None) => {}
            (Some(_), None) => self.push(Level::Warning, "parameters-removed", &path, "`parameters` were removed"),
            (None, Some(new)) if new.required.is_empty() => {
                self.push(Level::Ok, "parameters-added", &path, "`parameters` were added");
            }
            (None, Some(new)) => {
                let names = list(new.required.iter().map(String::as_str));
                self.push(
                    Level::Breaking,
                    "required-changed",
                    &path,
                    format!("required parameters were added: {names}"),
                );
            }
            (Some(old), Some(new)) => {
                if old.description != new.description {
                    self.description(&path);
                }
                self.properties(&path, &old.properties, &new.properties);
                self.required(&path, &old.required, &new.required);
            }
        }
    }

    fn body(&mut self, path: &Path, direction: Direction, old: Option<&Body>, new: Option<&Body>) {
        let word = direction.word();
        let path = child(path, word);
        match (old, new) {
            (None, None) => {}
            (Some(_), None) => self.push(Level::Warning, "body-removed", &path, format!("`{word}` was removed")),
            (None, Some(_)) if direction == Direction::Input => {
                self.push(Level::Breaking, "input-added", &path, "`input` was added, and old clients send none");
            }
            (None, Some(_)) => self.push(Level::Ok, "output-added", &path, "`output` was added"),
            (Some(old), Some(new)) => self.same_body(&path, old, new),
        }
    }

    fn same_body(&mut self, path: &Path, old: &Body, new: &Body) {
        if old.description != new.description {
            self.description(path);
        }
        if old.encoding != new.encoding {
            let (before, after) = (&old.encoding, &new.encoding);
            self.changed(path, Level::Breaking, "encoding-changed", "encoding", before, after);
        }
        let schema = child(path, "schema");
        match (&old.schema, &new.schema) {
            (None, None) => {}
            (Some(_), None) => {
                self.push(Level::Warning, "body-schema-removed", &schema, "the schema of the body was removed");
            }
            (None, Some(_)) => {
                self.push(
                    Level::Breaking,
                    "body-schema-added",
                    &schema,
                    "the body was free and has a schema now, which old bodies may not satisfy",
                );
            }
            (Some(old), Some(new)) => self.node(&schema, old, new),
        }
    }

    fn errors(&mut self, path: &Path, old: &[ErrorDef], new: &[ErrorDef]) {
        let path = child(path, "errors");
        let has = |errors: &[ErrorDef], name: &str| errors.iter().any(|error| error.name == name);
        for error in new.iter().filter(|error| !has(old, &error.name)) {
            self.push(Level::Ok, "error-added", &path, format!("the error `{}` was added", error.name));
        }
        for error in old.iter().filter(|error| !has(new, &error.name)) {
            self.push(Level::Warning, "error-removed", &path, format!("the error `{}` was removed", error.name));
        }
    }
}
