use std::{sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, USER_AGENT},
};

use super::{
    Auth, Client, ConfigError, Retry, Session,
    options::parse_header,
    service::{labelers_header, proxy_header},
    session_auth::{SessionAuth, SharedSession},
};
use crate::{
    data::{Limits, Strictness},
    xrpc::{ACCEPT_LABELERS, Labeler, PROXY, ServiceRef},
};

/// How long a call may take unless something else is said.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

const NAME: &str = concat!("arobase/", env!("CARGO_PKG_VERSION"));

/// What holds for all calls of a client.
#[derive(Clone)]
pub(crate) struct Config {
    pub(super) headers: HeaderMap,
    pub(super) retries: Retry,
    pub(super) timeout: Option<Duration>,
    /// How strictly answers are read.
    pub(crate) output: Strictness,
    /// Within which limits.
    pub(crate) limits: Limits,
    /// Whether requests are checked before they are sent.
    pub(crate) check_input: bool,
    /// The most bytes of a JSON answer.
    pub(super) max_json: u64,
    /// Whether a session may be used over plain HTTP.
    pub(super) plain_http: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            headers: HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(NAME))]),
            retries: Retry::default(),
            timeout: None,
            output: Strictness::Lenient,
            limits: Limits::DEFAULT,
            check_input: true,
            max_json: 16 * 1024 * 1024,
            plain_http: false,
        }
    }
}

/// Each of these makes another client that shares the connections and, unless it says otherwise,
/// the session.
impl Client {
    /// With a header for all calls. `Content-Type` is for the body to say. With an `Authorization`
    /// header of its own the client uses neither session nor other credentials.
    ///
    /// # Errors
    /// A name or a value that no header can have.
    pub fn with_header(&self, name: impl AsRef<str>, value: impl AsRef<str>) -> Result<Self, ConfigError> {
        let (name, value) = parse_header(name.as_ref(), value.as_ref())?;
        Ok(self.with_headers([(name, value)].into_iter().collect()))
    }

    /// With headers for all calls. Where a redirect leads to another origin they do not go along,
    /// except `Accept`, `Accept-Language`, `Accept-Encoding`, `User-Agent`, `Range` and
    /// `atproto-accept-labelers`, and these only if they are not marked sensitive.
    #[must_use]
    pub fn with_headers(&self, headers: HeaderMap) -> Self {
        self.with(|inner| inner.config.headers.extend(headers))
    }

    /// With another name than `arobase/<version>`.
    ///
    /// # Errors
    /// A name that no header can have.
    pub fn with_user_agent(&self, name: impl AsRef<str>) -> Result<Self, ConfigError> {
        self.with_header(USER_AGENT.as_str(), name)
    }

    /// With another way of authorisation than a session. Sessions have no effect then.
    #[must_use]
    pub fn with_auth(&self, auth: impl Auth) -> Self {
        self.with(|inner| inner.auth = Some(Arc::new(auth)))
    }

    /// With a session of its own, which it shares with its clones, but not with this client.
    #[must_use]
    pub fn with_session(&self, session: Session) -> Self {
        self.with(|inner| {
            inner.sessions = SharedSession(Arc::new(SessionAuth::new(session)));
            inner.auth = None;
        })
    }

    /// With its calls passed on to another service by this one (XRPC, proxying):
    /// `did:web:api.bsky.app#bsky_appview`.
    ///
    /// # Errors
    /// Text that names no service.
    pub fn with_proxy<S>(&self, service: S) -> Result<Self, ConfigError>
    where
        S: TryInto<ServiceRef>,
        ConfigError: From<S::Error>,
    {
        let service = proxy_header(service)?;
        Ok(self.with(|inner| {
            inner.config.headers.insert(PROXY, service);
        }))
    }

    /// With the labels of these labelers in answers; with none at all, if there are none.
    ///
    /// # Errors
    /// A DID that is not valid, which only a lenient reader lets pass.
    pub fn with_labelers<L: Into<Labeler>>(&self, labelers: impl IntoIterator<Item = L>) -> Result<Self, ConfigError> {
        let labelers = labelers_header(labelers)?;
        Ok(self.with(|inner| {
            inner.config.headers.insert(ACCEPT_LABELERS, labelers);
        }))
    }

    /// With other repetitions than two. Only queries and idempotent calls are repeated.
    #[must_use]
    pub fn with_retries(&self, retries: Retry) -> Self {
        self.with(|inner| inner.config.retries = retries)
    }

    /// With another time for calls: everything up to the head of the answer, and for JSON up to its
    /// end, refreshes of the session and repetitions included. Without it, calls have 60 seconds,
    /// and requests whose body is not JSON have no limit; what comes as an error's body has 30 seconds then. `Duration::MAX` is no limit either.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|inner| inner.config.timeout = Some(timeout))
    }

    /// With answers read more strictly than `Lenient`, which keeps what does not fit its schema and
    /// lists it in [`Response::issues`](super::Response::issues).
    #[must_use]
    pub fn with_output(&self, strictness: Strictness) -> Self {
        self.with(|inner| inner.config.output = strictness)
    }

    /// With other limits for the reader of JSON, and for the bytes of a JSON answer (16 MiB
    /// otherwise).
    #[must_use]
    pub fn with_limits(&self, limits: Limits, json_bytes: u64) -> Self {
        self.with(|inner| {
            inner.config.limits = limits;
            inner.config.max_json = json_bytes;
        })
    }

    /// With request bodies sent as they are, even if they break their schema. Parameters are
    /// checked all the same.
    #[must_use]
    pub fn with_unchecked_input(&self) -> Self {
        self.with(|inner| inner.config.check_input = false)
    }

    /// With sessions used over plain HTTP too, in a network that is trusted. Without it, passwords
    /// and tokens of sessions go in the clear to this machine only: `localhost`, `127.0.0.0/8` and
    /// `[::1]`; any other call by such an address fails with [`Error::Auth`](super::Error::Auth).
    #[must_use]
    pub fn with_plain_http(&self, allowed: bool) -> Self {
        self.with(|inner| inner.config.plain_http = allowed)
    }

    /// For calls that are for the service itself.
    pub(super) fn unproxied(&self) -> Self {
        self.with(|inner| {
            inner.config.headers.remove(PROXY);
        })
    }

    /// The same way to the same service, and nothing of the session.
    pub(super) fn plain(&self) -> Self {
        self.with(|inner| {
            inner.config.headers.remove(PROXY);
            inner.config.headers.remove(AUTHORIZATION);
            inner.sessions = SharedSession::default();
            inner.auth = None;
        })
    }
}
