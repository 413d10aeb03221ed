//! Whatever frame is taken apart is read or refused, strictly and leniently; what is read and can
//! be written is the same when it is read again.
#![no_main]

use std::sync::LazyLock;

use arobase_runtime::{
    Catalog,
    data::{Error, Lenient, Limits, Strictness, Value, fields::View},
    xrpc::{Endpoint, frame},
};
use libfuzzer_sys::fuzz_target;

const LEXICON: &str = r##"{ "lexicon": 1, "id": "com.example.watch", "defs": {
    "main": { "type": "subscription", "message": { "schema": { "type": "union", "refs": ["#tick"] } } },
    "tick": { "type": "object", "required": ["seq"], "nullable": ["since"], "properties": {
        "seq": { "type": "integer", "minimum": 1 },
        "since": { "type": "string", "format": "tid" },
        "blocks": { "type": "bytes" },
        "ops": { "type": "array", "items": { "type": "ref", "ref": "#tick" } },
        "either": { "type": "union", "refs": ["#tick"] } } } } }"##;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::from_json(LEXICON).expect("the lexicon is valid"));

fn read(endpoint: &Endpoint, input: &[u8], strictness: Strictness) -> Option<Result<Lenient<Value>, Error>> {
    let limits = Limits::DEFAULT;
    match frame::split(&input.to_vec().into(), limits) {
        Ok(frame::Frame::Message { t, payload }) => {
            Some(frame::value(&CATALOG, endpoint, &t, &payload, strictness, limits))
        }
        _ => None,
    }
}

fuzz_target!(|input: &[u8]| {
    let endpoint = CATALOG.endpoint("com.example.watch").expect("the subscription is there");
    let Some(Ok(strict)) = read(endpoint, input, Strictness::Strict) else {
        drop(read(endpoint, input, Strictness::Lenient));
        return;
    };
    let lenient = read(endpoint, input, Strictness::Lenient);
    let lenient = lenient.expect("it is a message").expect("lenient reading accepts more");
    assert!(lenient.value == strict.value && lenient.issues.is_empty());
    // A reader takes types that no writer makes.
    if let Ok(written) = frame::encode(&CATALOG, endpoint, View::Value(&strict.value)) {
        let again = read(endpoint, &written, Strictness::Strict).expect("what was written is a message");
        assert_eq!(again.expect("what was written can be read").value, strict.value);
    }
});
