//! Tokens from before the protocol asked for all of it.

use super::*;

fn legacy() -> Service {
    Service::new().with(|verifier| verifier.legacy(true))
}

#[tokio::test]
async fn tokens_without_time_of_issue_and_nonce_pass_where_that_was_allowed() {
    let old = |service: &Service| {
        service.claiming(|payload| {
            without(payload, "iat");
            without(payload, "jti");
        })
    };
    let service = Service::new();
    assert_eq!(service.refusal(&old(&service)).await, r#"Malformed("it has no `iat`")"#);
    let service = legacy();
    service.verify(&old(&service)).await.unwrap();
    // There is nothing by which to know it again.
    service.verify(&old(&service)).await.unwrap();
}

#[tokio::test]
async fn a_nonce_that_is_there_counts_all_the_same() {
    let service = legacy();
    let token = service.claiming(|payload| without(payload, "iat"));
    service.verify(&token).await.unwrap();
    assert_eq!(service.refusal(&token).await, "Replayed");
}

#[tokio::test]
async fn what_is_there_has_to_be_right_all_the_same() {
    let service = legacy();
    for (key, value, name) in [
        ("iat", json!(NOW + 301), "NotYetValid"),
        ("exp", json!(NOW - 1), "Expired"),
        ("exp", json!(NOW + 3601), "Lifetime"),
        ("aud", json!("did:web:other.example.com"), "Audience"),
        ("lxm", json!("com.example.other"), "Method"),
        ("jti", json!(""), r#"Malformed("`jti` is empty")"#),
    ] {
        assert_eq!(service.refusal(&service.claiming(|payload| payload[key] = value)).await, name);
    }
    assert_eq!(service.refusal(&service.claiming(|payload| without(payload, "lxm"))).await, "Method");
}

#[tokio::test]
async fn the_old_name_of_a_labeler_is_a_hint_at_its_key() {
    let service = legacy().with(|verifier| verifier.key_names(["atproto", "atproto_label"]));
    let token = |fragment: &str| service.claiming(|payload| payload["iss"] = format!("{ISS}{fragment}").into());
    let verified = service.verify(&token("#atproto_labeler")).await.unwrap();
    assert_eq!((verified.iss.as_str(), &*verified.key), (ISS, "atproto_label"));
    assert_eq!(service.keys.asked(), [("atproto_label".to_owned(), Freshness::Cached)]);
    for other in ["#atproto", "#atproto_label", "#bsky_fg", "#", "#atproto_labeler#x", "##atproto_labeler"] {
        assert_eq!(service.refusal(&token(other)).await, "Issuer", "{other}");
    }
}

#[tokio::test]
async fn the_hint_does_not_make_a_key_accepted() {
    let service = legacy();
    let token = service.claiming(|payload| payload["iss"] = format!("{ISS}#atproto_labeler").into());
    assert_eq!(service.refusal(&token).await, "KeyName");
}

#[tokio::test]
async fn the_hint_and_the_name_of_the_key_agree() {
    let service = legacy().with(|verifier| verifier.key_names(["atproto", "atproto_label"]));
    let token = |kid: &str| {
        service.token(
            |header| header["kid"] = kid.into(),
            |payload| payload["iss"] = format!("{ISS}#atproto_labeler").into(),
        )
    };
    assert_eq!(service.refusal(&token("#atproto")).await, "KeyName");
    assert_eq!(&*service.verify(&token("#atproto_label")).await.unwrap().key, "atproto_label");
}
