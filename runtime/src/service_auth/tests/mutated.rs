//! Tokens that somebody changed: refused, whatever was changed, and without a panic.

use std::sync::LazyLock;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;

/// One account for all cases; nothing passes, so that nothing is remembered.
static SERVICE: LazyLock<Service> = LazyLock::new(Service::new);

/// Whether a text is refused, and that before its nonce is looked at.
fn is_refused(text: &str) -> bool {
    let outcome = SERVICE.verify(text).now_or_never().expect("the keys are there at once");
    matches!(outcome, Err(error) if !matches!(error, TokenError::Replayed | TokenError::Full))
}

#[test]
fn every_bit_of_every_character_counts() {
    for curve in [Curve::K256, Curve::P256] {
        let service = Service::of(curve);
        let token = service.claiming(|_| ());
        for at in 0..token.len() {
            for bit in 0..7 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let text = String::from_utf8(bytes).unwrap();
                let outcome = service.verify(&text).now_or_never().unwrap();
                assert!(outcome.is_err(), "{text}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_refused(text in any::<String>()) {
        prop_assert!(is_refused(&text));
    }

    #[test]
    fn any_three_parts_are_refused(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 3)) {
        let parts: Vec<_> = parts.iter().map(|part| BASE64URL_NOPAD.encode(part)).collect();
        prop_assert!(is_refused(&parts.join(".")));
    }

    #[test]
    fn a_token_that_was_cut_and_put_together_again_is_refused(
        from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), insert in "[A-Za-z0-9_.-]{0,8}",
    ) {
        let token = SERVICE.claiming(|_| ());
        let (from, to) = (from.index(token.len()), to.index(token.len()));
        let changed = format!("{}{insert}{}", &token[..from.min(to)], &token[from.max(to)..]);
        prop_assume!(token != changed);
        prop_assert!(is_refused(&changed));
    }

    #[test]
    fn a_payload_of_one_token_under_the_signature_of_another_is_refused(exp in 1_u64..3600, aud in "[a-z]{1,10}") {
        let token = SERVICE.claiming(|_| ());
        let other = SERVICE.claiming(|payload| {
            payload["exp"] = (NOW + exp).into();
            payload["jti"] = aud.into();
        });
        let mixed = format!("{}.{}", other.rsplit_once('.').unwrap().0, token.rsplit_once('.').unwrap().1);
        prop_assert!(is_refused(&mixed));
    }

    #[test]
    fn whatever_a_token_says_it_passes_only_where_it_says_all_that_is_asked(
        key in prop::sample::select(vec!["iss", "aud", "exp", "iat", "lxm", "nbf", "jti"]),
        value in prop_oneof![
            any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from), any::<bool>().prop_map(Value::from),
            "[ -~]{0,40}".prop_map(Value::from), Just(Value::Null), Just(json!([AUD])), Just(json!({ "aud": AUD })),
        ],
    ) {
        let service = Service::new();
        let token = service.claiming(|payload| payload[key] = value.clone());
        let passed = service.verify(&token).now_or_never().unwrap().is_ok();
        let now = i64::try_from(NOW).unwrap();
        let right = match key {
            "exp" => value.as_i64().is_some_and(|exp| (now..=now + 3600).contains(&exp)),
            "iat" => value.as_i64().is_some_and(|iat| iat <= now + 300),
            "nbf" => value.as_i64().is_some_and(|nbf| nbf <= now),
            "jti" => value.as_str().is_some_and(|jti| !jti.is_empty()),
            "lxm" => value == LXM,
            "aud" => value == AUD,
            _ => value == ISS,
        };
        prop_assert_eq!(passed, right, "{}: {}", key, value);
    }
}
