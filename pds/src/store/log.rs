//! The log of events.

use arobase::{data, sync::Message};
use bytes::Bytes;

use super::AccountId;

/// An event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its number.
    pub seq: i64,
    /// When it got the number (microseconds since 1970).
    pub time: i64,
    /// The account that it is about.
    pub account: AccountId,
    /// Its frame, as it goes to subscribers.
    pub frame: Bytes,
}

/// Hears of events.
pub trait Listener: Send + Sync {
    /// Events became durable. They come in the order of their numbers, without a gap, one call after the other; the
    /// call should be short, because writing waits for it.
    fn logged(&self, events: &[Logged]);
}

impl Logged {
    /// What the event says.
    ///
    /// # Errors
    /// The frame is damaged.
    pub fn message(&self) -> Result<Message, data::Error> {
        Message::from_frame(&self.frame)
    }
}
