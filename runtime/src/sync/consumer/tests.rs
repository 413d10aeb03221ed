use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use arobase_lexicon::syntax::Tid;

use super::*;
use crate::{
    crypto::Signer,
    data::Cid,
    repo::commit,
    sync::{
        directory::{Identity, MemoryStates},
        event::{AccountStatus, CommitEvent, IdentityEvent, InfoEvent, SyncEvent},
        invalid::Invalid,
        test_repo::{Publisher, delete, did, key, now, put, recommit, with_commit},
    },
    xrpc::BoxFuture,
};

const HOST: &str = "pds.example";

/// Identities, of which some are remembered as they were.
#[derive(Default)]
struct Book {
    remembered: Mutex<HashMap<Did, Identity>>,
    real: Mutex<HashMap<Did, Identity>>,
    fresh: AtomicUsize,
    fails: Mutex<bool>,
}

impl Book {
    fn set(&self, did: Did, key: u8, host: &str) {
        let identity = Identity { key: crate::sync::test_repo::key(key).public_key(), host: host.into() };
        self.real.lock().unwrap().insert(did, identity);
    }

    fn remember(&self, did: &Did) {
        let identity = self.real.lock().unwrap()[did].clone();
        self.remembered.lock().unwrap().insert(did.clone(), identity);
    }

    /// How often somebody wanted to know for sure.
    fn fresh(&self) -> usize {
        self.fresh.swap(0, Ordering::Relaxed)
    }
}

impl Directory for Book {
    fn resolve<'a>(&'a self, did: &'a Did, fresh: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if *self.fails.lock().unwrap() {
                return Err("no network".into());
            }
            self.fresh.fetch_add(usize::from(fresh), Ordering::Relaxed);
            let remembered = self.remembered.lock().unwrap().get(did).cloned().filter(|_| !fresh);
            Ok(remembered.or_else(|| self.real.lock().unwrap().get(did).cloned()))
        })
    }

    fn forget(&self, did: &Did) {
        self.remembered.lock().unwrap().remove(did);
    }
}

struct World {
    book: Arc<Book>,
    states: Arc<MemoryStates>,
    consumer: Consumer,
}

fn world() -> World {
    let (book, states) = (Arc::new(Book::default()), Arc::new(MemoryStates::new()));
    book.set(did("a"), 7, HOST);
    let consumer = Consumer::new(Source::Pds(HOST.into()), book.clone(), states.clone());
    World { book, states, consumer }
}

impl World {
    async fn process(&self, event: impl Into<Event>) -> Outcome {
        self.consumer.process(event.into(), now()).await.unwrap()
    }

    fn phase(&self) -> Phase {
        self.states.get(&did("a")).unwrap_or_default().phase()
    }

    fn head(&self) -> Option<Head> {
        self.states.get(&did("a")).and_then(|state| state.head().cloned())
    }
}

/// The outcome in a word.
fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Commit(_) => "commit".to_owned(),
        Outcome::Sync { .. } => "sync".to_owned(),
        Outcome::Fetched { .. } => "fetched".to_owned(),
        Outcome::Resync { gap, .. } => format!("resync: {gap:?}"),
        Outcome::Queued(_) => "queued".to_owned(),
        Outcome::Ignored { reason, .. } => format!("ignored: {reason:?}"),
        Outcome::Rejected { reason, .. } => format!("rejected: {reason:?}"),
        Outcome::Identity(_) => "identity".to_owned(),
        Outcome::Account(_) => "account".to_owned(),
        Outcome::Info(_) => "info".to_owned(),
        Outcome::Unknown { t } => t.clone(),
    }
}

macro_rules! assert_outcome {
    ($outcome:expr, $word:literal) => {
        let outcome = $outcome;
        assert!(word(&outcome).starts_with($word), "{outcome:?}");
    };
}

#[tokio::test]
async fn commits_that_follow_each_other_are_handed_out() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[put("a", 1)]);
    assert_outcome!(world.process(first.clone()).await, "commit");
    for n in 0..3 {
        let event = publisher.write(&[put("b", n), put("c", 7 * n)]);
        let Outcome::Commit(verified) = world.process(event.clone()).await else { panic!("no commit") };
        assert_eq!(verified.commit().cid(), event.commit);
        assert_eq!(world.head(), Some(publisher.head()));
    }
    assert_outcome!(world.process(first).await, "ignored: Old");
    assert_outcome!(world.process(publisher.announce()).await, "ignored: Old");
    assert_eq!(world.consumer.accounts.len(), 0, "nobody is remembered who does not wait");
}

