//! Who gets in.

mod callers;
mod hostile;
mod log_in;
mod service_tokens;
mod sessions;

use serde_json::{Value, json};

use super::testing::{self, PASSWORD, TestClock, call, get, log_in, owner, post};
use crate::{pds::Pds, store::MemoryStore, testing as server};

const GET_SESSION: &str = "com.atproto.server.getSession";
const REFRESH: &str = "com.atproto.server.refreshSession";
const END: &str = "com.atproto.server.deleteSession";

/// A server with a clock, on which Alice has a password.
async fn with_clock() -> (Pds, TestClock) {
    let clock = TestClock::new();
    let store = MemoryStore::with_clock(std::sync::Arc::new(clock.clone()));
    let mut builder = server::builder(store).clock(std::sync::Arc::new(clock.clone()));
    builder.settings.admin_password = Some("open sesame".into());
    let pds = builder.build().await.unwrap();
    owner(&pds, "alice").await;
    (pds, clock)
}

/// The tokens of a session of Alice's.
async fn session(pds: &Pds) -> (String, String) {
    let answer = log_in(pds, "alice.test", PASSWORD).await.ok();
    (answer.text("accessJwt"), answer.text("refreshJwt"))
}

async fn refresh(pds: &Pds, token: &str) -> testing::Answer {
    post(pds, REFRESH, token, Value::Null).await
}

async fn end(pds: &Pds, token: &str) -> testing::Answer {
    post(pds, END, token, Value::Null).await
}
