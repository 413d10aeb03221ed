//! What the CBOR reader accepts, and what it refuses and where.

use arobase_runtime::data::{Cid, ErrorKind, Limits, Value, cbor};

#[track_caller]
fn assert_refused(bytes: &[u8], reason: &str) {
    let error = cbor::parse(bytes).expect_err(reason).to_string();
    assert!(error.contains(reason), "{bytes:02x?}: {error}");
}

#[test]
fn numbers_have_their_shortest_form() {
    for (bytes, value) in [
        (&[0x00][..], 0),
        (&[0x17], 23),
        (&[0x18, 0x18], 24),
        (&[0x19, 0x01, 0x00], 256),
        (&[0x1a, 0x00, 0x01, 0x00, 0x00], 65_536),
        (&[0x1b, 0, 0, 0, 1, 0, 0, 0, 0], 4_294_967_296),
        (&[0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], i64::MAX),
        (&[0x20], -1),
        (&[0x38, 0x18], -25),
        (&[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], i64::MIN),
    ] {
        assert_eq!(cbor::parse(bytes).unwrap(), value.into());
        assert_eq!(cbor::to_vec(&value.into()).unwrap(), bytes);
    }
    for bytes in [
        &[0x18, 0x17][..],
        &[0x19, 0x00, 0xff],
        &[0x1a, 0x00, 0x00, 0xff, 0xff],
        &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        &[0x38, 0x17],
        &[0x58, 0x01, 0x00],
        &[0x78, 0x01, 0x61],
        &[0x98, 0x01, 0x00],
        &[0xb8, 0x01, 0x61, 0x61, 0x00],
    ] {
        assert_refused(bytes, "shortest");
    }
}

#[test]
fn integers_have_64_bits() {
    assert_refused(&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0], "64 bits");
    assert_refused(&[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0], "64 bits");
    assert_refused(&[0xc2, 0x41, 0x01], "tag");
    assert_refused(&[0xc3, 0x41, 0x01], "tag");
}

#[test]
fn lengths_are_definite() {
    for first in [0x5f, 0x7f, 0x9f, 0xbf] {
        assert_refused(&[first, 0xff], "definite");
    }
    assert!(cbor::parse(&[0xff]).is_err());
    assert!(cbor::parse(&[0x81, 0xff]).is_err());
}

#[test]
fn keys_are_text_and_in_canonical_order() {
    assert_refused(b"\xa2\x61b\x00\x61a\x00", "order");
    assert_refused(b"\xa2\x62aa\x00\x61b\x00", "order");
    assert_refused(b"\xa2\x61a\x00\x61a\x00", "order");
    assert_refused(b"\xa1\x01\x00", "key is not text");
    assert_refused(b"\xa1\x41a\x00", "key is not text");
    assert!(cbor::parse(b"\xa3\x60\x00\x61b\x00\x62aa\x00").is_ok());
}

#[test]
fn exactly_one_item_is_read() {
    assert_refused(b"", "too early");
    assert_refused(b"\x00\x00", "follow");
    assert_refused(b"\xa0\xa0", "follow");
    let (header, rest) = cbor::parse_prefix(b"\xa1\x62op\x01\xa0", Limits::DEFAULT).unwrap();
    assert_eq!(header.get("op"), Some(&1.into()));
    assert_eq!(rest, b"\xa0");
}

