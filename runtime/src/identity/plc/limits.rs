//! What new operations have to keep (PLC, limits).

use std::collections::BTreeSet;

use arobase_lexicon::syntax::Uri;

use super::{
    OperationError, PlcData, PlcService,
    error::shown,
    names::{ALSO_KNOWN_AS, ENDPOINT, ROTATION_KEYS, SERVICES, TYPE, VERIFICATION_METHODS},
};
use crate::crypto::{KeyError, PublicKey};

const MAX_ROTATION_KEYS: usize = 5;
/// Verification methods, names and services each.
const MAX_ENTRIES: usize = 10;
const MAX_ID: usize = 32;
const MAX_KEY: usize = 256;
const MAX_NAME: usize = 258;
const MAX_KIND: usize = 256;
const MAX_ENDPOINT: usize = 512;

impl PlcData {
    /// Checks what new operations have to keep (PLC, limits): counts, lengths, keys, no duplicates. Lengths are in
    /// UTF-16 units, as directories count them. What is in published logs may break these rules.
    ///
    /// # Errors
    /// [`OperationError::Limit`] with the first rule that is broken.
    pub fn check(&self) -> Result<(), OperationError> {
        rotation_keys(&self.rotation_keys)?;
        at_most(self.verification_methods.len(), VERIFICATION_METHODS)?;
        for (id, key) in &self.verification_methods {
            verification_method(id, key)?;
        }
        also_known_as(&self.also_known_as)?;
        at_most(self.services.len(), SERVICES)?;
        self.services.iter().try_for_each(|(id, entry)| service(id, entry))
    }
}

fn rotation_keys(keys: &[String]) -> Result<(), OperationError> {
    match keys.len() {
        0 => return Err(limit(ROTATION_KEYS, "there is none")),
        1..=MAX_ROTATION_KEYS => {}
        _ => return Err(limit(ROTATION_KEYS, "more than 5")),
    }
    unique(keys, ROTATION_KEYS)?;
    for (index, key) in keys.iter().enumerate() {
        PublicKey::from_did_key(key).map_err(|error| limit(format!("{ROTATION_KEYS}[{index}]"), of_key(error)))?;
    }
    Ok(())
}

fn of_key(error: KeyError) -> &'static str {
    match error {
        KeyError::Curve => "a key of another curve than K-256 and P-256",
        KeyError::Encoding => "not a did:key in base58",
        KeyError::Length => "a key of the wrong length",
        KeyError::Value => "not a point of its curve",
    }
}

fn verification_method(id: &str, key: &str) -> Result<(), OperationError> {
    let place = named(VERIFICATION_METHODS, id);
    check_id(id, &place)?;
    at_most_long(key, MAX_KEY, &place, "more than 256 characters")?;
    if key.strip_prefix("did:key:z").is_none_or(str::is_empty) {
        return Err(limit(place, "not a did:key in base58"));
    }
    Ok(())
}

fn also_known_as(names: &[String]) -> Result<(), OperationError> {
    at_most(names.len(), ALSO_KNOWN_AS)?;
    unique(names, ALSO_KNOWN_AS)?;
    for (index, name) in names.iter().enumerate() {
        let place = format!("{ALSO_KNOWN_AS}[{index}]");
        at_most_long(name, MAX_NAME, &place, "more than 258 characters")?;
        name.parse::<Uri>().map_err(|_| limit(place, "not a URI"))?;
    }
    Ok(())
}

fn service(id: &str, service: &PlcService) -> Result<(), OperationError> {
    let place = named(SERVICES, id);
    check_id(id, &place)?;
    at_most_long(&service.kind, MAX_KIND, &named(&place, TYPE), "more than 256 characters")?;
    at_most_long(&service.endpoint, MAX_ENDPOINT, &named(&place, ENDPOINT), "more than 512 characters")
}