#[tokio::test]
async fn a_lost_commit_is_noticed_and_mended_by_a_fetch() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[put("a", 1)]);
    world.process(first).await;
    let lost = publisher.write(&[put("b", 1)]);
    assert_outcome!(world.process(publisher.write(&[put("c", 1)])).await, "resync: Broken");
    assert_outcome!(world.process(publisher.write(&[put("d", 1)])).await, "ignored: Desynchronized");
    assert_outcome!(world.process(lost).await, "ignored: Desynchronized");

    world.consumer.begin(&did("a")).await;
    let in_time = publisher.write(&[put("e", 1)]);
    assert_outcome!(world.process(in_time).await, "queued");
    let fetched = publisher.repo.commit().clone();
    assert_outcome!(world.process(publisher.write(&[put("f", 1)])).await, "queued");
    assert_outcome!(world.process(publisher.announce()).await, "queued");
    assert_eq!(world.phase(), Phase::Desynchronized, "what is stored would not outlive the program");

    let outcomes = world.consumer.fetched(&did("a"), &fetched, now()).await;
    let words: Vec<String> = outcomes.into_iter().map(|outcome| word(&outcome.unwrap())).collect();
    assert_eq!(words, ["fetched", "ignored: Old", "commit", "ignored: Old"]);
    assert_eq!((world.phase(), world.head()), (Phase::Synchronized, Some(publisher.head())));
    assert_outcome!(world.process(publisher.write(&[put("g", 1)])).await, "commit");
}

#[tokio::test]
async fn what_waited_has_to_follow_the_fetched_commit() {
    let world = world();
    let (mut publisher, _) = Publisher::new("a", &[put("a", 1)]);
    assert_outcome!(world.process(publisher.write(&[put("b", 1)])).await, "resync: Unknown");
    let fetched = publisher.repo.commit().clone();
    world.consumer.begin(&did("a")).await;
    publisher.write(&[put("c", 1)]);
    for n in 0..2 {
        assert_outcome!(world.process(publisher.write(&[put("d", n)])).await, "queued");
    }
    let outcomes = world.consumer.fetched(&did("a"), &fetched, now()).await;
    let words: Vec<String> = outcomes.into_iter().map(|outcome| word(&outcome.unwrap())).collect();
    assert!(words[1].starts_with("resync: Broken"));
    assert_eq!((&*words[0], &*words[2]), ("fetched", "ignored: Desynchronized"));
}

#[tokio::test]
async fn a_queue_has_an_end() {
    let world = world();
    let consumer = world.consumer.with_queue(QueueLimits { events: 2, bytes: 1 << 20 });
    let (mut publisher, first) = Publisher::new("a", &[]);
    consumer.begin(&did("a")).await;
    let mut words = Vec::new();
    for n in 0..3 {
        let outcome = consumer.process(publisher.write(&[put("a", n)]).into(), now()).await.unwrap();
        words.push(word(&outcome));
    }
    assert_eq!(words, ["queued", "queued", "ignored: QueueFull"]);
    let small = QueueLimits { events: 9, bytes: 600 };
    let mut queue = crate::sync::queue::Queue::default();
    assert!(!queue.push(first.into(), small));
    assert!(queue.push(AccountEvent::active(did("a")).into(), small));
}

#[tokio::test]
async fn a_fetch_that_fails_leaves_the_account_as_it_was() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[put("a", 1)]);
    world.process(first).await;
    let head = world.head();
    world.consumer.begin(&did("a")).await;
    assert_outcome!(world.process(publisher.write(&[put("b", 1)])).await, "queued");
    world.consumer.failed(&did("a")).await.unwrap();
    assert_eq!((world.phase(), world.head()), (Phase::Desynchronized, head));
    assert_eq!(world.consumer.accounts.len(), 0);
    assert_outcome!(world.process(publisher.write(&[put("c", 1)])).await, "ignored: Desynchronized");
}

