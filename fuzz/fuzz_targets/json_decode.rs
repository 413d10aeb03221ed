//! Whatever the JSON reader accepts is the same value after it was written and read again, and
//! the lenient reader agrees with the strict one.
#![no_main]

use arobase_runtime::data::{Limits, json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let lenient = json::parse_lenient(input, Limits::DEFAULT);
    if let Ok(value) = json::parse(input) {
        let written = json::to_vec(&value).expect("what was read can be written");
        assert_eq!(json::parse(&written).expect("what was written can be read"), value);
        let (same, issues) = lenient.expect("lenient reading accepts more");
        assert!(same == value && issues.is_empty());
    } else if let Ok((value, issues)) = lenient {
        assert!(value.check().is_err() && !issues.is_empty());
        let written = json::to_string_lenient(&value).expect("what was read can be written");
        let again = json::parse_lenient(written.as_bytes(), Limits::DEFAULT);
        assert_eq!(again.expect("what was written can be read").0, value);
    }
});
