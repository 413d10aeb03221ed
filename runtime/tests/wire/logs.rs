//! What must not be logged: what people send, and what they show who they are with.

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
};

use arobase_runtime::{
    Failure,
    data::Value,
    server::{Route, Router},
    xrpc::Content,
};
use futures_util::{StreamExt, stream};
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::support::{STREAM, ask, catalog, client, on, start, value};

/// Writes all fields of all spans and events of all crates into one text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut self.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        // What the libraries below say at the level of traces is for their authors.
        if metadata.target().starts_with("arobase") || *metadata.level() <= tracing::Level::DEBUG {
            event.record(&mut self.clone());
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

/// A server whose methods answer what they should not, or fail.
fn faulty() -> Router {
    let subscription = Route::dynamic_subscription(&catalog(), STREAM, |_, _| async {
        let wrong = value(r#"{ "$type": "com.example.subscribe#tick", "seq": 1, "note": ["SECRET"] }"#);
        Ok(stream::iter([Ok::<Value, Failure>(wrong)]))
    });
    let failing = Route::dynamic(&catalog(), "com.example.touch", |_, _| async {
        Err::<Content, _>(Failure::internal("no room left"))
    });
    Router::new()
        .route(on("com.example.getThing", |_| Ok(value(r#"{ "word": "SECRET" }"#))))
        .route(on("com.example.putThing", |request| Ok(request.input)))
        .route(failing.unwrap())
        .route(subscription.unwrap())
        .validate_output(true)
        .authenticate(|cx| async move {
            let wrong = cx.headers().get("authorization").is_some_and(|value| value.as_bytes().ends_with(b"BAD"));
            if wrong { Err(Failure::unauthorized("no such token")) } else { Ok(()) }
        })
}

#[tokio::test]
async fn neither_payloads_nor_tokens_are_logged() {
    let log = Log::default();
    // With one subscriber alone, what other threads log first would be switched off for all.
    let _second = Dispatch::new(Log::default());
    let guard = tracing::subscriber::set_default(log.clone());
    let address = start(faulty()).await;
    let json = "content-type: application/json";
    let token = "authorization: Bearer SECRET";
    for (line, headers, body) in [
        ("GET /xrpc/com.example.getThing?id=SECRET", vec![token], ""),
        ("GET /xrpc/com.example.getThing?id=SECRET&limit=SECRET", vec![token], ""),
        ("GET /xrpc/com.example.getThing?id=SECRET", vec!["authorization: Bearer SECRETBAD"], ""),
        ("GET /xrpc/com.example.SECRET", vec!["x-request-id: mine"], ""),
        ("GET /xrpc/SECRET", vec!["cookie: SECRET"], ""),
        ("POST /xrpc/com.example.putThing", vec![json, token, "content-length: 17"], r#"{"word":"SECRET"}"#),
        ("POST /xrpc/com.example.putThing", vec![json, token, "content-length: 7"], "{SECRET"),
        ("POST /xrpc/com.example.putThing", vec![json, token, "content-length: 999"], r#"{"word":"SECRET"}"#),
        ("POST /xrpc/com.example.touch", vec![token, "content-length: 0"], ""),
    ] {
        if headers.contains(&"content-length: 999") {
            drop(tokio::time::timeout(std::time::Duration::from_millis(100), ask(address, line, &headers, body)).await);
        } else {
            ask(address, line, &headers, body).await;
        }
    }
    let client = client(address).dynamic(&catalog());
    let messages =
        client.subscribe(STREAM, [("cursor", 1)]).header("authorization", "Bearer SECRET").frames().await.unwrap();
    let all: Vec<_> = messages.collect().await;
    assert!(all.last().is_some_and(Result::is_err));
    drop(guard);
    let log = log.0.lock().unwrap().replace("com.example.SECRET", "an NSID");
    assert!(log.contains("no room left") && log.contains("request_id=\"mine\""), "{log}");
    assert!(log.contains("$.word") && log.contains("$.note"), "what is wrong is logged: {log}");
    assert!(!log.contains("SECRET"), "{log}");
}

#[tokio::test]
async fn what_a_handler_sees_of_a_request_is_shown_without_its_headers() {
    let route = Route::dynamic(&catalog(), "com.example.touch", |cx, _| async move {
        Err::<Content, _>(Failure::new(http::StatusCode::CONFLICT, "Shown", format!("{cx:?}")))
    });
    let address = start(Router::new().route(route.unwrap())).await;
    let headers = ["authorization: Bearer SECRET", "cookie: SECRET", "content-length: 0", "x-request-id: mine"];
    let shown = ask(address, "POST /xrpc/com.example.touch?token=SECRET", &headers, "").await.body;
    assert!(shown.contains("com.example.touch") && shown.contains("mine"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}
