//! Blobs, and what may be created.

use arobase_runtime::data::{Blob, Cid, CidLink, Map, Value, is_safe_integer, json};

const RAW: &str = "bafkreie4chhrpfx6kqftmzfzk3eadtr3vsfqahzrcf3bcyzy3u6iunwc7u";
const CBOR: &str = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua";

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn blob(cid: &str, mime_type: &str) -> String {
    format!(r#"{{"$type":"blob","ref":{{"$link":"{cid}"}},"mimeType":"{mime_type}","size":15}}"#)
}

fn creatable(text: &str) -> bool {
    parse(text).check_creatable().is_ok()
}

#[test]
fn a_blob_and_its_map_are_the_same() {
    let value = parse(&blob(RAW, "text/plain"));
    let blob = Blob::from_value(&value).unwrap();
    assert_eq!(blob, Blob::new(RAW.parse().unwrap(), "text/plain", 15));
    assert_eq!(blob.cid().to_string(), RAW);
    assert_eq!(blob.mime_type(), "text/plain");
    assert_eq!(blob.size(), Some(15));
    assert!(!blob.is_legacy());
    assert_eq!(Value::from(blob), value);
}

#[test]
fn the_size_of_a_blob_fits_an_integer() {
    let blob = Blob::new(RAW.parse().unwrap(), "a/b", u64::MAX);
    assert_eq!(blob.size(), Some(i64::MAX as u64));
    assert!(Blob::from_value(&blob.into()).is_ok());
}

#[test]
fn a_legacy_blob_keeps_its_form() {
    let value = parse(&format!(r#"{{"cid":"{RAW}","mimeType":"image/png"}}"#));
    let blob = Blob::from_value(&value).unwrap();
    assert!(blob.is_legacy());
    assert_eq!(blob.size(), None);
    assert_eq!(blob.cid(), &RAW.parse::<CidLink>().unwrap());
    assert_eq!(blob, Blob::legacy(RAW, "image/png").unwrap());
    assert_eq!(Value::from(blob), value);
}

#[test]
fn other_maps_are_no_blobs() {
    for text in [
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"cid":"x","mimeType":"image/png"}"#.to_owned(),
        format!(r#"{{"cid":"{RAW}"}}"#),
        format!(r#"{{"cid":"{RAW}","mimeType":""}}"#),
        format!(r#"{{"cid":"{RAW}","mimeType":"a/b","x":1}}"#),
        format!(r#"{{"cid":{{"$link":"{RAW}"}},"mimeType":"a/b"}}"#),
        format!(r#"{{"ref":{{"$link":"{RAW}"}},"mimeType":"a/b","size":1}}"#),
    ] {
        assert!(Blob::from_value(&parse(&text)).is_err(), "{text}");
    }
    assert!(Blob::legacy("not a cid", "a/b").is_err());
}

#[test]
fn blobs_are_found_everywhere() {
    let (one, two) = (blob(RAW, "a/1"), blob(CBOR, "a/2"));
    let legacy = format!(r#"{{"cid":"{RAW}","mimeType":"a/3"}}"#);
    let value = parse(&format!(r#"{{"b":[[{two}],null],"a":{{"x":{one}}},"c":{legacy},"dd":{one}}}"#));
    let found: Vec<_> = value.blobs().map(|blob| blob.mime_type().to_owned()).collect();
    assert_eq!(found, ["a/1", "a/2", "a/1"]);
    assert_eq!(parse(&one).blobs().count(), 1);
    assert_eq!(parse(&legacy).blobs().count(), 0);
}

#[test]
fn a_record_is_a_map() {
    assert!(creatable("{}"));
    for text in ["[]", "null", "1", "\"x\"", &format!(r#"{{"$link":"{CBOR}"}}"#)] {
        assert!(!creatable(text), "{text}");
    }
}

#[test]
fn created_integers_are_safe() {
    assert!(is_safe_integer(9_007_199_254_740_991) && is_safe_integer(-9_007_199_254_740_991));
    assert!(!is_safe_integer(9_007_199_254_740_992) && !is_safe_integer(i64::MIN));
    assert!(creatable(r#"{"a":[9007199254740991,-9007199254740991]}"#));
    assert!(!creatable(r#"{"a":[9007199254740992]}"#));
}

#[test]
fn created_keys_are_neither_empty_nor_reserved() {
    assert!(!creatable(r#"{"a":{"":1}}"#));
    for key in ["$link", "$bytes"] {
        let inner: Map = [(key, "x"), ("a", "b")].into_iter().collect();
        let record: Map = [("inner", inner)].into_iter().collect();
        assert!(Value::from(record).check_creatable().is_err());
    }
}

#[test]
fn created_links_and_blobs_are_of_the_blessed_form() {
    assert!(creatable(&format!(r#"{{"a":{{"$link":"{CBOR}"}},"b":{{"$link":"{RAW}"}}}}"#)));
    let other = CidLink::from_bytes(&[1, 0x70, 0x00, 1, 7]).unwrap();
    assert!(!creatable(&format!(r#"{{"a":{{"$link":"{other}"}}}}"#)));
    assert!(creatable(&format!(r#"{{"a":{}}}"#, blob(RAW, "image/png"))));
    assert!(!creatable(&format!(r#"{{"a":{}}}"#, blob(CBOR, "image/png"))));
    assert!(!creatable(&format!(r#"{{"a":{}}}"#, blob(RAW, "image"))));
}

#[test]
fn legacy_blobs_are_not_created() {
    let legacy = format!(r#"{{"cid":"{RAW}","mimeType":"image/png"}}"#);
    assert!(!creatable(&legacy));
    let error = parse(&format!(r#"{{"a":[{legacy}]}}"#)).check_creatable().unwrap_err();
    assert_eq!(error.path().to_string(), "$.a[0]");
    assert!(creatable(r#"{"a":{"cid":"no cid","mimeType":"image/png"}}"#));
}

#[test]
fn created_records_have_at_most_32_levels() {
    let nested = |lists: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(lists), "]".repeat(lists));
    assert!(creatable(&nested(31)));
    assert!(!creatable(&nested(32)));
}

#[test]
fn a_made_value_can_be_checked() {
    let mut map = Map::new();
    map.insert("$type".into(), Value::Null);
    assert!(Value::Map(map.clone()).check().is_err());
    map.insert("$type".into(), "blob".into());
    assert!(Value::Map(map.clone()).check().is_err());
    map.insert("$type".into(), "com.example.thing".into());
    assert!(Value::Map(map).check().is_ok());
    assert!(Value::Invalid("1.5".into()).check().is_err());
    assert!(Value::from(Cid::of_raw(b"")).check().is_ok());
}
