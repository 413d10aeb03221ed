use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};

use super::ConfigError;
use crate::xrpc::{ACCEPT_LABELERS, PROXY};

/// What is special about one call.
#[derive(Default)]
pub(crate) struct Options {
    /// Headers; each replaces the client's own of that name.
    pub(super) headers: HeaderMap,
    pub(super) timeout: Option<Duration>,
    pub(super) idempotent: bool,
    pub(super) no_retry: bool,
    /// Whether the content type says what the answer is, because no lexicon does.
    pub(super) by_type: bool,
    /// The first option that could not be set; the call fails with it before anything is sent.
    pub(super) fault: Option<ConfigError>,
}

impl Options {
    /// Has the call passed on to another service.
    pub(crate) fn proxy(&mut self, service: Result<HeaderValue, ConfigError>) {
        self.header(service.map(|value| (PROXY, value)));
    }

    /// Asks for the labels of these labelers; of none, if there are none.
    pub(crate) fn labelers(&mut self, labelers: Result<HeaderValue, ConfigError>) {
        self.header(labelers.map(|value| (ACCEPT_LABELERS, value)));
    }

    /// Sets a header.
    pub(crate) fn header(&mut self, header: Result<(HeaderName, HeaderValue), ConfigError>) {
        match header {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(error) => {
                self.fault.get_or_insert(error);
            }
        }
    }

    /// How long the call may take.
    pub(crate) fn timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Says that the call may be sent more than once.
    pub(crate) fn idempotent(&mut self) {
        self.idempotent = true;
    }

    /// Says that no lexicon describes the answer, so that its content type has to.
    pub(crate) fn by_type(&mut self) {
        self.by_type = true;
    }

    /// Says that the call is not to be sent again after a fault of the service.
    pub(crate) fn no_retry(&mut self) {
        self.no_retry = true;
    }
}

/// Without the headers, which may hold secrets.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// A header from what people write.
pub(crate) fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ConfigError> {
    let name: HeaderName = name.parse().map_err(|_| ConfigError::new("this is not the name of a header"))?;
    let mut value: HeaderValue =
        value.parse().map_err(|_| ConfigError::new(format!("the header `{name}` cannot have this value")))?;
    if name == AUTHORIZATION {
        value.set_sensitive(true);
    }
    Ok((name, value))
}
