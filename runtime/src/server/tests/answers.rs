//! What goes back.

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};

use super::*;
use crate::xrpc::{BodyError, XrpcError};

async fn get(router: Router) -> Reply {
    ask(start(router).await, "GET /xrpc/com.example.list", &[]).await
}

fn failing(failure: impl Fn() -> Failure + Send + Sync + 'static) -> Router {
    Router::new().route(method("com.example.list", move |_, _, _| {
        let failure = failure();
        async { Err(failure) }
    }))
}

#[tokio::test]
async fn head_answers_without_the_body() {
    let server = start(echoing()).await;
    let get = ask(server, "GET /xrpc/com.example.list", &[]).await;
    let head = ask(server, "HEAD /xrpc/com.example.list", &[]).await;
    assert_eq!((head.status, head.text()), (200, ""));
    for name in ["content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name));
    }
    let refused = ask(server, "HEAD /xrpc/com.example.get", &[]).await;
    assert_eq!((refused.status, refused.text()), (400, ""));
}

#[tokio::test]
async fn the_length_of_a_stream_is_not_claimed_to_be_nothing() {
    let endless = || stream::repeat_with(|| Ok(Bytes::from_static(b"x")));
    let router = Router::new().route(constant("com.example.list", move || Raw::Stream(Body::from_stream(endless()))));
    let reply = ask(start(router).await, "HEAD /xrpc/com.example.list", &[]).await;
    assert_eq!((reply.status, reply.header("content-length")), (200, None));
}

#[tokio::test]
async fn the_type_of_a_body_is_its_own_else_that_of_the_method() {
    let router = echoing();
    let pattern = Router::new().route(constant("com.example.blob", || Raw::Stream(Body::new("?"))));
    let (server, other) = (start(router).await, start(pattern).await);
    for (server, method, expected) in [
        (server, "com.example.export", "application/vnd.ipld.car"),
        (server, "com.example.blob", "image/png"),
        (other, "com.example.blob", "application/octet-stream"),
    ] {
        let reply = ask(server, &format!("GET /xrpc/{method}"), &[]).await;
        assert_eq!(reply.header("content-type"), Some(expected));
        assert_eq!(reply.header("content-length"), Some(&*reply.body.len().to_string()));
    }
}

#[tokio::test]
async fn a_stream_is_sent_chunk_by_chunk() {
    let chunks = || stream::iter(["a", "b", "c"].map(|text| Ok(Bytes::from(text))));
    let router = Router::new()
        .route(constant("com.example.export", move || Raw::Stream(Body::from_stream(chunks()))))
        .route(constant("com.example.blob", move || Raw::Stream(Body::from_stream(chunks()).sized(3))));
    let server = start(router).await;
    let reply = ask(server, "GET /xrpc/com.example.export", &[]).await;
    assert_eq!((reply.text(), reply.header("transfer-encoding")), ("abc", Some("chunked")));
    let reply = ask(server, "GET /xrpc/com.example.blob", &[]).await;
    assert_eq!((reply.text(), reply.header("content-length")), ("abc", Some("3")));
}

#[tokio::test]
async fn a_stream_that_breaks_breaks_the_connection() {
    let chunks = || stream::iter([Ok(Bytes::from("a")), Err(BodyError::source("disk"))]);
    let router = Router::new().route(constant("com.example.export", move || Raw::Stream(Body::from_stream(chunks()))));
    let mut stream = connect(start(router).await).await;
    stream.write_all(&request("GET /xrpc/com.example.export", &[], b"")).await.expect("writable");
    let bytes = read_all(&mut stream).await;
    assert!(!bytes.ends_with(b"0\r\n\r\n"));
}

#[tokio::test]
async fn an_empty_object_is_sent_as_one() {
    let reply = get(Router::new().route(constant("com.example.list", || json_of(Map::new())))).await;
    assert_eq!((reply.status, reply.text()), (200, "{}"));
}

