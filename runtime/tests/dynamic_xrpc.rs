//! Methods that are known only at run time, from the client to the server and back.
#![cfg(all(feature = "client", feature = "server"))]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use arobase_runtime::{
    Catalog, Client, Error,
    catalog::Unknown,
    client::{
        Transport, TransportError,
        dynamic::{Dynamic, Params},
    },
    data::{ErrorKind, Strictness, Value},
    server::{Route, Router, dynamic::Request},
    xrpc::{Body, BodyError, BoxFuture, Content, XrpcError, params::UnknownParams},
};
use futures_util::TryStreamExt;
use http::StatusCode;
use tower::ServiceExt;

const QUERY: &str = r#"{ "lexicon": 1, "id": "com.example.getThing", "defs": { "main": { "type": "query",
    "parameters": { "type": "params", "required": ["name"], "properties": {
        "name": { "type": "string" },
        "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 50 },
        "flags": { "type": "array", "items": { "type": "boolean" } } } },
    "output": { "encoding": "application/json", "schema": { "type": "object", "required": ["name"], "properties": {
        "name": { "type": "string" },
        "limit": { "type": "integer" },
        "flags": { "type": "array", "items": { "type": "boolean" } },
        "utm": { "type": "string" },
        "kind": { "type": "string", "default": "plain" } } } } } } }"#;

const PROCEDURE: &str = r#"{ "lexicon": 1, "id": "com.example.putThing", "defs": { "main": { "type": "procedure",
    "input": { "encoding": "application/json", "schema": { "type": "object", "required": ["sig", "mode"],
        "properties": {
            "sig": { "type": "bytes" },
            "link": { "type": "cid-link" },
            "mode": { "type": "string", "default": "fast", "maxLength": 4 } } } },
    "output": { "encoding": "application/json", "schema": { "type": "object", "properties": {
        "sig": { "type": "bytes" }, "link": { "type": "cid-link" }, "mode": { "type": "string" } } } } } } }"#;

const BARE: &str = r#"{ "lexicon": 1, "id": "com.example.deleteThing", "defs": { "main": { "type": "procedure" } } }"#;

const UPLOAD: &str = r#"{ "lexicon": 1, "id": "com.example.upload", "defs": { "main": { "type": "procedure",
    "input": { "encoding": "*/*" }, "output": { "encoding": "application/vnd.ipld.car" } } } }"#;

const DASHED: &str = r#"{ "lexicon": 1, "id": "io.exa-mple.dashedName", "defs": { "main": { "type": "query",
    "output": { "encoding": "application/json" } } } }"#;

fn catalog() -> Catalog {
    let lexicons = [QUERY, PROCEDURE, BARE, UPLOAD, DASHED].map(|text| Catalog::from_json(text).unwrap());
    lexicons.iter().fold(Catalog::new(), |all, one| all.with(one).unwrap())
}

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes()).unwrap()
}

