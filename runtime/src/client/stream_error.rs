use std::{error::Error, fmt};

/// What is wrong with an event stream, or how it ended (XRPC, event streams).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError {
    /// A text message came; event streams are binary.
    Text,
    /// A sequence number is not behind the one before it.
    OutOfOrder {
        /// The number before it.
        last: i64,
        /// The number.
        seq: i64,
    },
    /// Nothing came back for a ping.
    Silent,
    /// The connection was closed, and not as at the end of a stream.
    Closed {
        /// The close code; `None` where the connection just ended.
        code: Option<u16>,
        /// What the service says about it.
        reason: String,
    },
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("a text message came through an event stream"),
            Self::OutOfOrder { last, seq } => write!(f, "the event {seq} came after the event {last}"),
            Self::Silent => f.write_str("the service does not answer pings"),
            Self::Closed { code: None, .. } => f.write_str("the connection was lost"),
            Self::Closed { code: Some(code), reason } if reason.is_empty() => write!(f, "closed with code {code}"),
            Self::Closed { code: Some(code), reason } => write!(f, "closed with code {code}: {reason}"),
        }
    }
}

impl Error for StreamError {}
