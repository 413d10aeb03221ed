//! Revisions and their times.

use arobase::syntax::{Datetime, Tid};

/// The time in a revision.
pub(crate) fn time(rev: &Tid) -> Option<Datetime> {
    Datetime::from_unix_micros(i64::try_from(rev.micros()?).ok()?)
}

/// A revision with its time, for people.
pub(crate) fn with_time(rev: &Tid) -> String {
    match time(rev) {
        Some(time) => format!("{rev} ({time})"),
        None => rev.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_has_a_time() {
        let rev = Tid::from_parts(1_717_199_999_123_456, 0);
        assert_eq!(with_time(&rev), format!("{rev} (2024-05-31T23:59:59.123456Z)"));
    }
}
