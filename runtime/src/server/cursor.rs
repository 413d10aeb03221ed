use http::StatusCode;

use crate::xrpc::XrpcError;

/// Where a subscriber of a sequenced stream begins (XRPC, event streams: sequencing and cursors).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what comes from now on.
    Live,
    /// With everything in the window behind `after`, then live.
    Replay {
        /// The cursor: the sequence number that was seen last.
        after: i64,
    },
    /// As [`Start::Replay`], but something behind the cursor has left the window already. An info
    /// message `OutdatedCursor` has to come first (see [`Events::begin_with`](super::Events::begin_with)).
    Outdated {
        /// The cursor: the sequence number that was seen last.
        after: i64,
    },
}

impl Start {
    /// Decides by the parameter `cursor`, the sequence number of the newest event, and that of the
    /// oldest one which can still be replayed; `None` where there is no such event.
    ///
    /// A negative cursor counts as 0, which asks for the whole window. The newest event as cursor
    /// is a replay too: events that come between this decision and the subscription would be lost
    /// otherwise. A window that does not begin right behind the cursor is outdated, although only
    /// numbers may be missing there: numbers may have gaps, and nobody knows about them afterwards.
    ///
    /// # Errors
    /// `FutureCursor` where the cursor is beyond the newest event.
    pub fn at(cursor: Option<i64>, newest: Option<i64>, oldest: Option<i64>) -> Result<Self, XrpcError> {
        let Some(cursor) = cursor else { return Ok(Self::Live) };
        let after = cursor.max(0);
        let newest = newest.unwrap_or(0);
        if after > newest {
            let message = format!("the cursor {after} is ahead of the stream, which is at {newest}");
            return Err(XrpcError::new(StatusCode::BAD_REQUEST, "FutureCursor", message));
        }
        let complete = match oldest {
            Some(oldest) => oldest <= after.saturating_add(1),
            None => after == newest,
        };
        Ok(if complete { Self::Replay { after } } else { Self::Outdated { after } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(cursor: i64, newest: i64, oldest: i64) -> Start {
        Start::at(Some(cursor), Some(newest), Some(oldest)).unwrap()
    }

    #[test]
    fn without_a_cursor_only_live_events_come() {
        assert_eq!(Start::at(None, Some(9), Some(1)).unwrap(), Start::Live);
    }

    #[test]
    fn a_cursor_within_the_window_is_replayed_from() {
        assert_eq!(start(5, 9, 1), Start::Replay { after: 5 });
        assert_eq!(start(4, 9, 5), Start::Replay { after: 4 });
        assert_eq!(start(9, 9, 1), Start::Replay { after: 9 });
    }

    #[test]
    fn a_cursor_before_the_window_is_outdated() {
        assert_eq!(start(3, 9, 5), Start::Outdated { after: 3 });
        assert_eq!(Start::at(Some(3), Some(9), None).unwrap(), Start::Outdated { after: 3 });
    }

    #[test]
    fn zero_and_less_ask_for_the_whole_window() {
        assert_eq!(start(0, 9, 1), Start::Replay { after: 0 });
        assert_eq!(start(-7, 9, 1), Start::Replay { after: 0 });
        assert_eq!(start(0, 9, 5), Start::Outdated { after: 0 });
        assert_eq!(Start::at(Some(0), None, None).unwrap(), Start::Replay { after: 0 });
        assert_eq!(Start::at(Some(i64::MIN), None, None).unwrap(), Start::Replay { after: 0 });
    }

    #[test]
    fn a_cursor_ahead_of_the_stream_is_refused() {
        assert_eq!(Start::at(Some(10), Some(9), Some(1)).unwrap_err().name(), "FutureCursor");
        assert_eq!(Start::at(Some(1), None, None).unwrap_err().name(), "FutureCursor");
        assert_eq!(Start::at(Some(i64::MAX), Some(9), Some(1)).unwrap_err().name(), "FutureCursor");
    }

    #[test]
    fn an_empty_window_at_the_newest_event_loses_nothing() {
        assert_eq!(Start::at(Some(9), Some(9), None).unwrap(), Start::Replay { after: 9 });
    }
}
