use std::time::Duration;

use http::{HeaderMap, HeaderValue};

/// What a service says about how often it may be called (XRPC, rate limits). Each part may be
/// missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// How many points the window has.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: Option<u64>,
    /// When the window ends, in seconds since 1970.
    pub reset: Option<u64>,
    /// The policy as the service writes it: `3000;w=300` is 3,000 points in 300 seconds.
    pub policy: Option<String>,
}

impl RateLimit {
    /// Reads the headers of an answer or an error, and takes no notice of what cannot be read;
    /// `None` if nothing is left.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let limit = Self {
            limit: number(headers.get("ratelimit-limit")),
            remaining: number(headers.get("ratelimit-remaining")),
            reset: number(headers.get("ratelimit-reset")),
            policy: headers.get("ratelimit-policy").and_then(|value| value.to_str().ok()).map(str::to_owned),
        };
        (limit != Self::default()).then_some(limit)
    }

    /// The length of the window, as its policy has it.
    #[must_use]
    pub fn window(&self) -> Option<Duration> {
        let policy = self.policy.as_deref()?.split(',').next()?;
        let window = policy.split(';').find_map(|part| part.trim().strip_prefix("w="))?;
        window.trim().parse().ok().map(Duration::from_secs)
    }
}

/// How long a service wants to be left alone (`Retry-After`, in seconds).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    number(headers.get(http::header::RETRY_AFTER)).map(Duration::from_secs)
}

fn number(value: Option<&HeaderValue>) -> Option<u64> {
    value?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_headers_are_read() {
        let limit = RateLimit::from_headers(&headers(&[
            ("ratelimit-limit", "3000"),
            ("ratelimit-remaining", "2999"),
            ("ratelimit-reset", "1700000000"),
            ("ratelimit-policy", "3000;w=300"),
        ]))
        .unwrap();
        assert_eq!((limit.limit, limit.remaining, limit.reset), (Some(3000), Some(2999), Some(1_700_000_000)));
        assert_eq!(limit.window(), Some(Duration::from_secs(300)));
    }

    #[test]
    fn what_cannot_be_read_is_missing() {
        let limit =
            RateLimit::from_headers(&headers(&[("ratelimit-limit", "many"), ("ratelimit-policy", "x")])).unwrap();
        assert_eq!((limit.limit, limit.window()), (None, None));
        assert_eq!(RateLimit::from_headers(&headers(&[("ratelimit-limit", "many")])), None);
        assert_eq!(RateLimit::from_headers(&HeaderMap::new()), None);
        assert_eq!(retry_after(&headers(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")])), None);
    }
}
