//! Which repositories are being fetched, and which are not worth another attempt yet.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use arobase_lexicon::syntax::Did;

/// How long a repository that could not be fetched is left alone.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// How many repositories are remembered before those are forgotten whose time is over.
const MANY: usize = 1024;

/// What is being fetched, and what failed.
#[derive(Debug, Default)]
pub(super) struct Cooldown {
    running: HashSet<Did>,
    failed: HashMap<Did, Instant>,
}

impl Cooldown {
    /// Whether the repository may be fetched now; then it is.
    pub(super) fn start(&mut self, did: &Did, now: Instant) -> bool {
        let rests = self.failed.get(did).is_some_and(|until| *until > now);
        !rests && self.running.insert(did.clone())
    }

    /// The fetch is over.
    pub(super) fn end(&mut self, did: &Did, is_there: bool, now: Instant) {
        self.running.remove(did);
        if is_there {
            self.failed.remove(did);
            return;
        }
        if self.failed.len() >= MANY {
            self.failed.retain(|_, until| *until > now);
        }
        self.failed.insert(did.clone(), now + PAUSE);
    }

    /// Whether nothing is being fetched.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_fetched_once_at_a_time_and_rests_after_a_failure() {
        let did: Did = "did:web:a.example".parse().unwrap();
        let (mut cooldown, now) = (Cooldown::default(), Instant::now());
        assert!(cooldown.start(&did, now));
        assert!(!cooldown.start(&did, now));
        cooldown.end(&did, true, now);
        assert!(cooldown.is_idle() && cooldown.start(&did, now));
        cooldown.end(&did, false, now);
        assert!(!cooldown.start(&did, now));
        assert!(cooldown.start(&did, now + PAUSE));
    }
}
