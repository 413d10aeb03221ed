//! What the tests have in common.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arobase_runtime::{
    clock::Clock,
    crypto::{Curve, Signer, SigningKey},
    data::Cid,
    identity::plc::{Content, Operation, PlcData},
    syntax::Did,
};

use crate::{
    Directory, DirectoryBuilder, MemoryStore,
    store::{NewRecord, Store},
};

/// A clock that stands still until it is set.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) const START: u64 = 1_700_000_000_000;

    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(Self::START)))
    }

    /// So many milliseconds after the start.
    pub(crate) fn set(&self, millis: u64) {
        self.0.store(Self::START + millis, Ordering::Relaxed);
    }

    pub(crate) fn set_hours(&self, hours: u64) {
        self.set(hours * 3_600_000);
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// The keys of an account: a strong one and a weak one.
pub(crate) struct Keys {
    pub(crate) strong: SigningKey,
    pub(crate) weak: SigningKey,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self { strong: SigningKey::generate(Curve::P256), weak: SigningKey::generate(Curve::K256) }
    }

    pub(crate) fn data(&self, name: &str) -> PlcData {
        let keys = [&self.strong, &self.weak].map(|key| key.public_key().to_did_key()).to_vec();
        PlcData::account(keys, self.weak.public_key().to_did_key(), &format!("{name}.example.com"), "https://pds.test")
    }

    pub(crate) fn genesis(&self) -> (Did, Operation) {
        let genesis = Content::genesis(self.data("alice")).sign(&self.weak).unwrap();
        (genesis.did().unwrap(), genesis)
    }

    /// An operation that gives the account another name.
    pub(crate) fn renamed(&self, prev: Cid, name: &str, key: &SigningKey) -> Operation {
        Content::Update { data: self.data(name), prev: Some(prev) }.sign(key).unwrap()
    }
}

pub(crate) fn tombstone(prev: Cid, key: &SigningKey) -> Operation {
    Content::Tombstone { prev }.sign(key).unwrap()
}

/// A directory in memory with a clock of its own.
pub(crate) fn directory(setup: impl FnOnce(DirectoryBuilder) -> DirectoryBuilder) -> (Directory, TestClock) {
    let clock = TestClock::new();
    let builder = Directory::builder(MemoryStore::new()).clock(clock.clone());
    (setup(builder).build().unwrap(), clock)
}

/// A record with nothing in it that a store looks at but what it is told.
pub(crate) fn new_record(did: &Did, name: &str, millis: i64, base: Option<u64>) -> NewRecord {
    let operation = format!(r#"{{"name":"{name}"}}"#);
    let cid = Cid::of_cbor(operation.as_bytes());
    NewRecord { did: did.clone(), operation: operation.into(), cid, millis, nullifies: Vec::new(), base }
}

/// A file that goes when the test ends.
#[cfg(feature = "sqlite")]
pub(crate) struct File(pub(crate) std::path::PathBuf);

#[cfg(feature = "sqlite")]
impl File {
    pub(crate) fn new(name: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("arobase-plc-{}-{number}-{name}", std::process::id())))
    }
}

#[cfg(feature = "sqlite")]
impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(end);
            drop(std::fs::remove_file(path));
        }
    }
}

/// Does the same with a store of every kind, each empty.
pub(crate) fn with_every_store(test: impl Fn(Box<dyn Store>)) {
    test(Box::new(MemoryStore::new()));
    #[cfg(feature = "sqlite")]
    {
        let file = File::new("store");
        test(Box::new(crate::SqliteStore::open(&file.0).unwrap()));
    }
}
