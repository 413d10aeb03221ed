//! Objects and records: presence, unknown fields, defaults, inline types, constraints.

use crate::support::{count, refused, round_trip};
use arobase::{
    data::{Data, Nullable, Value},
    syntax::Datetime,
};
use lexgen_compile_tests::fixtures::{
    aliases, arrays_of_arrays, blob, constants, dangling, defaults, extern_path, formats, inline_objects, limits,
    presence, record, unknown,
};

type Note = record::com::example::Note;
type Presence = presence::com::example::Presence;
type Options = defaults::com::example::Options;

const NOTE: &str = r#"{"$type":"com.example.note","text":"hi","createdAt":"2024-05-01T10:00:00.0Z"}"#;

#[test]
fn a_record_keeps_its_type_and_its_spelling() {
    let note: Note = round_trip(NOTE);
    assert_eq!(note.text, "hi");
    assert_eq!(note.created_at.as_str(), "2024-05-01T10:00:00.0Z");
    assert_eq!(Note::NSID, "com.example.note");
}

#[test]
fn a_record_writes_its_type_once_and_wants_it() {
    let time: Datetime = "2024-05-01T10:00:00Z".parse().expect("a datetime");
    let note = Note::new("hi", time).tags(vec!["a".to_owned()]);
    assert_eq!(count(&note.to_json().expect("sound"), "$type"), 1);
    assert!(refused::<Note>(r#"{"text":"hi","createdAt":"2024-05-01T10:00:00Z"}"#).contains("$type"));
    assert!(refused::<Note>(&NOTE.replace("com.example.note", "com.example.other")).contains("$type"));
}

#[test]
fn unknown_fields_survive() {
    let json = NOTE.replace(
        "\"hi\"",
        r#""hi","via":{"a":[1,null,{"$link":"bafkreieuwjx3ezqd7uunzp4kg4tu5bq3ov7lpzvnfyhxfrb4yu2zjc3q4a"}]}"#,
    );
    let note: Note = round_trip(&json);
    assert!(note.extra.get("via").and_then(|via| via.get("a")).is_some());
}

#[test]
fn a_field_of_the_schema_among_the_unknown_ones_cannot_be_written() {
    let mut note: Note = round_trip(NOTE);
    note.extra.insert("text", "again");
    assert!(note.to_json().is_err());
    assert!(note.to_cbor().is_err());
}

#[test]
fn a_missing_field_is_named() {
    assert!(refused::<Note>(r#"{"$type":"com.example.note","text":"hi"}"#).contains("createdAt"));
}

#[test]
fn absent_and_null_and_a_value_are_kept_apart() {
    let least: Presence = round_trip(r#"{"must":"a","mustNullable":null,"listNullable":null}"#);
    assert_eq!(least.may_nullable, None);
    assert!(least.must_nullable.is_null());
    let nulls: Presence =
        round_trip(r#"{"must":"a","mustNullable":null,"listNullable":null,"mayNullable":null,"itemNullable":null}"#);
    assert_eq!(nulls.may_nullable, Some(Nullable::Null));
    assert_ne!(least, nulls);
    let values: Presence = round_trip(
        r#"{"must":"a","mustNullable":"b","listNullable":[],"mayNullable":3,"itemNullable":{"x":1},"may":"c","more":null}"#,
    );
    assert_eq!(values.may_nullable, Some(Nullable::Value(3)));
    assert_eq!(values.extra.get("more"), Some(&Value::Null));
}

#[test]
fn null_is_refused_where_it_is_not_allowed() {
    assert!(refused::<Presence>(r#"{"must":null,"mustNullable":null,"listNullable":null}"#).contains("must"));
    assert!(refused::<Presence>(r#"{"must":"a","mustNullable":null,"listNullable":null,"may":null}"#).contains("may"));
    assert!(refused::<Presence>(r#"{"must":"a","listNullable":null}"#).contains("mustNullable"));
}

#[test]
fn defaults_are_seen_and_never_written() {
    let options: Options = round_trip(r#"{"limit":7}"#);
    assert!(options.reverse.is_none() && !options.reverse_or_default());
    assert_eq!(options.sort_or_default(), "new");
    assert_eq!(options.order_or_default(), "up");
    assert_eq!(options.query_or_default(), "");
    assert_eq!(options.cursor_or_default(), "start");
    assert_eq!(options.language_or_default().as_str(), "en");
    assert_eq!((options.page_or_default(), options.deep_or_default()), (1, true));
    assert_eq!(options.mode_or_default(), "plain");
    assert_eq!(options.to_json().expect("sound"), br#"{"limit":7}"#);
}

#[test]
fn a_value_that_is_there_wins_over_the_default() {
    let options: Options = round_trip(r#"{"limit":7,"sort":"odd","order":"down","reverse":true,"page":9}"#);
    assert_eq!(options.sort_or_default(), "odd");
    assert_eq!(options.order_or_default(), "down");
    assert!(options.reverse_or_default());
    assert_eq!(options.page_or_default(), 9);
}

#[test]
fn only_requests_fill_in_a_required_default() {
    assert!(refused::<Options>("{}").contains("limit"));
    let parsed = Options::parse_json(b"{}").expect("the default stands in");
    assert_eq!(parsed.limit, 50);
    assert_eq!(parsed.sort, None);
}

#[test]
fn objects_in_place_and_in_lists_have_fields() {
    let place: inline_objects::com::example::Place = round_trip(
        r#"{"address":{"street":"s","geo":{"lat":"1","z":2}},"visits":[{"when":"2024-05-01T10:00:00Z","guests":[{"name":"n"},{"name":"m"}]}]}"#,
    );
    assert_eq!(place.address.geo.map(|geo| geo.lat).as_deref(), Some("1"));
    let error = refused::<inline_objects::com::example::Place>(r#"{"address":{"street":"s","geo":{"lat":1}}}"#);
    assert!(error.contains("address.geo.lat"), "{error}");
}

#[test]
fn lists_of_lists_check_each_level() {
    type Grid = arrays_of_arrays::com::example::Grid;
    let grid: Grid = round_trip(
        r#"{"rows":[[1,2],[],[3]],"cells":[[[{"value":"a"}]]],"points":[[{"$type":"com.example.grid#point","x":1}]]}"#,
    );
    assert_eq!(grid.rows, [vec![1, 2], vec![], vec![3]]);
    assert!(refused::<Grid>(r#"{"rows":[]}"#).contains("rows"));
    assert!(refused::<Grid>(r#"{"rows":[[1],[1,2,3,4]]}"#).contains("rows[1]"));
    assert!(refused::<Grid>(r#"{"rows":[[1],[1,-2]]}"#).contains("rows[1][1]"));
}

#[test]
fn an_alias_has_the_constraints_of_its_definition() {
    type Shape = aliases::com::example::Shape;
    let shape: Shape = round_trip(
        r#"{"name":"n","names":["a","b"],"flag":true,"count":2,"raw":{"$bytes":"AQID"},"when":"2024-05-01T10:00:00Z","kinds":["a","c"],"parts":[{"size":1}]}"#,
    );
    assert_eq!(shape.raw.as_deref(), Some(&[1, 2, 3][..]));
    assert!(refused::<Shape>(r#"{"name":"n","count":-1}"#).contains("count"));
    assert!(refused::<Shape>(r#"{"name":"n","names":["a","b","c","d","e"]}"#).contains("names"));
}

#[test]
fn unknown_data_is_any_map() {
    type Wrapper = unknown::com::example::Wrapper;
    let wrapper: Wrapper = round_trip(r#"{"content":{"$type":"com.example.note","text":1},"more":[{}]}"#);
    assert_eq!(wrapper.content.type_name(), Some("com.example.note"));
    for content in ["1", "[]", "\"a\"", "null", r#"{"$bytes":"AQ"}"#] {
        refused::<Wrapper>(&format!(r#"{{"content":{content}}}"#));
    }
}

#[test]
fn a_constant_is_the_only_value() {
    type Fixed = constants::com::example::Fixed;
    let fixed: Fixed = round_trip(r#"{"accepted":true,"version":2,"kind":"fixed"}"#);
    assert!(fixed.accepted);
    assert!(refused::<Fixed>(r#"{"accepted":false}"#).contains("accepted"));
    assert!(refused::<Fixed>(r#"{"accepted":true,"kind":"loose"}"#).contains("kind"));
    let written = Fixed::new(false).to_json();
    assert!(written.is_err(), "what breaks the schema is not written");
}

#[test]
fn a_blob_must_be_of_the_right_kind_and_size() {
    type Picture = blob::com::example::Picture;
    let image = |kind: &str, size: u32| {
        let link = "bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy";
        format!(r#"{{"image":{{"$type":"blob","ref":{{"$link":"{link}"}},"mimeType":"{kind}","size":{size}}}}}"#)
    };
    let picture: Picture = round_trip(&image("image/png", 10));
    assert_eq!(picture.image.mime_type(), "image/png");
    assert!(refused::<Picture>(&image("text/plain", 10)).contains("image"));
    assert!(refused::<Picture>(&image("image/png", 2_000_001)).contains("image"));
}

#[test]
fn formats_are_checked() {
    type Formats = formats::com::example::Formats;
    let json = r#"{"atIdentifier":"a.example","atUri":"at://did:plc:abc/com.example.note/1","cid":"bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy"}"#;
    let formats: Formats = round_trip(json);
    assert_eq!(formats.at_identifier.as_str(), "a.example");
    assert!(refused::<Formats>(&json.replace("a.example", "a b")).contains("atIdentifier"));
}

#[test]
fn constraints_are_checked_when_writing_too() {
    type Limits = limits::com::example::Limits;
    assert!(Limits::new().text("twelve chars").to_json().is_err());
    assert!(Limits::new().text("a").small(5).least(1).to_json().is_ok());
    assert!(Limits::new().small(6).to_json().is_err());
    assert_eq!(Limits::new().text("").small(9).list(Vec::new()).validate_all().len(), 3);
}

#[test]
fn types_elsewhere_are_used() {
    let user: extern_path::com::example::User = round_trip(
        r#"{"shared":{"name":"n","kind":"x"},"part":{"thing":{"name":"m"}},"any":{"$type":"com.example.common.thing","name":"o"}}"#,
    );
    let thing: &lexgen_compile_tests::elsewhere::com::example::common::Thing = &user.shared;
    assert_eq!(thing.name, "n");
}

#[test]
fn what_a_missing_lexicon_describes_stays_as_it_is() {
    type Dangling = dangling::com::example::Dangling;
    for one in ["{\"a\":1}", "\"text\"", "3", "[[]]"] {
        let dangling: Dangling = round_trip(&format!(r#"{{"one":{one},"many":[{one}]}}"#));
        assert_eq!(dangling.many.map_or(0, |many| many.len()), 1);
    }
    round_trip::<Dangling>(
        r#"{"one":{},"choice":{"$type":"com.missing.thing#part"},"fixed":{"$type":"com.missing.thing"},"gone":{"$type":"com.missing.thing"}}"#,
    );
}

#[test]
fn serde_writes_the_same_data() {
    let note: Note = round_trip(NOTE);
    let text = serde_json::to_string(&note).expect("sound");
    assert_eq!(Value::from_json(text.as_bytes()).expect("data"), note.to_value().expect("sound"));
    assert_eq!(serde_json::from_str::<Note>(&text).expect("sound"), note);
}
