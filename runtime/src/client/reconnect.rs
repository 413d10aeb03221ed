use std::time::Duration;

use super::backoff::Backoff;

/// How a subscription comes back after its connection was lost (XRPC, event streams): with the
/// cursor of the last message, after waits that double and are random by half. A subscription whose
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

    /// So many times at most, without a sign of life from the service in between.
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

    /// How long to wait before the next attempt; `None` if there is none.
    pub(super) fn next(&mut self) -> Option<Duration> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        Some(self.backoff.next())
    }

    /// The service is there again.
    pub(super) fn reset(&mut self) {
        self.left = self.policy.times;
        self.backoff.reset();
    }
}
