use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// How long to wait between attempts: twice as long each time, up to a cap, and somewhere in the
/// upper half of that, so that clients which lost the same server do not come back together.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    /// The most that the next wait takes.
    next: Duration,
}

impl Backoff {
    /// The first wait takes `base` at most, no wait more than `cap`.
    pub(crate) fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap, next: base.min(cap) }
    }

    /// The next wait: between half of its length and all of it.
    pub(crate) fn next(&mut self) -> Duration {
        let longest = self.next;
        self.next = longest.saturating_mul(2).min(self.cap);
        let half = longest / 2;
        half.saturating_add(half.mul_f64(random()))
    }

    /// Begins anew, after a success.
    pub(crate) fn reset(&mut self) {
        self.next = self.base.min(self.cap);
    }
}

/// From 0 to 1. The standard library seeds its hash maps at random; more is not needed here.
fn random() -> f64 {
    f64::from((RandomState::new().hash_one(()) >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_the_cap_and_vary_within_their_upper_half() {
        let mut backoff = Backoff::new(SECOND, 64 * SECOND);
        for seconds in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
            let wait = backoff.next();
            let longest = seconds * SECOND;
            assert!(wait >= longest / 2 && wait <= longest, "{wait:?} of {longest:?}");
        }
    }

    #[test]
    fn a_reset_begins_anew() {
        let mut backoff = Backoff::new(SECOND, 64 * SECOND);
        for _ in 0..5 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() <= SECOND);
    }

    #[test]
    fn two_clients_do_not_wait_equally_long() {
        let waits: Vec<_> = (0..8).map(|_| Backoff::new(SECOND, SECOND).next()).collect();
        assert!(waits.iter().any(|wait| *wait != waits[0]));
    }

    #[test]
    fn a_base_beyond_the_cap_and_huge_waits_stay_at_the_cap() {
        assert!(Backoff::new(10 * SECOND, SECOND).next() <= SECOND);
        let mut endless = Backoff::new(Duration::MAX / 2, Duration::MAX);
        endless.next();
        assert!(endless.next() >= Duration::MAX / 4);
    }
}
