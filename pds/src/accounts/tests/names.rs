use super::*;
use crate::{store::MemoryStore, testing};

#[tokio::test]
async fn an_account_is_found_by_its_handle_in_any_case_and_by_its_did() {
    let (pds, alice) = with_alice().await;
    let found = pds.account(&"Alice.Test".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.did, alice);
    assert!(pds.account(&alice.into()).await.unwrap().is_some());
    assert!(pds.account(&"bob.test".parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn handles_are_kept_in_lower_case() {
    let pds = pds().await;
    let account = account(&pds, "Alice.TEST").await;
    assert_eq!(account.handle.unwrap(), "alice.test");
}

#[tokio::test]
async fn a_name_here_is_one_label_of_3_to_18_characters_and_not_reserved() {
    let pds = pds().await;
    for handle in ["al.test", "alice-alice-alice-x.test", "a.b.test", "alice.local", "alice.onion"] {
        assert_eq!(refusal(&pds, sign_up(handle)).await, (400, "InvalidHandle".into()), "{handle}");
    }
    for handle in ["handle.invalid", "HANDLE.INVALID"] {
        assert_eq!(refusal(&pds, sign_up(handle)).await, (400, "InvalidHandle".into()), "{handle}");
    }
    for handle in ["admin.test", "Support.test", "www.test"] {
        assert_eq!(refusal(&pds, sign_up(handle)).await, (400, "HandleNotAvailable".into()), "{handle}");
    }
    for handle in ["ali.test", "alice-alice-alice1.test", "xn--bcher-kva.test"] {
        account(&pds, handle).await;
    }
}

#[tokio::test]
async fn handles_under_domains_of_others_are_not_given_out() {
    let pds = pds().await;
    for handle in ["alice.example.com", "alicetest.com", "test.test.com", "x.alice.example.org"] {
        assert_eq!(refusal(&pds, sign_up(handle)).await, (400, "UnsupportedDomain".into()), "{handle}");
    }
}

#[tokio::test]
async fn test_handles_are_for_development() {
    let mut builder = testing::builder(MemoryStore::new());
    builder.settings.development = false;
    let pds = builder.build().await.unwrap();
    assert_eq!(refusal(&pds, sign_up("alice.test")).await, (400, "InvalidHandle".into()));
}

#[tokio::test]
async fn names_are_given_once() {
    let (pds, _) = with_alice().await;
    assert_eq!(refusal(&pds, sign_up("ALICE.test")).await, (400, "HandleNotAvailable".into()));
    let mut bob = sign_up("bob.test");
    bob.email = Some("Bob@example.com".into());
    let did = pds.create_account(bob).await.unwrap().did;
    let mut carol = sign_up("carol.test");
    carol.email = Some("bob@EXAMPLE.com".into());
    assert_eq!(refusal(&pds, carol).await, (400, "InvalidRequest".into()));
    let dave = SignUp { did: Some(did), vouched: true, ..sign_up("dave.test") };
    assert_eq!(refusal(&pds, dave).await, (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn what_cannot_be_written_to_is_no_address() {
    let pds = pds().await;
    let wanted = SignUp { email: Some("alice".into()), ..sign_up("alice.test") };
    assert_eq!(refusal(&pds, wanted).await, (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn a_host_under_our_domains_tells_whose_it_is() {
    let (pds, alice) = with_alice().await;
    let vouched =
        SignUp { did: Some("did:web:bob.example.com".parse().unwrap()), vouched: true, ..sign_up("bob.example.com") };
    pds.create_account(vouched).await.unwrap();
    for host in ["alice.test", "Alice.Test:2583"] {
        assert_eq!(pds.account_of_host(host).await.unwrap(), Some(alice.clone()), "{host}");
    }
    for host in ["bob.example.com", "carol.test", "test", "", "[::1]:80", "..", "a b.test"] {
        assert_eq!(pds.account_of_host(host).await.unwrap(), None, "{host}");
    }
    pds.set_takedown(&alice, Some("x")).await.unwrap();
    assert_eq!(pds.account_of_host("alice.test").await.unwrap(), None);
}
