use std::{collections::HashSet, fmt::Debug};

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

/// The published vectors of a curve.
struct Vector {
    curve: Curve,
    text: &'static str,
    secret: &'static str,
    public: &'static str,
    did_key: &'static str,
    legacy: &'static str,
    secret_multikey: &'static str,
    /// Messages and their signatures.
    signed: [(&'static str, &'static str); 3],
    /// Of the first message, with the other `s`.
    high_s: &'static str,
}

const VECTORS: [Vector; 2] = [
    Vector {
        curve: Curve::K256,
        text: "demo k256 key",
        secret: "31f6b2673bc18bb1514a30f1f61fa7f95f98a437dee529d43f4bb9607acdafde",
        public: "02ff432095f7d901561bde55f380d6ba25c30ed8d0956aab2458986cdd705d0c0c",
        did_key: "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV",
        legacy: "zSaSWeofUgJnVCNbRyzof1gxm39UxpsQngTMCVc6CEDKdLVySV4HUXdugKTAEyXUX4titwRf5Jxt8gGRTiipJvdVs",
        secret_multikey: "z3vLXMvpjmtHSuYGQwqcyZDxnYL1pZXD33CkpqeWBjTooQyb",
        signed: [
            (
                "hello",
                "ea927ab6bd95ecce1e6775c5997ac360b024943b8aa77a8ec8276780908c8572\
                 1a05a2cbd5717b60dc7db1fb1333d826c6b15d11fc2e93268fbe900091a28d8c",
            ),
            (
                "atproto",
                "06a52a594de3a506f6139af51b4c45d18c7086bfe9f292a5ff34748a77eb7338\
                 2e4c26c3c61063e9e42a0a0b18199a9d2cd4d631d9344f79c7ad165fdaf3214f",
            ),
            (
                "",
                "87a641e44eae1b43b129a9d3569b2595336ef30318fa3d5667dfddcbdc6c3d55\
                 792f88931864adfac4d236cd22ca463929f94dcc0cbf13004ef928c608fb1144",
            ),
        ],
        high_s: "ea927ab6bd95ecce1e6775c5997ac360b024943b8aa77a8ec8276780908c8572\
                 e5fa5d342a8e849f23824e04eccc27d7f3fd7fd4b31a0d153013ce8c3e93b3b5",
    },
    Vector {
        curve: Curve::P256,
        text: "demo p256 key",
        secret: "854237ab2a12d2aff71f132066bbf8530e3126a29b2a4cd61b68785513609f05",
        public: "032913adb1934a87625b4180aa2fd86edcee72db467540b6048e75460dd069625a",
        did_key: "did:key:zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5",
        legacy: "zNJ525F7951jeCaXtKxZHm8VriSEEk8pZZdeHZiQ4R9ijK3SsKwJhAbHLTVgLJ7uznL7xMg4HsS3hwbBni1u869Px",
        secret_multikey: "z42trrVrbjcdp3XaKCaXpY1KyWdEZ2S3WmouW6zknUz4BpSY",
        signed: [
            (
                "hello",
                "4f7b2887f535488a36350972b26d998a3f6c0f2d50626694c19bd1cae5943b42\
                 39ba016ddb50ba0f89939af5ecca0d2be4a50c4f1b0146e8de0e60d24d25429b",
            ),
            (
                "atproto",
                "c10b74afcda5dab8f5fd170ac2fe4184ee113bb6ee39d45c0d4dc0a516c739a7\
                 01d77e93523cbe7fece0e43abe3f32d9acf82b65d848b8d1c3124f087944dd3d",
            ),
            (
                "",
                "bfcc78722e887e52bd4bc576d6462b112f0661fd06372303e125f9ae1749f394\
                 06ef60abed91c194b009af9f395872862e26b25e83356db8641eca8add8e5d88",
            ),
        ],
        high_s: "4f7b2887f535488a36350972b26d998a3f6c0f2d50626694c19bd1cae5943b42\
                 c645fe9124af45f1766c650a1335f2d3d841ee5e8c16579c15ab69f0af3de2b6",
    },
];

fn hex<const N: usize>(text: &str) -> [u8; N] {
    HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
}

fn key(vector: &Vector) -> SigningKey {
    let secret: [u8; 32] = Sha256::digest(vector.text).into();
    SigningKey::from_bytes(vector.curve, &secret).unwrap()
}

