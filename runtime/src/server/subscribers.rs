use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use http::StatusCode;
use tokio::sync::watch;

use super::{forwarded::client_key, socket::SocketSettings};
use crate::xrpc::XrpcError;

/// One subscriber of the server, as it was when it was asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subscriber {
    /// The NSID of the subscription.
    pub nsid: Box<str>,
    /// The address of the client, where it is known (see
    /// [`Router::trust_forwarded`](super::Router::trust_forwarded)).
    pub ip: Option<IpAddr>,
    /// What the client calls itself, at most 256 bytes of it.
    pub user_agent: Option<Box<str>>,
    /// The query string as it came, at most 256 bytes of it.
    pub query: Box<str>,
    /// When it subscribed.
    pub since: SystemTime,
    /// How many frames were written to it.
    pub frames: u64,
}

/// Who is subscribed to the streams of a server. Cheap to clone; clones show the same.
#[derive(Clone, Default)]
pub struct Subscribers(Arc<Inner>);

struct Inner {
    entries: Mutex<Entries>,
    /// How many frames were written in all.
    sent: AtomicU64,
    /// Whether the server is going down. Each socket holds a receiver until it is closed.
    ending: watch::Sender<bool>,
}

#[derive(Default)]
struct Entries {
    next: u64,
    all: BTreeMap<u64, Entry>,
}

struct Entry {
    subscriber: Subscriber,
    frames: Arc<AtomicU64>,
}

/// The entry of one socket; it goes when this goes.
pub(super) struct Seat {
    subscribers: Subscribers,
    id: u64,
    frames: Arc<AtomicU64>,
}

impl Subscribers {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everybody who is subscribed now, in the order of coming.
    #[must_use]
    pub fn list(&self) -> Vec<Subscriber> {
        let now =
            |entry: &Entry| Subscriber { frames: entry.frames.load(Ordering::Relaxed), ..entry.subscriber.clone() };
        self.entries().all.values().map(now).collect()
    }

    /// How many are subscribed to a method now.
    #[must_use]
    pub fn count(&self, nsid: &str) -> usize {
        self.entries().all.values().filter(|entry| &*entry.subscriber.nsid == nsid).count()
    }

    /// How many frames were written to all subscribers that there ever were.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Ends all subscriptions with close code 1001 (going away) and waits until their sockets are
    /// closed, some seconds at most. Who comes later is answered 503. For the end of a program:
    /// [`Serve::subscribers`](super::Serve::subscribers) does it, but axum's graceful shutdown does
    /// not wait for WebSockets.
    pub async fn shut_down(&self) {
        self.0.ending.send_replace(true);
        self.0.ending.closed().await;
    }

    /// Turns true when the server goes down.
    pub(super) fn ending(&self) -> watch::Receiver<bool> {
        self.0.ending.subscribe()
    }

    /// Takes a subscriber in, if the limits allow.
    pub(super) fn admit(&self, subscriber: Subscriber, settings: &SocketSettings) -> Result<Seat, XrpcError> {
        let mut entries = self.entries();
        if *self.0.ending.borrow() {
            return Err(XrpcError::of(StatusCode::SERVICE_UNAVAILABLE, "the server is going down"));
        }
        entries.check(&subscriber, settings)?;
        let (id, frames) = (entries.next, Arc::default());
        entries.next += 1;
        entries.all.insert(id, Entry { subscriber, frames: Arc::clone(&frames) });
        Ok(Seat { subscribers: self.clone(), id, frames })
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn check(&self, subscriber: &Subscriber, settings: &SocketSettings) -> Result<(), XrpcError> {
        if settings.max_subscribers.is_some_and(|most| self.all.len() >= most) {
            return Err(XrpcError::of(StatusCode::SERVICE_UNAVAILABLE, "too many subscribers"));
        }
        if settings.max_per_client.is_some_and(|most| self.alike(subscriber) >= most) {
            let message = "too many subscriptions of this method from this address";
            return Err(XrpcError::of(StatusCode::TOO_MANY_REQUESTS, message));
        }
        Ok(())
    }

    /// How many subscriptions the same client has of the same method. Clients without an address
    /// are not told apart, and not limited.
    fn alike(&self, subscriber: &Subscriber) -> usize {
        let Some(client) = subscriber.ip.map(client_key) else { return 0 };
        let all = self.all.values().map(|entry| &entry.subscriber);
        all.filter(|other| other.nsid == subscriber.nsid && other.ip.map(client_key) == Some(client)).count()
    }
}

impl Seat {
    /// Counts a frame that was written.
    pub(super) fn sent(&self) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.subscribers.0.sent.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.subscribers.entries().all.remove(&self.id);
    }
}

