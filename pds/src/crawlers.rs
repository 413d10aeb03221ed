//! Relays that are told of this server (`com.atproto.sync.requestCrawl`).

mod relay;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use arobase::{Client, com::atproto::sync::SubscribeRepos};
use futures_util::future::join_all;

use crate::{firehose::Firehose, pds::Pds, settings::Settings};
use relay::{IsFollowed, Relay};

/// How long a relay may take to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Tells relays that there is something to fetch: after an event, but not too often; at the start; again after a
/// failure; and again as long as nobody is subscribed, since a relay that lost us does not come back by itself.
#[derive(Debug)]
pub(crate) struct Crawlers {
    relays: Vec<Client>,
    /// What relays know this server by.
    host: Arc<str>,
    /// The least time between two notices to one relay.
    interval: Duration,
}

impl Crawlers {
    pub(crate) fn new(settings: &Settings) -> Self {
        let relays = settings.crawlers.iter().filter_map(|url| client(url)).collect();
        Self::of(relays, settings)
    }

    fn of(relays: Vec<Client>, settings: &Settings) -> Self {
        Self { relays, host: settings.host().into(), interval: settings.crawl_interval }
    }

    /// Runs until it is dropped; without relays it is over at once. Each relay has its own times.
    pub(crate) async fn run(pds: Pds) {
        let inner = &pds.inner;
        inner.crawlers.follow(&inner.firehose, &|| inner.subscribers.count(SubscribeRepos::NSID) > 0).await;
    }

    async fn follow(&self, firehose: &Firehose, is_followed: &IsFollowed<'_>) {
        let relays = self.relays.iter().map(|client| Relay::new(client, Arc::clone(&self.host), self.interval));
        join_all(relays.map(|relay| relay.follow(firehose, is_followed))).await;
    }
}

fn client(url: &str) -> Option<Client> {
    match Client::new(url) {
        Ok(client) => Some(client.with_timeout(TIMEOUT)),
        Err(error) => {
            tracing::error!("a relay cannot be told of this server: {error}");
            None
        }
    }
}
