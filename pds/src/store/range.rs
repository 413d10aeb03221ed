//! Which records to read.

use std::{borrow::Cow, ops::Bound};

use arobase::repo::mst::Direction;

/// Which records to read.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// Where the paths begin.
    pub from: Bound<&'a str>,
    /// Where they end.
    pub to: Bound<&'a str>,
    /// In which order.
    pub direction: Direction,
    /// The most records.
    pub limit: usize,
    /// The bytes of blocks at which to stop.
    pub bytes: usize,
}

/// All paths come before it, as they are ASCII.
const BEHIND: &str = "\u{7f}";

impl<'a> Range<'a> {
    /// Where the paths begin, and before what they end.
    pub(super) fn keys(&self) -> (Cow<'a, str>, Cow<'a, str>) {
        let from = match self.from {
            Bound::Included(from) => from.into(),
            Bound::Excluded(from) => next(from),
            Bound::Unbounded => "".into(),
        };
        let to = match self.to {
            Bound::Included(to) => next(to),
            Bound::Excluded(to) => to.into(),
            Bound::Unbounded => BEHIND.into(),
        };
        (from, to)
    }
}

/// The text that follows on a text.
fn next(text: &str) -> Cow<'static, str> {
    format!("{text}\0").into()
}
