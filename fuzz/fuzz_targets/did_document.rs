//! Whatever is read as a document is the same after it was rendered and read again, and what it says keeps its form.
#![no_main]

use std::sync::LazyLock;

use arobase_runtime::{
    identity::{DidDocument, DocumentError},
    syntax::Did,
};
use libfuzzer_sys::fuzz_target;

static DID: LazyLock<Did> = LazyLock::new(|| "did:web:example.com".parse().expect("it is a DID"));

fuzz_target!(|input: &[u8]| {
    let Ok(document) = DidDocument::from_json(&DID, input) else {
        return;
    };
    if let Some(handle) = document.handle() {
        assert!(handle.is_valid() && handle == handle.normalize());
    }
    if let Some(endpoint) = document.pds() {
        let (scheme, authority) = endpoint.split_once("://").expect("an endpoint has a scheme");
        assert!(matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"));
        assert!(!authority.is_empty() && !authority.contains(['/', '@', '?', '#', '\\', ' ']));
    }
    let _ = document.signing_key();
    match DidDocument::from_json(&DID, &document.to_json()) {
        Ok(again) => assert_eq!(again, document),
        // Escapes can make the text of a large document longer.
        Err(error) => assert_eq!(error, DocumentError::TooLarge),
    }
});