#[tokio::test]
async fn a_fetched_repository_is_checked() {
    let world = world();
    let (mut publisher, _) = Publisher::new("a", &[put("a", 1)]);
    let old = publisher.repo.commit().clone();
    publisher.write(&[put("b", 1)]);
    let new = publisher.repo.commit().clone();
    let far = Tid::from_parts(now() + 600_000_000, 0);
    let a = did("a");
    let fetch = async |commit: &crate::repo::Commit| {
        world.consumer.begin(&a).await;
        let early = world.consumer.check_fetched(&a, commit, now()).await.unwrap();
        let mut outcomes = world.consumer.fetched(&a, commit, now()).await;
        assert_eq!(outcomes.len(), 1);
        let outcome = outcomes.remove(0).unwrap();
        assert_eq!(early.is_ok(), matches!(outcome, Outcome::Fetched { .. }), "what is checked early is the same");
        outcome
    };
    let other = recommit(&new, &publisher.key, |unsigned| unsigned.did = did("b"));
    let future = recommit(&new, &publisher.key, |unsigned| unsigned.rev = far);
    assert_outcome!(fetch(&recommit(&new, &key(8), |_| {})).await, "rejected: Invalid(Signature");
    assert_outcome!(fetch(&other).await, "rejected: Invalid(Did");
    assert_outcome!(fetch(&future).await, "rejected: Future");
    assert_eq!((world.phase(), world.head()), (Phase::Desynchronized, None));
    assert_outcome!(fetch(&new).await, "fetched");
    assert_outcome!(fetch(&old).await, "rejected: Behind");
    assert_eq!((world.phase(), world.head()), (Phase::Desynchronized, Some(publisher.head())));
}

#[tokio::test]
async fn until_all_that_waited_is_taken_in_the_fetch_is_in_progress() {
    let world = world();
    let (mut publisher, _) = Publisher::new("a", &[put("a", 1)]);
    let fetched = publisher.repo.commit().clone();
    world.consumer.begin(&did("a")).await;
    for n in 0..2 {
        assert_outcome!(world.process(publisher.write(&[put("b", n)])).await, "queued");
    }
    let mut phases = Vec::new();
    let mut out = |_: Result<Outcome, ConsumerError>| phases.push(world.phase());
    world.consumer.fetched_to(&did("a"), &fetched, now(), &mut out).await;
    assert_eq!(phases, [Phase::InProgress; 3]);
    assert_eq!((world.phase(), world.head()), (Phase::Synchronized, Some(publisher.head())));
}

#[tokio::test]
async fn a_repository_is_missing_again_when_what_waited_cannot_be_taken_in() {
    let world = world();
    let (mut publisher, _) = Publisher::new("a", &[put("a", 1)]);
    let fetched = publisher.repo.commit().clone();
    world.consumer.begin(&did("a")).await;
    for n in 0..2 {
        assert_outcome!(world.process(publisher.write(&[put("b", n)])).await, "queued");
    }
    let mut words = Vec::new();
    let mut out = |outcome: Result<Outcome, ConsumerError>| {
        *world.book.fails.lock().unwrap() = outcome.is_ok();
        words.push(outcome.map_or_else(|error| error.to_string(), |outcome| word(&outcome)));
    };
    world.consumer.fetched_to(&did("a"), &fetched, now(), &mut out).await;
    let error = "the identity could not be resolved: no network";
    assert_eq!(words, ["fetched", error, "ignored: Desynchronized"]);
    assert_eq!(world.phase(), Phase::Desynchronized);
}

#[tokio::test]
async fn a_signed_commit_that_does_not_say_what_was_before_is_a_gap() {
    for change in [
        (|event| event.prev_data = None) as fn(&mut CommitEvent),
        |event| event.since = None,
        |event| event.since = Some(event.rev.clone()),
    ] {
        let world = world();
        let (mut publisher, first) = Publisher::new("a", &[put("a", 1)]);
        world.process(first).await;
        let mut event = publisher.write(&[put("b", 1)]);
        change(&mut event);
        let forged = with_commit(&event, &recommit(publisher.repo.commit(), &key(8), |_| {}));
        assert_outcome!(world.process(forged).await, "rejected: Invalid(Signature");
        assert_eq!(world.phase(), Phase::Synchronized);
        assert_outcome!(world.process(event).await, "resync: Unproven");
        assert_eq!(world.phase(), Phase::Desynchronized);
    }
}