#[tokio::test]
async fn failures_have_their_status_and_name() {
    type Case = (fn() -> Failure, u16, &'static str);
    let cases: [Case; 9] = [
        (|| Failure::new(StatusCode::BAD_REQUEST, "InvalidSwap", None), 400, "InvalidSwap"),
        (|| Failure::invalid_request("x"), 400, "InvalidRequest"),
        (|| Failure::unauthorized("x"), 401, "AuthenticationRequired"),
        (|| Failure::forbidden("x"), 403, "Forbidden"),
        (|| Failure::not_found("x"), 404, "XRPCNotSupported"),
        (|| Failure::rate_limited(7), 429, "RateLimitExceeded"),
        (Failure::not_implemented, 501, "MethodNotImplemented"),
        (|| Failure::forbidden("x").with_status(StatusCode::CONFLICT), 409, "Forbidden"),
        (|| XrpcError::of(StatusCode::BAD_GATEWAY, "x").into(), 502, "UpstreamFailure"),
    ];
    for (failure, status, name) in cases {
        get(failing(failure)).await.is_error(status, name);
    }
}

#[tokio::test]
async fn a_failure_that_is_a_success_is_an_internal_one() {
    get(failing(|| Failure::new(StatusCode::OK, "Fine", None))).await.is_error(500, "InternalServerError");
}

#[tokio::test]
async fn an_internal_failure_shows_no_detail() {
    let reply = get(failing(|| std::io::Error::other("the password is 12345").into())).await;
    reply.is_error(500, "InternalServerError");
    assert!(!reply.text().contains("12345"));
}

#[tokio::test]
async fn a_panic_is_an_internal_failure_and_the_server_goes_on() {
    let router = echoing().replace(Router::new().route(method("com.example.get", |_, _, _| async { panic!("12345") })));
    let server = start(router).await;
    let reply = ask(server, "GET /xrpc/com.example.get?id=a", &[]).await;
    reply.is_error(500, "InternalServerError");
    assert!(!reply.text().contains("12345"));
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &[]).await.status, 200);
}

