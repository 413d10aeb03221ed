use std::time::Duration;

/// How the server treats the sockets of its subscriptions.
#[must_use]
#[derive(Clone, Debug)]
pub struct SocketSettings {
    pub(crate) ping_interval: Duration,
    pub(crate) pong_timeout: Duration,
    pub(crate) send_timeout: Duration,
    pub(crate) max_subscribers: Option<usize>,
    pub(crate) max_per_client: Option<usize>,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(30),
            pong_timeout: Duration::from_secs(30),
            send_timeout: Duration::from_secs(30),
            max_subscribers: None,
            max_per_client: None,
        }
    }
}

impl SocketSettings {
    /// The defaults, which limit no numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long after its beginning, and after something came back upon the last ping, a subscriber
    /// is pinged, whatever is sent to it meanwhile. Default: 30 s.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// How long after a ping something has to come back; a subscriber without an answer is gone.
    /// Default: 30 s.
    pub fn pong_timeout(mut self, timeout: Duration) -> Self {
        self.pong_timeout = timeout;
        self
    }

    /// How long one message may take to be written; a subscriber that reads more slowly is
    /// dropped, without a word, since it would not read that either. Default: 30 s.
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.send_timeout = timeout;
        self
    }

    /// The most subscribers at a time, of all methods together. One more is answered 503
    /// `NotEnoughResources` instead of an upgrade. Default: no limit.
    pub fn max_subscribers(mut self, most: usize) -> Self {
        self.max_subscribers = Some(most);
        self
    }

    /// The most subscribers that one client address (of IPv6 one /64) may have at a time for each
    /// method (see [`Router::trust_forwarded`](crate::server::Router::trust_forwarded)). One more
    /// is answered 429 `RateLimitExceeded` instead of an upgrade. Default: no limit.
    pub fn max_per_client(mut self, most: usize) -> Self {
        self.max_per_client = Some(most);
        self
    }
}
