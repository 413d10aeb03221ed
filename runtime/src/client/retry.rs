use std::time::Duration;

use http::StatusCode;

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
    /// How long the whole call may take.
    time: Duration,
    clock: Clock,
}

impl Tries {
    /// `time` is how long the whole call may take.
    pub(super) fn new(retry: Retry, time: Duration) -> Self {
        Self { left: retry.times, backoff: Backoff::new(retry.base, retry.cap), retry, time, clock: Clock::start() }
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
        let left = self.time.saturating_sub(self.clock.passed());
        (wait < left).then(|| self.clock.wait(wait))
    }
}

/// How much of a call's time is gone. The bare WASM has no clock; there, waits are all that counts.
struct Clock {
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    start: std::time::Instant,
    waits: Duration,
}

impl Clock {
    fn start() -> Self {
        Self {
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            start: std::time::Instant::now(),
            waits: Duration::ZERO,
        }
    }

    /// Counts a wait that is about to begin.
    fn wait(&mut self, wait: Duration) -> Duration {
        self.waits = self.waits.saturating_add(wait);
        wait
    }

    fn passed(&self) -> Duration {
        #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
        return self.start.elapsed().max(self.waits);
        #[cfg(all(target_family = "wasm", target_os = "unknown"))]
        return self.waits;
    }
}

/// Whether a call may be repeated after an error, and the wait that the service asks for.
fn wanted(error: &Failed) -> Option<Option<Duration>> {
    match error {
        Error::Transport(error) if error.is_connect() => Some(None),
        Error::Xrpc(error) if is_passing(error.status()) => Some(retry_after(error.headers())),
        _ => None,
    }
}

/// Whether a service that answers with a status may do better later; for calls and for streams.
pub(super) fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504 | 522 | 524)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xrpc::XrpcError;

    #[test]
    fn the_time_that_attempts_took_counts() {
        let wait = Duration::from_millis(100);
        let retry = Retry::times(9).waits(wait, wait);
        let busy = Error::Xrpc(XrpcError::of(StatusCode::SERVICE_UNAVAILABLE, "busy".to_owned()));
        let mut tries = Tries::new(retry.clone(), Duration::from_millis(130));
        std::thread::sleep(Duration::from_millis(90));
        assert_eq!(tries.after(&busy), None);
        assert!(Tries::new(retry, Duration::from_secs(60)).after(&busy).is_some());
    }
}
