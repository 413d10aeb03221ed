use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};

use crate::{
    server::{refusal::Refusal, respond},
    xrpc::XrpcError,
};

const WEBSOCKET: &str = "websocket";

/// Checks that a request asks for a WebSocket of version 13.
///
/// # Errors
/// 405 for other methods than GET, 426 for a request without an upgrade, or with another one.
pub(super) async fn check(head: &mut Parts) -> Result<WebSocketUpgrade, Refusal> {
    if head.method != Method::GET {
        return Err(Refusal(respond::wrong_verb("GET")));
    }
    let asks =
        lists(&head.headers, &header::CONNECTION, "upgrade") && lists(&head.headers, &header::UPGRADE, WEBSOCKET);
    if !asks {
        return Err(without_upgrade("a subscription needs a WebSocket"));
    }
    // Both headers may list other things too, which axum does not expect.
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    head.headers.insert(header::UPGRADE, HeaderValue::from_static(WEBSOCKET));
    let upgrade = WebSocketUpgrade::from_request_parts(head, &()).await;
    upgrade.map_err(|error| without_upgrade(error.body_text()))
}

/// Whether the list of tokens in a header has this one.
fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|entry| entry.trim().eq_ignore_ascii_case(token))
}

/// The answer to a request without an upgrade: an error with the headers that say what is wanted.
pub(super) fn required(error: &XrpcError) -> Response {
    let mut response = respond::failure(error, HeaderMap::new());
    response.headers_mut().extend([
        (header::UPGRADE, HeaderValue::from_static(WEBSOCKET)),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
    ]);
    response
}

fn without_upgrade(message: impl Into<String>) -> Refusal {
    Refusal(XrpcError::of(StatusCode::UPGRADE_REQUIRED, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_lists_whatever_their_case() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONNECTION, HeaderValue::from_static("close"));
        headers.append(header::CONNECTION, HeaderValue::from_static("keep-alive , uPGRADE"));
        assert!(lists(&headers, &header::CONNECTION, "upgrade"));
        assert!(!lists(&headers, &header::CONNECTION, "up"));
        assert!(!lists(&headers, &header::UPGRADE, "websocket"));
    }
}
