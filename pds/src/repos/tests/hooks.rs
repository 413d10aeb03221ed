use std::sync::{Arc, Mutex};

use arobase::{syntax::Nsid, xrpc::BoxFuture};

use super::*;
use crate::hooks::{Committed, Hooks, Proposal};

/// Writes down what it hears.
#[derive(Clone, Default)]
struct Listening {
    name: &'static str,
    heard: Arc<Mutex<Vec<String>>>,
    refused: Option<Nsid>,
}

impl Listening {
    fn hear(&self, text: &str) {
        self.heard.lock().unwrap().push(format!("{} {text}", self.name));
    }
}

impl Hooks for Listening {
    fn before_write<'a>(&'a self, proposal: &'a Proposal) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            assert!(proposal.changes.iter().all(|change| change.rkey().is_some()));
            self.hear(&format!("is asked about {}", proposal.changes.len()));
            match proposal.changes.iter().any(|change| Some(change.collection()) == self.refused.as_ref()) {
                true => Err(Error::named("Refused", "not here")),
                false => Ok(()),
            }
        })
    }

    fn after_commit(&self, committed: &Committed) {
        self.hear(&format!("is told of {}", committed.ops.len()));
    }
}

async fn with_hooks(first: Listening, second: Listening) -> (Pds, Did) {
    let pds = builder(MemoryStore::new()).hooks(first).hooks(second).build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await;
    (pds, alice.did)
}

#[tokio::test]
async fn hooks_are_asked_in_their_order_and_told_when_it_is_done() {
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let hook = |name| Listening { name, heard: Arc::clone(&heard), refused: None };
    let (pds, alice) = with_hooks(hook("first"), hook("second")).await;
    write(&pds, &alice, vec![put("a", "1"), Change::create(nsid(NOTE), note("2"))]).await;
    let expected = ["first is asked about 2", "second is asked about 2", "first is told of 2", "second is told of 2"];
    assert_eq!(*heard.lock().unwrap(), expected);
    heard.lock().unwrap().clear();
    write(&pds, &alice, vec![put("a", "1")]).await;
    assert_eq!(*heard.lock().unwrap(), ["first is asked about 1", "second is asked about 1"], "nothing was committed");
}

#[tokio::test]
async fn a_hook_that_refuses_stops_the_write_and_what_it_says_is_the_answer() {
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let hook = |name, refused| Listening { name, heard: Arc::clone(&heard), refused };
    let (pds, alice) = with_hooks(hook("first", Some(nsid("com.example.other"))), hook("second", None)).await;
    let other = Change::put(nsid("com.example.other"), rkey("a"), note("1"));
    assert_eq!(refusal(&pds, &alice, vec![put("a", "1"), other]).await.name(), "Refused");
    assert_eq!(*heard.lock().unwrap(), ["first is asked about 2"]);
    write(&pds, &alice, vec![put("a", "1")]).await;
    assert_eq!(heard.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn hooks_are_told_also_if_nobody_waits_for_the_answer_any_more() {
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let hook = |name| Listening { name, heard: Arc::clone(&heard), refused: None };
    let (pds, alice) = with_hooks(hook("first"), hook("second")).await;
    let mut writing = Box::pin(pds.write(&alice, vec![put("a", "1")], WriteOptions::default()));
    assert!(futures_util::poll!(&mut writing).is_pending());
    drop(writing);
    while heard.lock().unwrap().len() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(content(&pds, &alice).await.records.len(), 1);
}
