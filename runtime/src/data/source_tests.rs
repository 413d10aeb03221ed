//! What holds for every [`Source`], shown on one value in its three forms.

use super::{
    Blob, Cid, Error, Limits, Map, Value,
    cbor::{self, CborReader, CborWriter},
    json::{self, JsonReader, JsonWriter},
    source::{Kind, Source},
    untyped,
    value_sink::ValueWriter,
    value_source::ValueReader,
};

const JSON: &str = r#"{
    "bytes": {"$bytes": "AP8"},
    "link": {"$link": "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"},
    "list": [null, true, -5, "t\u0065xt\n", {"$type": "com.example.\u0061"}, []],
    "zz": {},
    "$type": "com.example.b"
}"#;

fn value() -> Value {
    json::parse(JSON.as_bytes()).unwrap()
}

/// Runs a test on each form of the value.
fn on_each_form(value: &Value, json: &str, test: &impl Check) {
    // Lenient, so that faulty values have bytes too.
    let mut cbor = CborWriter::new();
    untyped::write(value, true, &mut cbor).unwrap();
    let cbor = cbor.into_bytes();
    test.run(&mut JsonReader::new(json.as_bytes(), Limits::DEFAULT));
    test.run(&mut CborReader::new(&cbor, Limits::DEFAULT));
    test.run(&mut ValueReader::new(value));
}

trait Check {
    fn run<S: Source>(&self, source: &mut S);
}

/// Reads a value piece by piece.
fn walk<S: Source>(source: &mut S) -> Result<Value, Error> {
    Ok(match source.kind()? {
        Kind::Null => source.null().map(|()| Value::Null)?,
        Kind::Bool => source.bool()?.into(),
        Kind::Int => source.int()?.into(),
        Kind::Text => source.text()?.into(),
        Kind::Bytes => Value::Bytes(source.bytes()?.into()),
        Kind::Link => source.link()?.into(),
        Kind::List => {
            source.enter_list()?;
            let mut items = Vec::new();
            while source.next_item()? {
                items.push(walk(source)?);
            }
            items.into()
        }
        Kind::Map => walk_map(source)?,
    })
}

fn walk_map<S: Source>(source: &mut S) -> Result<Value, Error> {
    let mark = source.mark();
    if S::MAPS_ONLY {
        if let Ok(link) = source.link() {
            return Ok(link.into());
        }
        source.reset(mark);
        if let Ok(bytes) = source.bytes() {
            return Ok(Value::Bytes(bytes.into()));
        }
        source.reset(mark);
    }
    let mut map = Map::new();
    source.enter_map()?;
    while let Some(key) = source.next_key()? {
        let key = key.to_owned();
        map.insert(key, walk(source)?);
    }
    Ok(map.into())
}

#[test]
fn pieces_make_the_whole() {
    struct Pieces;
    impl Check for Pieces {
        fn run<S: Source>(&self, source: &mut S) {
            assert_eq!(walk(source).unwrap(), value());
        }
    }
    on_each_form(&value(), JSON, &Pieces);
}

#[test]
fn a_source_can_go_back_inside_an_open_map() {
    struct Back;
    impl Check for Back {
        fn run<S: Source>(&self, source: &mut S) {
            let start = source.mark();
            assert_eq!(source.value().unwrap(), value());
            source.reset(start);
            source.enter_map().unwrap();
            let mut map = Map::new();
            while let Some(key) = source.next_key().unwrap() {
                let key = key.to_owned();
                let mark = source.mark();
                let first = walk(source).unwrap();
                source.reset(mark);
                if source.enter_list().is_ok() {
                    assert!(source.next_item().unwrap());
                    assert!(source.bool().is_err());
                }
                source.reset(mark);
                assert_eq!(source.value().unwrap(), first);
                map.insert(key, first);
            }
            assert_eq!(Value::Map(map), value());
        }
    }
    on_each_form(&value(), JSON, &Back);
}

