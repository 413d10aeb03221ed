//! Where everything is kept: accounts, repositories, blob references, sessions, and the log of events.
//!
//! A [`Store`] reads through a [`View`], which is a consistent snapshot, and writes through a [`Unit`], one unit of
//! work over all of it: what a unit did is durable as a whole or did not happen. An event is part of the unit that
//! caused it, and gets its number when the unit is kept, so there is an event if and only if its commit is durable.
//!
//! Handlers use a [`Database`], which runs work over a store where blocking is allowed. What accounts, repositories
//! and events mean is not the store's affair; so a backend is a set of small operations on rows.

mod database;
mod error;
mod log;
mod memory;
mod numbers;
mod range;
mod rows;
mod sqlite;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use arobase::{
    data::{Cid, CidLink},
    repo::{Commit, RepoPath},
    sync::Event,
    syntax::{Did, Handle, Nsid, Tid},
    xrpc::BoxFuture,
};
use bytes::Bytes;

pub use database::Database;
pub use error::{StoreError, StoreErrorKind};
pub use log::{Listener, Logged};
pub use memory::MemoryStore;
pub use range::Range;
pub use rows::{
    Account, AccountId, BlobPlace, BlobRow, BlobState, Doomed, NewAccount, Node, Record, Remote, SessionRow, State,
    Usage,
};
pub use sqlite::{SqliteOptions, SqliteStore};

/// What came of a unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it is to be kept.
    Keep,
    /// None of it is.
    Undo,
}

/// Work that reads. It may take its time only if it is [`Reading::Long`].
pub type ReadWork<'a> = &'a mut dyn FnMut(&dyn View);

/// Work that writes. It runs at most once; others wait for it.
pub type WriteWork = Box<dyn FnOnce(&mut dyn Unit) -> Verdict + Send>;

/// How long a reading takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As long as a look-up.
    Short,
    /// As long as somebody else takes to receive what is read: an export. Such readings never keep short ones waiting.
    Long,
}

/// A place where everything is kept.
///
/// All units of work on one account, and all that emit events, happen one after the other; each sees what those before
/// it did. So what a unit checks is still so when it is kept.
pub trait Store: Send + Sync + 'static {
    /// Runs work over a snapshot, on this thread.
    ///
    /// # Errors
    /// The work could not be run. What goes wrong in it is its own affair.
    fn read(&self, reading: Reading, work: ReadWork<'_>) -> Result<(), StoreError>;

    /// Runs work as a unit. When the future is ready without an error, everything that was kept is durable, and the
    /// [listener](Store::listen) has been told of its events. Work whose verdict is [`Verdict::Undo`] is no error.
    ///
    /// Units may be made durable together. Dropping the future does not take the unit back.
    ///
    /// # Errors
    /// Nothing was kept: the disk is full, for example. After [`StoreErrorKind::Broken`], nobody knows what was.
    fn write(&self, work: WriteWork) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Names who is told of events. To be called once, before anything is written.
    fn listen(&self, listener: Arc<dyn Listener>);

    /// Finishes what has begun and closes. What comes later fails.
    fn close(&self) -> BoxFuture<'static, ()>;
}

/// A store that several share.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn read(&self, reading: Reading, work: ReadWork<'_>) -> Result<(), StoreError> {
        (**self).read(reading, work)
    }

    fn write(&self, work: WriteWork) -> BoxFuture<'static, Result<(), StoreError>> {
        (**self).write(work)
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        (**self).listen(listener);
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        (**self).close()
    }
}

/// What is in a store, as of one moment.
///
/// # Errors
/// Of all methods: the store failed. What is not there is no error.
pub trait View {
    /// An account, unless it was deleted.
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// The account of a DID.
    fn account_of_did(&self, did: &Did) -> Result<Option<Account>, StoreError>;

    /// The account of a handle, which is in lower case.
    fn account_of_handle(&self, handle: &Handle) -> Result<Option<Account>, StoreError>;

    /// The account of an e-mail address, which is in lower case.
    fn account_of_email(&self, email: &str) -> Result<Option<Account>, StoreError>;

