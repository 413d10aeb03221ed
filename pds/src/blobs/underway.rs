//! Uploads that are under way. The database does not know of them yet, and still their objects are nobody's surplus.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The keys of uploads that are under way. Cheap to clone; clones are one set.
#[derive(Clone, Default)]
pub(super) struct Underway(Arc<Mutex<HashSet<Box<str>>>>);

/// An upload that is under way until this is dropped.
pub(super) struct Begun {
    key: Box<str>,
    all: Underway,
}

impl Underway {
    pub(super) fn begin(&self, key: Box<str>) -> Begun {
        self.keys().insert(key.clone());
        Begun { key, all: self.clone() }
    }

    /// All as of now.
    pub(super) fn snapshot(&self) -> HashSet<Box<str>> {
        self.keys().clone()
    }

    /// A thread that panicked leaves a whole set behind.
    fn keys(&self) -> MutexGuard<'_, HashSet<Box<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.all.keys().remove(&self.key);
    }
}
