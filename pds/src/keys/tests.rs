use arobase::crypto::Curve;
use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;

use super::*;

fn encrypted(keys: &[u8]) -> LocalKeys {
    LocalKeys::encrypted(keys.iter().map(|key| [*key; 32])).unwrap()
}

fn opens(keys: &LocalKeys, sealed: &SealedKey, key: &SigningKey) -> bool {
    keys.open(sealed).is_ok_and(|found| found.public_key() == key.public_key())
}

#[test]
fn a_key_comes_back_as_it_was() {
    for keys in [LocalKeys::plain(), encrypted(&[1])] {
        for curve in [Curve::K256, Curve::P256] {
            let key = SigningKey::generate(curve);
            let sealed = keys.seal(&key).unwrap();
            assert!(opens(&keys, &sealed, &key));
            let signature = keys.open(&sealed).unwrap().sign(b"x").unwrap();
            assert!(key.public_key().verify(b"x", signature.as_bytes()));
        }
    }
}

#[test]
fn new_keys_are_k256_and_are_those_that_are_kept() {
    let keys = encrypted(&[1]);
    let (sealed, signer) = keys.generate().unwrap();
    assert_eq!(signer.public_key().curve(), Curve::K256);
    assert_eq!(encrypted(&[1]).open(&sealed).unwrap().public_key(), signer.public_key());
}

#[test]
fn the_first_key_encrypts_and_all_of_them_decrypt() {
    let key = SigningKey::generate(Curve::K256);
    let old = encrypted(&[1]).seal(&key).unwrap();
    let rotated = encrypted(&[2, 1]);
    assert!(opens(&rotated, &old, &key));
    let new = rotated.seal(&key).unwrap();
    assert!(opens(&encrypted(&[2]), &new, &key));
    assert!(!opens(&encrypted(&[1]), &new, &key));
    assert!(!opens(&LocalKeys::plain(), &new, &key));
}

#[test]
fn what_was_kept_before_encryption_was_switched_on_can_be_read() {
    let key = SigningKey::generate(Curve::K256);
    let plain = LocalKeys::plain().seal(&key).unwrap();
    assert!(opens(&encrypted(&[1]), &plain, &key));
    let secret = LocalKeys::plain().seal_secret(b"\x01secret").unwrap();
    assert_eq!(**encrypted(&[1]).open_secret(&secret).unwrap(), *b"\x01secret");
    assert_eq!(**LocalKeys::plain().open_secret(&secret).unwrap(), *b"\x01secret");
}

#[test]
fn what_is_encrypted_has_nothing_of_the_key_and_is_never_the_same() {
    let key = SigningKey::generate(Curve::K256);
    let keys = encrypted(&[1]);
    let (one, other) = (keys.seal(&key).unwrap(), keys.seal(&key).unwrap());
    assert_ne!(one, other);
    let text = key.to_multikey();
    let shown = |sealed: &SealedKey| sealed.as_bytes().windows(8).any(|part| part == &text.as_bytes()[..8]);
    assert!(!shown(&one));
    assert!(shown(&LocalKeys::plain().seal(&key).unwrap()));
}

#[test]
fn a_secret_is_not_taken_for_a_key() {
    let keys = encrypted(&[1]);
    let key = SigningKey::generate(Curve::K256);
    let secret = keys.seal_secret(key.to_multikey().as_bytes()).unwrap();
    assert!(keys.open(&SealedKey::from_bytes(secret)).is_err());
    assert!(keys.open_secret(keys.seal(&key).unwrap().as_bytes()).is_err());
}

#[test]
fn keys_are_given_one_a_line_in_either_form() {
    let key = SigningKey::generate(Curve::K256);
    let sealed = encrypted(&[1]).seal(&key).unwrap();
    let lines = format!("{}\n\n  {} \r\n", BASE64.encode(&[2; 32]), HEXLOWER.encode(&[1; 32]).to_uppercase());
    let keys = LocalKeys::from_lines(&lines).unwrap();
    assert!(opens(&keys, &sealed, &key));
    assert!(opens(&encrypted(&[2]), &keys.seal(&key).unwrap(), &key));
    for wrong in ["", "\n", "abc", &HEXLOWER.encode(&[1; 31]), &format!("{lines}x")] {
        assert!(LocalKeys::from_lines(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn nothing_of_a_key_is_shown() {
    let keys = LocalKeys::from_lines(&HEXLOWER.encode(&[0xab; 32])).unwrap();
    let (sealed, _) = LocalKeys::plain().generate().unwrap();
    let shown = format!("{keys:?} {sealed:?}");
    assert!(!shown.contains("abab") && !shown.contains("[171") && shown.len() < 80, "{shown}");
}

proptest! {
    #[test]
    fn what_is_damaged_is_refused(at in any::<prop::sample::Index>(), change in 1..=255_u8) {
        let keys = encrypted(&[1]);
        let (sealed, _) = keys.generate().unwrap();
        let mut bytes = sealed.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        prop_assert!(keys.open(&SealedKey::from_bytes(bytes.clone())).is_err());
        prop_assert!(keys.open(&SealedKey::from_bytes(&sealed.as_bytes()[..at])).is_err());
    }

    #[test]
    fn garbage_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        for keys in [LocalKeys::plain(), encrypted(&[1])] {
            prop_assert!(keys.open(&SealedKey::from_bytes(bytes.clone())).is_err());
        }
    }
}
