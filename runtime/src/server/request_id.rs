use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header in which the name of a request comes and goes.
pub(crate) static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name that is taken over.
const MAX: usize = 128;

/// What names a request in logs and in its answer: what the caller or a proxy in between called it,
/// where that is short and of visible ASCII, otherwise a number of our own.
#[derive(Clone, Debug)]
pub(crate) enum RequestId {
    Given(HeaderValue),
    /// Inline, because every request has one and few are looked at.
    Made([u8; LENGTH]),
}

/// The process and the request in hexadecimal digits, with a `-` between them.
const LENGTH: usize = 8 + 1 + 16;

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match headers.get(&HEADER) {
            Some(value) if is_fit(value.as_bytes()) => Self::Given(value.clone()),
            _ => Self::made(),
        }
    }

    fn made() -> Self {
        // Tells processes apart; the standard hasher is keyed at random.
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut name = [b'-'; LENGTH];
        let (process, count) = name.split_at_mut(8);
        write_hex(process, *PROCESS);
        write_hex(count.split_at_mut(1).1, COUNT.fetch_add(1, Ordering::Relaxed));
        Self::Made(name)
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Given(value) => value.to_str().unwrap_or_default(),
            Self::Made(name) => std::str::from_utf8(name).unwrap_or_default(),
        }
    }

    pub(crate) fn value(&self) -> HeaderValue {
        match self {
            Self::Given(value) => value.clone(),
            Self::Made(name) => HeaderValue::from_bytes(name).unwrap_or(HeaderValue::from_static("-")),
        }
    }
}

/// Fills the digits from the right, as many as there are.
fn write_hex(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        let nibble = (number & 15) as u8;
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        number >>= 4;
    }
}

fn is_fit(name: &[u8]) -> bool {
    !name.is_empty() && name.len() <= MAX && name.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &[u8]) -> RequestId {
        RequestId::of(&HeaderMap::from_iter([(HEADER.clone(), HeaderValue::from_bytes(name).unwrap())]))
    }

    #[test]
    fn a_short_visible_name_is_taken_over() {
        assert_eq!(of(b"req-1/a").as_str(), "req-1/a");
    }

    #[test]
    fn any_other_name_is_replaced() {
        for name in [&b""[..], b"two words", b"\xc3\xa9", &[b'x'; MAX + 1]] {
            let made = of(name);
            assert_ne!(made.as_str().as_bytes(), name);
            assert!(is_fit(made.as_str().as_bytes()));
        }
    }

    #[test]
    fn names_differ() {
        assert_ne!(RequestId::made().as_str(), RequestId::made().as_str());
    }
}
