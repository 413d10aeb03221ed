//! Texts that are no tokens: refused before any key is asked for.

use super::*;
use crate::service_auth::token::MAX_TOKEN;

/// Checks that tokens are refused for these reasons, without a look at a key.
async fn all_refused(service: &Service, cases: &[(String, &str)]) {
    for (token, reason) in cases {
        assert_eq!(service.refusal(token).await, *reason, "{token}");
    }
    assert_eq!(service.keys.asked(), []);
}

#[tokio::test]
async fn a_token_has_three_parts() {
    let service = Service::new();
    let good = service.claiming(|_| ());
    let reason = r#"Malformed("it does not have three parts")"#;
    let two = good.rsplit_once('.').unwrap().0;
    let wrong =
        ["", "a", two, &format!("{good}.{two}"), &format!("{good}.x"), &format!("{good}."), &format!(".{good}")];
    all_refused(&service, &wrong.map(|token| (token.to_owned(), reason))).await;
    assert_eq!(service.refusal("..").await, r#"Malformed("a part is not JSON with each key once")"#);
}

#[tokio::test]
async fn base64url_has_no_padding_no_white_space_and_no_bits_left_over() {
    let service = Service::new();
    let good = service.claiming(|_| ());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let reason = r#"Malformed("a part is not base64url")"#;
    // The last of 86 characters carries four bits, and two that have to be zero.
    let last = signature.chars().last().unwrap();
    let next = char::from(
        BASE64URL_NOPAD.specification().symbols.as_bytes()
            [1 + BASE64URL_NOPAD.specification().symbols.find(last).unwrap()],
    );
    let cases = [
        format!("{signed}.{signature}=="),
        format!("{signed}.{}{next}", &signature[..85]),
        format!("{signed}.{}", &signature[..85]),
        format!("{signed}. {}", &signature[1..]),
        format!("{signed}.{}\n", &signature),
        format!("{signed}.+{}", &signature[1..]),
        format!("{signed}./{}", &signature[1..]),
        format!("{header}=.{payload}.{signature}"),
        format!("{header} .{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.é{payload}.{signature}"),
    ];
    all_refused(&service, &cases.map(|token| (token, reason))).await;
}

#[tokio::test]
async fn header_and_payload_are_json_objects_with_each_key_once() {
    let service = Service::new();
    let (header, payload) = (service.header().to_string(), payload_now().to_string());
    let object = r#"Malformed("a part is not a JSON object")"#;
    let json = r#"Malformed("a part is not JSON with each key once")"#;
    let twice = |text: &str, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    let cases = [
        (service.token_of("[]", &payload), object),
        (service.token_of(&header, "null"), object),
        (service.token_of(&header, "\"x\""), object),
        (service.token_of("", &payload), json),
        (service.token_of(&header, ""), json),
        (service.token_of(&header, &format!("{payload} x")), json),
        (service.token_of(&header, &format!("{payload}{payload}")), json),
        (service.token_of(&header, &format!("\u{feff}{payload}")), json),
        (service.token_of(&header, payload.strip_suffix('}').unwrap()), json),
        (service.token_of(&twice(&header, r#""alg":"none""#), &payload), json),
        (service.token_of(&header, &twice(&payload, r#""aud":"did:web:other.example""#)), json),
        (service.token_of(&header, &twice(&payload, r#""\u0061ud":"did:web:other.example""#)), json),
        (service.token_of(&header, &twice(&payload, r#""x":{"y":1,"y":2}"#)), json),
    ];
    all_refused(&service, &cases).await;
    service.verify(&service.token_of(&format!(" {header}\n"), &format!("\t{payload}"))).await.unwrap();
}

#[tokio::test]
async fn a_part_is_text_in_utf8() {
    let service = Service::new();
    let signed = format!("{}.{}", encoded(&service.header().to_string()), BASE64URL_NOPAD.encode(b"{\"x\":\"\xff\"}"));
    let signature = service.key.sign(signed.as_bytes()).unwrap();
    let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_bytes()));
    all_refused(&service, &[(token, r#"Malformed("a part is not JSON with each key once")"#)]).await;
}

#[tokio::test]
async fn nesting_has_an_end() {
    let service = Service::new();
    let nested = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let reason = r#"Malformed("a part is not JSON with each key once")"#;
    let cases = [nested(128), nested(2500), "[".repeat(5000), r#"{"x":"#.repeat(1000)];
    all_refused(&service, &cases.map(|payload| (service.token_of("{}", &payload), reason))).await;
}

#[tokio::test]
async fn the_length_has_an_end() {
    let service = Service::new();
    let padded = |len: usize| service.claiming(|payload| payload["x"] = "y".repeat(len).into());
    let longest = (5000..).map(padded).take_while(|token| token.len() <= MAX_TOKEN).last().unwrap();
    assert!(longest.len() > MAX_TOKEN - 3);
    service.verify(&longest).await.unwrap();
    service.keys.asked();
    let long = [format!("{longest}aaa"), "a".repeat(10_000_000), padded(8000)];
    all_refused(&service, &long.map(|token| (token, "TooLong"))).await;
}

#[tokio::test]
async fn claims_have_their_types() {
    let service = Service::new();
    for key in ["iss", "aud", "exp", "lxm", "iat", "nbf", "jti"] {
        let is_text = !["exp", "iat", "nbf"].contains(&key);
        let reason = if is_text { "string" } else { "integer" };
        let reason = format!("Malformed(\"`{key}` is not a{} {reason}\")", if is_text { "" } else { "n" });
        let wrong = [json!(null), json!(true), json!([]), json!({}), json!([AUD]), json!(1.5), json!(1e300)];
        let wrong = wrong.into_iter().chain([if is_text { json!(NOW) } else { json!(NOW.to_string()) }]);
        for value in wrong {
            let token = service.claiming(|payload| payload[key] = value.clone());
            let refusal = service.refusal(&token).await;
            // A number beyond 64 bits is none that is read at all.
            assert!(refusal == reason || value == json!(1e300), "{key}: {value}: {refusal}");
        }
    }
    assert_eq!(service.keys.asked(), []);
}

#[tokio::test]
async fn a_number_is_written_as_an_integer() {
    let service = Service::new();
    for exp in ["1700000060.0", "17000000600e-1", "1.70000006e9"] {
        let payload = payload_now().to_string().replace("1700000060", exp);
        assert_eq!(
            service.refusal(&service.token_of(&service.header().to_string(), &payload)).await,
            r#"Malformed("`exp` is not an integer")"#
        );
    }
}

#[tokio::test]
async fn claims_that_are_required_are_there() {
    let service = Service::new();
    for key in ["iss", "aud", "exp", "iat", "jti"] {
        let token = service.claiming(|payload| without(payload, key));
        assert_eq!(service.refusal(&token).await, format!("Malformed(\"it has no `{key}`\")"));
    }
    assert_eq!(service.refusal(&service.claiming(|payload| without(payload, "lxm"))).await, "Method");
    assert_eq!(service.keys.asked(), []);
}

#[tokio::test]
async fn claims_that_are_not_known_are_not_looked_at() {
    let service = Service::new();
    let token = service.claiming(|payload| {
        payload["alg"] = "none".into();
        payload["sub"] = json!([1.5, { "nested": null }]);
    });
    service.verify(&token).await.unwrap();
}

#[tokio::test]
async fn a_nonce_has_a_bounded_length() {
    let service = Service::new();
    let jti = |len| service.claiming(|payload| payload["jti"] = "x".repeat(len).into());
    let long = r#"Malformed("`jti` is longer than 256 bytes")"#;
    let cases =
        [(jti(0), r#"Malformed("`jti` is empty")"#), (jti(257), long), (jti(5000), long), (jti(10_000), "TooLong")];
    all_refused(&service, &cases).await;
    service.verify(&jti(256)).await.unwrap();
}