#[test]
fn the_published_keys_have_their_forms() {
    for vector in VECTORS {
        let key = key(&vector);
        assert_eq!(*key.to_bytes(), hex(vector.secret));
        let public = key.public_key();
        assert_eq!(public.as_bytes(), &hex(vector.public));
        assert_eq!((public.curve(), key.curve()), (vector.curve, vector.curve));
        assert_eq!(public.to_did_key(), vector.did_key);
        assert_eq!(format!("did:key:{}", public.to_multikey()), vector.did_key);
        assert_eq!(public.to_legacy_multibase(), vector.legacy);
        assert_eq!(&*key.to_multikey(), vector.secret_multikey);
    }
}

#[test]
fn a_public_key_is_read_from_each_of_its_forms() {
    for vector in VECTORS {
        let public = key(&vector).public_key();
        let compressed = format!("z{}", bs58::encode(public.as_bytes()).into_string());
        let read = [
            PublicKey::from_bytes(vector.curve, public.as_bytes()),
            PublicKey::from_did_key(vector.did_key),
            vector.did_key.parse(),
            PublicKey::from_multikey(&public.to_multikey()),
            PublicKey::from_legacy_multibase(vector.curve, vector.legacy),
            PublicKey::from_legacy_multibase(vector.curve, &compressed),
        ];
        for key in read {
            assert_eq!(key.as_ref(), Ok(&public));
            assert!(key.unwrap().verify(b"hello", &hex::<64>(vector.signed[0].1)));
        }
    }
}

#[test]
fn the_published_messages_have_their_signatures() {
    for vector in VECTORS {
        let key = key(&vector);
        for (message, signature) in vector.signed {
            assert_eq!(key.sign(message.as_bytes()).unwrap().as_bytes(), &hex(signature), "{message}");
            assert!(key.public_key().verify(message.as_bytes(), &hex::<64>(signature)), "{message}");
        }
    }
}

#[test]
fn another_message_or_key_does_not_verify() {
    let [k256, p256] = VECTORS.each_ref().map(key);
    let signature = hex::<64>(VECTORS[0].signed[0].1);
    assert!(!k256.public_key().verify(b"hallo", &signature));
    assert!(!p256.public_key().verify(b"hello", &signature));
    assert!(!SigningKey::generate(Curve::K256).public_key().verify(b"hello", &signature));
}

#[test]
fn a_high_s_verifies_only_where_it_may() {
    for vector in VECTORS {
        let public = key(&vector).public_key();
        assert!(!public.verify(b"hello", &hex::<64>(vector.high_s)));
        assert!(public.verify_lenient(b"hello", &hex::<64>(vector.high_s)));
        assert!(public.verify_lenient(b"hello", &hex::<64>(vector.signed[0].1)));
        assert!(!public.verify_lenient(b"hallo", &hex::<64>(vector.high_s)));
    }
}

/// As bytes of fixed width, not as numbers without their zeros.
#[test]
fn numbers_that_begin_with_zero_bytes_verify() {
    let messages = [(Curve::K256, 8, 257), (Curve::P256, 255, 24)];
    for (vector, (curve, small_r, small_s)) in VECTORS.iter().zip(messages) {
        let key = key(vector);
        for (number, at) in [(small_r, 0), (small_s, 32)] {
            let message = format!("message {number}");
            let signature = key.sign(message.as_bytes()).unwrap();
            assert_eq!(signature.as_bytes()[at], 0, "{curve:?} {message}");
            assert!(key.public_key().verify(message.as_bytes(), signature.as_bytes()), "{curve:?} {message}");
            let mut shorter = signature.as_bytes().to_vec();
            shorter.remove(at);
            assert!(!key.public_key().verify(message.as_bytes(), &shorter), "{curve:?} {message}");
        }
    }
}

#[test]
fn numbers_of_zero_or_beyond_the_order_do_not_verify() {
    for vector in VECTORS {
        let public = key(&vector).public_key();
        let good = hex::<64>(vector.signed[0].1);
        for (range, number) in [(0..32, &[0; 32]), (32..64, &[0; 32]), (0..32, vector.curve.order())] {
            let mut signature = good;
            signature[range].copy_from_slice(number);
            assert!(!public.verify(b"hello", &signature) && !public.verify_lenient(b"hello", &signature));
        }
        assert!(!public.verify(b"hello", &[0; 64]) && !public.verify_lenient(b"hello", &[0; 64]));
    }
}

