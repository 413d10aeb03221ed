//! The numbers of events.

use std::time::UNIX_EPOCH;

use arobase::{
    clock::Clock,
    sync::{Event, MAX_SEQ, Stamp},
    syntax::Datetime,
};

use super::{AccountId, Logged, StoreError, StoreErrorKind};

/// Where the log is: the number of the next event, and the time of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    /// 1 to [`MAX_SEQ`], or one more when there are no numbers left.
    pub(super) next: i64,
    /// Microseconds since 1970.
    pub(super) time: i64,
}

impl Numbers {
    /// Those of a new log. They begin at the time in microseconds, which is more than any log before it can have
    /// reached: no log gets a million events in each second of its life.
    pub(super) fn begin(now: i64) -> Self {
        Self { next: now.clamp(1, MAX_SEQ), time: 0 }
    }

    /// The number of the newest event, or the one before the first.
    pub(super) fn head(self) -> i64 {
        self.next - 1
    }

    /// Goes on behind a number, unless it is there already.
    pub(super) fn skip_to(&mut self, seq: i64) -> Result<(), StoreError> {
        if seq >= MAX_SEQ {
            return Err(StoreError::because(StoreErrorKind::Work, "there are no numbers behind this one"));
        }
        self.next = self.next.max(seq + 1);
        Ok(())
    }

    /// Gives an event its number and its time, which is never before that of the event before it.
    pub(super) fn give(&mut self, account: AccountId, event: &Event, now: i64) -> Result<Logged, StoreError> {
        let (seq, time) = (self.next, self.time.max(now));
        let stamp = Datetime::from_unix_micros(time).map(|time| Stamp { seq, time });
        let stamp = stamp.ok_or_else(|| StoreError::because(StoreErrorKind::Work, "no datetime says this time"))?;
        let frame = event.to_frame(&stamp).map_err(|error| StoreError::because(StoreErrorKind::Work, error))?;
        *self = Self { next: seq + 1, time };
        Ok(Logged { seq, time, account, frame })
    }
}

/// What a clock says, in microseconds since 1970.
pub(super) fn micros(clock: &dyn Clock) -> i64 {
    let since = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Whether an event can be in the log: it is about an account.
pub(super) fn check(event: &Event) -> Result<(), StoreError> {
    match event.did() {
        Some(_) => Ok(()),
        None => Err(StoreError::because(StoreErrorKind::Work, "an event that is about no account")),
    }
}

#[cfg(test)]
mod tests {
    use arobase::sync::AccountEvent;

    use super::*;

    fn event() -> Event {
        AccountEvent::active("did:web:example.com".parse().unwrap()).into()
    }

    #[test]
    fn times_do_not_go_back_with_the_clock() {
        let mut numbers = Numbers::begin(7);
        let given = [5, 3, 8].map(|now| numbers.give(AccountId(1), &event(), now).unwrap());
        assert_eq!(given.map(|logged| (logged.seq, logged.time)), [(7, 5), (8, 5), (9, 8)]);
    }

    #[test]
    fn a_clock_before_1970_gives_numbers_too() {
        assert_eq!(Numbers::begin(0).next, 1);
    }

    #[test]
    fn numbers_end_where_the_protocol_does() {
        let mut numbers = Numbers::begin(i64::MAX);
        assert_eq!(numbers.skip_to(MAX_SEQ).unwrap_err().kind(), StoreErrorKind::Work);
        assert_eq!(numbers.give(AccountId(1), &event(), 1).unwrap().seq, MAX_SEQ);
        assert_eq!(numbers.give(AccountId(1), &event(), 1).unwrap_err().kind(), StoreErrorKind::Work);
        assert_eq!(numbers.head(), MAX_SEQ);
    }
}
