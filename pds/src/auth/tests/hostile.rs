//! Tokens that nobody of ours made.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::auth::{Access, jwt};

const ACCESS: &str = r#"{"typ":"at+jwt","alg":"HS256"}"#;

/// A token of these parts, signed with a secret.
fn token(secret: &[u8], header: &str, payload: &str) -> String {
    let signed = [header, payload].map(|part| BASE64URL_NOPAD.encode(part.as_bytes())).join(".");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

/// What a good token says.
fn payload(pds: &Pds, did: &str) -> Value {
    let now = pds.inner.now_secs();
    json!({ "scope": "com.atproto.access", "aud": pds.settings().did.as_str(), "sub": did, "iat": now, "exp": now + 60 })
}

async fn alice(pds: &Pds) -> String {
    pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap().did.as_str().to_owned()
}

#[tokio::test]
async fn a_token_is_what_its_parts_say() {
    let (pds, _) = with_clock().await;
    let payload = payload(&pds, &alice(&pds).await).to_string();
    get(&pds, GET_SESSION, &token(&*pds.inner.secrets.session, ACCESS, &payload)).await.ok();
}

#[tokio::test]
async fn headers_other_than_ours_are_refused() {
    let (pds, _) = with_clock().await;
    let payload = payload(&pds, &alice(&pds).await).to_string();
    let headers = [
        r#"{"typ":"at+jwt","alg":"none"}"#,
        r#"{"typ":"at+jwt","alg":"HS512"}"#,
        r#"{"typ":"at+jwt","alg":"ES256K"}"#,
        r#"{"typ":"JWT","alg":"HS256"}"#,
        r#"{"typ":"refresh+jwt","alg":"HS256"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"typ":"at+jwt","alg":"HS256","crit":["x"]}"#,
        "{}",
        "",
    ];
    for header in headers {
        let token = token(&*pds.inner.secrets.session, header, &payload);
        assert_eq!(get(&pds, GET_SESSION, &token).await.error(), (400, "InvalidToken"), "{header}");
    }
}

#[tokio::test]
async fn claims_other_than_ours_are_refused() {
    let (pds, _) = with_clock().await;
    let good = payload(&pds, &alice(&pds).await);
    let changes = [
        json!({ "aud": "did:web:other.example.com" }),
        json!({ "aud": [pds.settings().did.as_str()] }),
        json!({ "aud": null }),
        json!({ "sub": "alice.test" }),
        json!({ "sub": 1 }),
        json!({ "scope": "com.atproto.refresh" }),
        json!({ "scope": "com.atproto.admin" }),
        json!({ "scope": null }),
        json!({ "lxm": "com.atproto.server.getSession" }),
        json!({ "lxm": null }),
        json!({ "cnf": { "jkt": "x" } }),
        json!({ "exp": "never" }),
        json!({ "exp": 1e300 }),
        json!({ "iat": null }),
    ];
    for change in changes {
        let mut payload = good.clone();
        payload.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let token = token(&*pds.inner.secrets.session, ACCESS, &payload.to_string());
        assert_eq!(get(&pds, GET_SESSION, &token).await.error(), (400, "InvalidToken"), "{change}");
    }
    for payload in ["", "[]", "null", "{", "{}", "\u{fffd}"] {
        let token = token(&*pds.inner.secrets.session, ACCESS, payload);
        assert_eq!(get(&pds, GET_SESSION, &token).await.error(), (400, "InvalidToken"), "{payload}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_byte_of_a_token_can_be_changed_or_left_out() {
    let (pds, _) = with_clock().await;
    let (access, refresh) = session(&pds).await;
    assert!(pds.inner.signing().read_old(&access).is_ok());
    for at in 0..access.len() {
        let mut changed = access.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(pds.inner.signing().read_old(&changed), Err(jwt::Fault::Foreign), "{at}");
        assert_eq!(pds.inner.signing().read_old(&access[..at]), Err(jwt::Fault::Foreign), "{at}");
    }
    for longer in [format!("{access}A"), format!("{access}."), format!("{access}.x"), format!("x{access}")] {
        assert_eq!(pds.inner.signing().read_old(&longer), Err(jwt::Fault::Foreign));
    }
    assert_eq!(get(&pds, GET_SESSION, &refresh).await.error(), (400, "InvalidToken"));
    assert_eq!(super::refresh(&pds, &access).await.error(), (400, "InvalidToken"));
}

#[tokio::test]
async fn tokens_of_other_secrets_and_huge_ones_are_refused() {
    let (pds, _) = with_clock().await;
    let payload = payload(&pds, &alice(&pds).await).to_string();
    for secret in [&[0; 32][..], b"", b"secret"] {
        let token = token(secret, ACCESS, &payload);
        assert_eq!(get(&pds, GET_SESSION, &token).await.error(), (400, "InvalidToken"));
    }
    let huge = payload.replace('}', &format!(",\"x\":\"{}\"}}", "x".repeat(8 * 1024)));
    let huge = token(&*pds.inner.secrets.session, ACCESS, &huge);
    assert_eq!(pds.inner.signing().read_old(&huge), Err(jwt::Fault::Foreign));
}

#[tokio::test]
async fn an_old_token_is_expired_before_anything_is_looked_up() {
    let (pds, _) = with_clock().await;
    let mut payload = payload(&pds, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa");
    let secret = &*pds.inner.secrets.session;
    let unknown = token(secret, ACCESS, &payload.to_string());
    assert_eq!(get(&pds, GET_SESSION, &unknown).await.error(), (403, "AccountNotFound"));
    payload["exp"] = json!(0);
    let old = token(secret, ACCESS, &payload.to_string());
    assert_eq!(get(&pds, GET_SESSION, &old).await.error(), (400, "ExpiredToken"));
}

#[tokio::test]
async fn there_are_no_tokens_for_operators_and_services() {
    let (pds, _) = with_clock().await;
    for access in [Access::Admin, Access::Service] {
        let account = server::account(&pds, &format!("{access:?}-x.test").to_lowercase()).await;
        assert!(pds.inner.begin_session(account, access).await.is_err());
    }
}

fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let scheme = prop_oneof![
        Just("Bearer ".to_owned()),
        Just("bearer ".to_owned()),
        Just("Basic ".to_owned()),
        Just("DPoP ".to_owned()),
        Just(String::new()),
        "[A-Za-z]{1,8} {0,2}",
    ];
    let rest = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[A-Za-z0-9_.=/+-]{0,300}".prop_map(String::into_bytes),
        "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9\\.[A-Za-z0-9_-]{0,99}\\.[A-Za-z0-9_-]{0,50}"
            .prop_map(String::into_bytes),
        any::<String>().prop_map(|text| BASE64.encode(format!("admin:{text}").as_bytes()).into_bytes()),
    ];
    (scheme, rest).prop_map(|(scheme, rest)| [scheme.into_bytes(), rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn garbage_is_nobody(header in garbage()) {
        let Ok(value) = http::HeaderValue::from_bytes(&header) else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            thread_local!(static PDS: std::cell::OnceCell<Pds> = const { std::cell::OnceCell::new() });
            if PDS.with(|pds| pds.get().is_none()) {
                let pds = with_clock().await.0;
                PDS.with(|shared| drop(shared.set(pds)));
            }
            let pds = PDS.with(|pds| pds.get().unwrap().clone());
            for path in ["com.atproto.server.getSession", "com.atproto.server.checkAccountStatus"] {
                let request = http::Request::builder().uri(format!("/xrpc/{path}")).header("authorization", value.clone());
                let request = request.body(axum::body::Body::empty()).unwrap();
                let answer = tower::ServiceExt::oneshot(pds.xrpc().into_axum(), request).await.unwrap();
                prop_assert!([400, 401].contains(&answer.status().as_u16()), "{}", answer.status());
            }
            Ok(())
        })?;
    }
}
