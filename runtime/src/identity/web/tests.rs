use futures_util::FutureExt;
use http::header;

use super::*;
use crate::{
    client::TransportError,
    identity::{
        DocumentError,
        fetch::fake::{Answer, Fake, answer, redirect},
    },
};

const TIME: Duration = Duration::from_secs(5);

fn did(text: &str) -> Did {
    text.parse().unwrap()
}

fn json(did: &str) -> String {
    format!(r#"{{"id": "{did}", "alsoKnownAs": ["at://alice.example.com"]}}"#)
}

fn resolve_with(text: &str, fake: &Fake, development: bool) -> Result<DidDocument, IdentityError> {
    resolve(&did(text), fake, TIME, development).now_or_never().unwrap()
}

/// What comes of a document that is asked for and answered in this way.
fn resolved(script: impl Fn() -> Answer + Send + Sync + 'static) -> Result<DidDocument, IdentityError> {
    resolve_with("did:web:host.example.com", &Fake::new(move |_| script()), false)
}

/// Where a DID is looked for; `None` if it is refused without a look.
fn looked_for(text: &str, development: bool) -> Option<String> {
    let owned = text.to_owned();
    let fake = Fake::new(move |_| answer(200, json(&owned)));
    let result = resolve_with(text, &fake, development);
    let asked = fake.asked();
    match result {
        Ok(_) => Some(asked[0].clone()),
        Err(error) => {
            assert!(matches!(error, IdentityError::Did(_)) && error.is_permanent(), "{text}: {error:?}");
            assert!(asked.is_empty(), "{text}");
            None
        }
    }
}

#[test]
fn a_document_is_at_the_well_known_place_of_its_host() {
    let fake = Fake::new(|request| {
        assert_eq!(request.headers()[header::ACCEPT], "application/did+ld+json, application/json");
        assert_eq!(request.method(), Method::GET);
        answer(200, json("did:web:host.example.com"))
    });
    let document = resolve_with("did:web:host.example.com", &fake, false).unwrap();
    assert_eq!(document.handle().unwrap(), "alice.example.com");
    assert_eq!(fake.asked(), ["https://host.example.com/.well-known/did.json"]);
}

#[test]
fn a_did_that_names_no_public_host_is_refused_without_a_look() {
    for text in [
        "did:web:host.example.com:user:alice",
        "did:web:host.example.com%2Fuser",
        "did:web:host.example.com%3A8443",
        "did:web:Host.example.com",
        "did:web:HOST.EXAMPLE.COM",
        "did:web:host.local",
        "did:web:host.internal",
        "did:web:host.onion",
        "did:web:host.example",
        "did:web:com",
        "did:web:127.0.0.1",
        "did:web:10.0.0.1",
        "did:web:host_a.example.com",
        "did:web:host..example.com",
        "did:web:-host.example.com",
        "did:web:localhost%3A",
        "did:web:localhost%3A0",
        "did:web:localhost%3A080",
        "did:web:localhost%3A65536",
        "did:web:localhost%3a2583",
        "did:web:localhost:user",
        "did:web:LOCALHOST",
        "did:web:host.TEST",
        "did:plc:abcdefghijklmnopqrstuvwx",
        "did:plc:abc",
        "did:example:abc",
    ] {
        for development in [false, true] {
            assert_eq!(looked_for(text, development), None, "{text} {development}");
        }
    }
}

#[test]
fn hosts_of_development_are_there_in_development_only() {
    for (text, url) in [
        ("did:web:localhost", "http://localhost/.well-known/did.json"),
        ("did:web:localhost%3A2583", "http://localhost:2583/.well-known/did.json"),
        ("did:web:pds.test", "https://pds.test/.well-known/did.json"),
    ] {
        assert_eq!(looked_for(text, false), None, "{text}");
        assert_eq!(looked_for(text, true).as_deref(), Some(url));
    }
    let public = looked_for("did:web:host.example.com", true).unwrap();
    assert_eq!(public, "https://host.example.com/.well-known/did.json");
}

#[test]
fn gone_documents_and_hosts_are_not_found() {
    for status in [404, 410] {
        let error = resolved(move || answer(status, "<html>")).unwrap_err();
        assert!(matches!(error, IdentityError::NotFound) && error.is_permanent(), "{status}: {error:?}");
    }
    let error = resolved(|| Err(TransportError::new("x").no_such_host())).unwrap_err();
    assert!(matches!(error, IdentityError::NotFound), "{error:?}");
}

#[test]
fn no_other_status_says_anything() {
    for status in [201, 202, 204, 206, 300, 304, 400, 401, 403, 418, 429, 451, 500, 502, 503] {
        let error = resolved(move || answer(status, json("did:web:host.example.com"))).unwrap_err();
        assert!(matches!(error, IdentityError::Status(other) if other == status), "{status}: {error:?}");
        assert!(!error.is_permanent());
    }
}

#[test]
fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let fake = Fake::new(move |_| redirect(status, "https://host.example.com/other"));
        let error = resolve_with("did:web:host.example.com", &fake, false).unwrap_err();
        assert!(matches!(error, IdentityError::Fetch(FetchError::Redirect)) && !error.is_permanent(), "{error:?}");
        assert_eq!(fake.asked().len(), 1);
    }
}

#[test]
fn what_is_no_document_of_the_did_is_an_error_that_may_pass() {
    for body in ["", "<html>", "[]", "{}", "null", r#"{"id": 1}"#] {
        let error = resolved(move || answer(200, body)).unwrap_err();
        assert!(matches!(error, IdentityError::Document(DocumentError::Malformed(_))), "{body}: {error:?}");
        assert!(!error.is_permanent());
    }
    for id in ["did:web:other.example.com", "did:web:HOST.example.com", "host.example.com"] {
        let error = resolved(move || answer(200, json(id))).unwrap_err();
        assert!(matches!(&error, IdentityError::Document(DocumentError::Id { found }) if **found == *id), "{error:?}");
        assert!(!error.is_permanent());
    }
}

#[test]
fn a_document_has_at_most_512_kib() {
    let padded = |len: usize| {
        let json = json("did:web:host.example.com");
        let padding = " ".repeat(len - json.len());
        resolved(move || answer(200, format!("{json}{padding}")))
    };
    assert!(padded(512 * 1024).is_ok());
    let error = padded(512 * 1024 + 1).unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(FetchError::TooLarge { max: 524_288 })), "{error:?}");
    assert!(!error.is_permanent());
}

#[test]
fn faults_of_the_transport_may_pass() {
    let faults: [fn() -> TransportError; 3] = [
        || TransportError::new("x"),
        || TransportError::new("x").connecting(),
        || TransportError::new("x").forbidden(),
    ];
    for fault in faults {
        let error = resolved(move || Err(fault())).unwrap_err();
        assert!(matches!(error, IdentityError::Fetch(_)) && !error.is_permanent(), "{error:?}");
    }
}
