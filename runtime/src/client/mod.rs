//! The client: typed calls of XRPC methods, sessions, subscriptions.
//!
//! A [`Client`] stands for one service. A [`Call`] is one request; everything below it (options,
//! authorisation, repetitions, redirects, errors) knows descriptors and bytes, and no types.

mod answer;
mod auth;
mod backoff;
mod base;
mod call;
mod config;
mod config_error;
mod deadline;
pub mod dynamic;
mod error;
mod event_stream;
mod exact;
mod exchange;
mod link;
mod login;
mod options;
mod pages;
mod position;
mod rate_limit;
mod reconnect;
pub(crate) mod redirect;
pub(crate) mod request;
#[cfg(feature = "reqwest")]
pub(crate) mod reqwest;
mod retry;
mod service;
mod session;
mod session_auth;
mod setters;
mod stream_error;
mod subscribe;
#[cfg(test)]
mod subscribe_tests;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "reqwest", feature = "websocket"))]
pub(crate) mod tls;
mod transport;
mod upload;
#[cfg(feature = "websocket")]
mod websocket;
#[cfg(all(test, feature = "websocket"))]
mod websocket_tests;

use std::{fmt, sync::Arc};

use http::{HeaderMap, header::AUTHORIZATION};

pub use auth::{Answer, Attempt, Auth, AuthError, Basic, Bearer};
pub use call::{Call, Caller, Response};
pub use config_error::ConfigError;
pub use error::Error;
pub use pages::Pages;
pub use rate_limit::RateLimit;
pub use reconnect::Reconnect;
pub use redirect::target as redirect_target;
pub use retry::Retry;
pub use session::Session;
pub use stream_error::StreamError;
pub use subscribe::{Messages, RawMessages, Subscribe, SubscribeRaw};
pub use transport::{Incoming, Socket, Transport, TransportError};

use crate::{
    data,
    xrpc::{BoxFuture, Endpoint},
};
#[cfg(feature = "websocket")]
pub use websocket::connect as connect_websocket;

pub(crate) use base::Base;
use config::Config;
use session_auth::SharedSession;

/// A client of one service. Cheap to clone; clones share connections and session, and so do the
/// clients that its `with_` methods make.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    base: Base,
    transport: Arc<dyn Transport>,
    sessions: SharedSession,
    /// Another way of authorisation than the session.
    auth: Option<Arc<dyn Auth>>,
    config: Config,
}

impl Client {
    /// A client of the service at an address: `https://bsky.social`. A path stays in front of `/xrpc`;
    /// a slash at the end goes.
    ///
    /// # Errors
    /// Anything but an `http` or `https` URL of host and path.
    #[cfg(feature = "reqwest")]
    pub fn new(base: impl AsRef<str>) -> Result<Self, ConfigError> {
        Self::with_transport(base, reqwest::ReqwestTransport::new()?)
    }

    /// A client over a reqwest client of one's own: with other certificates, a proxy, a resolver.
    /// It has to follow no redirects (`redirect::Policy::none()`), because the client does.
    /// Subscriptions are refused, since their connections could not go the same way; they need a
    /// [`Transport`] of one's own, or another client from [`Client::new`].
    ///
    /// # Errors
    /// As [`Client::new`].
    #[cfg(feature = "reqwest")]
    pub fn from_reqwest(base: impl AsRef<str>, client: ::reqwest::Client) -> Result<Self, ConfigError> {
        Self::with_transport(base, reqwest::ReqwestTransport::from(client))
    }

    /// A client over a transport of one's own.
    ///
    /// # Errors
    /// An address that is not an `http` or `https` URL of host and path.
    pub fn with_transport(base: impl AsRef<str>, transport: impl Transport) -> Result<Self, ConfigError> {
        let inner = Inner {
            base: Base::parse(base.as_ref())?,
            transport: Arc::new(transport),
            sessions: SharedSession::default(),
            auth: None,
            config: Config::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The address of the service, without a slash at the end.
    #[must_use]
    pub fn address(&self) -> &str {
        self.inner.base.as_str()
    }

    /// What requests travel by.
    #[must_use]
    pub fn transport(&self) -> &dyn Transport {
        &*self.inner.transport
    }

    /// The request that opens the WebSocket of a subscription, authorised like a call. `headers` go
    /// before the client's own.
    pub(crate) fn upgrade_request<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        query: &str,
        headers: &HeaderMap,
    ) -> BoxFuture<'a, Result<http::Request<()>, Error>> {
        let url = self.inner.base.socket(&endpoint.nsid, query);
        let mut all = self.inner.config.headers.clone();
        exchange::replace(&mut all, headers);
        Box::pin(async move {
            let too_long = || data::Error::limit("the parameters do not fit into a URL");
            let mut request = http::Request::new(());
            *request.uri_mut() = url.ok_or_else(|| Error::Request(too_long()))?;
            if !all.contains_key(AUTHORIZATION) {
                let attempt = Attempt { client: self, endpoint, method: &http::Method::GET, url: request.uri() };
                self.auth().authorize(attempt, &mut all).await.map_err(Error::Auth)?;
            }
            *request.headers_mut() = all;
            Ok(request)
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    fn base(&self) -> &Base {
        &self.inner.base
    }

    fn sessions(&self) -> &SharedSession {
        &self.inner.sessions
    }

    fn auth(&self) -> &dyn Auth {
        match &self.inner.auth {
            Some(auth) => &**auth,
            None => &self.inner.sessions,
        }
    }

    /// The same client with something changed.
    fn with(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = (*self.inner).clone();
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.address()).finish_non_exhaustive()
    }
}
