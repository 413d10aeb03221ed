use std::{borrow::Cow, convert::Infallible, fmt};

use crate::xrpc::HeaderError;

/// Why a client or a call cannot be set up like this: an address, a header or a service that is
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Cow<'static, str>);

impl ConfigError {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }

    pub(super) fn into_message(self) -> Cow<'static, str> {
        self.0
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl From<HeaderError> for ConfigError {
    fn from(error: HeaderError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<Infallible> for ConfigError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
