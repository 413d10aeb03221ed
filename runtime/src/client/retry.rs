use std::time::Duration;

use super::{backoff::Backoff, rate_limit::retry_after, request::Failed};
use crate::client::Error;

/// How often and how patiently calls are repeated when a service cannot answer just now (XRPC,
/// retryable errors): queries, and calls that are marked [`idempotent`](super::Call::idempotent).
///
/// A call is repeated if no connection was made, and after the statuses 408, 425, 429, 500, 502,
/// 503, 504, 522 and 524. The waits double and are random by half; a `Retry-After` goes before
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    times: u32,
    base: Duration,
    cap: Duration,
    patience: Duration,
}

impl Default for Retry {
    /// Twice.
    fn default() -> Self {
        Self::times(2)
    }
}

impl Retry {
    /// Never.
    #[must_use]
    pub fn never() -> Self {
        Self::times(0)
    }

    /// So many times at most, after waits of half a second and longer, up to 20 seconds.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self {
            times,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            patience: Duration::from_secs(30),
        }
    }

    /// The first wait and the longest one.
    #[must_use]
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        self.base = first;
        self.cap = longest;
        self
    }

    /// The longest `Retry-After` that is waited for; a service that wants more has its error
    /// handed on. 30 seconds by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

/// The repetitions of one call.
pub(super) struct Tries {
    retry: Retry,
    left: u32,
    backoff: Backoff,
    /// What may still be spent on waiting.
    time: Duration,
}

impl Tries {
    /// `time` is how long the whole call may take.
    pub(super) fn new(retry: Retry, time: Duration) -> Self {
        Self { left: retry.times, backoff: Backoff::new(retry.base, retry.cap), retry, time }
    }

    /// How long to wait before the call is sent again; `None` if it is not.
    pub(super) fn after(&mut self, error: &Failed) -> Option<Duration> {
        let own = self.backoff.next();
        let wait = match wanted(error)? {
            Some(wanted) if wanted > self.retry.patience => return None,
            Some(wanted) => wanted.max(own),
            None => own,
        };
        self.left = self.left.checked_sub(1)?;
        // A wait beyond the deadline would only turn a good error into a poor one.
        self.time = self.time.checked_sub(wait).filter(|left| !left.is_zero())?;
        Some(wait)
    }
}

/// Whether a call may be repeated after an error, and the wait that the service asks for.
fn wanted(error: &Failed) -> Option<Option<Duration>> {
    match error {
        Error::Transport(error) if error.is_connect() => Some(None),
        Error::Xrpc(error) if is_passing(error.status().as_u16()) => Some(retry_after(error.headers())),
        _ => None,
    }
}

fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 522 | 524)
}
