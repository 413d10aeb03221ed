use std::{collections::BTreeSet, sync::Arc, time::SystemTime};

use arobase::clock::Clock;

use super::*;
use crate::store::{SqliteOptions, SqliteStore, Store};

/// Forty writers, each with five writes, on one repository.
async fn write_from_all_sides(store: impl Store) {
    let pds = builder(store).build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await.did;
    let writers = (0..40).map(|writer| {
        let (pds, alice) = (pds.clone(), alice.clone());
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0..5 {
                let changes = vec![create(&format!("{writer}-{n}"), "x"), put("shared", &format!("{writer} {n}"))];
                let (_, rev) = write(&pds, &alice, changes).await.commit.unwrap();
                acknowledged.push((format!("{NOTE}/{writer}-{n}"), rev));
            }
            acknowledged
        })
    });
    let (mut paths, mut revs) = (BTreeSet::new(), BTreeSet::new());
    for writer in writers.collect::<Vec<_>>() {
        let acknowledged = writer.await.unwrap();
        assert!(acknowledged.windows(2).all(|pair| pair[0].1 < pair[1].1));
        for (path, rev) in acknowledged {
            assert!(paths.insert(path) && revs.insert(rev), "no revision comes twice");
        }
    }
    paths.insert(format!("{NOTE}/shared"));
    assert!(content(&pds, &alice).await.records.keys().eq(&paths));
    // One commit for each write, and the first one.
    assert_eq!(follow(&pds, &alice).await, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_make_one_history() {
    write_from_all_sides(MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_make_one_history_on_disk() {
    let folder = Folder::new();
    write_from_all_sides(SqliteStore::open(&folder.0.join("store"), SqliteOptions::default()).unwrap()).await;
}

/// A folder that is gone with this value.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Self {
        let mut name = [0; 8];
        getrandom::fill(&mut name).unwrap();
        let folder = std::env::temp_dir().join(format!("arobase-pds-repos-{}", u64::from_le_bytes(name)));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A clock that somebody sets.
#[derive(Debug)]
struct Set(std::sync::Mutex<SystemTime>);

impl Clock for Set {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

#[tokio::test]
async fn revisions_rise_also_if_the_clock_goes_back() {
    let clock = Arc::new(Set(SystemTime::now().into()));
    let pds = builder(MemoryStore::new()).clock(clock.clone()).build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await.did;
    let (_, before) = write(&pds, &alice, vec![put("a", "1")]).await.commit.unwrap();
    *clock.0.lock().unwrap() -= std::time::Duration::from_secs(3600);
    let (_, after) = write(&pds, &alice, vec![put("a", "2")]).await.commit.unwrap();
    assert!(before < after, "{before} {after}");
    follow(&pds, &alice).await;
}

#[tokio::test]
async fn no_revision_is_less_than_what_a_restore_demands() {
    let store = Arc::new(MemoryStore::new());
    let floor = Tid::from_parts(1_900_000_000_000_000, 7);
    let text = floor.clone();
    let set = crate::store::Database::new(store.clone());
    set.write(move |unit| unit.put_setting(crate::repos::state::REV_FLOOR, text.as_str().as_bytes())).await.unwrap();
    let pds = builder(Shared(store)).build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await.did;
    assert!(*content(&pds, &alice).await.commit.rev() > floor);
    let (_, rev) = write(&pds, &alice, vec![put("a", "1")]).await.commit.unwrap();
    assert!(rev > floor);
    follow(&pds, &alice).await;
}

/// A store that others have too.
struct Shared(Arc<MemoryStore>);

impl Store for Shared {
    fn read(
        &self,
        reading: crate::store::Reading,
        work: crate::store::ReadWork<'_>,
    ) -> Result<(), crate::store::StoreError> {
        self.0.read(reading, work)
    }

    fn write(
        &self,
        work: crate::store::WriteWork,
    ) -> arobase::xrpc::BoxFuture<'static, Result<(), crate::store::StoreError>> {
        self.0.write(work)
    }

    fn listen(&self, listener: Arc<dyn crate::store::Listener>) {
        self.0.listen(listener);
    }

    fn close(&self) -> arobase::xrpc::BoxFuture<'static, ()> {
        self.0.close()
    }
}