/// An id becomes the fragment of a URL.
fn check_id(id: &str, place: &str) -> Result<(), OperationError> {
    at_most_long(id, MAX_ID, place, "a name of more than 32 characters")?;
    if id.is_empty() {
        return Err(limit(place, "an empty name"));
    }
    if id.contains('#') {
        return Err(limit(place, "a name with #"));
    }
    Ok(())
}

fn at_most(entries: usize, place: &str) -> Result<(), OperationError> {
    if entries > MAX_ENTRIES { Err(limit(place, "more than 10")) } else { Ok(()) }
}

fn at_most_long(text: &str, max: usize, place: &str, rule: &'static str) -> Result<(), OperationError> {
    if text.encode_utf16().take(max + 1).count() > max { Err(limit(place, rule)) } else { Ok(()) }
}

fn unique(items: &[String], place: &str) -> Result<(), OperationError> {
    let mut seen = BTreeSet::new();
    match items.iter().position(|item| !seen.insert(item)) {
        None => Ok(()),
        Some(index) => Err(limit(format!("{place}[{index}]"), "stands there already")),
    }
}

fn named(place: &str, name: &str) -> String {
    format!("{place}.{}", shown(name))
}

fn limit(place: impl Into<Box<str>>, rule: &'static str) -> OperationError {
    OperationError::Limit(place.into(), rule)
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{data, did_key, k256, key},
        *,
    };
    use crate::crypto::Curve;

    fn broken(edit: impl FnOnce(&mut PlcData)) -> OperationError {
        let mut data = data();
        edit(&mut data);
        data.check().unwrap_err()
    }

    fn keys(count: usize) -> Vec<String> {
        (0..count).map(|number| did_key(&key(Curve::P256, &number.to_string()))).collect()
    }

    /// So many entries of a map, with the same value.
    fn named<T: Clone>(count: usize, value: &T) -> std::collections::BTreeMap<String, T> {
        (0..count).map(|number| (format!("name{number}"), value.clone())).collect()
    }

    fn pds(endpoint: usize, kind: usize) -> PlcService {
        PlcService { kind: "k".repeat(kind), endpoint: "e".repeat(endpoint) }
    }

    #[test]
    fn there_are_one_to_five_different_rotation_keys() {
        for count in 1..=5 {
            let data = PlcData { rotation_keys: keys(count), ..data() };
            assert_eq!(data.check(), Ok(()), "{count}");
        }
        assert_eq!(broken(|data| data.rotation_keys.clear()), limit("rotationKeys", "there is none"));
        assert_eq!(broken(|data| data.rotation_keys = keys(6)), limit("rotationKeys", "more than 5"));
        let twice = broken(|data| data.rotation_keys.push(did_key(&k256())));
        assert_eq!(twice, limit("rotationKeys[2]", "stands there already"));
    }

    #[test]
    fn rotation_keys_are_of_the_two_curves() {
        let of = |point: &[u8]| format!("did:key:z{}", bs58::encode([&[0xe7, 0x01], point].concat()).into_string());
        let (short, off_curve) = (of(&[2; 32]), of(&[0xff; 33]));
        let cases = [
            ("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "a key of another curve than K-256 and P-256"),
            ("did:web:example.com", "not a did:key in base58"),
            ("did:key:fe70102", "not a did:key in base58"),
            (&short, "a key of the wrong length"),
            (&off_curve, "not a point of its curve"),
            ("", "not a did:key in base58"),
        ];
        for (key, rule) in cases {
            assert_eq!(broken(|data| data.rotation_keys[1] = key.into()), limit("rotationKeys[1]", rule), "{key}");
        }
    }

    #[test]
    fn verification_methods_are_keys_of_any_type() {
        let mut data = data();
        data.set_signing_key("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK");
        assert_eq!(data.check(), Ok(()));
        for key in ["", "z6Mk", "did:key:", "did:key:z", "did:key:f00", "did:web:example.com"] {
            let error = broken(|data| data.set_signing_key(key));
            assert_eq!(error, limit("verificationMethods.atproto", "not a did:key in base58"), "{key}");
        }
    }

    #[test]
    fn there_are_at_most_ten_of_everything_else() {
        let key = did_key(&k256());
        let mut data = data();
        data.verification_methods = named(10, &key);
        data.also_known_as = (0..10).map(|number| format!("at://a{number}.example")).collect();
        data.services = named(10, &pds(1, 1));
        assert_eq!(data.check(), Ok(()));
        let error = broken(|data| data.verification_methods = named(11, &key));
        assert_eq!(error, limit("verificationMethods", "more than 10"));
        let error = broken(|data| data.services = named(11, &pds(1, 1)));
        assert_eq!(error, limit("services", "more than 10"));
        let error =
            broken(|data| data.also_known_as = (0..11).map(|number| format!("at://a{number}.example")).collect());
        assert_eq!(error, limit("alsoKnownAs", "more than 10"));
    }

    #[test]
    fn names_are_different_uris() {
        let error = broken(|data| data.also_known_as.push("at://alice.example.com".into()));
        assert_eq!(error, limit("alsoKnownAs[1]", "stands there already"));
        for name in ["", "alice.example.com", "at://with space.example"] {
            assert_eq!(broken(|data| data.also_known_as[0] = name.into()), limit("alsoKnownAs[0]", "not a URI"));
        }
    }

    #[test]
    fn every_text_has_a_greatest_length() {
        let (id, key, name) =
            ("i".repeat(32), format!("did:key:z{}", "k".repeat(247)), format!("x:{}", "n".repeat(256)));
        let mut data = data();
        data.verification_methods.insert(id.clone(), key.clone());
        data.services.insert(id.clone(), pds(512, 256));
        data.also_known_as.push(name.clone());
        assert_eq!(data.check(), Ok(()));
        let place = |map: &str| format!("{map}.{id}");
        let longer = |text: &str| format!("{text}x");
        let cases = [
            (
                broken(|data| drop(data.verification_methods.insert(id.clone(), longer(&key)))),
                limit(place("verificationMethods"), "more than 256 characters"),
            ),
            (
                broken(|data| drop(data.verification_methods.insert(longer(&id), key.clone()))),
                limit(longer(&place("verificationMethods")), "a name of more than 32 characters"),
            ),
            (
                broken(|data| drop(data.services.insert(longer(&id), pds(1, 1)))),
                limit(longer(&place("services")), "a name of more than 32 characters"),
            ),
            (
                broken(|data| drop(data.services.insert(id.clone(), pds(513, 1)))),
                limit(format!("{}.endpoint", place("services")), "more than 512 characters"),
            ),
            (
                broken(|data| drop(data.services.insert(id.clone(), pds(1, 257)))),
                limit(format!("{}.type", place("services")), "more than 256 characters"),
            ),
            (
                broken(|data| data.also_known_as.push(longer(&name))),
                limit("alsoKnownAs[1]", "more than 258 characters"),
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn lengths_are_in_utf_16_units() {
        // Two units and four bytes each.
        let id = "𝒳".repeat(16);
        let mut data = data();
        data.services.insert(id.clone(), pds(1, 1));
        assert_eq!(data.check(), Ok(()));
        assert!(matches!(
            broken(|data| drop(data.services.insert(format!("{id}x"), pds(1, 1)))),
            OperationError::Limit(..)
        ));
    }

    #[test]
    fn names_of_keys_and_services_fit_behind_a_hash_sign() {
        for (id, rule) in [("", "an empty name"), ("#atproto", "a name with #"), ("a#", "a name with #")] {
            let error = broken(|data| drop(data.verification_methods.insert(id.into(), did_key(&k256()))));
            assert_eq!(error, limit(format!("verificationMethods.{id}"), rule));
            let error = broken(|data| drop(data.services.insert(id.into(), pds(1, 1))));
            assert_eq!(error, limit(format!("services.{id}"), rule));
        }
    }
}
