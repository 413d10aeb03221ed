//! Records: what may be written, and what they refer to.

use std::{collections::HashSet, sync::Arc};

use crate::{
    data::{self, Blob, Limits, Value, cbor},
    repo::{Error, RepoPath},
};

/// The most bytes of a record.
pub const MAX_RECORD: usize = 1_000_000;

/// Checks that a record may be created under a path: canonical DAG-CBOR, at most [`MAX_RECORD`] bytes, content as
/// [`Value::check_creatable`] says, and a `$type` that names the collection.
pub(super) fn check(path: &RepoPath, record: &[u8]) -> Result<(), Error> {
    if record.len() > MAX_RECORD {
        return Err(Error::Limit { what: "bytes of a record", limit: MAX_RECORD, found: record.len() });
    }
    check_content(path.collection(), record)
        .map_err(|error| Error::Record { path: path.to_string(), error: Arc::new(error) })
}

fn check_content(collection: &str, record: &[u8]) -> Result<(), data::Error> {
    let value = cbor::parse_with(record, Limits::RECORD)?;
    value.check_creatable()?;
    match value.type_name() {
        Some(name) if name == collection => Ok(()),
        Some(_) => Err(data::Error::model("the type is not the collection").in_key("$type")),
        None => Err(data::Error::model("the record has no type").in_key("$type")),
    }
}

/// The blobs that a record refers to, each once, in the order of the record (Data model, blobs). Those of the legacy
/// form are not among them.
///
/// # Errors
/// The record is no DAG-CBOR.
pub fn blob_refs(record: &[u8]) -> Result<Vec<Blob>, data::Error> {
    let value = Value::from_cbor(record)?;
    let mut seen = HashSet::new();
    Ok(value.blobs().filter(|blob| seen.insert(blob.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Bytes, Cid, Map};

    fn path() -> RepoPath {
        "com.example.note/a".parse().unwrap()
    }

    fn record(extra: &[(&str, Value)]) -> Vec<u8> {
        let mut map = Map::new();
        map.insert("$type".into(), "com.example.note".into());
        for (key, value) in extra {
            map.insert((*key).into(), value.clone());
        }
        Value::Map(map).to_cbor().unwrap()
    }

    fn reason(record: &[u8]) -> String {
        check(&path(), record).unwrap_err().to_string()
    }

    #[test]
    fn a_record_names_its_collection() {
        check(&path(), &record(&[])).unwrap();
        check(&path(), &record(&[("text", "hi".into()), ("list", vec![1, 2].into())])).unwrap();
        assert!(reason(&record(&[("$type", "com.example.other".into())])).contains("$.$type: the type is not"));
        assert!(reason(b"\xa0").contains("$.$type: the record has no type"));
    }

    #[test]
    fn what_the_data_model_does_not_hold_is_refused() {
        let typed = b"\xa2\x61x%\x65$type\x70com.example.note";
        let with = |value: &[u8]| {
            let at = typed.iter().position(|byte| *byte == b'%').unwrap();
            [&typed[..at], value, &typed[at + 1..]].concat()
        };
        check(&path(), &with(b"\x01")).unwrap();
        let float = with(b"\xfb\x3f\xf8\0\0\0\0\0\0");
        let long = with(b"\x18\x01");
        let tag = with(b"\xc1\x01");
        let indefinite = with(b"\x9f\xff");
        let unsafe_int = with(b"\x1b\0\x20\0\0\0\0\0\0");
        for bad in [&float, &long, &tag, &indefinite, &unsafe_int, &[with(b"\x01").as_slice(), b"\0"].concat()] {
            assert!(reason(bad).starts_with("the record com.example.note/a is invalid: "), "{bad:x?}");
        }
        for bad in [b"".as_slice(), b"\xf6", b"\x80", b"\xff"] {
            assert!(check(&path(), bad).is_err(), "{bad:x?}");
        }
        let empty_type = with(b"\xa1\x65$type\x60");
        assert!(reason(&empty_type).contains("$.x: $type is empty"), "{}", reason(&empty_type));
    }

    #[test]
    fn a_record_has_at_most_a_million_bytes() {
        let overhead = record(&[("blob", Bytes::from(vec![0; 999_000]).into())]).len() - 999_000;
        let of_len = |len: usize| record(&[("blob", Bytes::from(vec![0; len - overhead]).into())]);
        check(&path(), &of_len(MAX_RECORD)).unwrap();
        let error = check(&path(), &of_len(MAX_RECORD + 1)).unwrap_err();
        assert!(matches!(error, Error::Limit { limit: MAX_RECORD, found: 1_000_001, .. }));
    }

    #[test]
    fn blobs_are_found_once_anywhere_in_a_record() {
        let blob = |name: &[u8]| Blob::new(Cid::of_raw(name).into(), "image/png", 5);
        let value = |name: &[u8]| Value::from(blob(name));
        let nested = Value::List(vec![value(b"b"), value(b"a"), Value::List(vec![value(b"b")])]);
        let record = record(&[("first", value(b"a")), ("second", nested), ("link", Cid::of_raw(b"c").into())]);
        assert_eq!(blob_refs(&record).unwrap(), [blob(b"a"), blob(b"b")]);
        assert_eq!(blob_refs(b"\xa0").unwrap(), []);
        assert!(blob_refs(b"\xff").is_err());
    }
}
