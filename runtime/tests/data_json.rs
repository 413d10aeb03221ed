//! What the JSON reader accepts, and what it refuses and where.

use arobase_runtime::data::{Bytes, ErrorKind, Limits, Value, json};

const CID: &str = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua";

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> String {
    match json::parse(text.as_bytes()) {
        Ok(value) => panic!("{text} was read as {value:?}"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn assert_model_error(text: &str) {
    let error = json::parse(text.as_bytes()).expect_err(text);
    assert!(matches!(error.kind(), ErrorKind::Model(_)), "{text}: {error}");
    let kept = json::parse_lenient(text.as_bytes(), Limits::DEFAULT).expect(text);
    assert_eq!(kept.1.len(), 1, "{text}");
}

#[track_caller]
fn assert_syntax_error(text: &str) {
    let error = json::parse(text.as_bytes()).expect_err(text);
    assert!(matches!(error.kind(), ErrorKind::Syntax(_)), "{text}: {error}");
    assert!(json::parse_lenient(text.as_bytes(), Limits::DEFAULT).is_err(), "{text}");
}

#[test]
fn empty_things_are_data() {
    let value = parse(r#"{"a":[],"b":{},"c":"","d":{"$bytes":""},"e":null,"f":false,"g":0}"#);
    assert_eq!(value.get("a"), Some(&Value::List(vec![])));
    assert_eq!(value.get("b"), Some(&Value::Map(Default::default())));
    assert_eq!(value.get("c"), Some(&"".into()));
    assert_eq!(value.get("d"), Some(&Value::Bytes(Bytes::default())));
    assert_eq!(value.get("e"), Some(&Value::Null));
    assert_eq!(value.get("f"), Some(&false.into()));
    assert_eq!(value.get("g"), Some(&0.into()));
    assert_eq!(value.get("h"), None);
}

#[test]
fn lists_may_be_mixed_and_nested() {
    let items = parse(r#"[null,1,"x",[[]],{"a":[null]}]"#);
    assert_eq!(items.as_list().map(<[_]>::len), Some(5));
}

#[test]
fn unknown_dollar_keys_are_kept() {
    let value = parse(r#"{"$unknown":{"$x":1},"$type":"any text"}"#);
    assert_eq!(value.get("$unknown").and_then(|inner| inner.get("$x")), Some(&1.into()));
    assert_eq!(value.type_name(), Some("any text"));
}

#[test]
fn numbers_with_an_integral_value_are_integers() {
    for (text, value) in [("5.0", 5), ("1e2", 100), ("-0", 0), ("1.50e1", 15), ("0e99999999999", 0)] {
        assert_eq!(parse(text), value.into(), "{text}");
    }
    assert_eq!(parse("9007199254740993"), 9_007_199_254_740_993_i64.into());
    assert_eq!(parse("-9223372036854775808"), i64::MIN.into());
}

#[test]
fn other_numbers_are_no_data() {
    for text in ["5.5", "1e-1", "9223372036854775808", "1e999999999", "-9223372036854775809"] {
        assert_model_error(text);
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\" 1}",
        "{1:1}",
        "nul",
        "nulll",
        "True",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "NaN",
        "Infinity",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "\"\u{0}\"",
        "'a'",
        "1 1",
        "{} {}",
        "[1]]",
        "/**/1",
        "\u{feff}1",
        "[1}",
        "{\"a\":1]",
        "\u{a0}1",
        "\"\\",
        "undefined",
        "{\"\\ud800\":1}",
    ] {
        assert_syntax_error(text);
    }
}

#[test]
fn input_that_is_not_utf_8_is_refused() {
    for bytes in [&b"\"\xff\""[..], b"\"a\xc3", b"{} \xff", b"\xef\xbb\xbf{}", b"\"\xed\xa0\x80\""] {
        assert!(json::parse(bytes).is_err(), "{bytes:?}");
    }
    let error = json::parse(b"\"ok\xff\"").unwrap_err();
    assert_eq!(error.offset(), Some(3));
}

#[test]
fn escapes_are_undone() {
    let text = r#""a\"\\\/\b\f\n\r\t\u0041\u00e9\uD83E\uDD80\u0000z""#;
    assert_eq!(parse(text), "a\"\\/\u{8}\u{c}\n\r\tAé🦀\0z".into());
    assert_eq!(parse(r#"{"\u0061":1}"#).get("a"), Some(&1.into()));
}

#[test]
fn lone_surrogates_are_refused() {
    for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""\ud800x""#, r#""\ud800A""#] {
        assert_model_error(text);
    }
    let kept = json::parse_lenient(br#"["\ud800\ud83e\udd80 x",1]"#, Limits::DEFAULT).unwrap().0;
    let invalid = Value::Invalid(r#""\ud800\ud83e\udd80 x""#.into());
    assert_eq!(kept, Value::List(vec![invalid, 1.into()]));
}

#[test]
fn duplicate_keys_are_refused() {
    assert_model_error(r#"{"a":1,"b":2,"a":3}"#);
    assert_model_error(r#"{"a":1,"\u0061":1}"#);
    assert!(refusal(r#"{"x":{"a":1,"a":1}}"#).starts_with("$.x.a: the key stands twice"));
}

#[test]
fn links_are_maps_of_one_key() {
    let value = parse(&format!(r#" {{ "$link" : "{CID}" }} "#));
    assert_eq!(value.as_link().map(ToString::to_string).as_deref(), Some(CID));
    assert_eq!(parse(&format!(r#"{{"\u0024link":"{CID}"}}"#)), value);
    for text in [
        r#"{"$link":null}"#.to_owned(),
        r#"{"$link":{"$link":1.5}}"#.to_owned(),
        r#"{"$link":""}"#.to_owned(),
        r#"{"$link":"."}"#.to_owned(),
        format!(r#"{{"$link":"{CID}","x":[1.5,{{"$link":2}}]}}"#),
        format!(r#"{{"x":1,"$link":"{CID}"}}"#),
        format!(r#"{{"$link":"{CID}","$link":"{CID}"}}"#),
        format!(r#"{{"$link":"{CID}","$bytes":""}}"#),
        format!(r#"{{"$link":"{}"}}"#, CID.to_uppercase()),
        r#"{"$link":"QmY7Yh4UquoXHLPFo2XbhXkhBvFoPwmQUSa92pxnxjQuPU"}"#.to_owned(),
    ] {
        assert_model_error(&text);
    }
}

#[test]
fn bytes_are_maps_of_one_key() {
    for (text, bytes) in [
        ("AA", vec![0]),
        ("AA==", vec![0]),
        ("AB", vec![0]),
        ("AP9", vec![0, 255]),
        ("+/+/", vec![0xfb, 0xff, 0xbf]),
        ("\\u0041A", vec![0]),
    ] {
        let value = parse(&format!(r#"{{"$bytes":"{text}"}}"#));
        assert_eq!(value, Value::Bytes(bytes.into()), "{text}");
    }
    for text in [
        r#"{"$bytes":1}"#,
        r#"{"$bytes":[]}"#,
        r#"{"$bytes":"A"}"#,
        r#"{"$bytes":"AAA=="}"#,
        r#"{"$bytes":"-_-_"}"#,
        r#"{"$bytes":"AA AA"}"#,
        r#"{"$bytes":"AA","x":1}"#,
        r#"{"x":1,"$bytes":"AA"}"#,
    ] {
        assert_model_error(text);
    }
}

#[test]
fn bytes_are_written_without_padding() {
    let value = Value::Bytes(vec![0, 255].into());
    assert_eq!(json::to_string(&value).unwrap(), r#"{"$bytes":"AP8"}"#);
}

#[test]
fn a_type_is_text_and_not_empty() {
    for text in [r#"{"$type":null}"#, r#"{"$type":1}"#, r#"{"$type":""}"#, r#"{"$type":{}}"#] {
        assert_model_error(text);
        assert_model_error(&format!(r#"{{"a":[{text}]}}"#));
    }
}

#[test]
fn blobs_have_an_exact_shape() {
    let link = format!(r#"{{"$link":"{CID}"}}"#);
    parse(&format!(r#"{{"$type":"blob","ref":{link},"mimeType":"a/b","size":0}}"#));
    for fields in [
        format!(r#""ref":{link},"mimeType":"a/b""#),
        format!(r#""ref":{link},"size":1"#),
        r#""mimeType":"a/b","size":1"#.to_owned(),
        format!(r#""ref":{link},"mimeType":"a/b","size":1,"x":1"#),
        format!(r#""ref":{link},"mimeType":"a/b","size":-1"#),
        format!(r#""ref":{link},"mimeType":"a/b","size":"1""#),
        format!(r#""ref":{link},"mimeType":"a/b","size":null"#),
        format!(r#""ref":{link},"mimeType":"","size":1"#),
        format!(r#""ref":{link},"mimeType":5,"size":1"#),
        format!(r#""ref":"{CID}","mimeType":"a/b","size":1"#),
        r#""ref":null,"mimeType":"a/b","size":1"#.to_owned(),
    ] {
        assert_model_error(&format!(r#"{{"$type":"blob",{fields}}}"#));
        assert_model_error(&format!(r#"{{{fields},"$type":"blob"}}"#));
    }
}

#[test]
fn an_error_names_the_path_and_the_byte() {
    assert_eq!(
        refusal(r#"{"embed":{"images":[1,2,{"alt":1.5}]}}"#),
        "$.embed.images[2].alt: the number is not an integer (at byte 31)"
    );
    assert_eq!(refusal("[1, x]"), "$[1]: expected a value, found 'x' (at byte 4)");
    assert_eq!(refusal(r#"{"a b":[nul"#), r#"$["a b"][0]: expected a value, found 'n' (at byte 8)"#);
    assert_eq!(refusal("[1"), "$: expected `,` or `]`, found the end of the input (at byte 2)");
}

#[test]
fn nesting_is_limited() {
    let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    parse(&nested(128));
    let error = json::parse(nested(129).as_bytes()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit(_)));
    assert!(json::parse_with(nested(32).as_bytes(), Limits::RECORD).is_ok());
    assert!(json::parse_with(nested(33).as_bytes(), Limits::RECORD).is_err());
    assert!(json::parse(&b"[".repeat(1_000_000)).is_err());
    assert!(json::parse_lenient(&b"{\"a\":".repeat(1_000_000), Limits::DEFAULT).is_err());
    assert!(json::parse_lenient(&b"{\"$link\":".repeat(1_000_000), Limits::DEFAULT).is_err());
}

#[test]
fn a_link_is_no_level_of_nesting() {
    let nested = |levels, inner: &str| format!("{}{inner}{}", "[".repeat(levels), "]".repeat(levels));
    parse(&nested(128, &format!(r#"{{"$link":"{CID}"}}"#)));
    for inner in ["{}", r#"{"a":1}"#, "[]"] {
        assert!(json::parse(nested(128, inner).as_bytes()).is_err(), "{inner}");
    }
}

#[test]
fn reading_and_writing_the_deepest_value_needs_little_stack() {
    let text = format!("{}1.5{}", r#"{"a":["#.repeat(64), "]}".repeat(64));
    let run = move || {
        assert!(json::parse(text.as_bytes()).is_err());
        let (value, issues) = json::parse_lenient(text.as_bytes(), Limits::DEFAULT).unwrap();
        assert_eq!(issues[0].segments().count(), 128);
        let cbor = json::parse(text.replace(".5", "").as_bytes()).unwrap().to_cbor().unwrap();
        assert!(Value::from_cbor(&cbor).unwrap().check().is_ok());
        assert_eq!(json::to_string_lenient(&value).unwrap(), text);
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    thread.spawn(run).unwrap().join().unwrap();
}

#[test]
fn items_and_keys_are_limited() {
    let limits = Limits { max_items: 2, max_key: 3, ..Limits::DEFAULT };
    let fits = |text: &str| json::parse_with(text.as_bytes(), limits).is_ok();
    assert!(fits(r#"[[1,2],[3,4]]"#) && fits(r#"{"a":1,"b":[1,2]}"#) && fits(r#"{"abc":1}"#));
    assert!(!fits("[1,2,3]"));
    assert!(!fits("[[1,2],3,4]"));
    assert!(!fits(r#"{"a":1,"b":2,"c":3}"#));
    assert!(!fits(r#"{"abcd":1}"#));
}

#[test]
fn lenient_reading_keeps_what_breaks_the_model_in_its_place() {
    let text = r#"{"ok":1,"list":[1,2.5,{"$link":5,"b":[]}],"t":{"$type":7,"x":1e400},"big":99999999999999999999}"#;
    let (value, issues) = json::parse_lenient(text.as_bytes(), Limits::DEFAULT).unwrap();
    let paths: Vec<_> = issues.iter().map(|issue| issue.path().to_string()).collect();
    assert_eq!(paths, ["$.list[1]", "$.list[2]", "$.t", "$.big"]);
    assert_eq!(value.get("ok"), Some(&1.into()));
    assert_eq!(value.get("t"), Some(&Value::Invalid(r#"{"$type":7,"x":1e400}"#.into())));
    assert_eq!(value.get("list").unwrap().as_list().unwrap()[2], Value::Invalid(r#"{"$link":5,"b":[]}"#.into()));
    assert!(value.to_json().is_err() && value.to_cbor().is_err() && value.check().is_err());
    let again = json::to_string_lenient(&value).unwrap();
    assert_eq!(json::parse_lenient(again.as_bytes(), Limits::DEFAULT).unwrap().0, value);
}

#[test]
fn the_list_of_issues_is_bounded() {
    let text = format!("[{}1.5]", "1.5,".repeat(999));
    let (value, issues) = json::parse_lenient(text.as_bytes(), Limits::DEFAULT).unwrap();
    assert_eq!(value.as_list().map(<[_]>::len), Some(1000));
    assert_eq!(issues.len(), 100);
}

#[test]
fn what_json_reserves_is_not_written_as_a_plain_key() {
    let map = |key: &str| Value::Map([(key, 1)].into_iter().collect());
    for key in ["$link", "$bytes"] {
        assert!(json::to_vec(&map(key)).is_err());
        let cbor = map(key).to_cbor().unwrap();
        assert_eq!(Value::from_cbor(&cbor).unwrap(), map(key));
    }
    assert!(json::to_vec(&map("$other")).is_ok());
}

#[test]
fn control_characters_are_escaped() {
    let text = Value::from("\u{0}\u{1f}\n\r\t\u{8}\u{c}\"\\/é\u{7f}");
    assert_eq!(json::to_string(&text).unwrap(), "\"\\u0000\\u001f\\n\\r\\t\\b\\f\\\"\\\\/é\u{7f}\"");
    assert_eq!(parse(&json::to_string(&text).unwrap()), text);
}

#[test]
fn pretty_json_is_the_same_data() {
    let value = parse(&format!(r#"{{"a":[1,{{}},"x: {{,}}"],"l":{{"$link":"{CID}"}}}}"#));
    let pretty = json::to_string_pretty(&value).unwrap();
    assert!(pretty.lines().count() > 5);
    assert_eq!(parse(&pretty), value);
}

#[test]
fn all_values_together_have_a_limit() {
    let limits = Limits { max_values: 6, ..Limits::DEFAULT };
    assert!(json::parse_with(br#"{"a":[1,2],"b":[3,4]}"#, limits).is_ok());
    let error = json::parse_with(br#"{"a":[1,2],"b":[3,4,5]}"#, limits).unwrap_err();
    assert!(error.to_string().contains("too many values"), "{error}");
}
