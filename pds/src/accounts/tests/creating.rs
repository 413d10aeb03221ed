use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arobase::{
    client::{Transport, TransportError},
    crypto::{Curve, SigningKey},
    sync::Event,
    xrpc::{Body, BoxFuture},
};
use arobase_plc::DirectoryTransport;
use http::{Request, Response};
use tokio::sync::Semaphore;

use super::*;
use crate::{
    auth::testing::{Names, directory, with_network},
    store::{Listener, MemoryStore, ReadWork, Reading, State, Store, StoreError, StoreErrorKind, WriteWork},
};

#[tokio::test]
async fn a_new_account_says_who_it_is_that_it_is_active_and_what_it_has() {
    let (pds, alice) = with_alice().await;
    let events = events(&pds).await;
    assert_eq!(kinds(&events), ["identity", "active", "commit", "sync"]);
    let [Event::Identity(identity), _, Event::Commit(commit), Event::Sync(sync)] = &events[..] else { panic!() };
    assert_eq!(identity.handle.as_ref().unwrap(), "alice.test");
    assert_eq!((&commit.since, &commit.prev_data, commit.ops.len()), (&None, &None, 0));
    assert_eq!((&sync.rev, &sync.did), (&commit.rev, &alice));
}

#[tokio::test]
async fn nothing_is_required_of_an_account() {
    let pds = pds().await;
    let account = pds.create_account(SignUp::default()).await.unwrap();
    assert_eq!((account.handle.clone(), account.email, account.password), (None, None, None));
    assert!(account.did.as_str().starts_with("did:plc:"));
    assert!(pds.inner.plc.document(&account.did).await.unwrap().handle().is_none());
}

#[tokio::test]
async fn passwords_have_1_to_256_characters() {
    let pds = pds().await;
    let with =
        |password: String| SignUp { password: Some(crate::accounts::Password::new(password)), ..sign_up("alice.test") };
    for wrong in [String::new(), "x".repeat(257)] {
        assert_eq!(refusal(&pds, with(wrong)).await, (400, "InvalidPassword".into()));
    }
    pds.create_account(with("\u{e9}".repeat(256))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_want_one_handle_at_once_one_gets_it_and_no_did_is_made_for_the_others() {
    let pds = pds().await;
    let all = (0..20).map(|_| {
        let pds = pds.clone();
        tokio::spawn(async move { pds.create_account(sign_up("alice.test")).await })
    });
    let mut created = 0;
    for one in all.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(_) => created += 1,
            Err(error) => assert_eq!(error.name(), "HandleNotAvailable"),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(pds.inner.plc.export(0, 100).await.unwrap().len(), 1);
}

/// A store that can be made to fail.
struct Failing {
    store: MemoryStore,
    /// What writes fail with once it is broken.
    kind: StoreErrorKind,
    is_broken: Arc<AtomicBool>,
}

impl Store for Failing {
    fn read(&self, reading: Reading, work: ReadWork<'_>) -> Result<(), StoreError> {
        self.store.read(reading, work)
    }

    fn write(&self, work: WriteWork) -> BoxFuture<'static, Result<(), StoreError>> {
        match self.is_broken.load(Ordering::Relaxed) {
            false => self.store.write(work),
            true => Box::pin(std::future::ready(Err(StoreError::new(self.kind)))),
        }
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.store.listen(listener);
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.store.close()
    }
}

/// How many operations a sign-up leaves in the directory when the store fails.
async fn operations_after(kind: StoreErrorKind) -> usize {
    let is_broken = Arc::new(AtomicBool::new(false));
    let store = Failing { store: MemoryStore::new(), kind, is_broken: is_broken.clone() };
    let pds = with_network(store, directory(), Names::default()).build().await.unwrap();
    is_broken.store(true, Ordering::Relaxed);
    let error = pds.create_account(sign_up("alice.test")).await.unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(pds.inner.claims.claim(&"alice.test".parse().unwrap()).is_ok());
    pds.inner.plc.export(0, 100).await.unwrap().len()
}

#[tokio::test]
async fn a_did_that_no_account_came_of_is_given_up_unless_one_may_have() {
    assert_eq!(operations_after(StoreErrorKind::Full).await, 2);
    assert_eq!(operations_after(StoreErrorKind::Broken).await, 1);
}

/// A directory that answers when it is told to.
struct Slow {
    directory: Arc<DirectoryTransport>,
    asked: Semaphore,
    go: Semaphore,
}

impl Transport for Slow {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            self.asked.add_permits(1);
            self.go.acquire().await.unwrap().forget();
            self.directory.send(request).await
        })
    }

    fn sleep(&self, duration: std::time::Duration) -> BoxFuture<'static, ()> {
        self.directory.sleep(duration)
    }
}

