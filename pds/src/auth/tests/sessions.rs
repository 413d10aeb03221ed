use std::time::Duration;

use super::*;
use crate::{
    auth::{Access, testing::events},
    store::{SessionRow, StoreError, Unit},
};

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test(start_paused = true)]
async fn a_refresh_gives_tokens_that_are_good() {
    let (pds, clock) = with_clock().await;
    let (_, first) = session(&pds).await;
    clock.pass(HOUR);
    let answer = refresh(&pds, &first).await.ok();
    assert_ne!(answer.text("refreshJwt"), first);
    assert_eq!(answer.text("handle"), "alice.test");
    get(&pds, GET_SESSION, &answer.text("accessJwt")).await.ok();
    refresh(&pds, &answer.text("refreshJwt")).await.ok();
}

#[tokio::test(start_paused = true)]
async fn within_two_hours_a_token_that_was_used_gives_the_same_successor() {
    let (pds, clock) = with_clock().await;
    let (_, first) = session(&pds).await;
    let second = refresh(&pds, &first).await.ok().text("refreshJwt");
    clock.pass(2 * HOUR - Duration::from_secs(1));
    assert_eq!(refresh(&pds, &first).await.ok().text("refreshJwt"), second);
    clock.pass(Duration::from_secs(1));
    assert_eq!(refresh(&pds, &first).await.error(), (400, "ExpiredToken"));
    refresh(&pds, &second).await.ok();
}

#[tokio::test(start_paused = true)]
async fn refreshes_at_once_give_the_same_successor() {
    let (pds, _) = with_clock().await;
    let (_, first) = session(&pds).await;
    let (one, other) = tokio::join!(refresh(&pds, &first), refresh(&pds, &first));
    assert_eq!(one.ok().text("refreshJwt"), other.ok().text("refreshJwt"));
}

#[tokio::test(start_paused = true)]
async fn access_tokens_are_good_for_two_hours_and_refresh_tokens_for_ninety_days() {
    let (pds, clock) = with_clock().await;
    let (access, first) = session(&pds).await;
    clock.pass(2 * HOUR - Duration::from_secs(1));
    get(&pds, GET_SESSION, &access).await.ok();
    clock.pass(Duration::from_secs(1));
    assert_eq!(get(&pds, GET_SESSION, &access).await.error(), (400, "ExpiredToken"));
    clock.pass(24 * 90 * HOUR - 2 * HOUR - Duration::from_secs(1));
    let second = refresh(&pds, &first).await.ok().text("refreshJwt");
    clock.pass(24 * 90 * HOUR);
    assert_eq!(refresh(&pds, &second).await.error(), (400, "ExpiredToken"));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_ended_stays_so_whatever_token_of_it_comes() {
    let (pds, _) = with_clock().await;
    let (_, first) = session(&pds).await;
    let second = refresh(&pds, &first).await.ok().text("refreshJwt");
    end(&pds, &second).await.ok();
    for token in [&first, &second] {
        assert_eq!(refresh(&pds, token).await.error(), (400, "ExpiredToken"));
    }
    let (_, first) = session(&pds).await;
    let second = refresh(&pds, &first).await.ok().text("refreshJwt");
    end(&pds, &first).await.ok();
    assert_eq!(refresh(&pds, &second).await.error(), (400, "ExpiredToken"));
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_still_ends_its_session() {
    let (pds, clock) = with_clock().await;
    let (access, first) = session(&pds).await;
    clock.pass(24 * 91 * HOUR);
    end(&pds, &first).await.ok();
    end(&pds, &first).await.ok();
    assert_eq!(end(&pds, &access).await.error(), (400, "InvalidToken"));
    assert_eq!(call(&pds, END, None, Some(&Value::Null)).await.error(), (401, "AuthMissing"));
    assert_eq!(call(&pds, REFRESH, None, Some(&Value::Null)).await.error(), (401, "AuthMissing"));
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_of_a_session_is_no_token() {
    let (pds, _) = with_clock().await;
    let (_, first) = session(&pds).await;
    let claims = pds.inner.signing().read_old(&first).unwrap();
    let crate::auth::jwt::Purpose::Refresh(id) = claims.purpose else { panic!() };
    let reading: Result<Option<SessionRow>, StoreError> = pds.database().read(move |view| view.session(&id)).await;
    assert!(reading.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn sessions_of_others_are_not_ended_with_those_of_an_account() {
    let (pds, _) = with_clock().await;
    owner(&pds, "bob").await;
    let (_, alices) = session(&pds).await;
    let bobs = log_in(&pds, "bob.test", PASSWORD).await.ok().text("refreshJwt");
    let did = pds.account(&"bob.test".parse().unwrap()).await.unwrap().unwrap().did;
    pds.delete_account(&did).await.unwrap();
    assert_eq!(refresh(&pds, &bobs).await.error(), (400, "ExpiredToken"));
    refresh(&pds, &alices).await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_session_of_an_app_password_stays_one() {
    let (pds, _) = with_clock().await;
    let (_, first) = session(&pds).await;
    let claims = pds.inner.signing().read_old(&first).unwrap();
    let crate::auth::jwt::Purpose::Refresh(id) = claims.purpose else { panic!() };
    let row = crate::auth::sessions::stored(&id);
    let marking = pds.database().write(move |unit: &mut dyn Unit| -> Result<(), StoreError> {
        let row = unit.session(&row)?.unwrap();
        unit.put_session(&SessionRow { app_password: Some("phone".into()), ..row })
    });
    marking.await.unwrap();
    let mut token = first;
    for _ in 0..2 {
        let answer = refresh(&pds, &token).await.ok();
        let claims = pds.inner.signing().read_old(&answer.text("accessJwt")).unwrap();
        assert_eq!(claims.purpose, crate::auth::jwt::Purpose::Access(Access::AppPassword));
        token = answer.text("refreshJwt");
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_say_nothing_in_the_log() {
    let (pds, _) = with_clock().await;
    let (_, first) = session(&pds).await;
    refresh(&pds, &first).await.ok();
    assert_eq!(events(&pds).await.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_good_after_a_restart_of_the_server() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let pds = server::builder(Shared(store.clone())).build().await.unwrap();
    owner(&pds, "alice").await;
    let (access, first) = session(&pds).await;
    let pds = server::builder(Shared(store)).build().await.unwrap();
    get(&pds, GET_SESSION, &access).await.ok();
    refresh(&pds, &first).await.ok();
}

/// A store that outlives its server.
struct Shared(std::sync::Arc<MemoryStore>);

impl crate::store::Store for Shared {
    fn read(&self, reading: crate::store::Reading, work: crate::store::ReadWork<'_>) -> Result<(), StoreError> {
        self.0.read(reading, work)
    }

    fn write(&self, work: crate::store::WriteWork) -> arobase::xrpc::BoxFuture<'static, Result<(), StoreError>> {
        self.0.write(work)
    }

    fn listen(&self, listener: std::sync::Arc<dyn crate::store::Listener>) {
        self.0.listen(listener);
    }

    fn close(&self) -> arobase::xrpc::BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