#[test]
fn a_key_of_the_other_curve_does_not_verify() {
    let secret: [u8; 32] = Sha256::digest("demo k256 key").into();
    let other = SigningKey::from_bytes(Curve::P256, &secret).unwrap().public_key();
    let signature = hex::<64>(VECTORS[0].signed[0].1);
    assert!(!other.verify(b"hello", &signature) && !other.verify_lenient(b"hello", &signature));
}

#[test]
fn other_lengths_and_der_do_not_verify() {
    for vector in VECTORS {
        let signature = hex::<64>(vector.signed[0].1);
        let public = key(&vector).public_key();
        let der = match vector.curve {
            Curve::K256 => k256::ecdsa::Signature::from_slice(&signature).unwrap().to_der().as_bytes().to_vec(),
            Curve::P256 => p256::ecdsa::Signature::from_slice(&signature).unwrap().to_der().as_bytes().to_vec(),
        };
        for wrong in [&[], &signature[..63], &[signature.as_slice(), &[0]].concat(), &der] {
            assert!(!public.verify(b"hello", wrong), "{wrong:?}");
            assert!(!public.verify_lenient(b"hello", wrong), "{wrong:?}");
        }
    }
}

#[test]
fn no_changed_byte_of_a_signature_verifies() {
    for vector in VECTORS {
        let public = key(&vector).public_key();
        for at in 0..64 {
            let mut signature = hex::<64>(vector.signed[0].1);
            signature[at] ^= 1;
            assert!(!public.verify(b"hello", &signature), "byte {at}");
        }
    }
}

/// For any `r` and `s` and any message there is a key of which they are a signature; here `s` is half the order.
#[test]
fn an_s_of_exactly_half_the_order_verifies() {
    let k256 = {
        use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
        let signature = Signature::from_slice(&half_order_signature(Curve::K256)).unwrap();
        let id = RecoveryId::new(false, false);
        VerifyingKey::recover_from_prehash(&Sha256::digest(b"hello"), &signature, id).unwrap().to_sec1_point(true)
    };
    let p256 = {
        use p256::ecdsa::{RecoveryId, Signature, VerifyingKey};
        let signature = Signature::from_slice(&half_order_signature(Curve::P256)).unwrap();
        let id = RecoveryId::new(false, false);
        VerifyingKey::recover_from_prehash(&Sha256::digest(b"hello"), &signature, id).unwrap().to_sec1_point(true)
    };
    for (curve, point) in [(Curve::K256, k256.as_bytes()), (Curve::P256, p256.as_bytes())] {
        let key = PublicKey::from_sec1(curve, point).unwrap();
        assert!(key.verify(b"hello", &half_order_signature(curve)), "{curve:?}");
    }
}

fn half_order_signature(curve: Curve) -> [u8; 64] {
    // The `r` of a real signature is the coordinate of a point.
    let vector = VECTORS.iter().find(|vector| vector.curve == curve).unwrap();
    let mut signature = hex::<64>(vector.signed[0].1);
    signature[32..].copy_from_slice(curve.half_order());
    signature
}