impl Default for Inner {
    fn default() -> Self {
        Self { entries: Mutex::default(), sent: AtomicU64::default(), ending: watch::Sender::new(false) }
    }
}

impl fmt::Debug for Subscribers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscribers").field(&self.entries().all.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NSID: &str = "com.example.watch";

    fn subscriber(nsid: &str, ip: &str) -> Subscriber {
        Subscriber {
            nsid: nsid.into(),
            ip: ip.parse().ok(),
            user_agent: None,
            query: "".into(),
            since: SystemTime::now(),
            frames: 0,
        }
    }

    fn status(result: Result<Seat, XrpcError>) -> u16 {
        result.map_or_else(|error| error.status().as_u16(), |_| 101)
    }

    #[test]
    fn a_subscriber_is_listed_while_its_seat_lives() {
        let subscribers = Subscribers::new();
        let seat = subscribers.admit(subscriber(NSID, "192.0.2.1"), &SocketSettings::new()).unwrap();
        seat.sent();
        let [listed] = &*subscribers.list() else { panic!("one is listed") };
        assert_eq!((&*listed.nsid, listed.frames), (NSID, 1));
        assert_eq!((subscribers.count(NSID), subscribers.count("com.example.other")), (1, 0));
        drop(seat);
        assert!(subscribers.list().is_empty());
        assert_eq!(subscribers.sent(), 1);
    }

    #[test]
    fn the_limit_of_a_client_counts_its_address_and_the_method() {
        let subscribers = Subscribers::new();
        let settings = SocketSettings::new().max_per_client(1);
        let admit = |nsid, ip| subscribers.admit(subscriber(nsid, ip), &settings);
        let first = admit(NSID, "2001:db8::1").unwrap();
        assert_eq!(status(admit(NSID, "2001:db8::2")), 429);
        assert_eq!(status(admit(NSID, "2001:db8:0:1::1")), 101);
        assert_eq!(status(admit("com.example.other", "2001:db8::2")), 101);
        drop(first);
        assert_eq!(status(admit(NSID, "2001:db8::2")), 101);
    }

    #[test]
    fn clients_without_an_address_are_not_limited_together() {
        let subscribers = Subscribers::new();
        let settings = SocketSettings::new().max_per_client(1);
        let first = subscribers.admit(subscriber(NSID, "unknown"), &settings);
        assert_eq!(status(subscribers.admit(subscriber(NSID, "unknown"), &settings)), 101);
        drop(first);
    }

    #[test]
    fn the_limit_of_all_counts_all_methods() {
        let subscribers = Subscribers::new();
        let settings = SocketSettings::new().max_subscribers(1);
        let first = subscribers.admit(subscriber(NSID, "192.0.2.1"), &settings);
        assert_eq!(status(subscribers.admit(subscriber("com.example.other", "192.0.2.2"), &settings)), 503);
        drop(first);
    }

    #[tokio::test]
    async fn nobody_is_admitted_after_the_end() {
        let subscribers = Subscribers::new();
        subscribers.shut_down().await;
        assert_eq!(status(subscribers.admit(subscriber(NSID, "192.0.2.1"), &SocketSettings::new())), 503);
    }
}