#[tokio::test]
async fn a_redirect_has_a_location_headers_and_no_body() {
    let redirect = || {
        Failure::redirect(StatusCode::MOVED_PERMANENTLY, "https://other.example/blob?a=b")
            .header(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"))
    };
    let reply = get(failing(redirect)).await;
    assert_eq!((reply.status, reply.text()), (301, ""));
    assert_eq!(reply.header("location"), Some("https://other.example/blob?a=b"));
    assert_eq!(reply.header("cache-control"), Some("max-age=60"));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn a_redirect_to_what_is_no_header_is_an_internal_failure() {
    for failure in
        [|| Failure::redirect(StatusCode::FOUND, "a\r\nset-cookie: b"), || Failure::redirect(StatusCode::OK, "/")]
    {
        get(failing(failure)).await.is_error(500, "InternalServerError");
    }
}

#[tokio::test]
async fn handlers_set_headers_on_success_and_on_failure() {
    let set = |cx: &Context| cx.set_header(header::ETAG, HeaderValue::from_static("\"1\""));
    let good = method("com.example.list", move |cx, _, _| async move {
        set(&cx);
        cx.set_header(header::CONTENT_LENGTH, HeaderValue::from_static("99"));
        cx.set_header(header::RETRY_AFTER, HeaderValue::from_static("7"));
        Ok(Raw::Empty)
    });
    let reply = get(Router::new().route(good)).await;
    assert_eq!((reply.header("etag"), reply.header("retry-after")), (Some("\"1\""), Some("7")));
    assert_eq!(reply.header("content-length"), Some("0"));

    let bad = method("com.example.list", |cx, _, _| async move {
        cx.set_header(header::RETRY_AFTER, HeaderValue::from_static("1"));
        cx.set_header(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
        Err(Failure::rate_limited(2).header(header::RETRY_AFTER, HeaderValue::from_static("3")))
    });
    let reply = get(Router::new().route(bad)).await;
    reply.is_error(429, "RateLimitExceeded");
    assert_eq!(reply.headers("retry-after").collect::<Vec<_>>(), ["3"]);
}

#[tokio::test]
async fn a_401_says_how_to_authenticate() {
    let reply = get(failing(|| Failure::unauthorized("x"))).await;
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    let dpop = || Failure::unauthorized("x").header(header::WWW_AUTHENTICATE, HeaderValue::from_static("DPoP"));
    let reply = get(failing(dpop)).await;
    assert_eq!(reply.headers("www-authenticate").collect::<Vec<_>>(), ["DPoP"]);
}

#[tokio::test]
async fn the_cookies_of_another_server_are_not_passed_on() {
    let error = || {
        let headers = HeaderMap::from_iter([
            (header::SET_COOKIE, HeaderValue::from_static("a=b")),
            (header::CONTENT_LENGTH, HeaderValue::from_static("1")),
            (header::RETRY_AFTER, HeaderValue::from_static("7")),
        ]);
        XrpcError::of(StatusCode::BAD_GATEWAY, "x").with_headers(headers).into()
    };
    let reply = get(failing(error)).await;
    reply.is_error(502, "UpstreamFailure");
    assert_eq!((reply.header("set-cookie"), reply.header("retry-after")), (None, Some("7")));
}

#[tokio::test]
async fn every_answer_is_open_to_all_origins() {
    let server = start(echoing()).await;
    for path in ["com.example.list", "com.example.get", "com.example.unknown", "x", "com.example.act"] {
        let reply = ask(server, &format!("GET /xrpc/{path}"), &[]).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
        let exposed = reply.header("access-control-expose-headers").expect("the list");
        for name in ["ratelimit-limit", "retry-after", "www-authenticate", "dpop-nonce", "atproto-repo-rev"] {
            assert!(exposed.contains(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_preflight_is_answered_before_anything_else() {
    let server = start(echoing().authenticate(|_| async { Err::<(), _>(Failure::unauthorized("x")) })).await;
    for path in ["com.example.get", "com.example.act", "com.example.unknown", "x"] {
        let headers = ["origin: https://app.example", "access-control-request-headers: authorization,dpop"];
        let reply = ask(server, &format!("OPTIONS /xrpc/{path}"), &headers).await;
        assert_eq!((reply.status, reply.text()), (204, ""), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("access-control-allow-headers"), Some("authorization,dpop"));
        assert_eq!(reply.header("access-control-allow-methods"), Some("GET, HEAD, POST"));
        assert_eq!(reply.header("access-control-max-age"), Some("86400"));
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn without_cors_there_is_none() {
    let server = start(echoing().cors(false)).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &[]).await.header("access-control-allow-origin"), None);
    ask(server, "OPTIONS /xrpc/com.example.list", &[]).await.is_error(405, "InvalidRequest");
}

#[tokio::test]
async fn the_name_of_a_request_comes_back() {
    let named =
        method("com.example.list", |cx, _, _| async move { Ok(Raw::Stream(Body::new(cx.request_id().to_owned()))) });
    let server = start(Router::new().route(named)).await;
    let reply = ask(server, "GET /xrpc/com.example.list", &["x-request-id: abc"]).await;
    assert_eq!((reply.header("x-request-id"), reply.text()), (Some("abc"), "abc"));
    let reply = ask(server, "GET /xrpc/com.example.list", &["x-request-id: a b"]).await;
    assert_eq!(reply.header("x-request-id"), Some(reply.text()));
    assert_ne!(reply.text(), "a b");
}

#[tokio::test]
async fn a_header_can_have_several_values() {
    let route = method("com.example.list", |cx, _, _| async move {
        for cookie in ["a=1", "b=2"] {
            cx.append_header(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        Ok(Raw::Empty)
    });
    let reply = get(Router::new().route(route)).await;
    assert_eq!(reply.headers("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);
}

#[tokio::test]
async fn what_was_not_modified_keeps_its_etag() {
    let unchanged = || {
        Failure::new(StatusCode::NOT_MODIFIED, "NotModified", None)
            .header(header::ETAG, HeaderValue::from_static("\"1\""))
            .header(header::CONTENT_LANGUAGE, HeaderValue::from_static("en"))
    };
    let reply = get(failing(unchanged)).await;
    assert_eq!((reply.status, reply.text(), reply.header("etag")), (304, "", Some("\"1\"")));
    assert_eq!(reply.header("content-language"), None);
}

#[tokio::test]
async fn a_part_of_a_body_is_said_to_be_one() {
    let route = method("com.example.blob", |cx, _, _| async move {
        cx.set_header(header::CONTENT_RANGE, HeaderValue::from_static("bytes 2-4/10"));
        Ok(Raw::Stream(Body::new("345")))
    });
    let reply = ask(start(Router::new().route(route)).await, "GET /xrpc/com.example.blob", &[]).await;
    assert_eq!((reply.status, reply.text()), (206, "345"));
    assert_eq!(reply.header("content-range"), Some("bytes 2-4/10"));
}

#[tokio::test]
async fn a_limit_that_a_body_reached_far_down_is_413() {
    let limited = || {
        let body = http_body_util::Limited::new(axum::body::Body::from("abc"), 1);
        let collected = http_body_util::BodyExt::collect(body);
        let error = futures_util::FutureExt::now_or_never(collected).expect("at once").expect_err("too long");
        axum::Error::new(error).into()
    };
    get(failing(limited)).await.is_error(413, "PayloadTooLarge");
}

#[cfg(feature = "client")]
mod upstream {
    use super::*;
    use crate::client::Error;

    fn received(status: StatusCode) -> XrpcError {
        let headers = [
            ("retry-after", "7"),
            ("ratelimit-remaining", "0"),
            ("atproto-repo-rev", "3jzfcijpj2z2a"),
            ("atproto-content-labelers", "did:web:a.example"),
            ("set-cookie", "a=b"),
            ("www-authenticate", "Bearer"),
            ("cache-control", "public"),
            ("x-own", "secret"),
        ];
        let headers = headers.map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)));
        XrpcError::received(status, "Theirs", "their message".to_owned(), HeaderMap::from_iter(headers))
    }

    #[tokio::test]
    async fn an_error_of_another_server_keeps_few_headers() {
        for failure in [
            || received(StatusCode::UNAUTHORIZED).into(),
            || Error::<std::convert::Infallible>::Xrpc(received(StatusCode::UNAUTHORIZED)).into(),
            || Failure::from(received(StatusCode::NOT_FOUND)).with_status(StatusCode::UNAUTHORIZED),
        ] as [fn() -> Failure; 3]
        {
            let reply = get(failing(failure)).await;
            reply.is_error(401, "Theirs");
            for name in ["retry-after", "ratelimit-remaining", "atproto-repo-rev", "atproto-content-labelers"] {
                assert!(reply.header(name).is_some(), "{name}");
            }
            for name in ["set-cookie", "www-authenticate", "cache-control", "x-own"] {
                assert_eq!(reply.header(name), None, "{name}");
            }
        }
    }

    #[tokio::test]
    async fn a_failure_of_another_server_is_not_ours() {
        for failure in [
            || received(StatusCode::INTERNAL_SERVER_ERROR).into(),
            || received(StatusCode::FOUND).into(),
            || Error::<std::convert::Infallible>::Timeout.into(),
        ] as [fn() -> Failure; 3]
        {
            let reply = get(failing(failure)).await;
            reply.is_error(502, "UpstreamFailure");
            assert!(!reply.text().contains("their"));
        }
    }
}
