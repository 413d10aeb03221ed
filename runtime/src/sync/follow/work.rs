//! Taking one event in, as often as it takes.

use std::{sync::Arc, time::Duration};

use arobase_lexicon::syntax::Did;
use tokio::time::{sleep, timeout};

use super::clock;
use crate::sync::{
    consumer::{Consumer, ConsumerError},
    event::Event,
    outcome::Outcome,
};

/// How long to wait before the second attempt; twice as long before each further one.
const WAIT: Duration = Duration::from_millis(100);

/// Takes an event in. What fails is tried again, until the patience is over; then the repository is missing.
pub(super) async fn work(consumer: Arc<Consumer>, event: Event, patience: Duration) -> Result<Outcome, ConsumerError> {
    let repository = match &event {
        Event::Commit(event) => Some(event.did.clone()),
        Event::Sync(event) => Some(event.did.clone()),
        _ => None,
    };
    let mut last = ConsumerError::TimedOut;
    if let Ok(outcome) = timeout(patience, persist(&consumer, event, &mut last)).await {
        return Ok(outcome);
    }
    if let Some(did) = repository {
        lose(&consumer, &did, patience).await;
    }
    Err(last)
}

/// Tries until there is an outcome, and keeps the last error.
async fn persist(consumer: &Consumer, event: Event, last: &mut ConsumerError) -> Outcome {
    let mut wait = WAIT;
    loop {
        match consumer.process(event.clone(), clock()).await {
            Ok(outcome) => return outcome,
            Err(error) => *last = error,
        }
        sleep(wait).await;
        wait = wait.saturating_mul(2);
    }
}

/// If that fails too, the next event of the account shows what is missing.
async fn lose(consumer: &Consumer, did: &Did, patience: Duration) {
    let _ = timeout(patience, consumer.lost(did)).await;
}
