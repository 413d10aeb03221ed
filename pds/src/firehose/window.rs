//! Where a subscriber begins (XRPC, event streams: cursor rules).

use crate::error::Error;

use super::marks::Marks;

/// What can be had of the past.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    start: i64,
    /// Events up to this number cannot be had.
    floor: i64,
    head: i64,
}

/// Where a subscriber begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// With what comes behind this number.
    After(i64),
    /// With what comes behind this number, and something between it and the cursor is gone.
    Outdated(i64),
}

impl Window {
    /// Of a log up to a number, of whose past only so many events are given.
    pub(super) fn new(marks: Marks, head: i64, rollback: Option<u64>) -> Self {
        let most = rollback.and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX);
        Self { start: marks.start, floor: marks.floor.max(head.saturating_sub(most)), head }
    }

    /// Decides by a cursor: the number that was seen last. Without one, only what comes is wanted; 0 or less asks for
    /// everything. A number that is older than the log itself is one of another log, of which nothing is here.
    ///
    /// # Errors
    /// 400 `FutureCursor`.
    pub(super) fn begin(&self, cursor: Option<i64>) -> Result<Begin, Error> {
        let Some(cursor) = cursor else { return Ok(Begin::After(self.head)) };
        if cursor.max(0) > self.head {
            let message = format!("the cursor {cursor} is ahead of the stream, which is at {}", self.head);
            return Err(Error::named("FutureCursor", message));
        }
        let wanted = if cursor > 0 { cursor } else { self.start };
        Ok(match wanted < self.floor {
            true => Begin::Outdated(self.floor),
            false => Begin::After(wanted),
        })
    }
}

impl Begin {
    /// The number behind which it begins.
    pub(super) fn after(self) -> i64 {
        match self {
            Self::After(seq) | Self::Outdated(seq) => seq,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log that began behind `start`, was trimmed up to `floor`, and is at `head`.
    fn window(start: i64, floor: i64, head: i64) -> Window {
        Window::new(Marks { start, floor }, head, None)
    }

    fn begin(window: Window, cursor: i64) -> Begin {
        window.begin(Some(cursor)).unwrap()
    }

    #[test]
    fn without_a_cursor_it_begins_with_what_comes() {
        assert_eq!(window(100, 105, 110).begin(None).unwrap(), Begin::After(110));
        assert_eq!(window(100, 100, 100).begin(None).unwrap(), Begin::After(100));
    }

    #[test]
    fn a_cursor_within_the_window_is_where_it_begins() {
        for cursor in [105, 107, 109, 110] {
            assert_eq!(begin(window(100, 105, 110), cursor), Begin::After(cursor));
        }
    }

    #[test]
    fn a_cursor_before_the_window_is_outdated() {
        for cursor in [1, 99, 100, 104] {
            assert_eq!(begin(window(100, 105, 110), cursor), Begin::Outdated(105));
        }
        assert_eq!(begin(window(100, 110, 110), 109), Begin::Outdated(110));
    }

    #[test]
    fn a_cursor_ahead_of_the_stream_is_refused() {
        for (head, cursor) in [(110, 111), (110, i64::MAX), (0, 1)] {
            let error = window(0, 0, head).begin(Some(cursor)).unwrap_err();
            assert_eq!((error.status().as_u16(), error.name()), (400, "FutureCursor"));
        }
    }

    #[test]
    fn zero_and_less_ask_for_the_whole_window() {
        for cursor in [0, -1, i64::MIN] {
            assert_eq!(begin(window(100, 100, 110), cursor), Begin::After(100));
            assert_eq!(begin(window(100, 105, 110), cursor), Begin::Outdated(105));
            assert_eq!(begin(window(100, 100, 100), cursor), Begin::After(100));
            assert_eq!(begin(window(0, 0, 0), cursor), Begin::After(0));
        }
    }

    #[test]
    fn a_cursor_of_an_older_log_is_outdated_although_this_one_is_complete() {
        assert_eq!(begin(window(100, 100, 110), 99), Begin::Outdated(100));
        assert_eq!(begin(window(100, 100, 100), 1), Begin::Outdated(100));
        assert_eq!(begin(window(100, 100, 110), 100), Begin::After(100));
    }

    #[test]
    fn a_rollback_limits_the_window_in_events() {
        let window = |rollback| Window::new(Marks { start: 100, floor: 102 }, 120, Some(rollback));
        assert_eq!(begin(window(10), 0), Begin::Outdated(110));
        assert_eq!(begin(window(10), 109), Begin::Outdated(110));
        assert_eq!(begin(window(10), 110), Begin::After(110));
        assert_eq!(begin(window(1_000), 102), Begin::After(102));
        assert_eq!(begin(window(u64::MAX), 101), Begin::Outdated(102));
        assert_eq!(begin(window(0), 119), Begin::Outdated(120));
        assert_eq!(begin(window(0), 120), Begin::After(120));
    }

    #[test]
    fn a_rollback_longer_than_the_log_leaves_it_complete() {
        assert_eq!(begin(Window::new(Marks { start: 100, floor: 100 }, 110, Some(10)), 0), Begin::After(100));
        assert_eq!(begin(Window::new(Marks { start: 100, floor: 100 }, 110, Some(9)), 0), Begin::Outdated(101));
    }
}
