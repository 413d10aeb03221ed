use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::{
    data::{Cid, Map, Value, cbor},
    repo::RepoOp,
    sync::{
        limits::{MAX_COMMIT_BLOCKS, MAX_OPS, MAX_SYNC_BLOCKS},
        test_repo::{did, path},
    },
};

fn stamp(seq: i64) -> Stamp {
    Stamp { seq, time: "2024-05-31T23:59:59.123Z".parse().unwrap() }
}

fn cid(text: &str) -> Cid {
    Cid::of_cbor(text.as_bytes())
}

fn op(key: &str, prev: Option<&str>, now: Option<&str>) -> RepoOp {
    RepoOp { path: path(key), prev: prev.map(|text| cid(text).into()), cid: now.map(|text| cid(text).into()) }
}

fn commit() -> CommitEvent {
    CommitEvent {
        did: did("a"),
        rev: "3jzfcijpj2z2b".parse().unwrap(),
        since: Some("3jzfcijpj2z2a".parse().unwrap()),
        commit: cid("commit"),
        prev_data: Some(cid("data")),
        ops: vec![op("a", None, Some("1")), op("b", Some("2"), Some("3")), op("c", Some("4"), None)],
        blocks: Bytes::from_static(b"blocks"),
    }
}

fn sync() -> SyncEvent {
    SyncEvent { did: did("a"), rev: "3jzfcijpj2z2b".parse().unwrap(), blocks: Bytes::from_static(b"blocks") }
}

fn all() -> [Event; 7] {
    [
        commit().into(),
        CommitEvent { since: None, prev_data: None, ops: Vec::new(), ..commit() }.into(),
        sync().into(),
        IdentityEvent::new(did("a"), Some("a.example".parse().unwrap())).into(),
        IdentityEvent::new(did("a"), None).into(),
        AccountEvent::inactive(did("a"), AccountStatus::Other("lost".into())).into(),
        AccountEvent::active(did("a")).into(),
    ]
}

