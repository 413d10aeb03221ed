use arobase_runtime::{
    crypto::{Curve, SigningKey},
    identity::plc::{Content, LogError, OperationError},
};

use super::*;
use crate::{
    MemoryStore,
    store::{AppendError, NewRecord},
    testing::{Keys, TestClock, directory, tombstone},
};

fn at(accepted: &Accepted) -> i64 {
    accepted.created_at.unix_micros().unwrap() / 1000 - i64::try_from(TestClock::START).unwrap()
}

async fn created(directory: &Directory, keys: &Keys) -> (Did, Cid) {
    let (did, genesis) = keys.genesis();
    let accepted = directory.submit(&did, genesis).await.unwrap();
    (did, accepted.cid)
}

#[tokio::test]
async fn an_operation_is_told_where_it_stands() {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    clock.set(5);
    let first = directory.submit(&did, genesis.clone()).await.unwrap();
    assert_eq!((first.seq, first.cid, at(&first)), (1, genesis.cid(), 5));
    assert_eq!(first.nullified, []);
    assert_eq!(directory.log(&did).await.unwrap().last().unwrap().operation, genesis);
    assert_eq!(directory.data(&did).await.unwrap(), keys.data("alice"));
    assert_eq!(directory.document(&did).await.unwrap(), keys.data("alice").document(&did));
}

#[tokio::test]
async fn a_did_that_was_never_created_is_not_registered() {
    let (directory, _) = directory(|builder| builder);
    let did: Did = "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap();
    assert!(matches!(directory.log(&did).await, Err(DirectoryError::NotRegistered)));
    assert!(matches!(directory.data(&did).await, Err(DirectoryError::NotRegistered)));
    assert!(matches!(directory.document(&did).await, Err(DirectoryError::NotRegistered)));
}

#[tokio::test]
async fn what_was_given_up_has_a_log_and_no_state() {
    let (directory, _) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, cid) = created(&directory, &keys).await;
    directory.submit(&did, tombstone(cid, &keys.weak)).await.unwrap();
    assert!(matches!(directory.document(&did).await, Err(DirectoryError::Tombstoned)));
    assert!(directory.log(&did).await.unwrap().is_tombstoned());
}

#[tokio::test]
async fn times_go_up_where_the_clock_stands_or_goes_back() {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    clock.set(100);
    let (did, genesis) = keys.genesis();
    let first = directory.submit(&did, genesis).await.unwrap();
    let second = directory.submit(&did, keys.renamed(first.cid, "b", &keys.weak)).await.unwrap();
    clock.set(50);
    let third = directory.submit(&did, keys.renamed(second.cid, "c", &keys.weak)).await.unwrap();
    clock.set(500);
    let fourth = directory.submit(&did, keys.renamed(third.cid, "d", &keys.weak)).await.unwrap();
    assert_eq!([&first, &second, &third, &fourth].map(at), [100, 101, 102, 500]);
}

#[tokio::test]
async fn recoveries_do_not_fill_a_log_without_end() {
    let (directory, _) = directory(|builder| builder.log_limit(3));
    let keys = Keys::new();
    let (did, cid) = created(&directory, &keys).await;
    directory.submit(&did, keys.renamed(cid, "mallory", &keys.weak)).await.unwrap();
    let third = directory.submit(&did, keys.renamed(cid, "alice", &keys.strong)).await.unwrap();
    let fourth = directory.submit(&did, keys.renamed(third.cid, "b", &keys.strong)).await;
    assert!(matches!(fourth, Err(DirectoryError::Full)), "{fourth:?}");
}

#[tokio::test]
async fn a_stronger_key_undoes_what_a_weaker_one_signed() {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, cid) = created(&directory, &keys).await;
    let stolen = directory.submit(&did, keys.renamed(cid, "mallory", &keys.weak)).await.unwrap();
    let gone = directory.submit(&did, tombstone(stolen.cid, &keys.weak)).await.unwrap();

    let weak = directory.submit(&did, keys.renamed(cid, "other", &keys.weak)).await;
    assert!(matches!(weak, Err(DirectoryError::Log(LogError::WeakRecovery))), "{weak:?}");
    clock.set_hours(72);
    let recovery = directory.submit(&did, keys.renamed(cid, "alice2", &keys.strong)).await.unwrap();
    assert_eq!(recovery.nullified, [stolen.cid, gone.cid]);
    assert_eq!(directory.data(&did).await.unwrap(), keys.data("alice2"));
    let undone: Vec<_> = directory.log(&did).await.unwrap().entries().iter().map(|entry| entry.nullified).collect();
    assert_eq!(undone, [false, true, true, false]);
}

