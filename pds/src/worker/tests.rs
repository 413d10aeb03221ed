use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use arobase::clock::Clock;

use super::*;
use crate::{
    store::{MemoryStore, State},
    testing,
};

/// A clock that is ahead of that of the computer.
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.0
    }
}

/// Waits until something is so. Time is not real here: it passes when everybody waits.
async fn until_is<F: Future<Output = bool>>(mut is: impl FnMut() -> F) {
    for _ in 0..10_000 {
        if is().await {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
    panic!("it never is");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_or_panics_is_done_again_after_a_while() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static TASK: Task = Task {
        name: "test",
        every: Duration::from_secs(60),
        work: |_| {
            Box::pin(async {
                match RUNS.fetch_add(1, Ordering::Relaxed) {
                    0 => Err(Error::internal("the test wants it so")),
                    1 => panic!("the test wants it so"),
                    _ => Ok(false),
                }
            })
        },
    };
    let pds = testing::pds().await;
    let begin = tokio::time::Instant::now();
    let repeating = tokio::spawn(repeat(pds.clone(), &TASK));
    until_is(async || RUNS.load(Ordering::Relaxed) == 4).await;
    let took = begin.elapsed();
    assert!(took >= Duration::from_secs(1 + 2 + 60) && took < Duration::from_secs(70), "{took:?}");
    assert!(pds.metrics().to_text().contains(r#"arobase_pds_task_failures_total{task="test"} 2"#));
    repeating.abort();
}

#[test]
fn failures_in_a_row_are_followed_by_longer_and_longer_pauses() {
    let seconds = |failures| pause_after(failures).as_secs();
    assert_eq!([1, 2, 3, 9, 10, u32::MAX].map(seconds), [1, 2, 4, 256, 300, 300]);
}

#[tokio::test(start_paused = true)]
async fn events_whose_time_is_over_are_removed() {
    let long = Duration::from_secs(73 * 3600);
    let pds = testing::builder(MemoryStore::new()).clock(Arc::new(Ahead(long))).build().await.unwrap();
    testing::account(&pds, "alice.test").await;
    let head = pds.firehose().head();
    pds.start();
    let oldest = async || pds.database().read(|view| view.oldest_seq()).await.unwrap();
    until_is(async || oldest().await.is_none()).await;
    assert_eq!(pds.firehose().head(), head);
    pds.close().await;
}

#[tokio::test(start_paused = true)]
async fn accounts_are_counted_and_those_whose_time_has_come_are_deleted() {
    let pds = testing::pds().await;
    let alice = testing::account(&pds, "alice.test").await.did;
    let bob = testing::account(&pds, "bobby.test").await.did;
    let carol = testing::account(&pds, "carol.test").await.did;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap();
    pds.deactivate(&alice, Some(now - 1)).await.unwrap();
    pds.deactivate(&bob, Some(now + 3_600_000_000)).await.unwrap();
    pds.set_takedown(&carol, Some("evidence")).await.unwrap();
    pds.start();
    until_is(async || pds.account(&alice.clone().into()).await.unwrap().is_none()).await;
    until_is(async || pds.metrics().to_text().contains(r#"arobase_pds_accounts{state="deactivated"} 1"#)).await;
    assert!(pds.metrics().to_text().contains(r#"arobase_pds_accounts{state="takendown"} 1"#));
    let state = async |did: &arobase::syntax::Did| pds.account(&did.clone().into()).await.unwrap().unwrap().state();
    assert_eq!((state(&bob).await, state(&carol).await), (State::Deactivated, State::Takendown));
    pds.close().await;
}

#[tokio::test(start_paused = true)]
async fn all_tasks_end_with_the_server_and_begin_only_once() {
    let pds = testing::pds().await;
    pds.start();
    pds.start();
    let running = |pds: &Pds| pds.inner.worker.running.lock().unwrap().as_ref().map(|running| running.tasks.len());
    assert_eq!(running(&pds), Some(TASKS.len() + 1));
    let begin = tokio::time::Instant::now();
    pds.close().await;
    assert_eq!(running(&pds), None);
    assert!(begin.elapsed() < Duration::from_secs(1));
}
