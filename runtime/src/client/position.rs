use arobase_lexicon::{compile::Catalog, schema::Type};

use super::StreamError;
use crate::xrpc::Endpoint;

const CURSOR: &str = "cursor";

/// Where a subscription is in its stream (XRPC, event streams: sequencing and cursors).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// The method takes no cursor: its stream has only a present.
    None,
    /// The method takes a cursor that is no sequence number; only the caller knows where it is.
    Opaque,
    /// The method takes sequence numbers.
    Sequence {
        /// The last number that was seen, at first the cursor of the request.
        last: Option<i64>,
        /// The last number of this connection, at whose beginning old messages may come again.
        seen: Option<i64>,
    },
}

impl Position {
    /// At the beginning, by the query string of the request.
    pub(super) fn of(catalog: &Catalog, endpoint: &Endpoint, query: &str) -> Self {
        let schema = endpoint.params.and_then(|params| catalog.get(params));
        let cursor = schema.and_then(|schema| schema.fields().iter().find(|field| &*field.key == CURSOR));
        match cursor.map(|cursor| &cursor.ty) {
            None => Self::None,
            Some(Type::Integer(_)) => {
                let last = pairs(query).find_map(|(name, value)| is_cursor(name).then(|| value.parse().ok())?);
                Self::Sequence { last, seen: None }
            }
            Some(_) => Self::Opaque,
        }
    }

    /// The last number that was seen.
    pub(super) fn last(&self) -> Option<i64> {
        match self {
            Self::Sequence { last, .. } => *last,
            _ => None,
        }
    }

    /// Whether a new connection can go on where the last one stopped.
    pub(super) fn can_resume(&self) -> bool {
        *self != Self::Opaque
    }

    /// The query string of a new connection.
    pub(super) fn resume(&mut self, query: &str) -> String {
        let Self::Sequence { last, seen } = self else { return query.to_owned() };
        *seen = None;
        let Some(last) = last else { return query.to_owned() };
        let mut resumed: String =
            pairs(query).filter(|(name, _)| !is_cursor(name)).map(|(name, value)| format!("{name}={value}&")).collect();
        resumed.push_str(&format!("{CURSOR}={last}"));
        resumed
    }

    /// Goes to the number of a message; whether the message is new.
    ///
    /// # Errors
    /// A number that is not behind the one before it on the same connection.
    pub(super) fn advance(&mut self, to: Option<i64>) -> Result<bool, StreamError> {
        let (Self::Sequence { last, seen }, Some(seq)) = (self, to) else { return Ok(true) };
        if let Some(last) = seen.replace(seq).filter(|before| seq <= *before) {
            return Err(StreamError::OutOfOrder { last, seq });
        }
        let is_new = last.is_none_or(|last| seq > last);
        if is_new {
            *last = Some(seq);
        }
        Ok(is_new)
    }

    /// Whether messages are to have numbers.
    pub(super) fn is_sequence(&self) -> bool {
        matches!(self, Self::Sequence { .. })
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('='))
}

fn is_cursor(name: &str) -> bool {
    name == CURSOR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last: Option<i64>) -> Position {
        Position::Sequence { last, seen: None }
    }

    #[test]
    fn a_new_connection_asks_for_what_is_behind_the_last_message() {
        assert_eq!(at(None).resume("a=1"), "a=1");
        assert_eq!(at(Some(7)).resume(""), "cursor=7");
        assert_eq!(at(Some(7)).resume("cursor=3"), "cursor=7");
        assert_eq!(at(Some(7)).resume("a=1&cursor=3&b=x%26y&a=2"), "a=1&b=x%26y&a=2&cursor=7");
        assert_eq!(Position::None.resume("cursors=3"), "cursors=3");
    }

    #[test]
    fn old_messages_are_passed_over_only_at_the_beginning() {
        let mut position = at(Some(5));
        assert_eq!([4, 5, 6].map(|seq| position.advance(Some(seq))), [Ok(false), Ok(false), Ok(true)]);
        assert_eq!(position.advance(Some(6)), Err(StreamError::OutOfOrder { last: 6, seq: 6 }));
        assert_eq!(position.advance(None), Ok(true));
        position.resume("");
        assert_eq!(position.advance(Some(6)), Ok(false));
        assert_eq!(position.advance(Some(9)), Ok(true));
        assert_eq!(position.last(), Some(9));
    }

    #[test]
    fn old_messages_come_in_order_too() {
        let mut position = at(Some(5));
        assert_eq!([1, 4].map(|seq| position.advance(Some(seq))), [Ok(false), Ok(false)]);
        assert_eq!(position.advance(Some(4)), Err(StreamError::OutOfOrder { last: 4, seq: 4 }));
    }

    #[test]
    fn without_a_sequence_everything_is_new() {
        for mut position in [Position::None, Position::Opaque] {
            assert_eq!([2, 1].map(|seq| position.advance(Some(seq))), [Ok(true), Ok(true)]);
            assert_eq!(position.last(), None);
        }
    }
}
