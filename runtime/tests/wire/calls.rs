//! What a client sends, and what it makes of the answer.

use std::{sync::Arc, time::Duration};

use arobase_runtime::{
    Client, Error,
    catalog::Unknown,
    client::dynamic::Params,
    data::{Strictness, Value},
    server::Router,
    xrpc::{Body, BodyError},
};
use http::{HeaderMap, HeaderValue, Method};

use super::support::{STREAM, Stub, answer, ask, catalog, client, json, on, start, value};

fn things() -> Stub {
    Stub::new(|_| json("{}"))
}

#[tokio::test]
async fn an_official_method_is_called_by_its_name_alone() {
    let stub = Stub::new(|_| json(r#"{ "did": "did:web:a.example" }"#));
    let params = [("handle", "a.example")];
    let output = stub.dynamic().call("com.atproto.identity.resolveHandle", params, ()).await.unwrap();
    assert_eq!(output.as_json(), Some(&value(r#"{ "did": "did:web:a.example" }"#)));
    assert_eq!(stub.seen()[0].url, "https://pds.example/xrpc/com.atproto.identity.resolveHandle?handle=a.example");
}

#[tokio::test]
async fn a_path_of_the_address_stays_and_the_rest_must_be_an_address() {
    let stub = things();
    let client = Client::with_transport("https://pds.example/base/", stub.clone()).unwrap();
    client.dynamic(&catalog()).call("com.example.touch", (), ()).await.unwrap();
    assert_eq!(stub.seen()[0].url, "https://pds.example/base/xrpc/com.example.touch");
    for address in ["pds.example", "ftp://pds.example", "/", "", "https://", "https://pds.example/?a=b"] {
        assert!(Client::with_transport(address, stub.clone()).is_err(), "{address}");
    }
}

#[tokio::test]
async fn a_call_goes_before_the_client_and_the_client_before_the_library() {
    let stub = things();
    let client = stub.client().with_header("x-a", "client").unwrap().with_header("x-b", "client").unwrap();
    let call = |client: &Client| client.dynamic(&catalog()).call("com.example.getThing", [("id", "x")], ());
    call(&client).header("x-b", "call").header("accept", "application/json;v=1").await.unwrap();
    call(&client.with_user_agent("mine/2").unwrap()).await.unwrap();
    let [first, second] = &*stub.seen() else { panic!("two calls") };
    assert_eq!((first.header("x-a"), first.header("x-b")), (Some("client"), Some("call")));
    assert_eq!(first.header("accept"), Some("application/json;v=1"));
    assert!(first.header("user-agent").unwrap().starts_with("arobase/"));
    assert_eq!(second.header("user-agent"), Some("mine/2"));
    for seen in [first, second] {
        assert_eq!((seen.method.clone(), seen.header("content-type")), (Method::GET, None));
    }
}

#[tokio::test]
async fn a_header_with_several_values_keeps_them() {
    let stub = things();
    let mut headers = HeaderMap::new();
    for value in ["de", "pt"] {
        headers.append("accept-language", HeaderValue::from_static(value));
    }
    stub.client().with_headers(headers).dynamic(&catalog()).call("com.example.touch", (), ()).await.unwrap();
    let seen = stub.seen();
    let all: Vec<_> = seen[0].headers.get_all("accept-language").iter().collect();
    assert_eq!(all, ["de", "pt"]);
}

#[tokio::test]
async fn the_type_of_a_body_follows_from_the_method() {
    let stub = things();
    let dynamic = stub.dynamic();
    dynamic.call("com.example.putThing", (), value(r#"{ "word": "a" }"#)).header("content-type", "a/b").await.unwrap();
    dynamic.call("com.example.upload", (), Body::new("x").content_type("image/png")).await.unwrap();
    dynamic.call("com.example.upload", (), Body::new("x")).await.unwrap();
    dynamic.call("com.example.touch", (), ()).await.unwrap();
    let seen = stub.seen();
    let types: Vec<_> = seen.iter().map(|seen| seen.header("content-type")).collect();
    assert_eq!(types, [Some("application/json"), Some("image/png"), Some("application/octet-stream"), None]);
    assert!(seen.iter().all(|seen| seen.method == Method::POST));
}

#[tokio::test]
async fn what_breaks_the_lexicon_does_not_reach_the_network() {
    let stub = things();
    let dynamic = stub.dynamic();
    let params: [Params; 4] = [
        ().into(),
        [("id", Value::from("x")), ("limit", 101.into())].into(),
        [("id", Value::from("x")), ("limit", "5".into())].into(),
        [("id", "x"), ("other", "y")].into(),
    ];
    for params in params {
        let error = dynamic.call("com.example.getThing", params.clone(), ()).await.unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{params:?}: {error}");
    }
    for input in ["{}", r#"{ "word": 1 }"#, r#"{ "word": "b" }"#, r#"{ "word": "a", "any": "text" }"#, "[]"] {
        let error = dynamic.call("com.example.putThing", (), value(input)).await.unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{input}: {error}");
    }
    assert!(stub.seen().is_empty());
    let unchecked = stub.client().with_unchecked_input().dynamic(&catalog());
    unchecked.call("com.example.putThing", (), value(r#"{ "word": 1 }"#)).await.unwrap();
    assert_eq!(stub.seen()[0].body, r#"{"word":1}"#);
}

#[tokio::test]
async fn an_answer_may_hold_records_of_types_that_nobody_knows() {
    let stub = Stub::new(|_| {
        json(
            r#"{ "uri": "at://a.example/com.foreign.thing/x", "value": { "$type": "com.foreign.thing",
                "deep": { "$type": "com.foreign.part", "data": { "$bytes": "q80" } } } }"#,
        )
    });
    let params = [("repo", "a.example"), ("collection", "com.foreign.thing"), ("rkey", "x")];
    for strictness in [Strictness::Lenient, Strictness::Strict] {
        let dynamic = stub.client().with_output(strictness).dynamic(&catalog());
        let answer = dynamic.call("com.atproto.repo.getRecord", params, ()).response().await.unwrap();
        assert!(answer.issues.is_empty(), "{:?}", answer.issues);
        let output = answer.output.into_json().unwrap();
        let deep = output.get("value").and_then(|value| value.get("deep")).unwrap();
        assert_eq!(deep.get("data"), Some(&Value::Bytes(vec![0xab, 0xcd].into())));
    }
}

#[tokio::test]
async fn signatures_of_labels_come_as_bytes() {
    let stub = Stub::new(|_| {
        json(
            r#"{ "labels": [{ "ver": 1, "src": "did:web:a.example", "uri": "at://b.example", "val": "spam",
                "cts": "2026-01-02T03:04:05.678Z", "sig": { "$bytes": "q83v" } }] }"#,
        )
    });
    let params: Params = [("uriPatterns", Value::from(vec!["at://b.example"]))].into();
    let answer = stub.dynamic().call("com.atproto.label.queryLabels", params, ()).response().await.unwrap();
    assert!(answer.issues.is_empty(), "{:?}", answer.issues);
    let output = answer.output.into_json().unwrap();
    let Some(Value::List(labels)) = output.get("labels") else { panic!("labels") };
    assert_eq!(labels[0].get("sig"), Some(&Value::Bytes(vec![0xab, 0xcd, 0xef].into())));
}

#[tokio::test]
async fn an_answer_is_json_a_body_or_nothing() {
    let stub = Stub::new(|seen| match seen.nsid() {
        "com.atproto.sync.getBlob" => answer(200, "image/png", "an image"),
        "com.example.touch" => answer(200, "text/plain", "whatever"),
        _ => json("{}"),
    });
    let dynamic = stub.dynamic();
    assert_eq!(dynamic.call("com.example.getThing", [("id", "x")], ()).await.unwrap().into_json(), Some(value("{}")));
    let params = [("did", "did:web:a.example"), ("cid", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")];
    let blob = dynamic.call("com.atproto.sync.getBlob", params, ()).response().await.unwrap();
    assert_eq!((blob.status.as_u16(), blob.headers["content-type"].to_str().unwrap()), (200, "image/png"));
    let blob = blob.output.into_body().unwrap();
    assert_eq!(blob.mime_type(), Some("image/png"));
    assert_eq!(blob.collect(100).await.unwrap(), "an image");
    let nothing = dynamic.call("com.example.touch", (), ()).await.unwrap();
    assert!(nothing.as_json().is_none() && nothing.into_body().is_none());
}

#[tokio::test]
async fn an_error_has_a_name_whatever_the_service_sends() {
    let bodies =
        [r#"{ "error": "RecordNotFound", "message": "gone" }"#, r#"{ "error": "RecordNotFound" }"#, "<html>", ""];
    let names = ["RecordNotFound", "RecordNotFound", "InvalidRequest", "InvalidRequest"];
    for (body, name) in bodies.into_iter().zip(names) {
        let stub = Stub::new(move |_| answer(400, "text/html", body));
        let error = stub.dynamic().call("com.example.touch", (), ()).await.unwrap_err();
        let Error::Xrpc(error) = error else { panic!("{error}") };
        assert_eq!((error.status().as_u16(), error.name()), (400, name), "{body}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_not_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let call = client(listener.local_addr().unwrap()).dynamic(&catalog()).call("com.example.touch", (), ());
    assert!(matches!(call.timeout(Duration::from_millis(100)).await, Err(Error::Timeout)));
}

#[tokio::test]
async fn the_http_client_can_be_ones_own() {
    let address = start(Router::new().route(on("com.example.getThing", |request| Ok(request.params)))).await;
    assert_eq!(ask(address, "GET /xrpc/com.example.getThing?id=x", &[], "").await.status, 200);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let own = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .resolve("somewhere.example", address)
        .build()
        .unwrap();
    let base = format!("http://somewhere.example:{}", address.port());
    let client = Client::from_reqwest(base, own).unwrap();
    let output = client.dynamic(&catalog()).call("com.example.getThing", [("id", "x")], ()).await.unwrap();
    assert_eq!(output.into_json().unwrap().get("limit"), Some(&50.into()));
    let Err(Error::Transport(error)) = client.dynamic(&catalog()).subscribe(STREAM, ()).await else {
        panic!("its connection would go another way")
    };
    assert!(error.to_string().contains("Transport"), "{error}");
}

#[tokio::test]
async fn the_deadline_holds_for_json_of_a_method_without_a_lexicon() {
    let stub = Stub::new(|_| {
        let body = Body::from_stream(futures_util::stream::pending::<Result<bytes::Bytes, BodyError>>());
        answer(200, "application/json", body)
    });
    let dynamic = stub.client().dynamic(&catalog().unknown(Unknown::Pass));
    let call = dynamic.query("com.example.nobodyKnows", ()).timeout(Duration::from_millis(50));
    assert!(matches!(call.await, Err(Error::Timeout)));
}