/// The type and the fields of a frame.
fn parts(event: &Event) -> (String, Map) {
    let frame = event.to_frame(&stamp(7)).unwrap();
    match frame::split(&frame, Limits::DEFAULT).unwrap() {
        Frame::Message { t, payload } => match cbor::parse(&payload).unwrap() {
            Value::Map(map) => (t, map),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn read(t: &str, map: Map) -> Result<Message, Error> {
    Message::from_payload(t, &Value::Map(map).to_cbor().unwrap().into())
}

/// The event with a field changed, or removed.
fn changed(event: &Event, key: &str, value: Option<Value>) -> Result<Message, Error> {
    let (t, mut map) = parts(event);
    match value {
        Some(value) => drop(map.insert(key.to_owned(), value)),
        None => drop(map.remove(key)),
    }
    read(&t, map)
}

#[test]
fn what_is_written_is_read_back() {
    for event in all() {
        let message = Message::from_frame(&event.to_frame(&stamp(7)).unwrap()).unwrap();
        assert_eq!(message, Message { seq: Some(7), time: Some(stamp(7).time), event });
    }
    let info = Event::Info(InfoEvent { name: InfoEvent::OUTDATED_CURSOR.to_owned(), message: Some("gone".to_owned()) });
    let message = Message::from_frame(&info.to_frame(&stamp(7)).unwrap()).unwrap();
    assert_eq!(message, Message { seq: None, time: None, event: info });
}

#[test]
fn blocks_are_not_copied_when_they_are_read() {
    let frame = Event::from(commit()).to_frame(&stamp(7)).unwrap();
    let Event::Commit(event) = Event::from_frame(&frame).unwrap() else { panic!("no commit") };
    assert!(frame.as_ptr_range().contains(&event.blocks.as_ptr()));
}

#[test]
fn every_field_but_the_optional_ones_has_to_be_there() {
    for event in all() {
        let (_, fields) = parts(&event);
        for key in fields.keys() {
            let without = changed(&event, key, None);
            match key {
                "prevData" | "handle" | "status" => assert!(without.is_ok(), "{key}"),
                _ => assert_eq!(without.unwrap_err().to_string(), format!("$.{key}: required but missing")),
            }
        }
    }
}

#[test]
fn null_stands_only_where_it_has_a_meaning() {
    for event in all() {
        let (_, fields) = parts(&event);
        for key in fields.keys() {
            let with_null = changed(&event, key, Some(Value::Null));
            assert_eq!(with_null.is_ok(), matches!(key, "since" | "prevData" | "handle"), "{key}");
        }
    }
    let Ok(Message { event: Event::Commit(event), .. }) = changed(&commit().into(), "prevData", Some(Value::Null))
    else {
        panic!("no commit")
    };
    assert_eq!(event.prev_data, None);
}

#[test]
fn fields_that_nobody_knows_are_passed_over() {
    for event in all() {
        for key in ["a", "zz", "somethingNew"] {
            let value = Value::List(vec![Value::Int(1), Value::Bytes(vec![1].into())]);
            assert_eq!(changed(&event, key, Some(value)).unwrap().event, event);
        }
    }
}

#[test]
fn what_older_receivers_read_is_passed_over() {
    let event = Event::from(commit());
    for (key, value) in [
        ("tooBig", Value::Bool(true)),
        ("rebase", Value::Bool(true)),
        ("blobs", Value::List(vec![Value::Link(cid("blob").into())])),
    ] {
        assert_eq!(changed(&event, key, Some(value)).unwrap().event, event, "{key}");
    }
    assert!(changed(&event, "blobs", Some(Value::List(vec![Value::Int(1)]))).is_err());
}

/// A `#commit` whose only operation has these fields.
fn with_op(fields: &[(&str, Value)]) -> Result<Message, Error> {
    let op: Map = fields.iter().map(|(key, value)| (*key, value.clone())).collect();
    changed(&commit().into(), "ops", Some(Value::List(vec![Value::Map(op)])))
}

#[test]
fn action_and_cids_of_an_operation_have_to_agree() {
    let link = |text| Value::Link(cid(text).into());
    let path = || ("path", Value::from("com.example.note/a"));
    let action = |name: &str| ("action", Value::from(name));
    let good = [
        vec![action("create"), path(), ("cid", link("1"))],
        vec![action("update"), path(), ("cid", link("1")), ("prev", link("2"))],
        vec![action("update"), path(), ("cid", link("1")), ("prev", link("1"))],
        vec![action("delete"), path(), ("cid", Value::Null), ("prev", link("2"))],
        vec![action("create"), path(), ("cid", link("1")), ("new", Value::Int(1))],
    ];
    for fields in good {
        assert!(with_op(&fields).is_ok(), "{fields:?}");
    }
    let bad = [
        (vec![action("create"), path(), ("cid", Value::Null)], "$.ops[0].cid: does not fit the action"),
        (
            vec![action("create"), path(), ("cid", link("1")), ("prev", link("2"))],
            "$.ops[0].prev: does not fit the action",
        ),
        (vec![action("update"), path(), ("cid", link("1"))], "$.ops[0].prev: required but missing"),
        (vec![action("delete"), path(), ("cid", link("1")), ("prev", link("2"))], "$.ops[0].cid: does not fit"),
        (vec![action("delete"), path(), ("cid", Value::Null)], "$.ops[0].prev: required but missing"),
        (vec![action("delete"), path(), ("prev", link("1"))], "$.ops[0].cid: required but missing"),
        (vec![action("move"), path(), ("cid", link("1"))], "$.ops[0].action: neither"),
        (vec![path(), ("cid", link("1"))], "$.ops[0].action: required but missing"),
        (vec![action("create"), ("cid", link("1"))], "$.ops[0].path: required but missing"),
        (vec![action("create"), ("path", Value::from("com.example.note/..")), ("cid", link("1"))], "$.ops[0].path: "),
    ];
    for (fields, reason) in bad {
        let error = with_op(&fields).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
    }
}

#[test]
fn events_over_a_limit_are_neither_read_nor_written() {
    let ops =
        |count| CommitEvent { ops: (0..count).map(|n| op(&n.to_string(), None, Some("1"))).collect(), ..commit() };
    assert!(ops(MAX_OPS).to_frame(&stamp(1)).is_ok());
    assert!(ops(MAX_OPS + 1).to_frame(&stamp(1)).is_err());
    let blocks = |bytes: usize| CommitEvent { blocks: vec![0; bytes].into(), ..commit() };
    assert!(blocks(MAX_COMMIT_BLOCKS).to_frame(&stamp(1)).is_ok());
    assert!(blocks(MAX_COMMIT_BLOCKS + 1).to_frame(&stamp(1)).is_err());
    let announced = |bytes: usize| SyncEvent { blocks: vec![0; bytes].into(), ..sync() };
    assert!(announced(MAX_SYNC_BLOCKS).to_frame(&stamp(1)).is_ok());
    assert!(announced(MAX_SYNC_BLOCKS + 1).to_frame(&stamp(1)).is_err());

    let many: Vec<Value> = {
        let Value::List(ops) = parts(&ops(MAX_OPS).into()).1.remove("ops").unwrap() else { panic!("no list") };
        ops.iter().cloned().chain(ops.first().cloned()).collect()
    };
    let error = changed(&commit().into(), "ops", Some(Value::List(many))).unwrap_err();
    assert!(error.to_string().starts_with("$.ops: 201 operations, of which at most 200 are allowed"), "{error}");
    let long = |bytes: usize| Some(Value::Bytes(vec![0; bytes].into()));
    let error = changed(&commit().into(), "blocks", long(MAX_COMMIT_BLOCKS + 1)).unwrap_err();
    assert!(error.to_string().starts_with("$.blocks: 2000001 bytes, of which at most 2000000"), "{error}");
    assert!(changed(&sync().into(), "blocks", long(MAX_SYNC_BLOCKS)).is_ok());
    assert!(changed(&sync().into(), "blocks", long(MAX_SYNC_BLOCKS + 1)).is_err());
    let frame = Bytes::from(vec![0; MAX_FRAME + 1]);
    assert!(Message::from_frame(&frame).unwrap_err().to_string().contains("at most 5000000"));
}

#[test]
fn a_number_is_from_1_to_the_greatest() {
    for (seq, is_one) in [(1, true), (MAX_SEQ, true), (0, false), (-1, false), (MAX_SEQ + 1, false)] {
        assert_eq!(Event::from(sync()).to_frame(&stamp(seq)).is_ok(), is_one, "{seq}");
        assert_eq!(changed(&sync().into(), "seq", Some(Value::Int(seq))).is_ok(), is_one, "{seq}");
    }
}

#[test]
fn an_operation_that_does_nothing_is_not_written() {
    for op in [op("a", Some("1"), Some("1")), op("a", None, None)] {
        let event = CommitEvent { ops: vec![op], ..commit() };
        assert!(event.to_frame(&stamp(1)).is_err());
    }
}

#[test]
fn the_commit_and_its_tree_are_links_of_the_blessed_form() {
    let raw = Value::Link(Cid::of_raw(b"x").into());
    for key in ["commit", "prevData"] {
        assert!(changed(&commit().into(), key, Some(raw.clone())).is_err(), "{key}");
    }
}

#[test]
fn types_that_nobody_knows_keep_their_number() {
    let fields: Map = [("seq", Value::Int(9)), ("x", Value::Null)].into_iter().collect();
    let message = read("#new", fields).unwrap();
    assert_eq!(message, Message { seq: Some(9), time: None, event: Event::Unknown { t: "#new".to_owned() } });
    assert!(message.event.to_frame(&stamp(1)).is_err());
    assert_eq!(read("com.example.other#commit", Map::new()).unwrap().event.did(), None);
    // The long form of a type is the same type.
    let (_, fields) = parts(&sync().into());
    assert_eq!(read("com.atproto.sync.subscribeRepos#sync", fields).unwrap().event, sync().into());
}

#[test]
fn an_error_frame_is_no_event() {
    let frame = frame::encode_error("FutureCursor", None);
    let error = Message::from_frame(&frame).unwrap_err();
    assert!(error.to_string().contains("FutureCursor"), "{error}");
}

#[test]
fn statuses_have_their_names() {
    for name in ["takendown", "suspended", "deleted", "deactivated", "desynchronized", "throttled"] {
        let status = AccountStatus::from(name);
        assert!(!matches!(status, AccountStatus::Other(_)) && status.as_str() == name, "{name}");
    }
    assert_eq!(AccountStatus::from("frozen"), AccountStatus::Other("frozen".into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn broken_frames_are_refused_without_a_panic(which in 0..7_usize, at in 0..10_000_usize, byte: u8, cut: bool) {
        let frame = all()[which].to_frame(&stamp(7)).unwrap();
        let mut bytes = frame.to_vec();
        let at = at % bytes.len();
        if cut {
            bytes.truncate(at);
            prop_assert!(Message::from_frame(&bytes.into()).is_err());
        } else {
            bytes[at] = byte;
            let bytes = Bytes::from(bytes);
            if let Ok(Message { seq: Some(seq), time: Some(time), event }) = Message::from_frame(&bytes)
                && let Ok(again) = event.to_frame(&Stamp { seq, time })
            {
                prop_assert_eq!(Event::from_frame(&again).unwrap(), event);
            }
        }
    }
}

#[test]
fn what_is_before_is_written_whole_or_not_at_all() {
    for event in [CommitEvent { since: None, ..commit() }, CommitEvent { prev_data: None, ..commit() }] {
        assert!(event.to_frame(&stamp(1)).is_err());
    }
}

#[test]
fn a_handle_that_is_none_is_dropped_and_the_event_kept() {
    let event = Event::from(IdentityEvent::new(did("a"), Some("a.example".parse().unwrap())));
    for handle in [Value::Null, "no handle".into(), 5.into()] {
        let message = changed(&event, "handle", Some(handle)).unwrap();
        assert_eq!(message.event, IdentityEvent::new(did("a"), None).into());
    }
}
