//! The header in which a token comes.

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::*;

fn headers(values: &[&[u8]]) -> HeaderMap {
    values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_bytes(value).unwrap())).collect()
}

async fn refusal(values: &[&[u8]]) -> TokenError {
    Service::new().verifier.verify_headers(&headers(values), &nsid(LXM)).await.unwrap_err()
}

#[tokio::test]
async fn the_word_bearer_may_be_in_any_case() {
    for scheme in ["Bearer", "bearer", "BEARER", "bEARER"] {
        let service = Service::new();
        let value = format!("{scheme} {}", service.claiming(|_| ()));
        service.verifier.verify_headers(&headers(&[value.as_bytes()]), &nsid(LXM)).await.unwrap();
    }
}

#[tokio::test]
async fn a_request_without_the_header_has_no_token() {
    let refusal = refusal(&[]).await;
    assert_eq!((refusal.name(), refusal.status().as_u16()), ("AuthMissing", 401));
}

#[tokio::test]
async fn one_space_and_one_token_follow_once() {
    let token = Service::new().claiming(|_| ());
    let values = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer  x",
        "Bearer x y",
        "Bearer x ",
        "Bearer\tx",
        " Bearer x",
        "Basic eDp5",
        "DPoP x",
        "x",
        "Bearer,x y",
    ];
    let values = values.map(str::to_owned).into_iter().chain([token.clone(), format!("Bearer  {token}")]);
    for value in values {
        let refusal = refusal(&[value.as_bytes()]).await;
        assert_eq!((refusal.name(), refusal.status().as_u16()), ("InvalidToken", 400), "{value:?}");
    }
    for wrong in [&[&b"Bearer x"[..], b"Bearer x"][..], &[b"Bearer \xff"], &[b"Bearer \xc3\xa9"]] {
        assert_eq!(refusal(wrong).await.name(), "InvalidToken", "{wrong:?}");
    }
}