#[tokio::test]
async fn after_72_hours_nothing_is_undone() {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, cid) = created(&directory, &keys).await;
    clock.set(10);
    directory.submit(&did, keys.renamed(cid, "mallory", &keys.weak)).await.unwrap();
    clock.set(11 + 72 * 3_600_000);
    let late = directory.submit(&did, keys.renamed(cid, "alice", &keys.strong)).await;
    assert!(matches!(late, Err(DirectoryError::Log(LogError::LateRecovery))), "{late:?}");
    clock.set(10 + 72 * 3_600_000);
    directory.submit(&did, keys.renamed(cid, "alice", &keys.strong)).await.unwrap();
}

#[tokio::test]
async fn what_may_not_follow_leaves_no_trace() {
    let (directory, _) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    let stranger = SigningKey::generate(Curve::K256);
    let early = directory.submit(&did, keys.renamed(genesis.cid(), "b", &keys.weak)).await;
    assert!(matches!(early, Err(DirectoryError::Log(LogError::NoGenesis))), "{early:?}");
    let other = directory.submit(&Keys::new().genesis().0, genesis.clone()).await;
    assert!(matches!(other, Err(DirectoryError::Log(LogError::WrongDid))), "{other:?}");
    let cid = directory.submit(&did, genesis.clone()).await.unwrap().cid;
    let twice = directory.submit(&did, genesis).await;
    assert!(matches!(twice, Err(DirectoryError::Log(LogError::Duplicate))), "{twice:?}");
    let foreign = directory.submit(&did, keys.renamed(cid, "b", &stranger)).await;
    assert!(matches!(foreign, Err(DirectoryError::Log(LogError::Signature))), "{foreign:?}");
    let nowhere = directory.submit(&did, keys.renamed(Cid::of_cbor(b"x"), "b", &keys.weak)).await;
    assert!(matches!(nowhere, Err(DirectoryError::Log(LogError::Misordered { .. }))), "{nowhere:?}");
    assert_eq!(directory.export(0, 100).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_old_form_and_what_breaks_the_rules_for_new_operations_is_refused() {
    let (directory, _) = directory(|builder| builder);
    let json = br#"{"type":"create","signingKey":"did:key:zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5",
        "recoveryKey":"did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV","handle":"old.example.com",
        "service":"https://pds.example.com","prev":null,
        "sig":"pNDpRkHNV52ZwsV-Le5X4Gpl7XsieMoJzqzMJfl9GhkXYLmV8yoK8YkJ-3aGjUy7W3GffeQgLNc8XsjeUo5sKA"}"#;
    let did = "did:plc:w2njvmgsekt3i7sscvnwkxcj".parse().unwrap();
    let refused = directory.submit(&did, Operation::from_json(json).unwrap()).await;
    assert!(matches!(refused, Err(DirectoryError::Operation(OperationError::Legacy))), "{refused:?}");

    let keys = Keys::new();
    let mut data = keys.data("alice");
    data.also_known_as = vec!["at://alice.example.com".to_owned(); 2];
    let twice = Content::genesis(data).sign(&keys.weak).unwrap();
    let refused = directory.submit(&twice.did().unwrap(), twice).await;
    assert!(matches!(refused, Err(DirectoryError::Operation(OperationError::Limit(..)))), "{refused:?}");
}

/// So many operations at a time are more than any limit of a moment.
const LIMITLESS: usize = 15;

/// Adds until the directory refuses, and tells how many it took.
async fn added(directory: &Directory, keys: &Keys, did: &Did, prev: &mut Cid) -> usize {
    for number in 0..LIMITLESS {
        let name = format!("n{prev}").to_lowercase()[..30].to_owned();
        match directory.submit(did, keys.renamed(*prev, &name, &keys.weak)).await {
            Ok(accepted) => *prev = accepted.cid,
            Err(DirectoryError::RateLimit(_)) => return number,
            Err(error) => panic!("{error}"),
        }
    }
    LIMITLESS
}

#[tokio::test]
async fn a_did_changes_10_times_in_an_hour_30_in_a_day_and_100_in_a_week() {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, first) = created(&directory, &keys).await;
    let mut prev = first;
    let mut per_day = Vec::new();
    for day in 0..5 {
        let mut taken = Vec::new();
        for hour in [0, 2, 4, 6] {
            clock.set_hours(day * 25 + hour);
            taken.push(added(&directory, &keys, &did, &mut prev).await);
        }
        per_day.push(taken);
    }
    // The genesis is the tenth of the first hour, and of the first hundred.
    let expected = [[9, 10, 10, 0], [10, 10, 10, 0], [10, 10, 10, 0], [10, 0, 0, 0], [0, 0, 0, 0]];
    assert_eq!(per_day, expected);
}

