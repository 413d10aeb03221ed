//! What holds for all data.

mod data_support;

use arobase_runtime::data::{Limits, Map, Value, cbor, json};
use data_support::{key, value};
use proptest::{collection::vec, prelude::*, sample::Index};

/// Puts bytes in place of other bytes.
fn mutate(mut bytes: Vec<u8>, changes: &[(Index, u8)]) -> Vec<u8> {
    for (index, byte) in changes {
        if let Some(at) = index.get_mut_in(&mut bytes) {
            *at = *byte;
        }
    }
    bytes
}

trait GetMutIn {
    fn get_mut_in<'a>(&self, bytes: &'a mut [u8]) -> Option<&'a mut u8>;
}

impl GetMutIn for Index {
    fn get_mut_in<'a>(&self, bytes: &'a mut [u8]) -> Option<&'a mut u8> {
        (!bytes.is_empty()).then(|| self.get_mut(bytes))
    }
}

/// What a reader of CBOR accepts is written back byte for byte.
fn check_cbor(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(value) = cbor::parse(bytes) {
        prop_assert_eq!(value.to_cbor().unwrap(), bytes);
        prop_assert!(value.check().is_ok());
    }
    Ok(())
}

/// What a reader of JSON accepts is the same after it was written.
fn check_json(bytes: &[u8]) -> Result<(), TestCaseError> {
    let lenient = json::parse_lenient(bytes, Limits::DEFAULT);
    match json::parse(bytes) {
        Ok(value) => {
            prop_assert_eq!(&json::parse(&value.to_json().unwrap()).unwrap(), &value);
            prop_assert!(value.check().is_ok());
            let (same, issues) = lenient.unwrap();
            prop_assert_eq!(same, value);
            prop_assert!(issues.is_empty());
        }
        Err(_) => {
            if let Ok((value, issues)) = lenient {
                prop_assert!(!issues.is_empty() && value.check().is_err());
                let again = json::to_string_lenient(&value).unwrap();
                let (again, _) = json::parse_lenient(again.as_bytes(), Limits::DEFAULT).unwrap();
                prop_assert_eq!(again, value);
            }
        }
    }
    Ok(())
}

/// Pieces of JSON, so that random text is often almost right.
fn json_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u",
            "d800",
            "\"$link\":",
            "\"$bytes\":",
            "\"$type\":",
            "\"blob\"",
            "\"a\":",
            "\"AA==\"",
            "null",
            "true",
            "1",
            "-",
            "0",
            ".5",
            "e9",
            " ",
            "{\"$link\":1}",
            "{\"a\":1.5}",
            "[1,2]",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn json_gives_the_value_back(value in value()) {
        let json = value.to_json().unwrap();
        prop_assert_eq!(Value::from_json(&json).unwrap(), value.clone());
        let pretty = json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(Value::from_json(pretty.as_bytes()).unwrap(), value);
    }

    #[test]
    fn cbor_gives_the_value_back(value in value()) {
        let cbor = value.to_cbor().unwrap();
        prop_assert_eq!(Value::from_cbor(&cbor).unwrap(), value);
    }

    #[test]
    fn json_is_json_to_others(value in value()) {
        let json = value.to_json().unwrap();
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&json).is_ok());
    }

    #[test]
    fn keys_come_out_in_one_order(entries in vec((key(), 0..9_i64), 0..12)) {
        let map: Map = entries.into_iter().collect();
        let mut backwards = Map::new();
        let mut entries: Vec<_> = map.iter().collect();
        entries.reverse();
        for (key, value) in entries {
            backwards.insert(key.to_owned(), value.clone());
        }
        let cbor = Value::from(map.clone()).to_cbor().unwrap();
        prop_assert_eq!(&Value::from(backwards).to_cbor().unwrap(), &cbor);
        let heads: Vec<_> = map.keys().map(|key| Value::from(key).to_cbor().unwrap()).collect();
        prop_assert!(heads.is_sorted());
    }

    #[test]
    fn a_truncated_value_is_refused(value in value(), cut in any::<Index>()) {
        let cbor = value.to_cbor().unwrap();
        prop_assert!(cbor::parse(&cbor[..cut.index(cbor.len())]).is_err());
        let json = Value::from(vec![value]).to_json().unwrap();
        prop_assert!(json::parse(&json[..cut.index(json.len())]).is_err());
    }

    #[test]
    fn mutated_cbor_is_refused_or_canonical(
        value in value(),
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        check_cbor(&mutate(value.to_cbor().unwrap(), &changes))?;
    }

    #[test]
    fn mutated_json_is_refused_or_data(
        value in value(),
        changes in vec((any::<Index>(), prop_oneof![any::<u8>(), b' '..b'~']), 1..4),
    ) {
        check_json(&mutate(value.to_json().unwrap(), &changes))?;
    }

    #[test]
    fn random_bytes_are_refused_or_canonical(bytes in vec(any::<u8>(), 0..64)) {
        check_cbor(&bytes)?;
        check_json(&bytes)?;
    }

    #[test]
    fn random_pieces_of_json_are_refused_or_data(text in json_like()) {
        check_json(text.as_bytes())?;
        let strict = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        if json::parse_lenient(text.as_bytes(), Limits::DEFAULT).is_ok() {
            prop_assert!(strict || text.contains("d800") || text.contains("e9"));
        }
    }

    #[test]
    fn every_value_passes_its_own_check(value in value()) {
        prop_assert!(value.check().is_ok());
    }
}
