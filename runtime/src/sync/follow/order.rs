//! The events of one account, one after the other.

use std::collections::HashMap;

use arobase_lexicon::syntax::Did;
use tokio::sync::oneshot;

/// Who is the last to work on each account.
#[derive(Debug, Default)]
pub(super) struct Order {
    last: HashMap<Did, Last>,
    tickets: u64,
}

#[derive(Debug)]
struct Last {
    ticket: u64,
    /// Answers when it is over.
    over: oneshot::Receiver<()>,
}

/// A place in the row of those who work on an account.
#[derive(Debug)]
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

/// What says that a turn is over.
#[derive(Debug)]
pub(super) struct Ticket {
    did: Did,
    ticket: u64,
}

impl Order {
    /// The place behind all who came before.
    pub(super) fn enter(&mut self, did: &Did) -> (Turn, Ticket) {
        let (sender, over) = oneshot::channel();
        self.tickets += 1;
        let ticket = self.tickets;
        let before = self.last.insert(did.clone(), Last { ticket, over }).map(|last| last.over);
        (Turn { before, _over: sender }, Ticket { did: did.clone(), ticket })
    }

    /// Forgets the account, if nobody came behind.
    pub(super) fn leave(&mut self, Ticket { did, ticket }: &Ticket) {
        if self.last.get(did).is_some_and(|last| last.ticket == *ticket) {
            self.last.remove(did);
        }
    }
}

impl Turn {
    /// Waits until all before are over. This one is over when it is dropped.
    pub(super) async fn wait(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: that the sender is gone says it.
            let _ = before.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn did(name: &str) -> Did {
        format!("did:web:{name}.example").parse().unwrap()
    }

    #[test]
    fn only_events_of_one_account_wait_for_each_other() {
        let mut order = Order::default();
        let (mut one, _) = order.enter(&did("a"));
        let (mut two, _) = order.enter(&did("a"));
        let (mut other, _) = order.enter(&did("b"));
        assert!(one.wait().now_or_never().is_some() && other.wait().now_or_never().is_some());
        let mut waiting = Box::pin(two.wait());
        assert!((&mut waiting).now_or_never().is_none());
        drop(one);
        assert!(waiting.now_or_never().is_some());
    }

    #[test]
    fn an_account_is_forgotten_with_its_last_event() {
        let mut order = Order::default();
        let ((_one, first), (_two, second)) = (order.enter(&did("a")), order.enter(&did("a")));
        order.leave(&first);
        assert_eq!(order.last.len(), 1);
        order.leave(&second);
        assert!(order.last.is_empty());
    }
}
