//! What can be said about a call or a subscription, typed or not: the same setters for both.

/// The setters of a call, in whose `outgoing.options` they end up.
macro_rules! call_setters {
    () => {
        /// Has the service pass the call on to another one (XRPC, proxying):
        /// `did:web:api.bsky.app#bsky_appview`.
        pub fn proxy<S>(mut self, service: S) -> Self
        where
            S: TryInto<$crate::xrpc::ServiceRef>,
            $crate::client::ConfigError: From<S::Error>,
        {
            self.outgoing.options.proxy($crate::client::service::proxy_header(service));
            self
        }

        /// Sets a header, in place of the client's own of that name. `Content-Type` is for the body to
        /// say. A call with an `Authorization` header of its own has nothing to do with the session.
        pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
            self.outgoing.options.header($crate::client::options::parse_header(name.as_ref(), value.as_ref()));
            self
        }

        /// Asks for the labels of these labelers, in place of the client's; of none at all, if there
        /// are none.
        pub fn labelers<L: Into<$crate::xrpc::Labeler>>(mut self, labelers: impl IntoIterator<Item = L>) -> Self {
            self.outgoing.options.labelers($crate::client::service::labelers_header(labelers));
            self
        }

        /// How long it may take; see [`Client::with_timeout`](crate::client::Client::with_timeout).
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.outgoing.options.timeout(timeout);
            self
        }

        /// Says that a procedure may be repeated when the service cannot answer just now; queries always
        /// may.
        pub fn idempotent(mut self) -> Self {
            self.outgoing.options.idempotent();
            self
        }

        /// Says that it is not to be repeated when the service cannot answer just now. It is still sent
        /// once more when a token had to be refreshed.
        pub fn no_retry(mut self) -> Self {
            self.outgoing.options.no_retry();
            self
        }
    };
}

/// The setters of a subscription, in whose `options` they end up.
macro_rules! stream_setters {
    () => {
        /// Has the service pass the subscription on to another one (XRPC, proxying):
        /// `did:web:api.bsky.app#bsky_appview`.
        pub fn proxy<S>(mut self, service: S) -> Self
        where
            S: TryInto<$crate::xrpc::ServiceRef>,
            $crate::client::ConfigError: From<S::Error>,
        {
            self.options.request.proxy($crate::client::service::proxy_header(service));
            self
        }

        /// Sets a header of the requests that open connections, in place of the client's own of that
        /// name. A subscription with an `Authorization` header of its own has nothing to do with the
        /// session. A header that cannot be makes it fail with [`Error::Request`](crate::client::Error::Request) before anything is
        /// sent.
        pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
            self.options.request.header($crate::client::options::parse_header(name.as_ref(), value.as_ref()));
            self
        }

        /// The most bytes of one message; a longer one ends the stream. Default: 5 MiB and 64 KiB.
        pub fn max_frame(mut self, bytes: usize) -> Self {
            self.options.max_frame = bytes;
            self
        }

        /// How often the service is pinged, and how long it has for the answer; a service without an
        /// answer is gone. `None` leaves that to the transport. Default: 10 s.
        pub fn heartbeat(mut self, interval: impl Into<Option<std::time::Duration>>) -> Self {
            self.options.heartbeat = interval.into();
            self
        }

        /// Whether and how it comes back after its connection was lost. Default: always, see
        /// [`Reconnect`](crate::client::Reconnect).
        pub fn reconnect(mut self, policy: $crate::client::Reconnect) -> Self {
            self.options.reconnect = policy;
            self
        }
    };
}

pub(crate) use call_setters;
pub(crate) use stream_setters;