#[tokio::test]
async fn a_sign_up_whose_caller_leaves_is_finished() {
    let slow = Arc::new(Slow { directory: directory(), asked: Semaphore::new(0), go: Semaphore::new(0) });
    let pds = with_network(MemoryStore::new(), slow.clone(), Names::default()).build().await.unwrap();
    let caller = tokio::spawn({
        let pds = pds.clone();
        async move { pds.create_account(sign_up("alice.test")).await.map(drop) }
    });
    slow.asked.acquire().await.unwrap().forget();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    slow.go.add_permits(10);
    let created = async {
        while pds.account(&"alice.test".parse().unwrap()).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), created).await.unwrap();
}

#[tokio::test]
async fn virtual_accounts_need_no_network_and_no_names() {
    let pds = pds().await;
    let wanted = |number: usize| SignUp {
        did: Some(format!("did:web:u{number}.example.com").parse().unwrap()),
        key: Some(Arc::new(SigningKey::generate(Curve::P256))),
        vouched: true,
        ..SignUp::default()
    };
    for number in 0..20 {
        let account = pds.create_account(wanted(number)).await.unwrap();
        assert_eq!(account.state(), State::Active);
    }
    assert_eq!(events(&pds).await.len(), 80);
    assert!(pds.inner.plc.export(0, 10).await.unwrap().is_empty());
    let handle = SignUp { handle: Some("a.b.c.test".parse().unwrap()), ..wanted(20) };
    assert_eq!(pds.create_account(handle).await.unwrap().handle.unwrap(), "a.b.c.test");
}

#[tokio::test]
async fn an_account_that_is_brought_is_silent_until_it_is_activated() {
    let pds = pds().await;
    let did: arobase::syntax::Did = "did:web:alice.example.com".parse().unwrap();
    let wanted = SignUp { did: Some(did.clone()), deactivated: true, ..sign_up("alice.test") };
    let account = pds.create_account(wanted).await.unwrap();
    assert_eq!(account.state(), State::Deactivated);
    assert!(events(&pds).await.is_empty());
    pds.activate(&did).await.unwrap();
    assert_eq!(kinds(&events(&pds).await), ["active", "identity", "sync"]);
}

#[tokio::test]
async fn of_two_with_one_address_one_gets_it_and_the_did_of_the_other_is_given_up() {
    let slow = Arc::new(Slow { directory: directory(), asked: Semaphore::new(0), go: Semaphore::new(0) });
    let pds = with_network(MemoryStore::new(), slow.clone(), Names::default()).build().await.unwrap();
    let start = |handle| {
        let (pds, wanted) = (pds.clone(), SignUp { email: Some("a@example.com".into()), ..sign_up(handle) });
        tokio::spawn(async move { pds.create_account(wanted).await })
    };
    let both = [start("alice.test"), start("bob.test")];
    slow.asked.acquire_many(2).await.unwrap().forget();
    slow.go.add_permits(10);
    let [one, other] = both;
    let results = [one.await.unwrap(), other.await.unwrap()];
    let refused = results.iter().filter_map(|result| result.as_ref().err()).collect::<Vec<_>>();
    assert_eq!(refused.iter().map(|error| error.name()).collect::<Vec<_>>(), ["InvalidRequest"]);
    let operations = pds.inner.plc.export(0, 100).await.unwrap();
    assert_eq!(operations.len(), 3);
    assert!(operations[2].operation.as_ref().unwrap().prev().is_some());
}