#[test]
fn only_null_and_booleans_are_simple_values() {
    assert_eq!(cbor::parse(&[0xf4]).unwrap(), false.into());
    assert_eq!(cbor::parse(&[0xf5]).unwrap(), true.into());
    assert_eq!(cbor::parse(&[0xf6]).unwrap(), Value::Null);
    assert_refused(&[0xf7], "undefined");
    assert_refused(&[0xf9, 0x3c, 0x00], "floats");
    assert_refused(&[0xfa, 0x3f, 0x80, 0x00, 0x00], "floats");
    assert_refused(&[0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], "floats");
    assert_refused(&[0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "floats");
    for bytes in [&[0xe0][..], &[0xf3], &[0xf8, 0x14], &[0xf8, 0x20], &[0xfc], &[0xfd], &[0xfe]] {
        assert_refused(bytes, "simple");
    }
    for reserved in [0x1c, 0x1d, 0x1e, 0x5c, 0x7d, 0x9e, 0xbc] {
        assert_refused(&[reserved], "reserved");
    }
}

#[test]
fn text_is_utf_8() {
    for text in [&b"\x61\xff"[..], b"\x62\xc3\x28", b"\x63\xed\xa0\x80", b"\xa1\x61\xff\x00"] {
        assert_refused(text, "UTF-8");
    }
}

#[test]
fn only_tag_42_is_allowed_and_only_on_a_cid() {
    let cid = Cid::of_cbor(&[0xa0]);
    let link = |head: &[u8], cid: &[u8]| [head, cid].concat();
    let right = link(&[0xd8, 0x2a, 0x58, 0x25, 0x00], &cid.to_bytes());
    assert_eq!(cbor::parse(&right).unwrap(), cid.into());
    assert_refused(&link(&[0xd8, 0x2a, 0x58, 0x24], &cid.to_bytes()), "zero byte");
    assert_refused(&link(&[0xd8, 0x2a, 0x58, 0x25, 0x01], &cid.to_bytes()), "zero byte");
    assert_refused(&link(&[0xd9, 0x00, 0x2a, 0x58, 0x25, 0x00], &cid.to_bytes()), "tag");
    assert_refused(&link(&[0xd8, 0x2a, 0x59, 0x00, 0x25, 0x00], &cid.to_bytes()), "shortest");
    assert_refused(&link(&[0xd8, 0x2a, 0x58, 0x24, 0x00], &cid.to_bytes()[..35]), "digest");
    assert_refused(&link(&[0xd8, 0x2a, 0x58, 0x26, 0x00], &[&cid.to_bytes()[..], &[0]].concat()), "digest");
    assert_refused(&[0xd8, 0x2a, 0x61, 0x61], "byte string");
    assert_refused(&[0xd8, 0x2a, 0xd8, 0x2a], "byte string");
    assert_refused(&[0xd8, 0x2a, 0x40], "zero byte");
    assert_refused(&[0xd8, 0x2b, 0x40], "tag");
    assert_refused(&[0xc0, 0x61, 0x61], "tag");
}

#[test]
fn a_cid_of_version_0_is_refused_and_other_hashes_are_tolerated() {
    let link = |cid: &[u8]| {
        let head = [0xd8, 0x2a, 0x58, u8::try_from(cid.len() + 1).unwrap(), 0x00];
        [&head, cid].concat()
    };
    assert_refused(&link(&[&[0x12, 0x20][..], &[7; 32]].concat()), "version 0");
    let general = link(&[&[1, 0x70, 0x1e, 32][..], &[7; 32]].concat());
    let value = cbor::parse(&general).unwrap();
    assert_eq!(value.to_cbor().unwrap(), general);
    assert_refused(&link(&[&[1, 0x55, 0x00, 97][..], &[7; 97]].concat()), "100 bytes");
}

#[test]
fn the_rules_for_types_and_blobs_hold_in_cbor_too() {
    assert_refused(b"\xa1\x65$type\xf6", "$type");
    assert_refused(b"\xa1\x65$type\x60", "$type");
    assert_refused(b"\xa1\x65$type\x64blob", "blob");
}

#[test]
fn a_length_beyond_the_input_is_refused_at_once() {
    for head in [0x5b, 0x7b, 0x9b, 0xbb] {
        let huge = [head, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        assert_refused(&huge, "too early");
        let all = [head, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        assert_refused(&all, "too early");
    }
    assert_refused(&[0x83, 0x00, 0x00], "too early");
    assert_refused(&[0xa2, 0x60, 0x00, 0x00], "too early");
}

#[test]
fn nesting_and_items_are_limited() {
    let nested = |levels: usize| [vec![0x81; levels], vec![0x80]].concat();
    assert!(cbor::parse(&nested(127)).is_ok());
    let error = cbor::parse(&nested(128)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit(_)));
    assert!(cbor::parse_with(&nested(31), Limits::RECORD).is_ok());
    assert!(cbor::parse_with(&nested(32), Limits::RECORD).is_err());
    assert!(cbor::parse(&vec![0x81; 1_000_000]).is_err());
    let limits = Limits { max_items: 2, max_key: 1, ..Limits::DEFAULT };
    assert!(cbor::parse_with(&[0x82, 0x82, 0, 0, 0], limits).is_ok());
    assert!(cbor::parse_with(&[0x83, 0, 0, 0], limits).is_err());
    assert!(cbor::parse_with(b"\xa1\x62aa\x00", limits).is_err());
}

#[test]
fn an_error_names_the_path_and_the_byte() {
    let error = cbor::parse(b"\xa1\x61a\x82\x00\xf7").unwrap_err();
    assert_eq!(error.to_string(), "$.a[1]: undefined is not allowed (at byte 5)");
}

#[test]
fn writers_refuse_what_is_nested_too_deep() {
    let mut value = Value::Null;
    for _ in 0..129 {
        value = Value::List(vec![value]);
    }
    assert!(value.to_cbor().is_err() && value.to_json().is_err());
    let Value::List(mut inner) = value else { unreachable!() };
    assert!(inner.remove(0).to_cbor().is_ok());
}

#[test]
fn all_values_together_have_a_limit() {
    let limits = Limits { max_values: 6, ..Limits::DEFAULT };
    assert!(cbor::parse_with(b"\xa2\x61a\x82\x01\x02\x61b\x82\x03\x04", limits).is_ok());
    let error = cbor::parse_with(b"\xa2\x61a\x82\x01\x02\x61b\x83\x03\x04\x05", limits).unwrap_err();
    assert!(error.to_string().contains("too many values"), "{error}");
}