/// Brings requests to a router without any network, and remembers what they were.
#[derive(Clone)]
struct Direct {
    app: axum::Router,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Direct {
    fn new(routes: impl IntoIterator<Item = Route>) -> Self {
        let router = routes.into_iter().fold(Router::new(), Router::route);
        Self { app: router.into_axum(), seen: Arc::default() }
    }

    fn client(&self) -> Client {
        Client::with_transport("https://example.com", self.clone()).unwrap()
    }

    fn dynamic(&self) -> Dynamic {
        self.client().dynamic(&catalog())
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Transport for Direct {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let line = format!("{} {}", request.method(), request.uri().path_and_query().unwrap());
        self.seen.lock().unwrap().push(line);
        let sent = self.app.clone().oneshot(request.map(axum::body::Body::from_stream));
        Box::pin(async {
            let answer = sent.await.unwrap();
            let bodies = |body: axum::body::Body| Body::from_stream(body.into_data_stream().map_err(BodyError::source));
            Ok(answer.map(bodies))
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Answers a method with what the closure makes of its request.
fn on<O: Into<Content> + Send + 'static>(
    nsid: &str,
    answer: impl Fn(Request) -> Result<O, XrpcError> + Send + Sync + 'static,
) -> Route {
    let route = Route::dynamic(&catalog(), nsid, move |_, request| {
        let output = answer(request);
        async move { Ok(output?) }
    });
    route.unwrap()
}

/// Answers with its own parameters or input.
fn echo(nsid: &str) -> Route {
    on(nsid, |request| match request.input {
        Content::Empty => Ok(Content::from(request.params)),
        input => Ok(input),
    })
}

/// Answers always the same.
fn same(nsid: &str, json: &str) -> Route {
    let value = value(json);
    on(nsid, move |_| Ok(value.clone()))
}

fn request_fault(error: &Error) -> String {
    match error {
        Error::Request(error) => error.to_string(),
        error => panic!("sent: {error}"),
    }
}

fn xrpc(error: Error) -> XrpcError {
    match error {
        Error::Xrpc(error) => error,
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn parameters_reach_the_handler_with_their_defaults() {
    let direct = Direct::new([echo("com.example.getThing")]);
    let output = direct.dynamic().call("com.example.getThing", [("name", "a b")], ()).await.unwrap();
    assert_eq!(output.as_json(), Some(&value(r#"{ "name": "a b", "limit": 50, "kind": "plain" }"#)));
    assert_eq!(direct.seen(), ["GET /xrpc/com.example.getThing?name=a+b&limit=50"]);
}

#[tokio::test]
async fn lists_of_booleans_are_repeated_words() {
    let direct = Direct::new([echo("com.example.getThing")]);
    let flags = Value::from(vec![true, false]);
    let params: Params = [("name", Value::from("x")), ("flags", flags.clone())].into();
    let output = direct.dynamic().call("com.example.getThing", params, ()).await.unwrap();
    assert_eq!(output.into_json().unwrap().get("flags"), Some(&flags));
    assert_eq!(direct.seen(), ["GET /xrpc/com.example.getThing?name=x&flags=true&flags=false&limit=50"]);
}

#[tokio::test]
async fn a_wrong_parameter_is_refused_before_anything_is_sent() {
    let direct = Direct::new([]);
    let dynamic = direct.dynamic();
    for (params, fault) in [
        ([("name", Value::from("x")), ("limit", 101.into())], "$.limit: 101 is more than 100"),
        ([("name", 1.into()), ("limit", 1.into())], "$.name: expected a string, found an integer"),
        ([("name", "x".into()), ("more", 1.into())], "$.more: the method has no such parameter"),
    ] {
        let error = dynamic.call("com.example.getThing", params, ()).await.unwrap_err();
        assert_eq!(request_fault(&error), fault);
    }
    let error = dynamic.call("com.example.getThing", (), ()).await.unwrap_err();
    assert_eq!(request_fault(&error), "$.name: required but missing");
    assert!(direct.seen().is_empty());
}

#[tokio::test]
async fn parameters_that_are_not_known_can_be_left_out() {
    let direct = Direct::new([echo("com.example.getThing")]);
    let dynamic = direct.dynamic().unknown_params(UnknownParams::Ignore);
    dynamic.call("com.example.getThing", [("name", "x"), ("utm", "y")], ()).await.unwrap();
    assert_eq!(direct.seen(), ["GET /xrpc/com.example.getThing?name=x&limit=50"]);
}

#[tokio::test]
async fn the_server_passes_over_parameters_that_it_does_not_know() {
    let direct = Direct::new([echo("com.example.getThing")]);
    let request = http::Request::get("https://example.com/xrpc/com.example.getThing?name=x&utm=y");
    let answer = direct.send(request.body(Body::default()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let json = answer.into_body().collect(1_000).await.unwrap();
    assert_eq!(Value::from_json(&json).unwrap(), value(r#"{ "name": "x", "limit": 50 }"#));
}

#[tokio::test]
async fn bytes_and_links_go_both_ways_and_defaults_are_filled_in() {
    let direct = Direct::new([echo("com.example.putThing")]);
    let json = r#"{ "sig": { "$bytes": "q80" },
        "link": { "$link": "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua" } }"#;
    let input = value(json);
    let output = direct.dynamic().call("com.example.putThing", (), input.clone()).await.unwrap().into_json().unwrap();
    assert_eq!(output.get("sig"), Some(&Value::Bytes(vec![0xab, 0xcd].into())));
    assert_eq!(output.get("link"), input.get("link"));
    assert_eq!(output.get("mode"), Some(&"fast".into()));
    assert_eq!(direct.seen(), ["POST /xrpc/com.example.putThing"]);
}

#[tokio::test]
async fn wrong_input_is_refused_by_the_client() {
    let direct = Direct::new([echo("com.example.putThing")]);
    let call = |input: Content| direct.dynamic().call("com.example.putThing", (), input);
    let error = call(value(r#"{ "sig": "text" }"#).into()).await.unwrap_err();
    assert_eq!(request_fault(&error), "$.sig: expected bytes, found a string");
    let error = call(().into()).await.unwrap_err();
    assert_eq!(request_fault(&error), "$: expected application/json, found no body");
    assert!(call(Body::new("{}").into()).await.is_err());
    assert!(direct.seen().is_empty());
}

#[tokio::test]
async fn wrong_input_is_refused_by_the_server() {
    let direct = Direct::new([echo("com.example.putThing")]);
    let dynamic = direct.client().with_unchecked_input().dynamic(&catalog());
    let error = xrpc(dynamic.call("com.example.putThing", (), value(r#"{ "sig": "text" }"#)).await.unwrap_err());
    assert_eq!((error.status(), error.name()), (StatusCode::BAD_REQUEST, "InvalidRequest"));
    assert!(error.message().unwrap().contains("$.sig: expected bytes, found a string"), "{error}");
}

#[tokio::test]
async fn output_that_breaks_the_schema_is_the_servers_fault() {
    let direct = Direct::new([same("com.example.getThing", r#"{ "name": "x", "utm": 7 }"#)]);
    let dynamic = direct.dynamic();
    let error = xrpc(dynamic.call("com.example.getThing", [("name", "x")], ()).no_retry().await.unwrap_err());
    assert_eq!((error.status(), error.name()), (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"));
    assert!(!error.message().unwrap_or_default().contains("utm"), "{error}");
}

#[tokio::test]
async fn a_handler_fails_with_any_name() {
    let failing = on("com.example.deleteThing", |_| {
        Err::<(), _>(XrpcError::new(StatusCode::CONFLICT, "NotToday", "come back".to_owned()))
    });
    let error = Direct::new([failing]).dynamic().call("com.example.deleteThing", (), ()).await.unwrap_err();
    let error = xrpc(error);
    assert_eq!((error.status(), error.name(), error.message()), (StatusCode::CONFLICT, "NotToday", Some("come back")));
}

#[tokio::test]
async fn a_method_without_output_answers_nothing() {
    let direct = Direct::new([on("com.example.deleteThing", |_| Ok(()))]);
    let output = direct.dynamic().call("com.example.deleteThing", (), ()).await.unwrap();
    assert!(matches!(output, Content::Empty));

    let wrong = Direct::new([same("com.example.deleteThing", "{}")]);
    let error = wrong.dynamic().call("com.example.deleteThing", (), ()).await.unwrap_err();
    assert_eq!(xrpc(error).status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn bodies_that_are_no_json_are_streamed_with_their_types() {
    let route = on("com.example.upload", |request| {
        let body = request.input.into_body().unwrap();
        assert_eq!(body.mime_type(), Some("image/png"));
        Ok(body.content_type("application/vnd.ipld.car"))
    });
    let image = Body::new("an image").content_type("image/png");
    let answer = Direct::new([route]).dynamic().call("com.example.upload", (), image).response().await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "application/vnd.ipld.car");
    let body = answer.output.into_body().unwrap();
    assert_eq!(body.collect(100).await.unwrap(), "an image");
}

#[tokio::test]
async fn json_can_be_sent_where_anything_is_taken() {
    let route = on("com.example.upload", |request| {
        let body = request.input.into_body().unwrap();
        assert_eq!(body.mime_type(), Some("application/json"));
        Ok(body.content_type("application/vnd.ipld.car"))
    });
    let output = Direct::new([route]).dynamic().call("com.example.upload", (), value("[1]")).await.unwrap();
    assert_eq!(output.into_body().unwrap().collect(100).await.unwrap(), "[1]");
}

#[tokio::test]
async fn answers_are_read_leniently_unless_the_client_says_otherwise() {
    // A server with another lexicon under the same name.
    let other = QUERY.replace(r#""utm": { "type": "string" }"#, r#""utm": { "type": "integer" }"#);
    let other = Catalog::from_json(other).unwrap();
    let json = r#"{ "name": "x", "utm": 7 }"#;
    let route = Route::dynamic(&other, "com.example.getThing", move |_, _| async move { Ok(value(json)) }).unwrap();
    let direct = Direct::new([route]);

    let call = |client: Client| client.dynamic(&catalog()).call("com.example.getThing", [("name", "x")], ());
    let answer = call(direct.client()).response().await.unwrap();
    assert_eq!(answer.output.as_json().unwrap().get("utm"), Some(&7.into()));
    assert_eq!(answer.issues.len(), 1);
    assert_eq!(answer.issues[0].to_string(), "$.utm: expected a string, found an integer");

    let error = call(direct.client().with_output(Strictness::Strict)).await.unwrap_err();
    assert!(matches!(error, Error::Answer(_)), "{error}");
}

#[tokio::test]
async fn a_method_that_is_not_known_is_refused() {
    let direct = Direct::new([]);
    let error = direct.dynamic().call("com.example.absent", (), ()).await.unwrap_err();
    assert_eq!(request_fault(&error), r#"$: unknown schema "com.example.absent""#);
    assert!(direct.dynamic().query("com.example.absent", ()).await.is_err());
    assert!(direct.dynamic().query("com.example.putThing", ()).await.is_err(), "a procedure is no query");
    assert!(direct.dynamic().procedure("com.example.getThing", (), ()).await.is_err());
    assert!(direct.seen().is_empty());
}

#[tokio::test]
async fn a_method_that_is_not_known_can_be_called_if_the_catalog_lets_it_pass() {
    let direct = Direct::new([echo("com.example.getThing"), echo("com.example.putThing"), echo("com.example.upload")]);
    let open = direct.client().dynamic(&Catalog::new().unknown(Unknown::Pass));

    let params: Params = [("name", Value::from("x")), ("flags", vec![true].into())].into();
    let output = open.query("com.example.getThing", params).await.unwrap();
    assert_eq!(output.as_json(), Some(&value(r#"{ "name": "x", "limit": 50, "flags": [true] }"#)));

    let input = value(r#"{ "sig": { "$bytes": "q80" }, "mode": "slow" }"#);
    let output = open.procedure("com.example.putThing", (), input.clone()).await.unwrap();
    assert_eq!(output.as_json(), Some(&input));

    let seen = ["GET /xrpc/com.example.getThing?name=x&flags=true", "POST /xrpc/com.example.putThing"];
    assert_eq!(direct.seen(), seen);
    assert!(open.call("com.example.getThing", (), ()).await.is_err(), "nobody says whether it is a query");
    for nsid in ["com.example", "com.example.a/../b", "com.example.a?x", ""] {
        let error = open.query(nsid, ()).await.unwrap_err();
        assert!(matches!(&error, Error::Request(error) if matches!(error.kind(), ErrorKind::Violation(_))), "{nsid}");
    }
    let error = open.query("com.example.getThing", [("name", Value::Null)]).await.unwrap_err();
    assert!(request_fault(&error).starts_with("$.name: "));
}

#[tokio::test]
async fn hyphens_in_nsids_are_no_matter() {
    let direct = Direct::new([same("io.exa-mple.dashedName", "[1]")]);
    let output = direct.dynamic().call("io.exa-mple.dashedName", (), ()).await.unwrap();
    assert_eq!(output.as_json(), Some(&value("[1]")));
    assert_eq!(direct.seen(), ["GET /xrpc/io.exa-mple.dashedName"]);
}

#[test]
fn only_methods_of_the_catalog_can_be_served() {
    let route = |nsid| Route::dynamic(&catalog(), nsid, |_, _| async { Ok(()) });
    assert!(route("com.example.getThing").is_ok());
    assert_eq!(route("com.example.absent").unwrap_err().to_string(), r#"$: unknown schema "com.example.absent""#);
    assert!(route("not an nsid").is_err());
}