#[test]
fn the_type_is_found_and_nothing_is_consumed() {
    struct Type(Option<&'static str>);
    impl Check for Type {
        fn run<S: Source>(&self, source: &mut S) {
            assert_eq!(source.find_type().unwrap(), self.0);
            let whole = source.mark();
            assert!(source.value().is_ok());
            source.reset(whole);
            source.enter_map().unwrap();
        }
    }
    for (json, name) in [
        (JSON, Some("com.example.b")),
        (r#"{"$type":"a","x":1}"#, Some("a")),
        (r#"{"x":{"$type":"b"},"$type":"\u0061"}"#, Some("a")),
        (r#"{"x":{"$type":"b"},"longer key":[{}]}"#, None),
        ("{}", None),
    ] {
        on_each_form(&json::parse(json.as_bytes()).unwrap(), json, &Type(name));
    }
}

#[test]
fn a_wrong_type_or_no_map_is_an_error() {
    struct NoType;
    impl Check for NoType {
        fn run<S: Source>(&self, source: &mut S) {
            assert!(source.find_type().unwrap_err().is_model());
        }
    }
    let typed = |value: Value| Value::Map([("$type", value)].into_iter().collect());
    on_each_form(&typed(Value::Null), r#"{"$type":null}"#, &NoType);
    on_each_form(&typed("".into()), r#"{"$type":""}"#, &NoType);
    on_each_form(&vec![1].into(), "[1]", &NoType);
}

#[test]
fn what_is_not_wanted_is_named() {
    struct Wanted;
    impl Check for Wanted {
        fn run<S: Source>(&self, source: &mut S) {
            let start = source.mark();
            for (error, wanted) in [
                (source.null().unwrap_err(), "null"),
                (source.bool().unwrap_err(), "a boolean"),
                (source.int().unwrap_err(), "an integer"),
                (source.bytes().unwrap_err(), "bytes"),
                (source.link().unwrap_err(), "a link"),
                (source.enter_list().unwrap_err(), "a list"),
                (source.enter_map().unwrap_err(), "a map"),
            ] {
                let reason = format!("expected {wanted}, found text");
                assert_eq!(error.kind().to_string(), reason);
            }
            source.reset(start);
            assert_eq!(source.text().unwrap(), "x");
        }
    }
    on_each_form(&"x".into(), "\"x\"", &Wanted);
}

#[test]
fn the_depth_is_counted_where_lists_are_entered() {
    struct Depth;
    impl Check for Depth {
        fn run<S: Source>(&self, source: &mut S) {
            for _ in 0..128 {
                source.enter_list().unwrap();
                assert!(source.next_item().unwrap());
            }
            assert!(source.kind().is_ok());
            assert!(source.enter_list().is_err());
        }
    }
    let deep = (0..129).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let cbor = [vec![0x81; 129], vec![0xf6]].concat();
    Depth.run(&mut JsonReader::new(&b"[".repeat(129), Limits::DEFAULT));
    Depth.run(&mut CborReader::new(&cbor, Limits::DEFAULT));
    Depth.run(&mut ValueReader::new(&deep));
}

#[test]
fn only_a_lenient_reader_of_values_gives_invalid_data() {
    let value = Value::List(vec![Value::Invalid("1.5".into())]);
    assert!(ValueReader::new(&value).value().is_err());
    assert_eq!(ValueReader::new(&value).lenient(true).value().unwrap(), value);
}

#[test]
fn issues_of_a_position_are_forgotten_with_it() {
    let mut reader = JsonReader::new(b"[1.5,2.5]", Limits::DEFAULT).lenient(true);
    reader.enter_list().unwrap();
    assert!(reader.next_item().unwrap());
    let mark = reader.mark();
    reader.value().unwrap();
    reader.reset(mark);
    assert!(reader.take_issues().is_empty());
    assert_eq!(reader.value().unwrap(), Value::Invalid("1.5".into()));
    assert_eq!(reader.take_issues().len(), 1);
}

#[test]
fn a_value_written_as_a_value_is_the_same() {
    let mut writer = ValueWriter::new();
    untyped::write(&value(), false, &mut writer).unwrap();
    assert_eq!(writer.into_value(), value());
}

#[test]
fn a_blob_is_written_as_its_map_is() {
    let cid = Cid::of_raw(b"");
    for blob in [Blob::new(cid.into(), "a/b", 7), Blob::legacy(cid.to_string(), "a/b").unwrap()] {
        let map = Value::from(blob.clone());
        let (mut json, mut cbor, mut value) = (JsonWriter::new(), CborWriter::new(), ValueWriter::new());
        blob.write(&mut json);
        blob.write(&mut cbor);
        blob.write(&mut value);
        assert_eq!(json.into_bytes(), json::to_vec(&map).unwrap());
        assert_eq!(cbor.into_bytes(), cbor::to_vec(&map).unwrap());
        assert_eq!(value.into_value(), map);
    }
}
