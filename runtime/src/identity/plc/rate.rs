//! How often a DID may change.

use std::{fmt, time::Duration};

use arobase_lexicon::syntax::Datetime;

use super::{Log, Operation, log::age};

const HOUR: u64 = 3_600;

/// Why a DID may not change again yet: so many operations in such a time are the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The most operations.
    pub operations: usize,
    /// In what time.
    pub window: Duration,
}

impl RateLimit {
    /// What directories allow (PLC, rate limits): 10 operations an hour, 30 a day, 100 a week.
    pub const ALL: [Self; 3] = [Self::new(10, HOUR), Self::new(30, 24 * HOUR), Self::new(100, 7 * 24 * HOUR)];

    const fn new(operations: usize, seconds: u64) -> Self {
        Self { operations, window: Duration::from_secs(seconds) }
    }

    /// Whether so many operations of the log that hold are within the time before `now`, or behind it.
    fn is_reached(&self, log: &Log, now: &Datetime) -> bool {
        let window = i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX);
        let is_recent = |created_at| age(created_at, now).is_some_and(|age| age < window);
        let recent = log.active().filter(|entry| is_recent(&entry.created_at));
        recent.take(self.operations).count() == self.operations
    }
}

impl Log {
    /// The first limit that keeps an operation from following now: all operations that hold count, the genesis too,
    /// and one that undoes others is free.
    #[must_use]
    pub fn rate_limited(&self, operation: &Operation, now: &Datetime) -> Option<RateLimit> {
        if self.is_recovery(operation) {
            return None;
        }
        RateLimit::ALL.into_iter().find(|limit| limit.is_reached(self, now))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {} operations in {} h", self.operations, self.window.as_secs() / HOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{at, k256, p256, started, update},
        *,
    };
    use crate::crypto::SigningKey;

    const DAY: i64 = 24 * 3_600;

    /// A log of so many operations, the genesis among them, at even distances.
    fn log(operations: i64, seconds: i64, signer: &SigningKey) -> (Log, Operation) {
        let (mut log, mut cid) = started();
        for number in 1..operations {
            cid = log.append(update(&format!("a{number}.example"), cid, signer), at(number * seconds)).unwrap().cid;
        }
        (log, update("next.example", cid, signer))
    }

    fn limit(operations: i64, seconds: i64, now: i64) -> Option<usize> {
        let (log, next) = log(operations, seconds, &k256());
        log.rate_limited(&next, &at(now)).map(|limit| limit.operations)
    }

    #[test]
    fn there_are_ten_operations_in_an_hour() {
        assert_eq!(limit(9, 1, 100), None);
        assert_eq!(limit(10, 1, 100), Some(10));
        // The first of the ten is an hour old.
        assert_eq!(limit(10, 1, 3_599), Some(10));
        assert_eq!(limit(10, 1, 3_600), None);
    }

    #[test]
    fn there_are_thirty_operations_in_a_day() {
        assert_eq!(limit(29, 600, DAY - 1), None);
        assert_eq!(limit(30, 600, DAY - 1), Some(30));
        assert_eq!(limit(30, 600, DAY), None);
    }

    #[test]
    fn there_are_a_hundred_operations_in_a_week() {
        assert_eq!(limit(99, 3_600, 7 * DAY - 1), None);
        assert_eq!(limit(100, 3_600, 7 * DAY - 1), Some(100));
        assert_eq!(limit(100, 3_600, 7 * DAY), None);
    }

    #[test]
    fn operations_of_the_future_count() {
        assert_eq!(limit(10, 1, -DAY), Some(10));
    }

    #[test]
    fn recoveries_are_free_and_what_was_undone_does_not_count() {
        let (mut log, next) = log(10, 1, &p256());
        let genesis = log.entries()[0].cid;
        let recovery = update("back.example", genesis, &k256());
        assert!(log.rate_limited(&next, &at(60)).is_some());
        assert_eq!(log.rate_limited(&recovery, &at(60)), None);
        log.append(recovery, at(60)).unwrap();
        let next = update("next.example", log.last().unwrap().cid, &p256());
        assert_eq!(log.rate_limited(&next, &at(61)), None);
    }

    #[test]
    fn a_limit_says_what_is_allowed() {
        let texts = RateLimit::ALL.map(|limit| limit.to_string());
        let hours =
            ["at most 10 operations in 1 h", "at most 30 operations in 24 h", "at most 100 operations in 168 h"];
        assert_eq!(texts, hours);
    }
}