#[tokio::test]
async fn recoveries_are_not_counted() {
    let (directory, _) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, first) = created(&directory, &keys).await;
    let mut prev = first;
    assert_eq!(added(&directory, &keys, &did, &mut prev).await, 9);
    let recovery = directory.submit(&did, keys.renamed(first, "alice2", &keys.strong)).await.unwrap();
    assert_eq!(recovery.nullified.len(), 9);
    prev = recovery.cid;
    assert_eq!(added(&directory, &keys, &did, &mut prev).await, 8);
}

#[tokio::test]
async fn without_rate_limits_a_did_changes_as_often_as_it_likes() {
    let (directory, _) = directory(|builder| builder.rate_limits(false));
    let keys = Keys::new();
    let (did, mut prev) = created(&directory, &keys).await;
    assert_eq!(added(&directory, &keys, &did, &mut prev).await, LIMITLESS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_changes_at_the_same_time_one_is_made() {
    let (directory, _) = directory(|builder| builder);
    let keys = Keys::new();
    for _ in 0..20 {
        let keys = Keys::new();
        let (did, cid) = created(&directory, &keys).await;
        let names = ["b", "c", "d", "e"].map(|name| keys.renamed(cid, name, &keys.weak));
        let results = names.map(|operation| {
            let (directory, did) = (directory.clone(), did.clone());
            tokio::spawn(async move { directory.submit(&did, operation).await })
        });
        let results = futures_util::future::join_all(results).await;
        let (taken, refused): (Vec<_>, Vec<_>) = results.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(taken.len(), 1);
        for refusal in refused {
            let late = matches!(refusal, Err(DirectoryError::Conflict | DirectoryError::Log(LogError::WeakRecovery)));
            assert!(late, "{refusal:?}");
        }
        assert_eq!(directory.log(&did).await.unwrap().entries().len(), 2);
    }
    created(&directory, &keys).await;
    let seqs: Vec<_> = directory.export(0, 1000).await.unwrap().iter().map(|record| record.seq).collect();
    assert_eq!(seqs, (1..=41).collect::<Vec<_>>());
}

/// A store in which somebody else is always faster.
struct Rival(MemoryStore);

impl Store for Rival {
    fn of(&self, did: &Did) -> Result<Vec<Record>, StoreError> {
        self.0.of(did)
    }

    fn last(&self, did: &Did) -> Result<Option<Record>, StoreError> {
        self.0.last(did)
    }

    fn after(&self, seq: u64, count: usize) -> Result<Vec<Record>, StoreError> {
        self.0.after(seq, count)
    }

    fn later(&self, millis: i64, count: usize) -> Result<Vec<Record>, StoreError> {
        self.0.later(millis, count)
    }

    fn latest(&self) -> Result<u64, StoreError> {
        self.0.latest()
    }

    fn append(&self, new: &NewRecord) -> Result<u64, AppendError> {
        self.0.append(new)?;
        self.0.append(new)
    }
}

#[tokio::test]
async fn what_changed_between_checking_and_writing_is_a_conflict() {
    let directory = Directory::new(Rival(MemoryStore::new())).unwrap();
    let (did, genesis) = Keys::new().genesis();
    let refused = directory.submit(&did, genesis).await;
    assert!(matches!(refused, Err(DirectoryError::Conflict)), "{refused:?}");
}

#[tokio::test]
async fn nothing_is_built_upon_what_is_damaged() {
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    let json = String::from_utf8(genesis.to_json()).unwrap();
    let good = |operation: &str, cid: Cid| NewRecord {
        did: did.clone(),
        operation: operation.into(),
        cid,
        millis: 1,
        nullifies: Vec::new(),
        base: None,
    };
    let records = [
        good(&json.replace("alice", "mallo"), genesis.cid()),
        good("{}", genesis.cid()),
        good(&json, Cid::of_cbor(b"x")),
    ];
    for record in records {
        let store = MemoryStore::new();
        store.append(&record).unwrap();
        let directory = Directory::new(store).unwrap();
        let refused = directory.submit(&did, keys.renamed(genesis.cid(), "b", &keys.weak)).await;
        assert!(refused.is_err(), "{refused:?}");
        assert!(matches!(directory.log(&did).await, Err(DirectoryError::Store(_))));
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_directory_goes_on_where_it_ended() {
    let file = crate::testing::File::new("directory");
    let keys = Keys::new();
    let open = || Directory::new(crate::SqliteStore::open(&file.0).unwrap()).unwrap();
    let (did, cid) = created(&open(), &keys).await;
    let accepted = open().submit(&did, keys.renamed(cid, "bob", &keys.weak)).await.unwrap();
    assert_eq!(accepted.seq, 2);
    assert_eq!(open().data(&did).await.unwrap(), keys.data("bob"));
}
