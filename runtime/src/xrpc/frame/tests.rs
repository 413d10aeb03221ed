use arobase_lexicon::document::Document;
use data_encoding::HEXLOWER;
use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::{
    __codegen::{self as rt, EndpointKind, Extra, KeyType, Ref, Role, Slot, Type, UnionSchema},
    data::{Map, cbor},
};

const NSID: &str = "com.example.watch";

const LEXICON: &str = r##"{ "lexicon": 1, "id": "com.example.watch", "defs": {
    "main": { "type": "subscription", "message": { "schema": {
        "type": "union", "refs": ["#tick", "com.example.note", "com.example.other#state"] } } },
    "tick": { "type": "object", "required": ["seq"], "properties": {
        "seq": { "type": "integer", "minimum": 1 }, "note": { "type": "string", "default": "none" } } } } }"##;

const NOTE: &str = r#"{ "lexicon": 1, "id": "com.example.note", "defs": { "main": { "type": "record", "key": "tid",
    "record": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string" } } } } } }"#;

const OTHER: &str = r#"{ "lexicon": 1, "id": "com.example.other", "defs": {
    "state": { "type": "object", "properties": { "on": { "type": "boolean" } } } } }"#;

/// The lexicons above at run time; the union of messages is open or closed.
fn catalog(closed: bool) -> Catalog {
    let mut catalog = Catalog::new();
    let closed = format!(r#""type": "union", "closed": {closed},"#);
    for lexicon in [&LEXICON.replace(r#""type": "union","#, &closed), NOTE, OTHER] {
        catalog.add(&Document::parse(lexicon).unwrap());
    }
    catalog
}

static TICK_SCHEMA: Schema = Schema {
    id: rt::name("com.example.watch#tick"),
    role: Role::Definition,
    ty: Type::Object(rt::Shared::Static(&[
        rt::required("seq", rt::within(1, i64::MAX)),
        rt::optional("note", rt::text()),
    ])),
};

static NOTE_SCHEMA: Schema = Schema {
    id: rt::name("com.example.note"),
    role: Role::Record(KeyType::Tid),
    ty: Type::Object(rt::Shared::Static(&[rt::required("text", rt::text())])),
};

static OPEN_SCHEMA: Schema = Schema {
    id: rt::name(NSID),
    role: Role::Message,
    ty: Type::Union(UnionSchema {
        members: rt::Shared::Static(&[Ref::Static(&TICK_SCHEMA), Ref::Static(&NOTE_SCHEMA)]),
        closed: false,
    }),
};

static CLOSED_SCHEMA: Schema = Schema {
    id: rt::name(NSID),
    role: Role::Message,
    ty: Type::Union(UnionSchema { members: rt::Shared::Static(&[Ref::Static(&TICK_SCHEMA)]), closed: true }),
};

static WATCH: Endpoint = Endpoint {
    nsid: rt::name(NSID),
    kind: EndpointKind::Subscription,
    params: None,
    input: None,
    output: None,
    message: Some(Ref::Static(&OPEN_SCHEMA)),
};

#[derive(Clone)]
struct Tick {
    seq: i64,
    note: Option<String>,
    extra: Extra,
}

rt::object! { Tick, TICK_SCHEMA, [0 seq, 1 note] }

#[derive(Clone)]
struct Note {
    text: String,
    extra: Extra,
}

rt::object! { Note, NOTE_SCHEMA, [0 text] }

#[derive(Clone)]
enum Message {
    Tick(Box<Tick>),
    Note(Box<Note>),
    Unknown(Value),
}

rt::union! { Message, OPEN_SCHEMA, open, [0 Tick: Tick, 1 Note: Note] }

#[derive(Clone)]
enum Closed {
    Tick(Box<Tick>),
}

rt::union! { Closed, CLOSED_SCHEMA, closed Tick, [0 Tick: Tick] }

fn tick(seq: i64) -> Message {
    Tick { seq, note: None, extra: Extra::new() }.into()
}

fn json(text: &str) -> Value {
    Value::from_json(text.as_bytes()).unwrap()
}

fn hex(text: &str) -> Bytes {
    HEXLOWER.decode(text.as_bytes()).unwrap().into()
}

fn split_hex(text: &str) -> Result<Frame, Error> {
    split(&hex(text), Limits::DEFAULT)
}

/// Two values, one after the other.
fn frame_of(header: &str, payload: &str) -> Bytes {
    [header, payload].map(|item| cbor::to_vec(&json(item)).unwrap()).concat().into()
}

/// The type in the header, and the payload.
fn parts(frame: &Bytes) -> (String, Value) {
    match split(frame, Limits::DEFAULT).unwrap() {
        Frame::Message { t, payload } => (t, cbor::parse(&payload).unwrap()),
        other => panic!("no message: {other:?}"),
    }
}

fn encode_message(message: &Message) -> Result<Bytes, Error> {
    encode(&Catalog::new(), &WATCH, message.view())
}

fn encode_value(value: &Value) -> Result<Bytes, Error> {
    let catalog = catalog(false);
    encode(&catalog, catalog.endpoint(NSID).unwrap(), View::Value(value))
}

fn read<M: Data>(t: &str, payload: &str, strictness: Strictness) -> Result<Lenient<M>, Error> {
    message(NSID, t, &cbor::to_vec(&json(payload)).unwrap(), strictness, Limits::DEFAULT)
}

fn read_value(closed: bool, t: &str, payload: &str, strictness: Strictness) -> Result<Lenient<Value>, Error> {
    let catalog = catalog(closed);
    let payload = cbor::to_vec(&json(payload)).unwrap();
    value(&catalog, catalog.endpoint(NSID).unwrap(), t, &payload, strictness, Limits::DEFAULT)
}

#[test]
fn a_frame_is_header_and_payload_in_canonical_form() {
    let frame = encode_message(&tick(7)).unwrap();
    assert_eq!(frame, hex("a2617465237469636b626f7001a16373657107"));
    let value = json(r#"{ "$type": "com.example.watch#tick", "seq": 7 }"#);
    assert_eq!(encode_value(&value).unwrap(), frame);
}

#[test]
fn the_header_of_a_commit_has_the_known_bytes() {
    let frame = hex("a261746723636f6d6d6974626f7001a0");
    assert_eq!(split(&frame, Limits::DEFAULT).unwrap(), Frame::Message { t: "#commit".into(), payload: hex("a0") });
    let commit = json(r#"{ "$type": "com.example.watch#commit" }"#);
    assert_eq!(encode_value(&commit).unwrap(), frame);
}

#[test]
fn an_error_frame_has_the_known_bytes() {
    let frame = encode_error("FutureCursor", None);
    assert_eq!(frame, hex("a1626f7020a1656572726f726c467574757265437572736f72"));
    let expected = Frame::Error { name: "FutureCursor".into(), message: None };
    assert_eq!(split(&frame, Limits::DEFAULT).unwrap(), expected);
}

#[test]
fn an_error_may_have_a_message_and_other_fields() {
    let frame = encode_error("ConsumerTooSlow", Some("too slow"));
    let expected = Frame::Error { name: "ConsumerTooSlow".into(), message: Some("too slow".into()) };
    assert_eq!(split(&frame, Limits::DEFAULT).unwrap(), expected);
    let frame = frame_of(r#"{ "op": -1, "t": 5 }"#, r#"{ "error": "ConsumerTooSlow", "message": "too slow", "x": 1 }"#);
    assert_eq!(split(&frame, Limits::DEFAULT).unwrap(), expected);
}

#[test]
fn an_error_without_a_name_is_refused() {
    for payload in
        ["{}", r#"{ "error": 1 }"#, r#"{ "message": "a" }"#, r#"["error"]"#, r#""error""#, r#"{ "error": null }"#]
    {
        assert!(split(&frame_of(r#"{ "op": -1 }"#, payload), Limits::DEFAULT).is_err(), "{payload}");
    }
}

#[test]
fn a_payload_is_a_slice_of_its_frame() {
    let frame = encode_message(&tick(7)).unwrap();
    let Frame::Message { payload, .. } = split(&frame, Limits::DEFAULT).unwrap() else { panic!("no message") };
    assert_eq!(payload.as_ptr_range().end, frame.as_ptr_range().end);
}

#[test]
fn other_header_fields_are_ignored() {
    let frame = frame_of(r##"{ "op": 1, "t": "#tick", "trace": { "id": [1] } }"##, r#"{ "seq": 1 }"#);
    assert_eq!(parts(&frame), ("#tick".into(), json(r#"{ "seq": 1 }"#)));
}

#[test]
fn frames_of_other_kinds_and_messages_without_a_type_are_unknown() {
    for header in [
        r#"{ "op": 1 }"#,
        r#"{ "op": 1, "t": "" }"#,
        r##"{ "op": 2, "t": "#tick" }"##,
        r#"{ "op": 0, "t": 5 }"#,
        r#"{ "op": -2 }"#,
    ] {
        let frame = frame_of(header, r#"{ "seq": 1 }"#);
        assert_eq!(split(&frame, Limits::DEFAULT).unwrap(), Frame::Unknown, "{header}");
    }
    assert_eq!(split(&frame_of(r#"{ "op": 2 }"#, "[1]"), Limits::DEFAULT).unwrap(), Frame::Unknown);
}

#[test]
fn a_header_is_a_map_with_an_op() {
    for header in ["{}", r##"{ "t": "#tick" }"##, r#"{ "op": "1", "t": "a" }"#, r#"{ "op": 1, "t": 5 }"#, "[1]", "1"] {
        let error = split(&frame_of(header, "{}"), Limits::DEFAULT).unwrap_err();
        assert!(error.to_string().starts_with("$.header"), "{header}: {error}");
    }
}

#[test]
fn a_frame_is_two_items_of_canonical_cbor() {
    let header = "a2617465237469636b626f7001";
    assert!(split_hex(&format!("{header}a0")).is_ok());
    for (frame, fault) in [
        (String::new(), "no item"),
        (header.into(), "one item"),
        (format!("{header}a0a0"), "three items"),
        (format!("{header}80"), "a list as payload"),
        (format!("{header}f6"), "null as payload"),
        (format!("{header}a2616201616102"), "keys out of order"),
        (format!("{header}a2616101616102"), "a key twice"),
        (format!("{header}a161611801"), "a long number"),
        (format!("{header}bf616101ff"), "an indefinite length"),
        (format!("{header}a16161f93c00"), "a float"),
        (format!("{header}a1616161ff"), "text that is not UTF-8"),
        (format!("{header}a16161d82a4100"), "a link without a CID"),
        (format!("{header}a1616181a2616201616102"), "keys out of order, further inside"),
        ("a2626f70016174652374636b6ba0".into(), "header keys out of order"),
        (format!("{header}a16161ba00ffffff"), "a map longer than the frame"),
    ] {
        assert!(split_hex(&frame).is_err(), "{fault}");
    }
    assert_eq!(split_hex("a2626f70026174652374636b6b").unwrap_err().path().to_string(), "$.header");
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("a2617465237469636b626f7001a16161{}01", "81".repeat(100_000));
    let error = split_hex(&deep).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit(_)), "{error}");
}

#[test]
fn a_type_of_another_lexicon_stays_whole() {
    let note: Message = Note { text: "hi".into(), extra: Extra::new() }.into();
    assert_eq!(parts(&encode_message(&note).unwrap()), ("com.example.note".into(), json(r#"{ "text": "hi" }"#)));
    for name in ["com.example.other#state", "com.example.note", "com.example.watcher#tick", NSID] {
        let value = json(&format!(r#"{{ "$type": "{name}", "text": "hi" }}"#));
        assert_eq!(parts(&encode_value(&value).unwrap()).0, name);
    }
}

#[test]
fn a_payload_has_no_type_even_where_the_data_had_one() {
    let mut extra = Extra::new();
    extra.insert("$type", "com.example.watch#tick");
    extra.insert("a", 1);
    let message: Message = Tick { seq: 1, note: None, extra }.into();
    let (_, payload) = parts(&encode_message(&message).unwrap());
    assert_eq!(payload, json(r#"{ "seq": 1, "a": 1 }"#));
}

#[test]
fn a_message_that_breaks_its_schema_is_not_written() {
    assert_eq!(encode_message(&tick(0)).unwrap_err().to_string(), "$.seq: 0 is less than 1");
    for (value, expected) in [
        (r#"{ "$type": "com.example.watch#tick" }"#, "$.seq: required but missing"),
        (r#"{ "seq": 1 }"#, "$.$type: required but missing"),
        (r##"{ "$type": "#tick", "seq": 0 }"##, "$.$type: \"#tick\" is neither an NSID nor an NSID with a name"),
        ("[]", "$.$type: required but missing"),
    ] {
        assert_eq!(encode_value(&json(value)).unwrap_err().to_string(), expected);
    }
}

#[test]
fn an_unknown_member_is_not_a_known_one_in_disguise() {
    for value in [
        r#"{ "$type": "com.example.watch#tick", "seq": 0 }"#,
        r##"{ "$type": "#tick", "seq": 0 }"##,
        r#"{ "$type": "com.example.watch#main" }"#,
        r#"{ "$type": "blob" }"#,
        "{}",
    ] {
        let value = Value::from_json(value.as_bytes()).unwrap_or_default();
        assert!(encode_message(&Message::Unknown(value.clone())).is_err(), "{value:?}");
    }
    assert!(encode_message(&Message::Unknown(Value::Int(1))).is_err());
}

#[test]
fn a_closed_union_writes_and_reads_only_its_members() {
    let catalog = catalog(true);
    let endpoint = catalog.endpoint(NSID).unwrap();
    let other = json(r#"{ "$type": "com.example.watch#tock" }"#);
    assert!(encode(&catalog, endpoint, View::Value(&other)).is_err());
    for strictness in [Strictness::Strict, Strictness::Parse, Strictness::Lenient] {
        assert!(read::<Closed>("#tock", "{}", strictness).is_err());
        assert!(read_value(true, "#tock", "{}", strictness).is_err());
        let Closed::Tick(tick) = read::<Closed>("#tick", r#"{ "seq": 3 }"#, strictness).unwrap().value;
        assert_eq!(tick.seq, 3);
        assert!(read_value(true, "#tick", r#"{ "seq": 3 }"#, strictness).is_ok());
    }
}

#[test]
fn a_message_is_read_by_the_type_in_the_header() {
    for t in ["#tick", "com.example.watch#tick"] {
        let read = read::<Message>(t, r#"{ "seq": 3, "new": [] }"#, Strictness::Strict).unwrap();
        let Message::Tick(tick) = read.value else { panic!("no tick") };
        assert_eq!((tick.seq, tick.extra.get("new")), (3, Some(&Value::List(Vec::new()))));
    }
    let read = read::<Message>("com.example.note", r#"{ "text": "hi" }"#, Strictness::Strict).unwrap();
    assert!(matches!(read.value, Message::Note(note) if note.text == "hi" && note.extra.is_empty()));
}

#[test]
fn an_unknown_message_has_its_type() {
    for (t, name) in [("#tock", "com.example.watch#tock"), ("com.example.c#tick", "com.example.c#tick")] {
        let expected = json(&format!(r#"{{ "$type": "{name}", "a": 1 }}"#));
        for strictness in [Strictness::Strict, Strictness::Lenient] {
            let read = read::<Message>(t, r#"{ "a": 1 }"#, strictness).unwrap();
            assert_eq!(read.value, Message::Unknown(expected.clone()));
            assert_eq!(read_value(false, t, r#"{ "a": 1 }"#, strictness).unwrap().value, expected);
        }
    }
}

#[test]
fn a_blob_is_no_message() {
    assert!(read::<Message>("blob", "{}", Strictness::Strict).is_err());
    assert!(read_value(false, "blob", "{}", Strictness::Strict).is_err());
    assert_eq!(read::<Message>("blob", "{}", Strictness::Lenient).unwrap().issues.len(), 1);
    assert_eq!(read_value(false, "blob", "{}", Strictness::Lenient).unwrap().issues.len(), 1);
}

#[test]
fn a_type_in_the_payload_must_be_that_of_the_header() {
    let same = r#"{ "$type": "com.example.watch#tick", "seq": 1 }"#;
    assert_eq!(read::<Message>("#tick", same, Strictness::Strict).unwrap().value, tick(1));
    assert_eq!(read_value(false, "#tick", same, Strictness::Strict).unwrap().value, json(same));
    let other = r#"{ "$type": "com.example.note", "seq": 1 }"#;
    for t in ["#tick", "#tock"] {
        assert!(read::<Message>(t, other, Strictness::Strict).is_err());
        assert!(read_value(false, t, other, Strictness::Strict).is_err());
        assert_eq!(read::<Message>(t, other, Strictness::Lenient).unwrap().issues.len(), 1);
        let read = read_value(false, t, other, Strictness::Lenient).unwrap();
        assert_eq!((read.value.type_name(), read.issues.len()), (Some(&*full(NSID, t)), 1));
    }
}

#[test]
fn a_record_as_message_needs_no_type_of_its_own() {
    let read = read_value(false, "com.example.note", r#"{ "text": "hi" }"#, Strictness::Strict).unwrap();
    assert_eq!(read.value, json(r#"{ "$type": "com.example.note", "text": "hi" }"#));
}

#[test]
fn a_faulty_message_is_refused_or_its_faults_are_listed() {
    for payload in [r#"{ "seq": 0 }"#, r#"{ "seq": "1" }"#, "{}"] {
        assert!(read::<Message>("#tick", payload, Strictness::Strict).is_err());
        assert!(read_value(false, "#tick", payload, Strictness::Parse).is_err());
        assert_eq!(read::<Message>("#tick", payload, Strictness::Lenient).unwrap().issues.len(), 1);
        let read = read_value(false, "#tick", payload, Strictness::Lenient).unwrap();
        assert_eq!(read.issues.iter().map(|issue| issue.path().to_string()).collect::<Vec<_>>(), ["$.seq"]);
    }
    for strictness in [Strictness::Strict, Strictness::Lenient] {
        assert!(read::<Message>("#tick", "[]", strictness).is_err());
        assert!(read_value(false, "#tick", "[]", strictness).is_err());
    }
}

#[test]
fn defaults_are_filled_in_where_requests_are_parsed() {
    let note =
        |strictness| read_value(false, "#tick", r#"{ "seq": 1 }"#, strictness).unwrap().value.get("note").cloned();
    assert_eq!(note(Strictness::Parse), Some("none".into()));
    assert_eq!(note(Strictness::Strict), None);
}

#[test]
fn a_method_that_is_no_subscription_has_no_messages() {
    let query = Endpoint { message: None, ..WATCH.clone() };
    assert!(encode(&Catalog::new(), &query, tick(1).view()).is_err());
    assert!(value(&Catalog::new(), &query, "#tick", &[0xa0], Strictness::Strict, Limits::DEFAULT).is_err());
}

fn any_message() -> impl Strategy<Value = Message> {
    let tick = (1..i64::MAX, option::of(".{0,8}"), vec(("[a-m]{1,5}", any::<i64>()), 0..3))
        .prop_map(|(seq, note, extra)| Tick { seq, note, extra: extra.into_iter().collect::<Map>().into() }.into());
    let note = ".{0,8}".prop_map(|text| Note { text, extra: Extra::new() }.into());
    let unknown = (r"com\.example\.(watch|other)#[u-z]{1,4}", any::<bool>()).prop_map(|(name, on)| {
        Message::Unknown(Value::Map([("$type", Value::from(name)), ("on", on.into())].into_iter().collect()))
    });
    prop_oneof![tick, note, unknown]
}

proptest! {
    #[test]
    fn a_typed_message_comes_back(sent in any_message()) {
        let frame = encode_message(&sent).unwrap();
        let Frame::Message { t, payload } = split(&frame, Limits::DEFAULT).unwrap() else { panic!("no message") };
        let read = message::<Message>(NSID, &t, &payload, Strictness::Strict, Limits::DEFAULT).unwrap();
        prop_assert_eq!(read.value, sent);
    }

    #[test]
    fn an_untyped_message_is_the_same_on_the_wire_and_comes_back(sent in any_message()) {
        let untyped = sent.to_value().unwrap();
        let frame = encode_value(&untyped).unwrap();
        prop_assert_eq!(&frame, &encode_message(&sent).unwrap());
        let Frame::Message { t, payload } = split(&frame, Limits::DEFAULT).unwrap() else { panic!("no message") };
        let catalog = catalog(false);
        let endpoint = catalog.endpoint(NSID).unwrap();
        let read = value(&catalog, endpoint, &t, &payload, Strictness::Strict, Limits::DEFAULT).unwrap();
        prop_assert_eq!(read.value, untyped);
    }

    #[test]
    fn no_part_of_a_frame_is_a_frame(sent in any_message()) {
        let frame = encode_message(&sent).unwrap();
        for end in 0..frame.len() {
            prop_assert!(split(&frame.slice(..end), Limits::DEFAULT).is_err());
        }
    }

    #[test]
    fn any_bytes_are_split_or_refused(start in 0..4_usize, bytes in any::<Vec<u8>>()) {
        let start = ["", "a2617465237469636b626f7001", "a1626f7020", "a2617465237469636b626f7001a16161"][start];
        let frame = Bytes::from([hex(start).to_vec(), bytes].concat());
        if let Ok(Frame::Message { payload, .. }) = split(&frame, Limits::DEFAULT) {
            // A well-formed payload may still break the data model, in a `$type` for example.
            let _ = cbor::parse(&payload);
        }
    }
}
