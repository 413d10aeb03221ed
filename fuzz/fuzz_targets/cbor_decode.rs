//! Whatever the CBOR reader accepts is written back byte for byte, and survives JSON where JSON
//! can hold it.
#![no_main]

use arobase_runtime::data::{cbor, json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(value) = cbor::parse(input) else {
        return;
    };
    assert_eq!(cbor::to_vec(&value).expect("what was read can be written"), input);
    if let Ok(json) = json::to_vec(&value) {
        assert_eq!(json::parse(&json).expect("what was written can be read"), value);
    }
});