    /// Accounts in the order of their creation, behind one.
    fn accounts(&self, after: Option<AccountId>, limit: usize) -> Result<Vec<Account>, StoreError>;

    /// How many accounts there are.
    fn count_accounts(&self) -> Result<u64, StoreError>;

    /// The latest commit of a repository.
    fn commit(&self, id: AccountId) -> Result<Option<Commit>, StoreError>;

    /// How much an account takes.
    fn usage(&self, id: AccountId) -> Result<Usage, StoreError>;

    /// How much all accounts take.
    fn total_usage(&self) -> Result<Usage, StoreError>;

    /// A node of the tree of a repository.
    fn node(&self, id: AccountId, cid: &Cid) -> Result<Option<Node>, StoreError>;

    /// The CIDs of all nodes of a repository behind one, in the order of their bytes.
    fn nodes(&self, id: AccountId, after: Option<&Cid>, limit: usize) -> Result<Vec<Cid>, StoreError>;

    /// A record.
    fn record(&self, id: AccountId, path: &RepoPath) -> Result<Option<Record>, StoreError>;

    /// The block of any record that has this CID.
    fn record_block(&self, id: AccountId, cid: &CidLink) -> Result<Option<Bytes>, StoreError>;

    /// Records in a range of paths, in the order of their paths or against it. It ends after `limit` records, or with
    /// the record that reaches `bytes`.
    fn records(&self, id: AccountId, range: Range<'_>) -> Result<Vec<Record>, StoreError>;

    /// The first collections of a repository, in order.
    fn collections(&self, id: AccountId, limit: usize) -> Result<Vec<Nsid>, StoreError>;

    /// Accounts that have records of a collection, in the order of their creation, behind one.
    fn accounts_with(
        &self,
        collection: &Nsid,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<Vec<Account>, StoreError>;

    /// A blob.
    fn blob(&self, id: AccountId, cid: &Cid) -> Result<Option<BlobRow>, StoreError>;

    /// The blob that stands for a URL: of several the one with the latest time of creation.
    fn blob_of_url(&self, id: AccountId, url: &str) -> Result<Option<BlobRow>, StoreError>;

    /// The blobs of all accounts behind one, in the order of accounts and of the CIDs' text. Those of a deleted account
    /// are there until they are purged.
    fn blobs(&self, after: Option<(AccountId, &Cid)>, limit: usize) -> Result<Vec<BlobRow>, StoreError>;

    /// Temporary blobs that were uploaded before a time (microseconds since 1970), oldest first.
    fn temporary_blobs(&self, before: i64, limit: usize) -> Result<Vec<BlobRow>, StoreError>;

    /// Whether a record refers to a blob.
    fn is_linked(&self, id: AccountId, cid: &Cid) -> Result<bool, StoreError>;

    /// The blobs to which records refer that were written after a revision: each once, in the order of the CIDs'
    /// text, behind one.
    fn linked_blobs(
        &self,
        id: AccountId,
        since: Option<&Tid>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Cid>, StoreError>;

    /// The blobs to which records refer and that are not here, each once with one of the records, in the order of the
    /// CIDs' text, behind one.
    fn missing_blobs(
        &self,
        id: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Cid, RepoPath)>, StoreError>;

    /// Objects that are to be deleted, oldest first.
    fn doomed(&self, limit: usize) -> Result<Vec<Doomed>, StoreError>;

    /// A session.
    fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError>;

    /// A setting that the server keeps for itself.
    fn setting(&self, name: &str) -> Result<Option<Bytes>, StoreError>;

    /// The number of the newest event that there ever was, or the one before the first that there will be.
    fn head_seq(&self) -> Result<i64, StoreError>;

    /// The number of the oldest event that is still there.
    fn oldest_seq(&self) -> Result<Option<i64>, StoreError>;

    /// Events behind a number, in order. It ends after `limit` events, or with the one that reaches `bytes`.
    fn events(&self, after: i64, limit: usize, bytes: usize) -> Result<Vec<Logged>, StoreError>;
}

/// A unit of work. It sees what it did itself. Whatever is added to an account needs the account to be there.
///
/// # Errors
/// Of all methods: the store failed, or what was to be done cannot be. The unit cannot be kept any more then, whatever
/// its verdict: also after an error of one of the methods that read.
pub trait Unit: View {
    /// Adds an account. Its DID, handle and e-mail address must be free.
    fn create_account(&mut self, account: &NewAccount) -> Result<AccountId, StoreError>;

    /// Replaces what may change of an account: everything but its ID, its DID and its time of creation.
    fn update_account(&mut self, account: &Account) -> Result<(), StoreError>;

    /// Deletes an account: it, its names, its sessions and the events that the log has of it are gone at once, what
    /// else it held goes with [`Unit::purge`]. Events that are emitted from now on stay: its farewell.
    fn delete_account(&mut self, id: AccountId) -> Result<(), StoreError>;

    /// Removes up to about so many rows of accounts that were deleted; whether there may be more. The objects of their
    /// blobs are [doomed](View::doomed).
    fn purge(&mut self, rows: usize) -> Result<bool, StoreError>;

    /// Makes a commit the latest of a repository.
    fn put_commit(&mut self, id: AccountId, commit: &Commit) -> Result<(), StoreError>;

    /// Adds to what an account takes.
    fn add_usage(&mut self, id: AccountId, change: Usage) -> Result<(), StoreError>;

    /// Keeps a node, which came into the tree with a revision.
    fn put_node(&mut self, id: AccountId, cid: &Cid, rev: &Tid, block: &Bytes) -> Result<(), StoreError>;

    /// Lets go of a node; how many bytes it had.
    fn delete_node(&mut self, id: AccountId, cid: &Cid) -> Result<Option<usize>, StoreError>;

    /// Keeps a record, in place of the one that has its path.
    fn put_record(&mut self, id: AccountId, record: &Record) -> Result<(), StoreError>;

    /// Lets go of a record.
    fn delete_record(&mut self, id: AccountId, path: &RepoPath) -> Result<(), StoreError>;

    /// Notes that a repository has records of a collection, or has none any more.
    fn note_collection(&mut self, id: AccountId, collection: &str, has: bool) -> Result<(), StoreError>;

    /// Keeps what is known of a blob, in place of what was known.
    fn put_blob(&mut self, blob: &BlobRow) -> Result<(), StoreError>;

    /// Forgets a blob.
    fn delete_blob(&mut self, id: AccountId, cid: &Cid) -> Result<(), StoreError>;

    /// Notes that a record refers to a blob.
    fn link_blob(&mut self, id: AccountId, cid: &Cid, path: &RepoPath, rev: &Tid) -> Result<(), StoreError>;

    /// Notes that a record no longer refers to a blob.
    fn unlink_blob(&mut self, id: AccountId, cid: &Cid, path: &RepoPath) -> Result<(), StoreError>;

    /// Notes that an object is to be deleted.
    fn doom(&mut self, key: &str, now: i64) -> Result<(), StoreError>;

    /// Notes that an object is gone.
    fn forget_doomed(&mut self, key: &str) -> Result<(), StoreError>;

    /// Keeps a session, in place of the one with its ID.
    fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError>;

    /// Ends a session.
    fn delete_session(&mut self, id: &str) -> Result<(), StoreError>;

    /// Ends all sessions of an account.
    fn delete_sessions(&mut self, id: AccountId) -> Result<(), StoreError>;

    /// Ends up to so many sessions that expired before a time (microseconds since 1970); how many.
    fn delete_expired_sessions(&mut self, before: i64, limit: usize) -> Result<usize, StoreError>;

    /// Keeps a setting.
    fn put_setting(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Adds an event to the log. It gets the next number when the unit is kept, so the events of one unit follow on
    /// each other in their order.
    fn emit(&mut self, id: AccountId, event: Event) -> Result<(), StoreError>;

    /// Makes the numbers of events go on behind one. Numbers never go back: a lesser one changes nothing.
    fn skip_to_seq(&mut self, seq: i64) -> Result<(), StoreError>;

    /// Removes up to so many events that are older than a time (microseconds since 1970), oldest first; how many. Those
    /// of deleted accounts may count too.
    fn trim_events(&mut self, before: i64, limit: usize) -> Result<usize, StoreError>;
}