#[tokio::test]
async fn forged_events_change_nothing() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[put("a", 1)]);
    world.process(first).await;
    let before = world.head();
    let event = publisher.write(&[put("b", 1)]);
    let forge = |key: &crate::crypto::SigningKey, change: &dyn Fn(&mut commit::Unsigned)| {
        with_commit(&event, &recommit(publisher.repo.commit(), key, change))
    };
    let far = |unsigned: &mut commit::Unsigned| unsigned.rev = Tid::from_parts(now() + 600_000_000, 0);
    let forged: [(CommitEvent, &str); 4] = [
        (forge(&key(8), &|_| {}), "rejected: Invalid(Signature"),
        (forge(&key(8), &|unsigned| unsigned.data = Cid::of_cbor(b"x")), "rejected: Invalid(Signature"),
        (forge(&publisher.key, &far), "rejected: Future"),
        (CommitEvent { blocks: first_bytes(&event), ..event.clone() }, "rejected: Invalid(Car"),
    ];
    for (event, expected) in forged {
        let outcome = world.process(event).await;
        assert!(word(&outcome).starts_with(expected), "{outcome:?}");
        assert_eq!((world.phase(), world.head()), (Phase::Synchronized, before.clone()));
    }
    let forged = SyncEvent::of(&recommit(publisher.repo.commit(), &key(8), |_| {})).unwrap();
    assert_outcome!(world.process(forged).await, "rejected: Invalid(Signature");
    assert_eq!((world.phase(), world.head()), (Phase::Synchronized, before));
    assert_outcome!(world.process(event).await, "commit");
}

fn first_bytes(event: &CommitEvent) -> bytes::Bytes {
    event.blocks.slice(..event.blocks.len() / 2)
}

#[tokio::test]
async fn a_signed_commit_that_proves_nothing_means_a_fetch() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[put("a", 1), put("b", 1)]);
    world.process(first).await;
    let mut event = publisher.write(&[put("c", 1), delete("a")]);
    event.ops.pop();
    let Outcome::Resync { gap: Gap::Unproven, cause: Some(cause), .. } = world.process(event).await else {
        panic!("no gap")
    };
    assert!(matches!(*cause, Invalid::PrevData { .. } | Invalid::Tree(_)), "{cause}");
    assert_eq!(world.phase(), Phase::Desynchronized);
}

#[tokio::test]
async fn announcements_move_the_head_or_show_a_gap() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[put("a", 1)]);
    world.process(first).await;
    publisher.write_nothing();
    assert_outcome!(world.process(publisher.announce()).await, "sync");
    assert_eq!(world.head(), Some(publisher.head()));
    assert_outcome!(world.process(publisher.write(&[put("b", 1)])).await, "commit");
    publisher.write(&[put("c", 1)]);
    assert_outcome!(world.process(publisher.announce()).await, "resync: Moved");
}

#[tokio::test]
async fn a_relay_may_begin_anywhere() {
    let world = world();
    let consumer = world.consumer.with_start(Start::Adopt);
    let (mut publisher, _) = Publisher::new("a", &[]);
    for n in 0..2 {
        let event = publisher.write(&[put("a", n)]);
        assert_outcome!(consumer.process(event.into(), now()).await.unwrap(), "commit");
    }
}

#[tokio::test]
async fn a_new_key_is_looked_up_once() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[]);
    world.book.remember(&did("a"));
    world.process(first).await;
    assert_eq!(world.book.fresh(), 0);
    publisher.key = key(9);
    world.book.set(did("a"), 9, HOST);
    assert_outcome!(world.process(publisher.write_nothing()).await, "commit");
    assert_eq!(world.book.fresh(), 1);
    world.book.remember(&did("a"));
    publisher.key = key(10);
    assert_outcome!(world.process(publisher.write_nothing()).await, "rejected: Invalid(Signature");
    assert_eq!(world.book.fresh(), 1);
}

#[tokio::test]
async fn a_word_about_an_identity_makes_the_directory_forget() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[]);
    world.book.remember(&did("a"));
    world.process(first).await;
    publisher.key = key(9);
    world.book.set(did("a"), 9, HOST);
    assert_outcome!(world.process(IdentityEvent::new(did("a"), None)).await, "identity");
    assert_outcome!(world.process(publisher.write_nothing()).await, "commit");
    assert_eq!(world.book.fresh(), 0);
}

#[tokio::test]
async fn a_host_speaks_for_its_own_accounts_alone() {
    let world = world();
    let (publisher, first) = Publisher::new("a", &[]);
    world.book.set(did("a"), 7, "other.example");
    world.book.remember(&did("a"));
    for event in [Event::from(first.clone()), publisher.announce().into(), AccountEvent::active(did("a")).into()] {
        assert_outcome!(world.process(event).await, "rejected: Host");
        assert_eq!(world.book.fresh(), 1, "it could have moved here");
    }
    // It moved here; the spelling of hosts does not matter.
    world.book.set(did("a"), 7, "PDS.example");
    assert_outcome!(world.process(first.clone()).await, "commit");
    assert_eq!(world.book.fresh(), 1);
    // A relay passes on what all say.
    world.book.set(did("a"), 7, "other.example");
    let relay = Consumer::new(Source::Relay, world.book.clone(), Arc::new(MemoryStates::new()));
    assert_outcome!(relay.process(first.into(), now()).await.unwrap(), "commit");
}

