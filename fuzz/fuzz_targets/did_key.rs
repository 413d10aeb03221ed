//! Whatever is read as a key is the same text after it was written again, and the other forms lead to the same key.
#![no_main]

use arobase_runtime::crypto::{Curve, PublicKey, Signature, SigningKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &[u8], &[u8])| {
    let (text, message, signature) = input;
    if let Ok(key) = PublicKey::from_did_key(text) {
        assert_eq!(key.to_did_key(), text);
        look_at(&key, message, signature);
    }
    if let Ok(key) = PublicKey::from_multikey(text) {
        assert_eq!(key.to_multikey(), text);
    }
    for curve in [Curve::K256, Curve::P256] {
        if let Ok(key) = PublicKey::from_legacy_multibase(curve, text) {
            look_at(&key, message, signature);
        }
        if let Ok(key) = PublicKey::from_sec1(curve, message) {
            look_at(&key, message, signature);
        }
    }
    if let Ok(key) = SigningKey::from_multikey(text) {
        assert_eq!(&*key.to_multikey(), text);
    }
});

fn look_at(key: &PublicKey, message: &[u8], signature: &[u8]) {
    let again = PublicKey::from_did_key(&key.to_did_key());
    assert_eq!(again.as_ref(), Ok(key));
    assert_eq!(PublicKey::from_legacy_multibase(key.curve(), &key.to_legacy_multibase()), again);
    assert_eq!(PublicKey::from_bytes(key.curve(), key.as_bytes()), again);
    if key.verify(message, signature) {
        assert!(key.verify_lenient(message, signature));
        assert!(Signature::from_slice(key.curve(), signature).is_some());
    }
}
