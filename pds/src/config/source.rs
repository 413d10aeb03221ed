//! Where values come from: a file, and the environment, which overrules it.

use std::{collections::BTreeMap, ffi::OsString};

use toml::de::{DeTable, DeValue};

use super::{
    fault::{Fault, nearest},
    keys::{KEYS, PREFIX},
    raw::{Given, Place, Raw, shown},
};

/// The variable that names the file.
pub(super) const FILE: &str = "AROBASE_PDS_CONFIG";

/// What was given, by key, and what is wrong with it so far.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) given: BTreeMap<&'static str, Given>,
    pub(super) faults: Vec<Fault>,
}

impl Source {
    /// Takes in a file.
    pub(super) fn file(&mut self, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = Place::Line(line(text, error.span().map_or(0, |span| span.start)));
            self.fault(place, error.message().to_owned());
        }
        // What could be read of a file that is broken is not worth a complaint of its own.
        if errors.is_empty() {
            self.table(text, "", table.get_ref());
        }
    }

    fn table(&mut self, text: &str, section: &str, table: &DeTable<'_>) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let place = Place::Line(line(text, name.span().start));
            let name = format!("{section}{}", name.get_ref());
            match (KEYS.iter().find(|key| key.name == name), value.get_ref()) {
                (Some(key), value) => drop(self.given.insert(key.name, Given { raw: Raw::of(value), place })),
                (None, DeValue::Table(inner)) if is_section(&name) => self.table(text, &format!("{name}."), inner),
                (None, _) => self.unknown(&name, place),
            }
        }
    }

    fn unknown(&mut self, name: &str, place: Place) {
        let hint = nearest(name).map(|key| format!("; is it `{key}`?")).unwrap_or_default();
        self.fault(place, format!("there is no key `{}`{hint}", shown(name)));
    }

    /// Takes in variables, of which those count that have our prefix.
    pub(super) fn variables(&mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) {
        let ours = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        for (name, value) in variables.into_iter().filter_map(ours) {
            if name.starts_with(PREFIX) && name != FILE {
                self.variable(name, value);
            }
        }
    }

    fn variable(&mut self, name: String, value: OsString) {
        let Some(key) = KEYS.iter().find(|key| key.variable() == name) else {
            let guess = name.trim_start_matches(PREFIX).to_ascii_lowercase();
            let near = KEYS.iter().find(|key| key.name.replace('.', "_") == guess).or_else(|| {
                let guess = nearest(&guess)?;
                KEYS.iter().find(|key| key.name == guess)
            });
            let hint = near.map(|key| format!("; is it {}?", key.variable())).unwrap_or_default();
            return self.fault(Place::Variable(name), format!("there is no such variable{hint}"));
        };
        let place = Place::Variable(name);
        match value.into_string() {
            Ok(text) => drop(self.given.insert(key.name, Given { raw: Raw::Variable(text), place })),
            Err(_) => self.fault(place, "it is not UTF-8".to_owned()),
        }
    }

    pub(super) fn fault(&mut self, place: Place, what: String) {
        self.faults.push(Fault { place, what });
    }
}

/// Whether keys begin with this.
fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// The line of a place in a text, from 1.
fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
