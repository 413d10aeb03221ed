//! What is logged.

use std::{
    fmt::{self, Write},
    sync::Mutex,
};

use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::*;

/// Writes all fields of all spans and events into one text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("arobase")
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
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().expect("the log"), "{field}={value:?}").expect("writable");
    }
}

/// What serving a request logs.
async fn logged(router: Router, target: &str, header: &str) -> String {
    let log = Log::default();
    // With one subscriber alone, what other threads log first would be switched off for all.
    let _second = Dispatch::new(Log::default());
    let guard = tracing::subscriber::set_default(log.clone());
    let server = start(router).await;
    ask(server, &format!("GET /xrpc/{target}"), &[header]).await;
    drop(guard);
    let text = log.0.lock().expect("the log");
    text.clone()
}

#[tokio::test]
async fn a_request_is_a_span_without_its_values() {
    let log = logged(echoing(), "com.example.get?id=secret", "authorization: secret").await;
    for field in ["nsid=\"com.example.get\"", "status=200", "request_id="] {
        assert!(log.contains(field), "{log}");
    }
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn an_internal_failure_is_logged_with_its_causes() {
    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("could not read the note")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let failing = method("com.example.list", |_, _, _| async { Err(Outer(std::io::Error::other("disk full")))? });
    let log = logged(Router::new().route(failing), "com.example.list", "a: b").await;
    assert!(log.contains("could not read the note: disk full"), "{log}");
}
