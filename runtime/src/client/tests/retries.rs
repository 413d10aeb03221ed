use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;

use super::{
    fake::{Fake, Reply, answer, error, json, no_connection, with_header},
    methods::{List, Put, Touch, Upload},
};
use crate::{
    client::{Call, Error, Retry, TransportError},
    xrpc::Body,
};

const DONE: &str = r#"{"items":[]}"#;

fn list(fake: &Fake) -> Call<List> {
    Call::new(&fake.client(), List::new(), ())
}

#[tokio::test]
async fn a_query_is_repeated_when_the_service_cannot_answer_just_now() {
    for status in [408, 425, 429, 500, 502, 503, 504, 522, 524] {
        let fake = Fake::script([error(status, "Busy"), json(DONE)]);
        assert!(list(&fake).await.is_ok(), "{status}");
        assert_eq!(fake.seen().len(), 2);
    }
    let fake = Fake::script([no_connection(), json(DONE)]);
    assert!(list(&fake).await.is_ok());
}

#[tokio::test]
async fn other_errors_are_final() {
    for status in [400, 401, 403, 404, 413, 501, 505] {
        let fake = Fake::script([error(status, "Bad")]);
        assert!(matches!(list(&fake).await, Err(Error::Xrpc(_))), "{status}");
        assert!(fake.slept().is_empty());
    }
    let broken = || Reply::Fault(TransportError::new("broken off"));
    assert!(matches!(list(&Fake::script([broken()])).await, Err(Error::Transport(_))));
}

#[tokio::test]
async fn a_procedure_is_repeated_only_if_it_may_be() {
    let busy = || Fake::script([error(503, "Busy"), answer(200, "text/plain", "")]);
    let fake = busy();
    assert!(Call::new(&fake.client(), Put::new("x"), ()).await.is_err());
    assert_eq!(fake.seen().len(), 1);
    let fake = busy();
    assert!(Call::new(&fake.client(), Put::new("x"), ()).idempotent().await.is_ok());
    assert_eq!(fake.seen()[0].body, fake.seen()[1].body);
}

#[tokio::test]
async fn there_is_an_end_to_repetitions() {
    let busy = || Fake::new(|_, _| error(503, "Busy"));
    let fake = busy();
    assert!(list(&fake).await.is_err());
    assert_eq!(fake.seen().len(), 3);
    let fake = busy();
    assert!(list(&fake).no_retry().await.is_err());
    assert_eq!(fake.seen().len(), 1);
    let fake = busy();
    let client = fake.client().with_retries(Retry::times(5));
    assert!(Call::new(&client, List::new(), ()).await.is_err());
    assert_eq!(fake.seen().len(), 6);
    let fake = busy();
    assert!(Call::new(&fake.client().with_retries(Retry::never()), List::new(), ()).await.is_err());
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn waits_grow_and_vary() {
    let fake = Fake::new(|_, _| no_connection());
    let first = Duration::from_secs(1);
    let client = fake.client().with_retries(Retry::times(4).waits(first, 4 * first));
    assert!(Call::new(&client, List::new(), ()).await.is_err());
    let slept = fake.slept();
    assert_eq!(slept.len(), 4);
    for (wait, longest) in slept.iter().zip([1, 2, 4, 4].map(|times| times * first)) {
        assert!(*wait <= longest && *wait >= longest / 2, "{wait:?} of {longest:?}");
    }
}

#[tokio::test]
async fn the_service_says_how_long_to_wait() {
    let busy = |seconds| with_header(error(429, "RateLimitExceeded"), "retry-after", seconds);
    let fake = Fake::script([busy("17"), json(DONE)]);
    assert!(list(&fake).await.is_ok());
    assert_eq!(fake.slept(), [Duration::from_secs(17)]);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_not_waited_for() {
    let busy = |seconds| with_header(error(429, "RateLimitExceeded"), "retry-after", seconds);
    let fake = Fake::script([busy("31"), busy("18446744073709551615")]);
    assert!(matches!(list(&fake).await, Err(Error::Xrpc(_))));
    assert!(matches!(list(&fake).await, Err(Error::Xrpc(_))));
    assert!(fake.slept().is_empty());
    let fake = Fake::script([busy("31"), json(DONE)]);
    let client = fake.client().with_retries(Retry::default().patience(Duration::from_secs(31)));
    assert!(Call::new(&client, List::new(), ()).await.is_ok());
}

#[tokio::test]
async fn an_error_is_better_than_a_wait_beyond_the_deadline() {
    let fake = Fake::script([with_header(error(503, "Busy"), "retry-after", "20")]);
    let error = list(&fake).timeout(Duration::from_secs(20)).await;
    assert!(matches!(error, Err(Error::Xrpc(_))), "{error:?}");
}

#[tokio::test]
async fn an_upload_is_repeated_only_if_its_body_can_be_read_again() {
    let chunks = || stream::iter([Ok(Bytes::from("abc"))]);
    let bodies = [(Body::from_stream(chunks()), 1), (Body::replayable(chunks), 3), (Body::from("abc"), 3)];
    for (body, attempts) in bodies {
        let fake = Fake::new(|_, _| error(503, "Busy"));
        assert!(Call::new(&fake.client(), Upload::new(), body).idempotent().await.is_err());
        let seen = fake.seen();
        assert_eq!(seen.len(), attempts);
        assert!(seen.iter().all(|seen| seen.body.as_deref() == Ok(b"abc")));
    }
}

#[tokio::test]
async fn a_dropped_call_is_not_repeated() {
    let fake = Fake::new(|_, _| Reply::Never);
    let call = tokio::spawn(Call::new(&fake.client(), Touch::new(), ()).idempotent().into_future());
    while fake.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(fake.seen().len(), 1);
}
