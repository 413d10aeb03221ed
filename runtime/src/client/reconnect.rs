use std::time::Duration;

use super::backoff::Backoff;

/// How a subscription comes back after its connection was lost (XRPC, event streams): with the
/// cursor of the last message, after waits that double and are random by half; a service that asks
/// for more (`Retry-After`) is left alone that long, up to the longest wait. A subscription whose
/// cursor is no sequence number does not come back, since only its caller knows where it was.
///
/// It does not come back after the normal end, after errors that the service sent except
/// `ConsumerTooSlow`, and where one side found that the other breaks the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconnect {
    times: Option<u32>,
    first: Duration,
    longest: Duration,
}

impl Default for Reconnect {
    /// As often as it takes, after waits of 1 to 64 seconds.
    fn default() -> Self {
        Self { times: None, first: Duration::from_secs(1), longest: Duration::from_secs(64) }
    }
}

impl Reconnect {
    /// Never: what breaks the connection ends the stream.
    #[must_use]
    pub fn never() -> Self {
        Self::times(0)
    }

    /// So many times at most, unless a new message came in between or a connection lasted longer
    /// than the interval of its pings.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self { times: Some(times), ..Self::default() }
    }

    /// The first wait and the longest one.
    #[must_use]
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }
}

/// The attempts to come back.
pub(super) struct Attempts {
    policy: Reconnect,
    left: Option<u32>,
    backoff: Backoff,
}

impl Attempts {
    pub(super) fn new(policy: Reconnect) -> Self {
        Self { left: policy.times, backoff: Backoff::new(policy.first, policy.longest), policy }
    }

    /// How long to wait before the next attempt, at least as long as the service wants, and never
    /// longer than the longest wait; `None` if there is none.
    pub(super) fn next(&mut self, wanted: Option<Duration>) -> Option<Duration> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        let own = self.backoff.next();
        Some(wanted.map_or(own, |wanted| wanted.min(self.policy.longest).max(own)))
    }

    /// The stream goes on again.
    pub(super) fn reset(&mut self) {
        self.left = self.policy.times;
        self.backoff.reset();
    }
}
