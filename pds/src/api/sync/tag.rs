//! Names of what an answer has (`ETag`), and callers that have it already.

use arobase::{Context, Failure};
use http::{HeaderValue, StatusCode, header};

/// The name of bytes.
pub(super) fn strong(name: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{name}\"")).ok()
}

/// The name of bytes that may be compressed on the way.
pub(super) fn weak(name: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("W/\"{name}\"")).ok()
}

/// Whether the caller says that it has this already.
pub(super) fn is_known(cx: &Context, tag: &HeaderValue) -> bool {
    cx.headers().get_all(header::IF_NONE_MATCH).iter().any(|known| names(known, tag))
}

/// Whether an `If-None-Match` names a tag. Whether either is a weak one makes no difference.
pub(super) fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|name| name == "*" || opaque(name) == opaque(tag))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// 304, without a body.
pub(super) fn not_modified<E>(tag: HeaderValue) -> Failure<E> {
    Failure::new(StatusCode::NOT_MODIFIED, "NotModified", None).header(header::ETAG, tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_lists_and_as_a_weak_one() {
        let (tag, weak) = (strong("a").unwrap(), weak("a").unwrap());
        for known in ["\"a\"", "\"b\", \"a\"", "W/\"a\"", "*", "\"b\",W/\"a\" "] {
            let known = HeaderValue::from_static(known);
            assert!(names(&known, &tag) && names(&known, &weak), "{known:?}");
        }
        for known in ["", "a", "\"b\"", "\"ab\"", "W/a"] {
            assert!(!names(&HeaderValue::from_static(known), &tag), "{known}");
        }
    }
}
