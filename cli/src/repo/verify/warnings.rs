//! What is valid, and yet nothing that others have to take.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arobase::{repo::MAX_RECORD, syntax::Tid};

use crate::{repo::revision, units::count};

/// How far ahead of the clock a revision may be.
const MAX_AHEAD: Duration = Duration::from_secs(5 * 60);

/// What is valid, and yet nothing that others have to take.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    /// A revision that is too far in the future.
    future: Option<Tid>,
    /// The number of records that are too large.
    large: u64,
    /// The path and the bytes of the first of them.
    first: Option<(String, usize)>,
}

impl Warnings {
    /// Looks at the revision of a commit.
    pub(super) fn revision(&mut self, rev: &Tid, now: SystemTime) {
        // A clock that is before 1970 says nothing.
        let Ok(now) = now.duration_since(UNIX_EPOCH) else { return };
        let is_ahead = rev.micros().is_some_and(|micros| Duration::from_micros(micros) > now + MAX_AHEAD);
        self.future = is_ahead.then(|| rev.clone());
    }

    /// Looks at the size of a record.
    pub(super) fn record(&mut self, key: &[u8], bytes: usize) {
        if bytes > MAX_RECORD {
            self.large += 1;
            self.first.get_or_insert_with(|| (key.escape_ascii().to_string(), bytes));
        }
    }

    /// The warnings in words.
    pub(super) fn list(&self) -> impl Iterator<Item = String> {
        let future =
            self.future.as_ref().map(|rev| format!("the revision {} is in the future", revision::with_time(rev)));
        let large = self.first.as_ref().map(|(path, bytes)| {
            let records = count(self.large, "record");
            format!("{records} of more than {MAX_RECORD} bytes, first {path} of {bytes}")
        });
        future.into_iter().chain(large)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_may_be_five_minutes_ahead() {
        let rev = Tid::from_parts(1_000_000_000_000_000, 0);
        let before = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_000_000_000 - seconds);
        for (seconds, found) in [(0, 0), (300, 0), (301, 1)] {
            let mut warnings = Warnings::default();
            warnings.revision(&rev, before(seconds));
            assert_eq!(warnings.list().count(), found, "{seconds}");
        }
    }

    #[test]
    fn records_that_are_too_large_are_counted_and_the_first_is_named() {
        let mut warnings = Warnings::default();
        warnings.record(b"a/a", MAX_RECORD);
        assert_eq!(warnings.list().count(), 0);
        warnings.record(b"a/b", MAX_RECORD + 1);
        warnings.record(b"a/c", MAX_RECORD + 2);
        let list: Vec<_> = warnings.list().collect();
        assert_eq!(list, ["2 records of more than 1000000 bytes, first a/b of 1000001"]);
    }
}
