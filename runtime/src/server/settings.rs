use std::{collections::HashMap, time::Duration};

use super::{SocketSettings, Subscribers, authenticate::Authenticator, receive::Bounds};
use crate::xrpc::params::UnknownParams;

/// What a router says about the way in which its methods are served. What it leaves open is for the
/// router into which it is merged, and for the defaults in the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Of JSON bodies, in bytes.
    pub(crate) body_limit: Option<u64>,
    /// Of all other bodies, in bytes; `Some(None)` for no limit.
    pub(crate) stream_limit: Option<Option<u64>>,
    /// Of the bodies of single methods, by NSID, in bytes.
    pub(crate) body_limits: HashMap<String, u64>,
    pub(crate) body_timeout: Option<Duration>,
    pub(crate) validates_output: Option<bool>,
    pub(crate) unknown_params: Option<UnknownParams>,
    pub(crate) authenticator: Option<Authenticator>,
    pub(crate) proxies: Option<usize>,
    pub(crate) sockets: Option<SocketSettings>,
    pub(crate) subscribers: Option<Subscribers>,
}

/// The same, decided.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) bounds: Bounds,
    pub(crate) validates_output: bool,
    pub(crate) unknown_params: UnknownParams,
    pub(crate) authenticator: Option<Authenticator>,
    /// How many proxies of our own write `X-Forwarded-For`.
    pub(crate) proxies: usize,
    pub(crate) sockets: SocketSettings,
    pub(crate) subscribers: Subscribers,
}

const BODY_LIMIT: u64 = 1_000_000;
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

impl Settings {
    /// These, and where they are open, the outer ones.
    pub(crate) fn within(&self, outer: &Self) -> Self {
        let mut body_limits = outer.body_limits.clone();
        body_limits.extend(self.body_limits.clone());
        Self {
            body_limit: self.body_limit.or(outer.body_limit),
            stream_limit: self.stream_limit.or(outer.stream_limit),
            body_limits,
            body_timeout: self.body_timeout.or(outer.body_timeout),
            validates_output: self.validates_output.or(outer.validates_output),
            unknown_params: self.unknown_params.or(outer.unknown_params),
            authenticator: self.authenticator.clone().or_else(|| outer.authenticator.clone()),
            proxies: self.proxies.or(outer.proxies),
            sockets: self.sockets.clone().or_else(|| outer.sockets.clone()),
            subscribers: self.subscribers.clone().or_else(|| outer.subscribers.clone()),
        }
    }

    /// What holds for a method.
    pub(crate) fn rules(&self, nsid: &str) -> Rules {
        let own_limit = self.body_limits.get(nsid).copied();
        let bounds = Bounds {
            json: own_limit.or(self.body_limit).unwrap_or(BODY_LIMIT),
            stream: own_limit.or(self.stream_limit.flatten()),
            wait: self.body_timeout.unwrap_or(BODY_TIMEOUT),
        };
        Rules {
            bounds,
            validates_output: self.validates_output.unwrap_or(cfg!(debug_assertions)),
            unknown_params: self.unknown_params.unwrap_or_default(),
            authenticator: self.authenticator.clone(),
            proxies: self.proxies.unwrap_or_default(),
            sockets: self.sockets.clone().unwrap_or_default(),
            subscribers: self.subscribers.clone().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_setting_goes_before_an_outer_one() {
        let inner = Settings { body_limit: Some(1), ..Settings::default() };
        let outer = Settings { body_limit: Some(2), validates_output: Some(true), ..Settings::default() };
        let both = inner.within(&outer);
        assert_eq!(both.body_limit, Some(1));
        assert_eq!(both.validates_output, Some(true));
    }

    #[test]
    fn the_limit_of_a_method_goes_before_the_general_ones() {
        let settings = Settings { body_limits: HashMap::from([("a.b.c".into(), 7)]), ..Settings::default() };
        assert_eq!(settings.rules("a.b.c").bounds.json, 7);
        assert_eq!(settings.rules("a.b.c").bounds.stream, Some(7));
        assert_eq!(settings.rules("a.b.d").bounds.json, BODY_LIMIT);
        assert_eq!(settings.rules("a.b.d").bounds.stream, None);
    }
}
