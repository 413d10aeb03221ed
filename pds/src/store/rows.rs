//! What is in a store.

use std::ops::Add;

use arobase::{
    data::{Cid, CidLink},
    repo::RepoPath,
    sync::AccountStatus,
    syntax::{Did, Handle, Tid},
};
use bytes::Bytes;

use crate::keys::SealedKey;

/// The number of an account in one store: positive, in the order of creation, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

/// An account. Times are microseconds since 1970.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its DID.
    pub did: Did,
    /// Its handle, in lower case.
    pub handle: Option<Handle>,
    /// Its e-mail address, in lower case.
    pub email: Option<Box<str>>,
    /// When the address was confirmed.
    pub email_confirmed_at: Option<i64>,
    /// The hash of its password; without one nobody can log in.
    pub password: Option<Box<str>>,
    /// The key that signs its commits, as [`Keys`](crate::keys::Keys) keep it.
    pub key: SealedKey,
    /// When it was created.
    pub created_at: i64,
    /// When its owner deactivated it, or brought it here without activating it yet.
    pub deactivated_at: Option<i64>,
    /// When it is to be deleted.
    pub delete_after: Option<i64>,
    /// When the operator suspended it.
    pub suspended_at: Option<i64>,
    /// Why the operator took it down: a reference to the decision.
    pub takedown: Option<Box<str>>,
}

/// Whether an account is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Active,
    /// Its owner switched it off.
    Deactivated,
    /// The operator switched it off for a time.
    Suspended,
    /// The operator took it down.
    Takendown,
}

/// An account that is about to be. Its repository is made in the same unit of work.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its DID.
    pub did: Did,
    /// Its handle, in lower case.
    pub handle: Option<Handle>,
    /// Its e-mail address, in lower case.
    pub email: Option<Box<str>>,
    /// The hash of its password.
    pub password: Option<Box<str>>,
    /// The key that signs its commits.
    pub key: SealedKey,
    /// When it is created.
    pub created_at: i64,
    /// When it was deactivated: with its creation, if it comes from elsewhere.
    pub deactivated_at: Option<i64>,
}

/// How much an account takes: bytes of blocks, and what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many records.
    pub records: i64,
    /// Bytes of records.
    pub record_bytes: i64,
    /// How many nodes.
    pub nodes: i64,
    /// Bytes of nodes.
    pub node_bytes: i64,
    /// How many blobs.
    pub blobs: i64,
    /// Bytes of blobs.
    pub blob_bytes: i64,
}

/// A node of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The revision with which it came into the tree.
    pub rev: Tid,
    /// Its block.
    pub block: Bytes,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its path.
    pub path: RepoPath,
    /// Its CID.
    pub cid: CidLink,
    /// The revision with which it was last written.
    pub rev: Tid,
    /// Its block.
    pub block: Bytes,
}

/// A blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRow {
    /// Whose it is.
    pub account: AccountId,
    /// Its CID, which is that of raw bytes.
    pub cid: Cid,
    /// Its MIME type.
    pub mime_type: Box<str>,
    /// Its bytes.
    pub size: u64,
    /// Whether a record refers to it.
    pub state: BlobState,
    /// Where its bytes are.
    pub place: BlobPlace,
    /// When it was uploaded, or first fetched (microseconds since 1970).
    pub created_at: i64,
    /// Why the operator took it down.
    pub takedown: Option<Box<str>>,
}

/// Whether a record refers to a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobState {
    /// None did since it was uploaded: it can be referred to, but nobody can get it, and it goes after a while.
    Temporary,
    /// One does.
    Permanent,
}

/// Where the bytes of a blob are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobPlace {
    /// In the object store, under this key. Each upload has a key of its own.
    Object(Box<str>),
    /// Behind a URL.
    Remote(Remote),
}

/// A blob behind a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The URL.
    pub url: Box<str>,
    /// When the bytes behind it were last known to be those of the CID (microseconds since 1970).
    pub checked_at: i64,
    /// Whether they are so no longer: other bytes, or none.
    pub gone: bool,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// Milliseconds.
    pub duration: Option<u64>,
}

/// An object that is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// Its key.
    pub key: Box<str>,
    /// Since when, or, after an attempt that failed, not before when (microseconds since 1970).
    pub since: i64,
}

/// A session: a refresh token that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The ID of the token.
    pub id: Box<str>,
    /// Whose it is.
    pub account: AccountId,
    /// When it expires (microseconds since 1970).
    pub expires_at: i64,
    /// The ID of the token that follows on it, once it was used.
    pub next: Option<Box<str>>,
    /// The name of the app password that it began with.
    pub app_password: Option<Box<str>>,
}

impl Account {
    /// Whether it is to be seen. What the operator did outranks what the owner did.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self { takedown: Some(_), .. } => State::Takendown,
            Self { suspended_at: Some(_), .. } => State::Suspended,
            Self { deactivated_at: Some(_), .. } => State::Deactivated,
            _ => State::Active,
        }
    }
}

impl State {
    /// Whether it is [`State::Active`].
    #[must_use]
    pub fn is_active(self) -> bool {
        self == Self::Active
    }

    /// What the protocol calls it; an active account has no status.
    #[must_use]
    pub fn status(self) -> Option<AccountStatus> {
        match self {
            Self::Active => None,
            Self::Deactivated => Some(AccountStatus::Deactivated),
            Self::Suspended => Some(AccountStatus::Suspended),
            Self::Takendown => Some(AccountStatus::Takendown),
        }
    }
}

impl NewAccount {
    /// The account under its number.
    pub(super) fn into_account(self, id: AccountId) -> Account {
        Account {
            id,
            did: self.did,
            handle: self.handle,
            email: self.email,
            email_confirmed_at: None,
            password: self.password,
            key: self.key,
            created_at: self.created_at,
            deactivated_at: self.deactivated_at,
            delete_after: None,
            suspended_at: None,
            takedown: None,
        }
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            record_bytes: self.record_bytes + other.record_bytes,
            nodes: self.nodes + other.nodes,
            node_bytes: self.node_bytes + other.node_bytes,
            blobs: self.blobs + other.blobs,
            blob_bytes: self.blob_bytes + other.blob_bytes,
        }
    }
}
