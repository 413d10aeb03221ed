//! What the tests of data share.

use arobase::data::{Data, Value};

/// Reads JSON, writes it in both forms and reads those: nothing may be lost or added, and the
/// bytes of DAG-CBOR must be those of the same data untyped.
pub(crate) fn round_trip<T: Data + PartialEq + std::fmt::Debug>(json: &str) -> T {
    let untyped = Value::from_json(json.as_bytes()).expect("data");
    let typed = T::from_json(json.as_bytes()).expect(json);
    let written = typed.to_json().expect(json);
    assert_eq!(Value::from_json(&written).expect("data"), untyped, "{json}");
    let cbor = typed.to_cbor().expect(json);
    assert_eq!(cbor, untyped.to_cbor().expect("data"), "{json}");
    assert_eq!(T::from_cbor(&cbor).expect(json), typed);
    assert_eq!(T::from_value(&untyped).expect(json), typed);
    assert_eq!(typed.to_value().expect(json), untyped);
    typed.validate().expect(json);
    typed
}

/// What is said about data that does not fit.
pub(crate) fn refused<T: Data>(json: &str) -> String {
    match T::from_json(json.as_bytes()) {
        Ok(_) => panic!("{json} was accepted"),
        Err(error) => error.to_string(),
    }
}

/// How often a key stands in a text of JSON.
pub(crate) fn count(json: &[u8], key: &str) -> usize {
    String::from_utf8_lossy(json).matches(&format!("\"{key}\":")).count()
}