#[tokio::test]
async fn an_account_without_identity_is_nobody() {
    let world = world();
    let (_, event) = Publisher::new("nobody", &[]);
    assert_outcome!(world.process(event).await, "rejected: Unresolved");
    assert_outcome!(world.process(AccountEvent::active(did("nobody"))).await, "rejected: Unresolved");
    assert_eq!(world.states.get(&did("nobody")), None);
}

#[tokio::test]
async fn an_account_that_is_gone_may_be_called_deleted_where_it_was_known() {
    let world = world();
    let (_, first) = Publisher::new("a", &[]);
    world.process(first.clone()).await;
    world.book.real.lock().unwrap().clear();
    let deleted = |name: &str| AccountEvent::inactive(did(name), AccountStatus::Deleted);
    assert_outcome!(world.process(AccountEvent::active(did("a"))).await, "rejected: Unresolved");
    assert_outcome!(world.process(deleted("nobody")).await, "rejected: Unresolved");
    assert_outcome!(world.process(deleted("a")).await, "account");
    assert!(!world.states.get(&did("a")).unwrap().is_active());
    // A relay has to be believed.
    let states = Arc::new(MemoryStates::new());
    let relay = Consumer::new(Source::Relay, world.book.clone(), states.clone());
    assert_outcome!(relay.process(deleted("a").into(), now()).await.unwrap(), "account");
    assert!(!states.get(&did("a")).unwrap().is_active());
}

#[tokio::test]
async fn an_inactive_account_is_passed_over_until_it_comes_back() {
    let world = world();
    let (mut publisher, first) = Publisher::new("a", &[]);
    world.process(first).await;
    let status = AccountStatus::Takendown;
    assert_outcome!(world.process(AccountEvent::inactive(did("a"), status)).await, "account");
    let missed = publisher.write(&[put("a", 1)]);
    assert_outcome!(world.process(missed.clone()).await, "ignored: Inactive");
    assert_outcome!(world.process(publisher.announce()).await, "ignored: Inactive");
    assert_outcome!(world.process(AccountEvent::active(did("a"))).await, "account");
    assert_outcome!(world.process(missed).await, "commit");
}

#[tokio::test]
async fn a_directory_that_fails_is_an_error_and_the_event_can_come_again() {
    let world = world();
    let (_, first) = Publisher::new("a", &[]);
    *world.book.fails.lock().unwrap() = true;
    let error = world.consumer.process(first.clone().into(), now()).await.unwrap_err();
    assert!(matches!(error, ConsumerError::Directory(_)), "{error}");
    *world.book.fails.lock().unwrap() = false;
    assert_outcome!(world.process(first).await, "commit");
}

#[tokio::test]
async fn words_about_the_stream_are_handed_on() {
    let world = world();
    assert_outcome!(world.process(InfoEvent { name: "OutdatedCursor".to_owned(), message: None }).await, "info");
    assert_outcome!(world.process(Event::Unknown { t: "#new".to_owned() }).await, "#new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_do_not_wait_for_each_other_and_events_of_one_do() {
    let world = Arc::new(world());
    let mut tasks = Vec::new();
    for name in ["a", "b", "c", "d"] {
        world.book.set(did(name), 7, HOST);
        let (mut publisher, first) = Publisher::new(name, &[]);
        let mut events = vec![first];
        events.extend((0..10).map(|n| publisher.write(&[put("a", n)])));
        let world = Arc::clone(&world);
        tasks.push(tokio::spawn(async move {
            for event in events {
                assert_outcome!(world.process(event).await, "commit");
            }
            assert_eq!(world.states.get(&did(name)).unwrap().head(), Some(&publisher.head()));
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(world.consumer.accounts.len(), 0);
}

#[tokio::test]
async fn somebody_who_stops_waiting_leaves_nothing_behind() {
    let accounts = Accounts::default();
    let first = accounts.lock(&did("a")).await;
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(5), accounts.lock(&did("a"))).await;
    assert!(waiting.is_err());
    drop(first);
    assert_eq!(accounts.len(), 0);
}