fn multikey(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

#[test]
fn what_is_no_key_is_refused_with_the_reason() {
    let good = hex::<33>(VECTORS[0].public);
    let with = |prefix: &[u8], point: &[u8]| multikey(&[prefix, point].concat());
    let k256 = &[0xe7, 0x01];
    let uncompressed = bs58::decode(&VECTORS[0].legacy[1..]).into_vec().unwrap();
    let mut hybrid = uncompressed.clone();
    hybrid[0] = 6 | hybrid[64] & 1;
    let cases = [
        (String::new(), KeyError::Encoding),
        ("z".into(), KeyError::Length),
        (format!("f{}", HEXLOWER.encode(&good)), KeyError::Encoding),
        (VECTORS[0].did_key[8..].replace('b', "0"), KeyError::Encoding),
        (VECTORS[0].did_key[8..].replace('b', "é"), KeyError::Encoding),
        (with(&[0xed, 0x01], &good), KeyError::Curve),
        (with(&[0x81, 0x26], &good), KeyError::Curve),
        (with(&[0x00], &good), KeyError::Curve),
        (with(k256, &good[..32]), KeyError::Length),
        (with(k256, &[good.as_slice(), &[0]].concat()), KeyError::Length),
        (with(k256, &uncompressed[..62]), KeyError::Length),
        (with(k256, &uncompressed), KeyError::Length),
        (with(k256, &[0; 33]), KeyError::Value),
        (with(k256, &[[4].as_slice(), &good[1..]].concat()), KeyError::Value),
        (with(k256, &[[2].as_slice(), &[0xff; 32]].concat()), KeyError::Value),
        (format!("z{}", "1".repeat(10_000)), KeyError::Length),
    ];
    for (text, error) in cases {
        assert_eq!(PublicKey::from_multikey(&text), Err(error), "{text}");
    }
    assert_eq!(PublicKey::from_did_key(&VECTORS[0].did_key[8..]), Err(KeyError::Encoding));
    for point in [hybrid.as_slice(), &[0; 65], &[[4].as_slice(), &[1; 64]].concat()] {
        assert_eq!(PublicKey::from_sec1(Curve::K256, point), Err(KeyError::Value), "{point:?}");
        assert_eq!(PublicKey::from_sec1(Curve::P256, point), Err(KeyError::Value), "{point:?}");
    }
    for point in [&[][..], &[0], &good[..32]] {
        assert_eq!(PublicKey::from_sec1(Curve::P256, point), Err(KeyError::Length), "{point:?}");
    }
}

#[test]
fn a_point_of_the_one_curve_is_none_of_the_other() {
    let off = (2..100_u8).find(|last| {
        let mut point = [0; 33];
        (point[0], point[32]) = (2, *last);
        PublicKey::from_bytes(Curve::K256, &point).is_ok() && PublicKey::from_bytes(Curve::P256, &point).is_err()
    });
    assert!(off.is_some());
    let k256 = bs58::decode(&VECTORS[0].legacy[1..]).into_vec().unwrap();
    assert_eq!(PublicKey::from_sec1(Curve::P256, &k256), Err(KeyError::Value));
}

#[test]
fn a_point_with_the_number_of_the_other_curve_is_no_key_of_it() {
    let k256 = hex::<33>(VECTORS[0].public);
    let p256 = hex::<33>(VECTORS[1].public);
    let with = |number: &[u8], point: &[u8]| PublicKey::from_multikey(&multikey(&[number, point].concat()));
    assert_eq!(with(&[0x80, 0x24], &k256), Err(KeyError::Value));
    // Half of all numbers are coordinates of points of a curve, and this one is.
    let other = with(&[0xe7, 0x01], &p256);
    assert!(other.is_ok_and(|key| key.curve() == Curve::K256 && key != VECTORS[1].did_key.parse().unwrap()));
}

#[test]
fn other_multibases_are_no_keys() {
    let bytes = bs58::decode(&VECTORS[0].did_key[9..]).into_vec().unwrap();
    let texts = [
        format!("f{}", HEXLOWER.encode(&bytes)),
        format!("F{}", HEXUPPER.encode(&bytes)),
        format!("b{}", BASE32_NOPAD.encode(&bytes).to_lowercase()),
        format!("B{}", BASE32_NOPAD.encode(&bytes)),
        format!("m{}", BASE64_NOPAD.encode(&bytes)),
        format!("u{}", BASE64URL_NOPAD.encode(&bytes)),
        format!("U{}", BASE64URL.encode(&bytes)),
        format!("Z{}", &VECTORS[0].did_key[9..]),
        VECTORS[0].did_key[9..].to_owned(),
    ];
    for text in texts {
        assert_eq!(PublicKey::from_multikey(&text), Err(KeyError::Encoding), "{text}");
        assert_eq!(PublicKey::from_did_key(&format!("did:key:{text}")), Err(KeyError::Encoding), "{text}");
        assert_eq!(PublicKey::from_legacy_multibase(Curve::K256, &text), Err(KeyError::Encoding), "{text}");
    }
}

#[test]
fn leading_zero_bytes_are_kept_by_base58() {
    let point = hex::<33>(VECTORS[0].public);
    let text = multikey(&[[0, 0].as_slice(), &point].concat());
    assert!(text.starts_with("z11"));
    assert_eq!(PublicKey::from_multikey(&text), Err(KeyError::Curve));
    assert_eq!(PublicKey::from_legacy_multibase(Curve::K256, &text), Err(KeyError::Length));
}

#[test]
fn a_private_key_is_read_from_its_text() {
    for vector in VECTORS {
        let read = SigningKey::from_multikey(vector.secret_multikey).unwrap();
        assert_eq!((read.curve(), *read.to_bytes()), (vector.curve, hex(vector.secret)));
    }
    let secret = hex::<32>(VECTORS[0].secret);
    let with = |number: &[u8], secret: &[u8]| multikey(&[number, secret].concat());
    let k256 = &[0x81, 0x26];
    let cases = [
        (String::new(), KeyError::Encoding),
        (VECTORS[0].secret.to_owned(), KeyError::Encoding),
        (VECTORS[0].did_key[8..].to_owned(), KeyError::Curve),
        (with(&[0x80, 0x26], &secret), KeyError::Curve),
        (with(k256, &secret[..31]), KeyError::Length),
        (with(k256, &[secret.as_slice(), &[1]].concat()), KeyError::Length),
        (with(k256, &[0; 32]), KeyError::Value),
        (with(k256, Curve::K256.order()), KeyError::Value),
    ];
    for (text, error) in cases {
        assert_eq!(SigningKey::from_multikey(&text).err(), Some(error), "{text}");
    }
}

#[test]
fn a_secret_is_from_1_to_below_the_order() {
    for curve in [Curve::K256, Curve::P256] {
        for out in [&[0; 32], curve.order(), &[0xff; 32]] {
            assert_eq!(SigningKey::from_bytes(curve, out).err(), Some(KeyError::Value), "{curve:?}");
        }
        let mut last = *curve.order();
        last[31] -= 1;
        assert!(SigningKey::from_bytes(curve, &last).is_ok(), "{curve:?}");
    }
}

#[test]
fn new_keys_differ() {
    for curve in [Curve::K256, Curve::P256] {
        let keys: HashSet<PublicKey> = (0..10).map(|_| SigningKey::generate(curve).public_key()).collect();
        assert_eq!(keys.len(), 10);
    }
}

#[test]
fn a_secret_is_never_printed() {
    fn printed(value: impl Debug) -> String {
        format!("{value:?} {value:#?}")
    }
    for vector in VECTORS {
        let key = key(&vector);
        let text = printed(&key) + &printed(key.to_bytes()) + &printed(key.to_multikey());
        assert!(text.contains("did:key:") && !text.contains(&vector.secret[..8]), "{text}");
        assert!(!text.contains(&vector.secret_multikey[10..20]), "{text}");
        assert!(!text.contains(&format!("{}, {}", key.to_bytes()[0], key.to_bytes()[1])), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_a_key_signs_it_verifies_in_strict_form(secret in any::<[u8; 32]>(), message in any::<Vec<u8>>()) {
        for curve in [Curve::K256, Curve::P256] {
            let Ok(key) = SigningKey::from_bytes(curve, &secret) else { continue };
            let signature = key.sign(&message).unwrap();
            prop_assert_eq!(key.sign(&message).unwrap(), signature);
            prop_assert!(&signature.as_bytes()[32..] <= curve.half_order().as_slice());
            let public = PublicKey::from_did_key(&key.public_key().to_did_key()).unwrap();
            prop_assert!(public.verify(&message, signature.as_bytes()));
            let again = PublicKey::from_legacy_multibase(curve, &public.to_legacy_multibase());
            prop_assert_eq!(again.as_ref(), Ok(&public));
            let again = SigningKey::from_multikey(&key.to_multikey()).unwrap();
            prop_assert_eq!(*again.to_bytes(), secret);
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in "(did:key:)?z?[1-9A-HJ-NP-Za-km-z]{0,100}") {
        let _ = PublicKey::from_multikey(&text);
        let _ = PublicKey::from_legacy_multibase(Curve::P256, &text);
        if let Ok(key) = SigningKey::from_multikey(&text) {
            prop_assert_eq!(&*key.to_multikey(), &text);
        }
        if let Ok(key) = PublicKey::from_did_key(&text) {
            prop_assert_eq!(key.to_did_key(), text);
        }
    }
}
