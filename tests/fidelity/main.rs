//! What is read and written back is the same, to the byte and so with the same CID; what is not
//! valid is refused by servers, and kept and listed by clients.

mod inputs;
mod kept;
mod lenient;
mod refused;

use arobase::data::{Data, Value};
use serde_json::Value as Json;

/// Reads JSON strictly.
fn read<T: Data>(json: &Json) -> T {
    T::from_json(&inputs::bytes(json)).unwrap_or_else(|error| panic!("{error}\n{json}"))
}

/// Writes JSON and reads it with a parser that is not ours.
fn written<T: Data>(typed: &T) -> Json {
    parsed(&typed.to_json().expect("valid data"))
}

fn parsed(json: &[u8]) -> Json {
    serde_json::from_slice(json).expect("JSON")
}

/// The untyped form, with real links and bytes.
fn untyped(json: &Json) -> Value {
    Value::from_json(&inputs::bytes(json)).expect("data")
}

/// The canonical DAG-CBOR form, made without a schema.
fn cbor(json: &Json) -> Vec<u8> {
    untyped(json).to_cbor().expect("data")
}

/// The first fault of a strict reader: its path and what it says.
fn fault<T: Data>(json: &Json) -> (String, String) {
    match T::from_json(&inputs::bytes(json)) {
        Ok(_) => panic!("this is valid: {json}"),
        Err(error) => (error.path().to_string(), error.kind().to_string()),
    }
}
