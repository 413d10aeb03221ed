//! How long things are remembered.

use std::time::{Duration, SystemTime};

/// How long the answers of one kind are remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// How long an answer is as good as new.
    pub(super) fresh: Duration,
    /// How long after that it is still given, while another one is asked for.
    pub(super) stale: Duration,
    /// How long it is remembered that there is nothing.
    pub(super) negative: Duration,
    /// How long after a failure nobody asks again.
    pub(super) backoff: Duration,
    /// How much time lies between two forced look-ups.
    pub(super) forced: Duration,
}

impl Times {
    /// For documents.
    pub(super) const DOCUMENTS: Self = Self {
        fresh: Duration::from_secs(60 * 60),
        stale: Duration::from_secs(24 * 60 * 60),
        negative: Duration::from_secs(5 * 60),
        backoff: Duration::from_secs(15),
        forced: Duration::from_secs(10),
    };
    /// For handles.
    pub(super) const HANDLES: Self = Self { fresh: Duration::from_secs(10 * 60), ..Self::DOCUMENTS };

    /// When an answer must not be given any more.
    pub(super) fn end(&self) -> Duration {
        self.fresh.saturating_add(self.stale)
    }
}

/// Whether something is younger than a limit. What comes from the future is not: the clock was set back, and nobody
/// knows how old it is.
pub(super) fn is_within(at: SystemTime, now: SystemTime, limit: Duration) -> bool {
    now.duration_since(at).is_ok_and(|age| age < limit)
}
