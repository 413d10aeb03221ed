//! Events as they go over the wire.

mod account;
mod commit;
mod decode;
mod encode;
mod identity;
mod info;
mod op;
mod sync;
#[cfg(test)]
mod tests;

use arobase_lexicon::syntax::{Datetime, Did};
use bytes::Bytes;

pub use account::{AccountEvent, AccountStatus};
pub use commit::CommitEvent;
pub use identity::IdentityEvent;
pub use info::InfoEvent;
pub use sync::SyncEvent;

use super::limits::{MAX_FRAME, TooLarge};
use crate::{
    data::{Error, Limits},
    xrpc::frame::{self, Frame},
};

/// The NSID of the subscription that events come from.
pub const NSID: &str = "com.atproto.sync.subscribeRepos";

/// The greatest sequence number.
pub const MAX_SEQ: i64 = (1 << 53) - 1;

/// An event of `com.atproto.sync.subscribeRepos`, without its number and time (Repository, events).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A commit.
    Commit(Box<CommitEvent>),
    /// The state of a repository.
    Sync(SyncEvent),
    /// A change of an identity.
    Identity(IdentityEvent),
    /// A change of an account.
    Account(AccountEvent),
    /// A word about the stream.
    Info(InfoEvent),
    /// Something that is not known here, to be passed over.
    Unknown {
        /// Its type as it stands in the header; empty for a frame without one.
        t: String,
    },
}

/// What a host gives to an event when it is stored: its place in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The sequence number, 1 to [`MAX_SEQ`].
    pub seq: i64,
    /// The time, which says nothing to receivers.
    pub time: Datetime,
}

/// A frame, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sequence number. `#info` has none.
    pub seq: Option<i64>,
    /// The time. `#info` has none, and of what is not known it is not read.
    pub time: Option<Datetime>,
    /// The event.
    pub event: Event,
}

impl Message {
    /// Reads a frame. Blocks of events are slices of it.
    ///
    /// # Errors
    /// It is no frame, or the frame of an error; a field is missing or of the wrong kind; a limit is exceeded.
    pub fn from_frame(frame: &Bytes) -> Result<Self, Error> {
        TooLarge::check("bytes", MAX_FRAME, frame.len()).map_err(decode::too_large)?;
        match frame::split(frame, Limits::DEFAULT)? {
            Frame::Message { t, payload } => Self::from_payload(&t, &payload),
            Frame::Error { name, .. } => Err(Error::model(format!("the error {name:?} instead of a message"))),
            Frame::Unknown => Ok(Self { seq: None, time: None, event: Event::Unknown { t: String::new() } }),
        }
    }

    /// Reads the payload of a frame that was [split](frame::split) already. Blocks of events are slices of it.
    ///
    /// # Errors
    /// A field is missing or of the wrong kind; a limit is exceeded.
    pub fn from_payload(t: &str, payload: &Bytes) -> Result<Self, Error> {
        let (stamp, event) = match t.strip_prefix(NSID).unwrap_or(t) {
            "#commit" => CommitEvent::read(payload).map(|(stamp, event)| (stamp, Event::Commit(event.into())))?,
            "#sync" => SyncEvent::read(payload).map(|(stamp, event)| (stamp, Event::Sync(event)))?,
            "#identity" => IdentityEvent::read(payload).map(|(stamp, event)| (stamp, Event::Identity(event)))?,
            "#account" => AccountEvent::read(payload).map(|(stamp, event)| (stamp, Event::Account(event)))?,
            "#info" => {
                let event = Event::Info(InfoEvent::read(payload)?);
                return Ok(Self { seq: None, time: None, event });
            }
            _ => {
                let event = Event::Unknown { t: t.to_owned() };
                return Ok(Self { seq: decode::find_seq(payload), time: None, event });
            }
        };
        Ok(Self { seq: Some(stamp.seq), time: Some(stamp.time), event })
    }
}

impl Event {
    /// Reads the event of a frame, without its number: see [`Message::from_frame`].
    ///
    /// # Errors
    /// As [`Message::from_frame`].
    pub fn from_frame(frame: &Bytes) -> Result<Self, Error> {
        Message::from_frame(frame).map(|message| message.event)
    }

    /// Writes the frame, canonical, with the number that the event got. `#info` has none.
    ///
    /// # Errors
    /// The event breaks a rule or exceeds a limit; or it is not known here, so that nobody knows its payload.
    pub fn to_frame(&self, stamp: &Stamp) -> Result<Bytes, Error> {
        match self {
            Self::Commit(event) => event.to_frame(stamp),
            Self::Sync(event) => event.to_frame(stamp),
            Self::Identity(event) => event.to_frame(stamp),
            Self::Account(event) => event.to_frame(stamp),
            Self::Info(event) => event.to_frame(),
            Self::Unknown { .. } => Err(Error::unwritable("an event of a type that is not known")),
        }
    }

    /// The account; `None` if it is about the stream.
    #[must_use]
    pub fn did(&self) -> Option<&Did> {
        match self {
            Self::Commit(event) => Some(&event.did),
            Self::Sync(event) => Some(&event.did),
            Self::Identity(event) => Some(&event.did),
            Self::Account(event) => Some(&event.did),
            Self::Info(_) | Self::Unknown { .. } => None,
        }
    }
}

macro_rules! from {
    ($($variant:ident($event:ty)),+ $(,)?) => {
        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$variant(event.into())
            }
        })+
    };
}

from!(Commit(CommitEvent), Sync(SyncEvent), Identity(IdentityEvent), Account(AccountEvent), Info(InfoEvent));
