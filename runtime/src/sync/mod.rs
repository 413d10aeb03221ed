//! Events of repositories (Repository, events): building, verifying and following them.
//!
//! - [`CommitEvent`], [`SyncEvent`] and the others are what goes over the wire; [`Message::from_frame`] reads it,
//!   [`Event::to_frame`] writes it. `CommitEvent::of` makes one of what was written to a repository.
//! - [`verify`] checks a single event, or the proof of a single record, against a key.
//! - [`RepoState`] is what a receiver knows of a repository, and says what an event makes of it.
//! - [`Consumer`] does all of that with events as they come, and asks a [`Directory`] for keys.
//! - `Follower` connects it to a host, and fetches repositories where something is missing.
//!
//! ```
//! use arobase_runtime::{
//!     crypto::{Curve, Signer, SigningKey},
//!     data::Value,
//!     repo::{Repo, Write},
//!     sync::{CommitEvent, Event, Stamp, verify},
//!     syntax::{Datetime, TidGenerator},
//! };
//!
//! let (key, clock) = (SigningKey::generate(Curve::K256), TidGenerator::random());
//! let note = Value::from_json(br#"{ "$type": "com.example.note", "text": "hello" }"#)?.to_cbor()?;
//! let note = Write::create("com.example.note/self".parse()?, note);
//! let (repo, written) = Repo::create("did:web:alice.example".parse()?, &[note], &clock, &key)?;
//!
//! // The host sends it ...
//! let event = Event::from(CommitEvent::of(&written)?);
//! let frame = event.to_frame(&Stamp { seq: 1, time: Datetime::now() })?;
//!
//! // ... and a receiver, who knows the key of the account, believes it.
//! let Event::Commit(received) = Event::from_frame(&frame)? else { panic!("it is a commit") };
//! let verified = verify::commit(&received, &key.public_key())?;
//! assert_eq!(verified.commit(), repo.commit());
//! assert_eq!(verified.ops()[0].path.as_str(), "com.example.note/self");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod build;
mod consumer;
mod directory;
mod event;
#[cfg(feature = "websocket")]
pub mod follow;
mod invalid;
pub mod limits;
mod outcome;
mod queue;
pub mod state;
#[cfg(test)]
mod test_repo;
pub mod verify;

pub use consumer::{Consumer, ConsumerError, Source};
pub use directory::{Directory, Identity, MemoryStates, States};
pub use event::{
    AccountEvent, AccountStatus, CommitEvent, Event, IdentityEvent, InfoEvent, MAX_SEQ, Message, NSID, Stamp, SyncEvent,
};
#[cfg(feature = "websocket")]
pub use follow::Follower;
pub use invalid::Invalid;
pub use outcome::{Outcome, Rejected};
pub use queue::QueueLimits;
pub use state::{Head, RepoState, Start};
