//! One relay.

use std::{sync::Arc, time::Duration};

use arobase::{
    Client, Error,
    com::atproto::sync::{Client as _, RequestCrawl, request_crawl},
};
use tokio::time::{sleep, timeout};

use crate::firehose::Firehose;

/// How long to wait after the first failure; after each further one twice as long, up to the interval.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The least interval, so that nothing that is set makes this a tight loop.
const LEAST_INTERVAL: Duration = Duration::from_millis(10);

/// Whether anybody is subscribed.
pub(super) type IsFollowed<'a> = dyn Fn() -> bool + Sync + 'a;

/// A relay that is told of this server.
pub(super) struct Relay<'a> {
    client: &'a Client,
    host: Arc<str>,
    interval: Duration,
}

impl<'a> Relay<'a> {
    pub(super) fn new(client: &'a Client, host: Arc<str>, interval: Duration) -> Self {
        Self { client, host, interval: interval.max(LEAST_INTERVAL) }
    }

    /// Tells it at the start and, at the end of each interval, if there is a reason; where there was none, with the
    /// next event.
    pub(super) async fn follow(self, firehose: &Firehose, is_followed: &IsFollowed<'_>) {
        let is_forgotten = || firehose.has_events() && !is_followed();
        let mut head = firehose.watch();
        loop {
            // What comes from here on is a reason for another notice.
            head.borrow_and_update();
            self.tell().await;
            sleep(self.interval).await;
            // The next interval is waited for as well as an event: by then the relay may have lost us.
            while !is_forgotten() && timeout(self.interval, head.changed()).await.is_err() {}
        }
    }

    /// Tells it until it has heard.
    async fn tell(&self) {
        let mut pause = FIRST_PAUSE.min(self.interval);
        while let Err(error) = self.client.request_crawl(RequestCrawl::new(&*self.host)).await {
            tracing::warn!(relay = self.client.address(), "a relay did not take the notice of this server: {error}");
            if is_final(&error) {
                return;
            }
            sleep(pause).await;
            pause = (pause * 2).min(self.interval);
        }
        tracing::debug!(relay = self.client.address(), "a relay was told of this server");
    }
}

/// Whether it is pointless to say the same again soon.
fn is_final(error: &Error<request_crawl::Error>) -> bool {
    match error {
        Error::Declared(_) => true,
        Error::Xrpc(error) => error.status().is_client_error() && !matches!(error.status().as_u16(), 408 | 425 | 429),
        _ => false,
    }
}
