//! A bound on what happens at the same time, without a runtime.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// So many may be at work at the same time; the others wait in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Permits {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    free: usize,
    next: u64,
    waiting: BTreeMap<u64, Waker>,
    /// Those who waited, were given a permit and have not come to take it yet.
    called: BTreeSet<u64>,
}

/// Leave to be at work, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    permits: Permits,
}

/// Waits for a permit. Dropped, it leaves the queue.
#[derive(Debug)]
pub(super) struct Acquire {
    permits: Permits,
    number: Option<u64>,
}

impl Permits {
    pub(super) fn new(count: usize) -> Self {
        let state = State { free: count.max(1), next: 0, waiting: BTreeMap::new(), called: BTreeSet::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    pub(super) fn acquire(&self) -> Acquire {
        Acquire { permits: self.clone(), number: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a permit to the first who waits.
    fn release(&self) {
        let waker = self.state().hand_on();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl State {
    fn hand_on(&mut self) -> Option<Waker> {
        let Some((number, waker)) = self.waiting.pop_first() else {
            self.free = self.free.saturating_add(1);
            return None;
        };
        self.called.insert(number);
        Some(waker)
    }

    /// Takes a permit, or stands in the queue and tells the number.
    fn take(&mut self, number: Option<u64>, waker: &Waker) -> Option<u64> {
        let Some(number) = number else {
            if let Some(free) = self.free.checked_sub(1) {
                self.free = free;
                return None;
            }
            self.next = self.next.wrapping_add(1);
            self.waiting.insert(self.next, waker.clone());
            return Some(self.next);
        };
        if self.called.remove(&number) {
            return None;
        }
        self.waiting.insert(number, waker.clone());
        Some(number)
    }
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let number = self.permits.state().take(self.number, context.waker());
        self.number = number;
        if number.is_some() {
            return Poll::Pending;
        }
        Poll::Ready(Permit { permits: self.permits.clone() })
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let was_called = {
            let mut state = self.permits.state();
            state.waiting.remove(&number);
            state.called.remove(&number)
        };
        if was_called {
            self.permits.release();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.permits.release();
    }
}

#[cfg(test)]
mod tests {
    use std::task::Wake;

    use futures_util::FutureExt;

    use super::*;

    struct Nobody;

    impl Wake for Nobody {
        fn wake(self: Arc<Self>) {}
    }

    fn poll(acquire: &mut Acquire) -> Option<Permit> {
        let waker = Waker::from(Arc::new(Nobody));
        match acquire.poll_unpin(&mut Context::from_waker(&waker)) {
            Poll::Ready(permit) => Some(permit),
            Poll::Pending => None,
        }
    }

    #[test]
    fn no_more_than_the_given_number_are_at_work() {
        let permits = Permits::new(2);
        let first = poll(&mut permits.acquire()).unwrap();
        let _second = poll(&mut permits.acquire()).unwrap();
        let mut third = permits.acquire();
        assert!(poll(&mut third).is_none());
        drop(first);
        assert!(poll(&mut third).is_some());
    }

    #[test]
    fn who_came_first_is_first() {
        let permits = Permits::new(1);
        let held = poll(&mut permits.acquire()).unwrap();
        let (mut first, mut second) = (permits.acquire(), permits.acquire());
        assert!(poll(&mut first).is_none());
        assert!(poll(&mut second).is_none());
        drop(held);
        assert!(poll(&mut second).is_none());
        // Nobody who comes later gets past those who wait.
        assert!(poll(&mut permits.acquire()).is_none());
        assert!(poll(&mut first).is_some());
    }

    #[test]
    fn who_leaves_the_queue_takes_no_permit_along() {
        let permits = Permits::new(1);
        let held = poll(&mut permits.acquire()).unwrap();
        let (mut first, mut second, mut third) = (permits.acquire(), permits.acquire(), permits.acquire());
        for waiting in [&mut first, &mut second, &mut third] {
            assert!(poll(waiting).is_none());
        }
        // One leaves before its turn, one after it was called.
        drop(second);
        drop(held);
        drop(first);
        let third = poll(&mut third).unwrap();
        drop(third);
        assert!(poll(&mut permits.acquire()).is_some());
    }
}
