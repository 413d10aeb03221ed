//! Which repositories are being fetched, and which rest before the next fetch.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use arobase_lexicon::syntax::Did;

/// How long a repository rests that was fetched, and one that could not be. Twice as long after each further fetch
/// in a row.
const AFTER_SUCCESS: Duration = Duration::from_secs(10);
const AFTER_FAILURE: Duration = Duration::from_secs(5 * 60);

/// The longest rest, and how long after a rest the next fetch is still one in a row.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// How many repositories are remembered before those are forgotten whose time is over.
const MANY: usize = 1024;

/// How a fetch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The repository was fetched.
    Fetched,
    /// It could not be fetched.
    Failed,
    /// Nothing was missing.
    Unneeded,
}

/// What is being fetched or will be, and what rests.
#[derive(Debug)]
pub(super) struct Cooldown {
    /// The most that are fetched or will be.
    most: usize,
    running: HashMap<Did, Running>,
    rests: HashMap<Did, Rest>,
    /// How many rests there may be before those are forgotten that are long over.
    room: usize,
}

#[derive(Debug)]
struct Running {
    begins: Instant,
    /// Whether something was missing since it began.
    again: bool,
}

#[derive(Debug)]
struct Rest {
    until: Instant,
    length: Duration,
}

impl Cooldown {
    pub(super) fn new(most: usize) -> Self {
        Self { most, running: HashMap::new(), rests: HashMap::new(), room: MANY }
    }

    /// After what time to start a fetch of the repository. `None` for not at all: it is being fetched, and what is
    /// missing is remembered, or it will be fetched; or there are too many.
    pub(super) fn start(&mut self, did: &Did, now: Instant) -> Option<Duration> {
        if let Some(running) = self.running.get_mut(did) {
            running.again |= running.begins <= now;
            return None;
        }
        if self.running.len() >= self.most {
            return None;
        }
        let rest = self.rests.get(did).map_or(Duration::ZERO, |rest| rest.until.saturating_duration_since(now));
        self.running.insert(did.clone(), Running { begins: now + rest, again: false });
        Some(rest)
    }

    /// The fetch is over. Whether something was missing since it began.
    pub(super) fn end(&mut self, did: &Did, ended: Ended, now: Instant) -> bool {
        let again = self.running.remove(did).is_some_and(|running| running.again);
        let least = match ended {
            Ended::Fetched => AFTER_SUCCESS,
            Ended::Failed => AFTER_FAILURE,
            Ended::Unneeded => return again,
        };
        let in_a_row = self.rests.get(did).filter(|rest| rest.until + HOUR > now);
        let length = in_a_row.map_or(least, |rest| least.max(rest.length * 2)).min(HOUR);
        self.make_room(now);
        self.rests.insert(did.clone(), Rest { until: now + length, length });
        again
    }

    fn make_room(&mut self, now: Instant) {
        if self.rests.len() >= self.room {
            self.rests.retain(|_, rest| rest.until + HOUR > now);
            // Looking through all of them costs no more than a few steps for each.
            self.room = MANY.max(2 * self.rests.len());
        }
    }

    /// Whether nothing is being fetched, but for what still rests.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.running.values().all(|running| running.begins > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Option<Duration> = Some(Duration::ZERO);

    fn did(name: &str) -> Did {
        format!("did:web:{name}.example").parse().unwrap()
    }

    #[test]
    fn a_repository_is_fetched_once_at_a_time_and_rests_after_that() {
        let (mut cooldown, now) = (Cooldown::new(9), Instant::now());
        assert_eq!(cooldown.start(&did("a"), now), NOW);
        assert_eq!(cooldown.start(&did("a"), now), None);
        assert!(cooldown.end(&did("a"), Ended::Fetched, now), "something was missing meanwhile");
        assert_eq!(cooldown.start(&did("a"), now), Some(AFTER_SUCCESS));
        assert!(cooldown.is_idle(now), "it rests");
        assert!(!cooldown.is_idle(now + AFTER_SUCCESS));
        assert_eq!(cooldown.start(&did("a"), now), None);
        assert!(!cooldown.end(&did("a"), Ended::Failed, now), "it had not begun");
        assert_eq!(cooldown.start(&did("a"), now + AFTER_FAILURE), NOW);
    }

    #[test]
    fn rests_grow_with_fetches_in_a_row() {
        let (mut cooldown, mut now) = (Cooldown::new(9), Instant::now());
        let mut fetch = |now: &mut Instant| {
            let rest = cooldown.start(&did("a"), *now).unwrap();
            *now += rest;
            cooldown.end(&did("a"), Ended::Fetched, *now);
            rest.as_secs()
        };
        let rests: Vec<u64> = (0..12).map(|_| fetch(&mut now)).collect();
        assert_eq!(rests, [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        now += 2 * HOUR;
        assert_eq!([fetch(&mut now), fetch(&mut now)], [0, 10]);
    }

    #[test]
    fn what_was_not_needed_is_no_fetch() {
        let (mut cooldown, now) = (Cooldown::new(9), Instant::now());
        assert_eq!(cooldown.start(&did("a"), now), NOW);
        assert!(!cooldown.end(&did("a"), Ended::Unneeded, now));
        assert_eq!(cooldown.start(&did("a"), now), NOW);
    }

    #[test]
    fn no_more_wait_than_may() {
        let (mut cooldown, now) = (Cooldown::new(1), Instant::now());
        assert_eq!(cooldown.start(&did("a"), now), NOW);
        assert_eq!(cooldown.start(&did("b"), now), None);
        cooldown.end(&did("a"), Ended::Fetched, now);
        assert_eq!(cooldown.start(&did("b"), now), NOW);
    }

    #[test]
    fn rests_that_are_long_over_are_forgotten() {
        let (mut cooldown, now) = (Cooldown::new(9), Instant::now());
        for n in 0..MANY {
            cooldown.end(&did(&n.to_string()), Ended::Fetched, now);
        }
        cooldown.end(&did("a"), Ended::Fetched, now + 2 * HOUR);
        assert_eq!(cooldown.rests.len(), 1);
    }
}
