//! The latest events in memory.

use std::collections::VecDeque;

use arobase::sync::{AccountStatus, Event};

use crate::store::Logged;

/// No event of an account that went is longer.
const LONGEST_ACCOUNT_EVENT: usize = 4 << 10;

/// The latest events, in the order of their numbers, within two limits.
#[derive(Debug)]
pub(super) struct Ring {
    events: VecDeque<Logged>,
    /// The bytes of their frames.
    bytes: usize,
    /// All events with greater numbers are here; [`i64::MIN`] as long as it is not known what there was before.
    floor: i64,
    most: usize,
    most_bytes: usize,
}

/// What a ring has behind a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// These come next; if there are none, there is nothing newer.
    Events(Vec<Logged>),
    /// What comes next is not here any more.
    Older,
}

impl Ring {
    /// A ring for so many events and bytes, into which come all events with numbers greater than `floor`.
    pub(super) fn new(most: usize, most_bytes: usize, floor: i64) -> Self {
        Self { events: VecDeque::new(), bytes: 0, floor, most, most_bytes }
    }

    /// The number of the newest event that is here.
    pub(super) fn newest(&self) -> Option<i64> {
        self.events.back().map(|event| event.seq)
    }

    /// Takes in an event, unless it is here already or older than the newest one.
    pub(super) fn push(&mut self, event: &Logged) {
        if event.seq <= self.newest().unwrap_or(self.floor) {
            return;
        }
        if is_deletion(event) {
            self.forget(event);
        }
        self.bytes += event.frame.len();
        self.events.push_back(event.clone());
        while self.events.len() > self.most || self.bytes > self.most_bytes {
            let Some(gone) = self.events.pop_front() else { break };
            self.bytes -= gone.frame.len();
            self.floor = gone.seq;
        }
    }

    /// Puts what another ring has before what is here, unless this one is full already.
    pub(super) fn follow_on(&mut self, mut before: Self) {
        if self.floor == i64::MIN {
            self.events.iter().for_each(|event| before.push(event));
            *self = before;
        }
    }

    /// What comes behind a number: up to `limit` events, or up to the one that reaches `bytes`.
    pub(super) fn after(&self, seq: i64, limit: usize, bytes: usize) -> Found {
        if seq < self.floor {
            return Found::Older;
        }
        let first = self.events.partition_point(|event| event.seq <= seq);
        let mut taken = 0;
        let room = |event: &&Logged| {
            let fits = taken < bytes;
            taken += event.frame.len();
            fits
        };
        Found::Events(self.events.range(first..).take(limit).take_while(room).cloned().collect())
    }

    /// An account was deleted, and the log has lost what it had of it before.
    fn forget(&mut self, deletion: &Logged) {
        self.events.retain(|event| event.account != deletion.account);
        self.bytes = self.events.iter().map(|event| event.frame.len()).sum();
    }
}

fn is_deletion(event: &Logged) -> bool {
    if event.frame.len() > LONGEST_ACCOUNT_EVENT {
        return false;
    }
    match event.message().map(|message| message.event) {
        Ok(Event::Account(account)) => account.status == Some(AccountStatus::Deleted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::store::AccountId;

    fn event(seq: i64, bytes: usize) -> Logged {
        Logged { seq, time: 0, account: AccountId(1), frame: Bytes::from(vec![0; bytes]) }
    }

    fn ring(most: usize, bytes: usize, events: impl IntoIterator<Item = i64>) -> Ring {
        let mut ring = Ring::new(most, bytes, 0);
        events.into_iter().for_each(|seq| ring.push(&event(seq, 10)));
        ring
    }

    fn after(ring: &Ring, seq: i64) -> Option<Vec<i64>> {
        match ring.after(seq, usize::MAX, usize::MAX) {
            Found::Events(events) => Some(events.iter().map(|event| event.seq).collect()),
            Found::Older => None,
        }
    }

    #[test]
    fn it_knows_what_comes_next_and_when_it_does_not() {
        let ring = ring(3, usize::MAX, 1..=5);
        assert_eq!(after(&ring, 1), None);
        assert_eq!(after(&ring, 2), Some(vec![3, 4, 5]));
        assert_eq!(after(&ring, 4), Some(vec![5]));
        assert_eq!(after(&ring, 5), Some(vec![]));
    }

    #[test]
    fn bytes_limit_it_as_well() {
        assert_eq!(after(&ring(9, 25, 1..=5), 3), Some(vec![4, 5]));
        assert_eq!(after(&ring(9, 9, 1..=5), 5), Some(vec![]));
        assert_eq!(after(&ring(0, 25, 1..=5), 4), None);
    }

    #[test]
    fn an_event_counts_once() {
        let ring = ring(9, 90, [1, 2, 2, 1, 3]);
        assert_eq!((after(&ring, 0), ring.bytes), (Some(vec![1, 2, 3]), 30));
    }

    #[test]
    fn a_batch_ends_at_its_limits_but_always_has_an_event() {
        let ring = ring(9, 90, 1..=5);
        let count = |limit, bytes| match ring.after(0, limit, bytes) {
            Found::Events(events) => events.len(),
            Found::Older => 0,
        };
        assert_eq!([count(2, 90), count(9, 1), count(9, 10), count(9, 11)], [2, 1, 1, 2]);
    }

    #[test]
    fn what_came_while_the_log_was_read_follows_on_it() {
        let mut live = Ring::new(9, 90, i64::MIN);
        [3, 4].iter().for_each(|seq| live.push(&event(*seq, 10)));
        live.follow_on(ring(3, 90, 1..=3));
        assert_eq!((after(&live, 0), after(&live, 1)), (None, Some(vec![2, 3, 4])));
    }

    #[test]
    fn a_ring_that_is_full_already_needs_no_past() {
        let mut live = Ring::new(2, 90, i64::MIN);
        (5..=7).for_each(|seq| live.push(&event(seq, 10)));
        live.follow_on(ring(2, 90, 1..=3));
        assert_eq!((after(&live, 4), after(&live, 5)), (None, Some(vec![6, 7])));
    }
}
