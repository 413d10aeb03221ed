//! Mistakes in a configuration.

use std::{fmt, path::PathBuf};

use super::{keys::KEYS, raw::Place};

/// All mistakes of a configuration, at least one.
#[derive(Clone, Debug)]
pub struct ConfigError {
    pub(super) file: PathBuf,
    pub(super) faults: Vec<Fault>,
}

/// A mistake.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// Where it is.
    pub(super) place: Place,
    /// What is wrong, and with which key.
    pub(super) what: String,
}

impl ConfigError {
    /// How many mistakes there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.faults.len()
    }
}

/// A line for each mistake: where, which key, what is wrong.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            match &fault.place {
                Place::Line(line) => write!(f, "{}:{line}: {}", self.file.display(), fault.what)?,
                Place::Variable(name) => write!(f, "{name}: {}", fault.what)?,
                Place::Default => f.write_str(&fault.what)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// What somebody may have meant who wrote a key that there is not.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let near = KEYS.iter().map(|key| (distance(name, key.name), key.name));
    let (distance, key) = near.min_by_key(|(distance, _)| *distance)?;
    // The same last word in the wrong section is a good guess too.
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    match distance {
        0..=3 => Some(key),
        _ => KEYS.iter().map(|key| key.name).find(|key| last(key) == last(name)).or_else(|| section(name)),
    }
}

/// The section that somebody may have meant.
fn section(name: &str) -> Option<&'static str> {
    let mut sections = KEYS.iter().filter_map(|key| key.name.rsplit_once('.')).map(|(section, _)| section);
    sections.find(|section| distance(name, section) <= 2)
}

/// How many letters have to be added, taken away or changed.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (y, a) in one.chars().enumerate() {
        let mut corner = y;
        let mut left = y + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let cost = (corner + usize::from(a != b)).min(left + 1).min(*cell + 1);
            corner = std::mem::replace(cell, cost);
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = y + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
