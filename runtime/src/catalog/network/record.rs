//! From the block of a record to the lexicon in it.

use std::sync::Arc;

use arobase_lexicon::{document::Document, load::LoadErrors, syntax::Nsid};

use super::LexiconError;
use crate::data::Value;

/// The collection in which lexicons are published.
pub(super) const COLLECTION: &str = "com.atproto.lexicon.schema";

/// The most bytes of the keys that lead to a place in a lexicon, and of those that lead to all places: so many, and so
/// many more for each byte of the record. Lexicons stay far below. Types in place and mistakes are named by their
/// paths, which could take the square of what was published.
const MAX_PATH: usize = 2_048;
const MAX_PATHS: usize = 8 << 10;
const PATHS_PER_BYTE: usize = 8;

/// What a step into a list counts there.
const STEP: usize = 8;

/// The most characters of a text of others that an error repeats.
const SHOWN: usize = 100;

/// Reads the lexicon that was published under an NSID.
pub(super) fn read(nsid: &Nsid, block: &[u8]) -> Result<(Value, Arc<Document>), LexiconError> {
    let record = Value::from_cbor(block).map_err(|error| LexiconError::Data(error.to_string().into()))?;
    check(nsid, &record)?;
    check_paths(&record, block.len())?;
    let json = record.to_json().map_err(|error| LexiconError::Data(error.to_string().into()))?;
    let document = Document::parse_bytes(&json).map_err(|errors| LexiconError::Document(first(errors)))?;
    Ok((record, Arc::new(document)))
}

/// Checks what makes a record the lexicon of this NSID.
fn check(nsid: &Nsid, record: &Value) -> Result<(), LexiconError> {
    if record.type_name() != Some(COLLECTION) {
        return Err(LexiconError::Type { found: shown(record, "$type") });
    }
    if record.get("lexicon").and_then(Value::as_int) != Some(1) {
        return Err(LexiconError::Version);
    }
    if record.get("id").and_then(Value::as_str) != Some(nsid.as_str()) {
        return Err(LexiconError::Id { found: shown(record, "id") });
    }
    Ok(())
}

/// Checks that what is made of the record will not be many times as large.
fn check_paths(record: &Value, bytes: usize) -> Result<(), LexiconError> {
    let mut room = MAX_PATHS.saturating_add(bytes.saturating_mul(PATHS_PER_BYTE));
    let mut rest = vec![(record, 0)];
    while let Some((value, length)) = rest.pop() {
        room = match room.checked_sub(length) {
            Some(room) if length <= MAX_PATH => room,
            _ => return Err(LexiconError::Data("its keys are too long for how deep they lie".into())),
        };
        rest.extend(value.as_list().unwrap_or_default().iter().map(|item| (item, length + STEP)));
        let members = value.as_map().into_iter().flat_map(|map| map.iter());
        rest.extend(members.map(|(key, member)| (member, length + key.len() + 1)));
    }
    Ok(())
}

fn shown(record: &Value, key: &str) -> Option<Box<str>> {
    let text = record.get(key)?.as_str()?;
    Some(text.chars().take(SHOWN).collect::<String>().into())
}

fn first(errors: LoadErrors) -> Arc<[arobase_lexicon::load::LoadError]> {
    errors.into_iter().take(LexiconError::MAX_MISTAKES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nsid() -> Nsid {
        "com.example.thing".parse().unwrap()
    }

    fn published(json: &str) -> Result<Arc<Document>, LexiconError> {
        let block = Value::from_json(json.as_bytes()).unwrap().to_cbor().unwrap();
        read(&nsid(), &block).map(|(_, document)| document)
    }

    #[test]
    fn a_lexicon_is_read_with_its_type_beside_it() {
        let json = r#"{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": "com.example.thing",
            "defs": { "main": { "type": "token" } } }"#;
        assert_eq!(published(json).unwrap().id, nsid());
    }

    #[test]
    fn a_record_of_another_type_is_no_lexicon() {
        let other =
            published(r#"{ "$type": "com.example.note", "lexicon": 1, "id": "com.example.thing", "defs": {} }"#);
        assert!(matches!(other, Err(LexiconError::Type { found: Some(name) }) if &*name == "com.example.note"));
        let none = published(r#"{ "lexicon": 1, "id": "com.example.thing", "defs": {} }"#);
        assert!(matches!(none, Err(LexiconError::Type { found: None })));
    }

    #[test]
    fn only_version_1_is_read() {
        for version in ["2", "\"1\"", "true", "null"] {
            let json = format!(
                r#"{{ "$type": "com.atproto.lexicon.schema", "lexicon": {version}, "id": "com.example.thing",
                    "defs": {{}} }}"#
            );
            assert!(matches!(published(&json), Err(LexiconError::Version)), "{version}");
        }
    }

    #[test]
    fn the_id_is_the_nsid_to_the_letter() {
        for id in ["\"com.example.Thing\"", "\"com.Example.thing\"", "\"com.example.other\"", "7"] {
            let json =
                format!(r#"{{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": {id}, "defs": {{}} }}"#);
            assert!(matches!(published(&json), Err(LexiconError::Id { .. })), "{id}");
        }
    }

    #[test]
    fn mistakes_are_listed_but_not_without_end() {
        let two = published(
            r#"{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": "com.example.thing",
                "defs": { "a": { "type": "nothing" }, "b": { "type": "ref" } } }"#,
        );
        assert!(matches!(two, Err(LexiconError::Document(mistakes)) if mistakes.len() == 2));
        let defs: Vec<String> = (0..300).map(|n| format!(r#""d{n}": {{ "type": "nothing" }}"#)).collect();
        let many = published(&format!(
            r#"{{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": "com.example.thing",
                "defs": {{ {} }} }}"#,
            defs.join(",")
        ));
        assert!(matches!(many, Err(LexiconError::Document(mistakes)) if mistakes.len() == 100));
    }

    /// A lexicon of so many objects in place, which lie so deep under keys of so many bytes.
    fn nested(objects: usize, depth: usize, key: usize) -> String {
        let object = |properties: &str| format!(r#"{{ "type": "object", "properties": {{ {properties} }} }}"#);
        let many: Vec<String> = (0..objects).map(|n| format!(r#""a{n}": {}"#, object(""))).collect();
        let inner = object(&many.join(","));
        let main = (0..depth).fold(inner, |inner, _| object(&format!(r#""{}": {inner}"#, "k".repeat(key))));
        format!(
            r#"{{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": "com.example.thing",
                "defs": {{ "main": {main} }} }}"#
        )
    }

    #[test]
    fn a_lexicon_that_would_grow_to_many_times_its_size_is_refused() {
        assert!(published(&nested(500, 1, 20)).is_ok());
        assert!(published(&nested(2, 1, 1_900)).is_ok());
        for json in [nested(2_000, 20, 100), nested(1, 2, 1_100), nested(1, 20, 2_000)] {
            assert!(matches!(published(&json), Err(LexiconError::Data(_))));
        }
    }

    #[test]
    fn bytes_that_are_no_canonical_cbor_are_refused() {
        assert!(matches!(read(&nsid(), b"\xff"), Err(LexiconError::Data(_))));
    }
}
