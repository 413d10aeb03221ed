//! What tests of stores need.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase::{
    clock::Clock,
    crypto::Signature,
    data::{Cid, CidLink},
    repo::{Commit, RepoPath, commit::Unsigned},
    sync::{AccountEvent, Event},
    syntax::{Did, Tid},
};
use bytes::Bytes;

use super::{
    AccountId, BlobPlace, BlobRow, BlobState, Listener, Logged, NewAccount, Record, Remote, SessionRow, SqliteOptions,
};
use crate::keys::SealedKey;

/// The time at which tests begin, in microseconds since 1970.
pub(super) const NOW: i64 = 1_700_000_000_000_000;

/// A clock that is set by hand.
#[derive(Debug)]
pub(super) struct HandClock(AtomicI64);

impl HandClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW)))
    }

    pub(super) fn set(&self, micros: i64) {
        self.0.store(micros, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.0.load(Ordering::Relaxed).unsigned_abs())
    }
}

/// A folder that is gone with this value.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("arobase-pds-store-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Options that do not wait for the disk.
pub(super) fn quick(clock: Arc<HandClock>) -> SqliteOptions {
    SqliteOptions { durable: false, clock, ..SqliteOptions::default() }
}

/// Remembers the numbers of events that it heard of.
#[derive(Debug, Default)]
pub(super) struct Ears(pub(super) Mutex<Vec<i64>>);

impl Ears {
    pub(super) fn heard(&self) -> Vec<i64> {
        self.0.lock().unwrap().clone()
    }
}

impl Listener for Ears {
    fn logged(&self, events: &[Logged]) {
        self.0.lock().unwrap().extend(events.iter().map(|event| event.seq));
    }
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(super) fn did(name: &str) -> Did {
    format!("did:web:{name}.example.com").parse().unwrap()
}

pub(super) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        did: did(name),
        handle: Some(format!("{name}.example.com").parse().unwrap()),
        email: Some(format!("{name}@example.com").into()),
        password: None,
        key: SealedKey::from_bytes(name.as_bytes()),
        created_at: NOW,
        deactivated_at: None,
    }
}

pub(super) fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

pub(super) fn rev(number: u64) -> Tid {
    Tid::from_parts(number, 0)
}

/// A block that is not one, but whose CID is that of its bytes.
pub(super) fn block(text: &str) -> (Cid, Bytes) {
    (Cid::of_cbor(text.as_bytes()), Bytes::copy_from_slice(text.as_bytes()))
}

pub(super) fn record(at: &str, text: &str, written: u64) -> Record {
    let (cid, block) = block(text);
    Record { path: path(at), cid: CidLink::from(cid), rev: rev(written), block }
}

pub(super) fn blob_cid(text: &str) -> Cid {
    Cid::of_raw(text.as_bytes())
}

pub(super) fn blob(account: AccountId, text: &str) -> BlobRow {
    BlobRow {
        account,
        cid: blob_cid(text),
        mime_type: "image/png".into(),
        size: text.len() as u64,
        state: BlobState::Permanent,
        place: BlobPlace::Object(format!("objects/{}/{text}", account.0).into()),
        created_at: NOW,
        takedown: None,
    }
}

pub(super) fn remote_blob(account: AccountId, text: &str, url: &str) -> BlobRow {
    let remote =
        Remote { url: url.into(), checked_at: NOW, gone: false, width: Some(640), height: None, duration: Some(1500) };
    BlobRow { place: BlobPlace::Remote(remote), ..blob(account, text) }
}

pub(super) fn session(account: AccountId, id: &str, expires_at: i64) -> SessionRow {
    SessionRow { id: id.into(), account, expires_at, next: None, app_password: Some("phone".into()) }
}

/// A commit, which nobody signed.
pub(super) fn commit(name: &str, number: u64) -> Commit {
    let unsigned = Unsigned { did: did(name), rev: rev(number), data: Cid::of_cbor(b"tree"), prev: None };
    unsigned.with_signature(&Signature::from_bytes([1; 64]))
}

pub(super) fn event(name: &str) -> Event {
    AccountEvent::active(did(name)).into()
}

/// An event that has no frame.
pub(super) fn unwritable() -> Event {
    AccountEvent::active(Did::from_unchecked("nobody")).into()
}
