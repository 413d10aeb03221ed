use arobase::{
    repo::Commit,
    sync::Event,
    syntax::{Did, Tid},
};

use super::*;
use crate::store::{AccountId, State, StoreError};

/// The kinds of the events behind so many.
async fn news(pds: &Pds, after: usize) -> Vec<String> {
    kinds(&events(pds).await[after..])
}

async fn commit(pds: &Pds, id: AccountId) -> Commit {
    let reading: Result<_, StoreError> = pds.database().read(move |view| view.commit(id)).await;
    reading.unwrap().unwrap()
}

#[tokio::test]
async fn switching_off_and_on_is_said_once_and_comes_with_a_fresh_commit() {
    let pds = pds().await;
    let alice = account(&pds, "alice.test").await;
    let first = commit(&pds, alice.id).await;
    for _ in 0..2 {
        pds.deactivate(&alice.did, None).await.unwrap();
        assert_eq!(stored(&pds, &alice).await.state(), State::Deactivated);
    }
    assert_eq!(news(&pds, 4).await, ["deactivated"]);
    for _ in 0..2 {
        pds.activate(&alice.did).await.unwrap();
        assert_eq!(stored(&pds, &alice).await.state(), State::Active);
    }
    assert_eq!(news(&pds, 5).await, ["active", "identity", "sync"]);
    let second = commit(&pds, alice.id).await;
    assert!(second.rev() > first.rev());
    assert_eq!(second.data(), first.data());
    assert!(second.verify(&pds.inner.signer_of(&alice).unwrap().public_key()).is_ok());
    let Some(Event::Sync(sync)) = events(&pds).await.pop() else { panic!() };
    assert_eq!(sync.rev, *second.rev());
}

#[tokio::test]
async fn the_time_of_deletion_goes_with_the_activation() {
    let pds = pds().await;
    let alice = account(&pds, "alice.test").await;
    pds.deactivate(&alice.did, Some(7)).await.unwrap();
    assert_eq!(stored(&pds, &alice).await.delete_after, Some(7));
    pds.deactivate(&alice.did, Some(8)).await.unwrap();
    assert_eq!(stored(&pds, &alice).await.delete_after, Some(8));
    pds.activate(&alice.did).await.unwrap();
    assert_eq!(stored(&pds, &alice).await.delete_after, None);
}

#[tokio::test]
async fn what_the_operator_decided_outranks_what_the_owner_did() {
    let (pds, alice) = with_alice().await;
    pds.set_takedown(&alice, Some("report 1")).await.unwrap();
    pds.set_takedown(&alice, Some("report 2")).await.unwrap();
    pds.deactivate(&alice, None).await.unwrap();
    pds.activate(&alice).await.unwrap();
    assert_eq!(news(&pds, 4).await, ["takendown"]);
    pds.deactivate(&alice, None).await.unwrap();
    pds.set_takedown(&alice, None).await.unwrap();
    assert_eq!(news(&pds, 5).await, ["deactivated"]);
    pds.activate(&alice).await.unwrap();
    assert_eq!(news(&pds, 6).await, ["active", "identity", "sync"]);
}

#[tokio::test]
async fn a_suspended_account_comes_back() {
    let (pds, alice) = with_alice().await;
    for suspended in [true, true, false, false] {
        pds.set_suspended(&alice, suspended).await.unwrap();
    }
    assert_eq!(news(&pds, 4).await, ["suspended", "active", "identity", "sync"]);
}

#[tokio::test]
async fn of_a_deleted_account_nothing_is_left_but_the_word_that_it_is() {
    let (pds, alice) = with_alice().await;
    let bob = account(&pds, "bob.test").await;
    pds.delete_account(&alice).await.unwrap();
    assert!(pds.account(&alice.clone().into()).await.unwrap().is_none());
    let events = events(&pds).await;
    assert_eq!(kinds(&events), ["identity", "active", "commit", "sync", "deleted"]);
    assert!(events[..4].iter().all(|event| event.did() == Some(&bob.did)));
    assert_eq!(events[4].did(), Some(&alice));
    assert_eq!(pds.delete_account(&alice).await.unwrap_err().name(), "RepoNotFound");
    let again = account(&pds, "alice.test").await;
    assert_ne!(again.did, alice);
}

#[tokio::test]
async fn an_account_that_comes_back_under_its_did_goes_on_with_greater_revisions() {
    let pds = pds().await;
    let did: Did = "did:web:alice.example.com".parse().unwrap();
    let wanted = || SignUp { did: Some(did.clone()), vouched: true, ..SignUp::default() };
    let first = pds.create_account(wanted()).await.unwrap();
    let rev: Tid = commit(&pds, first.id).await.rev().clone();
    pds.delete_account(&did).await.unwrap();
    let second = pds.create_account(wanted()).await.unwrap();
    assert_ne!(second.id, first.id);
    assert!(*commit(&pds, second.id).await.rev() > rev);
    assert_eq!(kinds(&events(&pds).await), ["deleted", "identity", "active", "commit", "sync"]);
}

#[tokio::test]
async fn nothing_becomes_of_accounts_that_are_not_here() {
    let pds = pds().await;
    let nobody: Did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let results = [
        pds.deactivate(&nobody, None).await,
        pds.activate(&nobody).await,
        pds.set_takedown(&nobody, None).await,
        pds.set_suspended(&nobody, true).await,
        pds.delete_account(&nobody).await,
    ];
    for result in results {
        assert_eq!(result.unwrap_err().name(), "RepoNotFound");
    }
}

#[tokio::test]
async fn who_comes_back_at_the_last_moment_is_not_deleted() {
    let (pds, alice) = with_alice().await;
    pds.deactivate(&alice, Some(pds.inner.now() - 1)).await.unwrap();
    pds.activate(&alice).await.unwrap();
    assert!(!pds.delete_if_due(&alice).await.unwrap());
    assert!(pds.account(&alice.clone().into()).await.unwrap().is_some());
    pds.deactivate(&alice, Some(pds.inner.now() - 1)).await.unwrap();
    assert!(pds.delete_if_due(&alice).await.unwrap());
    assert_eq!(pds.delete_if_due(&alice).await.unwrap_err().name(), "RepoNotFound");
}
