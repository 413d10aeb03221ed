//! What tests of blobs need.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase::{
    clock::Clock,
    data::{Blob, Cid, Map, Value},
    repo::RepoPath,
    syntax::Tid,
    xrpc::{Body, BodyError},
};
use bytes::Bytes;
use futures_util::stream;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use super::{
    Absent, Audit, BlobContent, BlobRange, Blobs, Relink, RemoteLimits, depot::Depot, flaky::Flaky, links, upload,
};
use crate::{
    error::Error,
    keys::SealedKey,
    settings::Settings,
    store::{Account, AccountId, BlobRow, Database, MemoryStore, NewAccount, Record, Unit, Usage},
};

/// A second, in microseconds.
pub(super) const SECOND: i64 = 1_000_000;
/// An hour, in microseconds.
pub(super) const HOUR: i64 = 60 * 60 * SECOND;
/// When tests begin.
const START: i64 = 1_700_000_000 * SECOND;

/// A server's blobs in memory, with the accounts of Alice and Bob.
pub(super) struct World {
    pub(super) depot: Depot,
    pub(super) clock: Arc<Hand>,
    pub(super) objects: Arc<Flaky>,
    pub(super) alice: Account,
    pub(super) bob: Account,
    /// The part of the revision that is one more with each write.
    writes: AtomicI64,
}

/// A clock that stands until it is moved.
pub(super) struct Hand(AtomicI64);

impl Hand {
    pub(super) fn pass(&self, microseconds: i64) {
        self.0.fetch_add(microseconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.0.load(Ordering::Relaxed).unsigned_abs())
    }
}

pub(super) async fn world() -> World {
    world_with(|_| ()).await
}

pub(super) async fn world_with(set: impl FnOnce(&mut Settings)) -> World {
    let mut settings = Settings::new("http://localhost:2583").unwrap();
    set(&mut settings);
    let objects = Arc::new(Flaky::default());
    let clock = Arc::new(Hand(AtomicI64::new(START)));
    let db = Database::new(Arc::new(MemoryStore::with_clock(clock.clone())));
    let alice = account(&db, "did:plc:ewvi7nxzyoun6zhxrhs64oiz").await;
    let bob = account(&db, "did:web:bob.example").await;
    let depot = Depot::new(db, Blobs::new(objects.clone(), RemoteLimits::default()), clock.clone(), &settings);
    World { depot, clock, objects, alice, bob, writes: AtomicI64::new(1) }
}

pub(super) async fn account(db: &Database, did: &str) -> Account {
    let new = NewAccount {
        did: did.parse().unwrap(),
        handle: None,
        email: None,
        password: None,
        key: SealedKey::from_bytes([]),
        created_at: START,
        deactivated_at: None,
    };
    let create = move |unit: &mut dyn Unit| {
        let id = unit.create_account(&new)?;
        Ok::<_, Error>(unit.account(id)?.unwrap())
    };
    db.write(create).await.unwrap()
}

impl World {
    pub(super) async fn upload(&self, bytes: impl Into<Bytes>) -> Blob {
        self.try_upload(Body::new(bytes)).await.unwrap()
    }

    pub(super) async fn try_upload(&self, body: Body) -> Result<Blob, Error> {
        upload::upload(&self.depot, &self.alice.did, body).await
    }

    /// Writes a record of Alice that refers to blobs, or removes it.
    pub(super) async fn write(&self, path: &str, blobs: Option<&[Blob]>) -> Result<(), Error> {
        self.batch(&[(path, blobs)], Absent::Refused).await
    }

    /// Writes a record of Alice that refers to one blob.
    pub(super) async fn link(&self, path: &str, blob: &Blob) -> Result<(), Error> {
        self.write(path, Some(std::slice::from_ref(blob))).await
    }

    /// Writes or removes several records of Alice, in one unit.
    pub(super) async fn batch(&self, changes: &[(&str, Option<&[Blob]>)], absent: Absent) -> Result<(), Error> {
        let changes = changes.iter().map(|(path, blobs)| (path.parse().unwrap(), blobs.map(record_of))).collect();
        let rev = Tid::from_parts(self.writes.fetch_add(1, Ordering::Relaxed).unsigned_abs(), 0);
        let (account, now) = (self.alice.clone(), self.depot.now());
        self.depot.db.write(move |unit| keep(unit, &account, changes, &rev, absent, now)).await
    }

    pub(super) async fn row(&self, cid: &Cid) -> Option<BlobRow> {
        let (id, cid) = (self.alice.id, *cid);
        self.depot.db.read(move |view| Ok::<_, Error>(view.blob(id, &cid)?)).await.unwrap()
    }

    pub(super) async fn change_row(&self, cid: &Cid, change: impl FnOnce(&mut BlobRow)) {
        let mut row = self.row(cid).await.unwrap();
        change(&mut row);
        self.depot.db.write(move |unit| Ok::<_, Error>(unit.put_blob(&row)?)).await.unwrap();
    }

