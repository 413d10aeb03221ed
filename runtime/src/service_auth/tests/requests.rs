//! What a PDS is asked to sign.

use super::*;
use crate::service_auth::{Claims, RequestError};

fn check(aud: &str, lxm: Option<&str>, exp: Option<i64>) -> Result<Duration, RequestError> {
    Claims::check_request(aud, lxm.map(nsid).as_ref(), exp, at(NOW))
}

fn ahead(seconds: i64) -> Option<i64> {
    Some(i64::try_from(NOW).unwrap() + seconds)
}

#[test]
fn the_audience_is_a_did_with_or_without_the_id_of_a_service() {
    for aud in [AUD, ISS, "did:web:api.example.com", "did:web:localhost%3A2583#bsky_appview"] {
        assert!(check(aud, Some(LXM), None).is_ok(), "{aud}");
    }
    let wrong = [
        "",
        "*",
        "api.example.com",
        "https://api.example.com",
        "did:plc:x",
        "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV",
        "did:web:api.example.com#",
        "did:web:api.example.com#a#b",
        "did:web:api.example.com#a b",
        "did:web:api.example.com#a\"b",
        "did:web:api.example.com/x",
        "#svc",
    ];
    for aud in wrong {
        assert_eq!(check(aud, Some(LXM), None), Err(RequestError::Audience), "{aud}");
    }
    assert_eq!(check(&format!("{ISS}#{}", "a".repeat(257)), Some(LXM), None), Err(RequestError::Audience));
}

#[test]
fn with_a_method_a_token_may_be_good_for_an_hour() {
    assert_eq!(check(AUD, Some(LXM), None), Ok(Duration::from_secs(60)));
    for seconds in [1, 60, 61, 3600] {
        assert_eq!(check(AUD, Some(LXM), ahead(seconds)), Ok(Duration::from_secs(seconds.unsigned_abs())));
    }
    for exp in [ahead(3601), Some(i64::MAX)] {
        assert_eq!(check(AUD, Some(LXM), exp), Err(RequestError::TooLate));
    }
}

#[test]
fn without_a_method_a_token_is_good_for_a_minute() {
    assert_eq!(check(AUD, None, None), Ok(Duration::from_secs(60)));
    assert_eq!(check(AUD, None, ahead(60)), Ok(Duration::from_secs(60)));
    assert_eq!(check(AUD, None, ahead(61)), Err(RequestError::TooLateWithoutMethod));
    assert_eq!(check(AUD, None, ahead(3601)), Err(RequestError::TooLate));
}

#[test]
fn nothing_expires_in_the_past() {
    for exp in [ahead(0), ahead(-1), Some(0), Some(-1), Some(i64::MIN)] {
        for lxm in [Some(LXM), None] {
            assert_eq!(check(AUD, lxm, exp), Err(RequestError::Past), "{exp:?}");
        }
    }
}

#[test]
fn protected_methods_are_refused_in_any_case() {
    let protected = [
        "com.atproto.admin.sendEmail",
        "com.atproto.identity.requestPlcOperationSignature",
        "com.atproto.identity.signPlcOperation",
        "com.atproto.identity.updateHandle",
        "com.atproto.server.activateAccount",
        "com.atproto.server.confirmEmail",
        "com.atproto.server.createAppPassword",
        "com.atproto.server.deactivateAccount",
        "com.atproto.server.getAccountInviteCodes",
        "com.atproto.server.getSession",
        "com.atproto.server.listAppPasswords",
        "com.atproto.server.requestAccountDelete",
        "com.atproto.server.requestEmailConfirmation",
        "com.atproto.server.requestEmailUpdate",
        "com.atproto.server.revokeAppPassword",
        "com.atproto.server.updateEmail",
        "com.atproto.server.UPDATEEMAIL",
        "COM.ATPROTO.SERVER.updateemail",
        "com.AtProto.server.getSession",
    ];
    for lxm in protected {
        assert_eq!(check(AUD, Some(lxm), None), Err(RequestError::Protected), "{lxm}");
    }
    for lxm in ["com.atproto.server.createAccount", "com.atproto.repo.uploadBlob", "com.example.server.getSession"] {
        assert!(check(AUD, Some(lxm), None).is_ok(), "{lxm}");
    }
}

#[test]
fn what_is_refused_is_answered_with_400_and_a_name() {
    for (error, name) in [
        (RequestError::Audience, "InvalidRequest"),
        (RequestError::Protected, "InvalidRequest"),
        (RequestError::Past, "BadExpiration"),
        (RequestError::TooLate, "BadExpiration"),
        (RequestError::TooLateWithoutMethod, "BadExpiration"),
    ] {
        let answer = crate::xrpc::XrpcError::from(error);
        assert_eq!((answer.status().as_u16(), answer.name()), (400, name));
    }
}
