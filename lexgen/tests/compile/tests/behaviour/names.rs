//! What is hard to name works like everything else.

use crate::support::{refused, round_trip};
use arobase::{
    data::{Data, Value},
    xrpc::DeclaredError,
};
use lexgen_compile_tests::torture::{com, lib_, r#type};

#[test]
fn keywords_are_fields_and_modules() {
    let first: r#type::keyword::First = round_trip(r#"{"x":"a"}"#);
    assert_eq!(first.x, "a");
    let optional: com::keyword::inside::properties::Optional =
        round_trip(r#"{"type":"a","self":"b","Self":"c","crate":"d","_":"e","__":"f","macro_rules":"g"}"#);
    assert_eq!(optional.r#type.as_deref(), Some("a"));
    assert_eq!(
        com::keyword::inside::properties::Optional::new().r#type("a").r#match("b").to_json().expect("sound").len(),
        24
    );
    assert!(refused::<com::keyword::inside::Properties>(r#"{"as":"a"}"#).contains("$.do"));
    use com::keyword::inside::call::Error;
    assert_eq!(Error::from_parts("self", None), Some(Error::Self_(None)));
}

#[test]
fn files_and_types_of_the_language_are_modules_with_an_underscore() {
    round_trip::<lib_::clash::First>(r#"{"x":"a"}"#);
    round_trip::<com::clash::module::Module>(
        r#"{"str":{"x":"a"},"mod":{"x":"a"},"i64":{"x":"a"},"std":{"x":"a"},"kind":"x"}"#,
    );
    assert_eq!(com::clash::module::Module::new().limit_or_default(), 5);
}

#[test]
fn properties_of_one_name_are_told_apart() {
    let json = r#"{"fooBar":"a","foo_bar":"b","foo-bar":"c","FooBar":"d","foo bar":"e","type":"f","Type":"g","new":"h","New":"i","extra":"j","other":"k","limit":1,"Limit":false}"#;
    let case: com::clash::Case = round_trip(json);
    assert_eq!(case.extra.get("other").and_then(Value::as_str), Some("k"));
    assert!(com::clash::Case::new().limit_or_default__());
    assert_eq!(com::clash::Case::new().limit_or_default___(), 5);
}

#[test]
fn names_without_letters_work() {
    let lenient = com::text::Names::from_json_lenient(b"{}").expect("a map");
    assert_eq!(lenient.issues.len(), 39, "all are required");
    round_trip::<com::text::names::Inline>(r#"{"日本":{"x":"a"},"1":{"x":"b"},"-":{"x":"c"}}"#);
    use com::text::values::Closed;
    for text in ["日本", "", " ", "\u{202e}", "\n", "[x]", "*/"] {
        assert_eq!(text.parse::<Closed>().expect(text).as_str(), text);
    }
}

#[test]
fn a_thousand_properties_are_read_and_written() {
    use com::size::Properties;
    let lenient = Properties::from_json_lenient(b"{}").expect("a map");
    assert_eq!(lenient.issues.len(), 100, "of 500 that are missing");
    assert_eq!(lenient.value.to_json_lenient().expect("what was read"), b"{}");
}

#[test]
fn three_hundred_members_are_told_apart() {
    let members: com::size::members::Members = round_trip(
        r##"{"open":{"$type":"com.size.members#member299","x":"a"},"closed":{"$type":"com.size.members#member150","x":"b"}}"##,
    );
    assert!(matches!(members.closed, Some(com::size::members::Closed::Member150(_))));
}

#[test]
fn five_hundred_values_are_told_apart() {
    use com::size::values::{Closed, Open};
    assert_eq!(Open::from("value-499"), Open::Value499);
    assert_eq!("value-250".parse::<Closed>(), Ok(Closed::Value250));
}

#[test]
fn thirty_levels_in_place_are_read_and_written() {
    let json = format!("{}{{\"x\":\"a\"}}{}", r#"{"level":"#.repeat(30), "}".repeat(30));
    round_trip::<com::size::Deep>(&json);
}