    pub(super) async fn change_alice(&self, change: impl FnOnce(&mut Account)) {
        let mut alice = self.alice.clone();
        change(&mut alice);
        self.depot.db.write(move |unit| Ok::<_, Error>(unit.update_account(&alice)?)).await.unwrap();
    }

    pub(super) async fn rows(&self) -> Vec<BlobRow> {
        self.depot.db.read(|view| Ok::<_, Error>(view.blobs(None, usize::MAX)?)).await.unwrap()
    }

    pub(super) async fn usage(&self, id: AccountId) -> Usage {
        self.depot.db.read(move |view| Ok::<_, Error>(view.usage(id)?)).await.unwrap()
    }

    /// What somebody gets who gets a blob of Alice.
    pub(super) async fn bytes(&self, blob: &Blob, range: Option<BlobRange>) -> Bytes {
        match super::read::read(&self.depot, &self.alice.did, &cid(blob), range).await.unwrap() {
            BlobContent::Bytes(found) => found.body.collect(u64::MAX).await.unwrap(),
            BlobContent::Remote(_) => panic!("it is here"),
        }
    }

    pub(super) async fn collect(&self) -> u64 {
        super::collect::collect(&self.depot).await.unwrap()
    }
}

/// What becomes of blobs in an object store that has nothing in it, and has nothing but its owner in it in the
/// end. The largest blob has about so many bytes.
pub(super) async fn life_of_blobs(objects: Arc<dyn ObjectStore>, most: usize) {
    let mut world = world().await;
    world.depot.blobs = Blobs::new(objects, RemoteLimits::default());
    let audit = super::audit::audit(&world.depot, true, &mut |_| ()).await.unwrap();
    assert_eq!(audit, Audit::default());
    assert_eq!(world.collect().await, 0);
    let small = world.upload("0123456789").await;
    let bytes = Bytes::from((0..=250).cycle().take(251).collect::<Vec<_>>().repeat(most / 251));
    let large = world.upload(bytes.clone()).await;
    let paths = ["com.example.note/a", "com.example.note/b", "com.example.note/c"];
    let empty = world.upload("").await;
    for (path, blob) in paths.iter().zip([&small, &large, &empty]) {
        world.link(path, blob).await.unwrap();
    }
    assert_eq!(world.bytes(&small, None).await, "0123456789");
    assert_eq!(world.bytes(&small, Some(BlobRange::Last(3))).await, "789");
    assert_eq!(world.bytes(&empty, None).await, "");
    assert!(world.bytes(&large, None).await == bytes);
    let middle = BlobRange::Bounded(700_000..900_000);
    assert!(world.bytes(&large, Some(middle)).await == bytes[700_000..900_000]);
    let broken = stream::iter([Ok(bytes), Err(BodyError::source("gone"))]);
    world.try_upload(Body::from_stream(broken)).await.unwrap_err();
    let audit = super::audit::audit(&world.depot, true, &mut |_| ()).await.unwrap();
    assert_eq!((audit.blobs, audit.missing.len(), audit.surplus.len()), (3, 0, 0));
    for path in paths {
        world.write(path, None).await.unwrap();
    }
    let key = super::key::new(&world.bob.did, world.depot.now()).unwrap();
    world.depot.blobs.objects.put(&Path::from(&*key), "surplus".into()).await.unwrap();
    world.clock.pass(25 * HOUR);
    assert_eq!(world.collect().await, 4);
    // What was given up is given up in the background.
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// What a commit does about the blobs of its records.
fn keep(
    unit: &mut dyn Unit,
    account: &Account,
    changes: Vec<(RepoPath, Option<Vec<u8>>)>,
    rev: &Tid,
    absent: Absent,
    now: i64,
) -> Result<(), Error> {
    let mut released = Vec::new();
    for (path, after) in changes {
        let before = unit.record(account.id, &path)?.map(|record| record.block);
        if let Some(block) = &before {
            released.extend(arobase::repo::blob_refs(block).unwrap().iter().filter_map(|blob| blob.cid().as_cid()));
        }
        let change = Relink { path: &path, rev, before: before.as_deref(), after: after.as_deref() };
        links::relink(unit, account, change, absent)?;
        match after {
            Some(block) => {
                let cid = Cid::of_cbor(&block).into();
                unit.put_record(account.id, &Record { path, cid, rev: rev.clone(), block: block.into() })?;
            }
            None => unit.delete_record(account.id, &path)?,
        }
    }
    links::sweep(unit, account.id, &released, now)
}

pub(super) fn record_of(blobs: &[Blob]) -> Vec<u8> {
    let mut record = Map::new();
    record.insert("$type".into(), "com.example.note".into());
    record.insert("blobs".into(), Value::List(blobs.iter().cloned().map(Value::from).collect()));
    Value::Map(record).to_cbor().unwrap()
}

pub(super) fn cid(blob: &Blob) -> Cid {
    blob.cid().as_cid().unwrap()
}
