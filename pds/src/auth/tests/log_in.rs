use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::{accounts::Password, auth::Passwords};

#[tokio::test(start_paused = true)]
async fn a_handle_a_did_and_an_address_lead_to_the_same_account() {
    let (pds, _) = with_clock().await;
    let did = pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap().did;
    for identifier in ["alice.test", " ALICE.test ", "Alice@Example.com", did.as_str()] {
        let answer = log_in(&pds, identifier, PASSWORD).await.ok();
        assert_eq!(answer.text("did"), did.as_str(), "{identifier}");
    }
    let body = log_in(&pds, "alice.test", PASSWORD).await.body;
    let shown = json!([body["handle"], body["email"], body["emailConfirmed"], body["active"], body["status"]]);
    assert_eq!(shown, json!(["alice.test", "alice@example.com", false, true, null]));
    assert_eq!(body["didDoc"]["id"], did.as_str());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_and_a_wrong_password_cannot_be_told_apart() {
    let (pds, _) = with_clock().await;
    server::account(&pds, "bob.test").await;
    let long = PASSWORD.repeat(100);
    let tries = [
        ("alice.test", "wrong"),
        ("nobody.test", PASSWORD),
        ("bob.test", PASSWORD),
        ("bob.test", ""),
        ("", ""),
        ("no one", "x"),
        ("x@y.zz", "x"),
        ("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "x"),
        ("alice.test", &long),
    ];
    for (identifier, password) in tries {
        let begin = Instant::now();
        let answer = log_in(&pds, identifier, password).await;
        assert_eq!(answer.error(), (401, "AuthenticationRequired"), "{identifier}");
        assert_eq!(answer.text("message"), "the identifier or the password is wrong");
        assert!(answer.headers.contains_key("www-authenticate"));
        assert!(begin.elapsed() >= Duration::from_millis(350));
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_in_takes_its_time_when_it_succeeds_too() {
    let (pds, _) = with_clock().await;
    let begin = Instant::now();
    log_in(&pds, "alice.test", PASSWORD).await.ok();
    assert!(begin.elapsed() >= Duration::from_millis(350));
}

#[tokio::test(start_paused = true)]
async fn who_was_taken_down_gets_in_to_leave_and_no_further() {
    let (pds, _) = with_clock().await;
    let did = pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap().did;
    let (access, old) = session(&pds).await;
    pds.set_takedown(&did, Some("x")).await.unwrap();
    assert_eq!(get(&pds, GET_SESSION, &access).await.error(), (401, "AccountTakedown"));
    assert_eq!(refresh(&pds, &old).await.error(), (400, "ExpiredToken"));
    assert_eq!(log_in(&pds, "alice.test", PASSWORD).await.error(), (401, "AccountTakedown"));
    assert_eq!(log_in(&pds, "alice.test", "wrong").await.error(), (401, "AuthenticationRequired"));
    let body = json!({ "identifier": "alice.test", "password": PASSWORD, "allowTakendown": true });
    let answer = call(&pds, "com.atproto.server.createSession", None, Some(&body)).await.ok();
    assert_eq!((answer.text("status").as_str(), &answer.body["active"]), ("takendown", &json!(false)));
    let (access, latest) = (answer.text("accessJwt"), answer.text("refreshJwt"));
    assert_eq!(refresh(&pds, &latest).await.error(), (400, "ExpiredToken"));
    assert_eq!(get(&pds, GET_SESSION, &access).await.error(), (400, "InvalidToken"));
    post(&pds, "com.atproto.server.deactivateAccount", &access, json!({})).await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_deactivated_account_has_sessions() {
    let (pds, _) = with_clock().await;
    let (access, _) = session(&pds).await;
    post(&pds, "com.atproto.server.deactivateAccount", &access, json!({})).await.ok();
    let answer = get(&pds, GET_SESSION, &access).await.ok();
    assert_eq!((answer.text("status").as_str(), &answer.body["active"]), ("deactivated", &json!(false)));
    session(&pds).await;
}

#[tokio::test]
async fn hashes_are_those_of_the_official_server() {
    let hash = "000102030405060708090a0b0c0d0e0f:5840f2841249294a51f654db7224551cfcf1600bc79b5f32f5e2dd856ce221fc4f1ff6dad6\
                4b9fab6d4fb8f13bdd8bea4db17fbf92c730afd5eaee0cc42249af";
    let passwords = Passwords::new();
    let verify = async |password: &str, hash| passwords.verify(&Password::new(password), Some(hash)).await.unwrap();
    assert!(verify("correct horse", hash).await);
    assert!(!verify("correct hors", hash).await);
    for damaged in ["", ":", "000102030405060708090a0b0c0d0e0f:", "000102030405060708090a0b0c0d0e0f"] {
        assert!(!verify("correct horse", damaged).await, "{damaged}");
    }
}

#[tokio::test]
async fn a_password_fits_its_hash_and_no_hash_is_made_twice() {
    let passwords = Passwords::with_cost(4);
    let password = Password::new("\u{1f511} key");
    let (one, other) = (passwords.hash(&password).await.unwrap(), passwords.hash(&password).await.unwrap());
    assert_ne!(one, other);
    assert!(passwords.verify(&password, Some(&one)).await.unwrap());
    assert!(!passwords.verify(&Password::new("other"), Some(&one)).await.unwrap());
    assert!(!passwords.verify(&password, None).await.unwrap());
}
