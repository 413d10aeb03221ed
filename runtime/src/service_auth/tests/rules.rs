//! Who may call what, and in which way a token may be signed.

use super::*;

/// The cases that are refused without a look at a key.
async fn refused(service: &Service, token: &str) -> String {
    let refusal = service.refusal(token).await;
    assert_eq!(service.keys.asked(), [], "{token}");
    refusal
}

#[tokio::test]
async fn types_of_other_tokens_are_refused_in_any_case() {
    let service = Service::new();
    let others = ["at+jwt", "refresh+jwt", "dpop+jwt", "AT+JWT", "Refresh+Jwt", "dpop+JWT", "application/at+jwt"];
    for typ in others {
        let token = service.token(|header| header["typ"] = typ.into(), |_| ());
        assert_eq!(refused(&service, &token).await, "Type", "{typ}");
    }
    for typ in [json!(null), json!(1), json!(["JWT"])] {
        let token = service.token(|header| header["typ"] = typ, |_| ());
        assert_eq!(refused(&service, &token).await, r#"Malformed("`typ` is not a string")"#);
    }
}

#[tokio::test]
async fn types_that_are_nobodys_and_no_type_are_accepted() {
    for typ in ["JWT", "jwt", "", "application/jwt", "something+jwt"] {
        let service = Service::new();
        service.verify(&service.token(|header| header["typ"] = typ.into(), |_| ())).await.unwrap();
    }
    let service = Service::new();
    service.verify(&service.token(|header| without(header, "typ"), |_| ())).await.unwrap();
}

#[tokio::test]
async fn algorithms_other_than_the_two_are_refused() {
    let service = Service::new();
    let others =
        ["none", "None", "NONE", "", "RS256", "HS256", "ES384", "ES512", "EdDSA", "es256k", "ES256k", "ES256K "];
    for alg in others {
        let token = service.token(|header| header["alg"] = alg.into(), |_| ());
        assert_eq!(refused(&service, &token).await, "Algorithm", "{alg}");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(refused(&service, &unsigned).await, "Algorithm", "{alg}");
    }
    for alg in [json!(null), json!(0), json!(["ES256K"])] {
        let token = service.token(|header| header["alg"] = alg, |_| ());
        assert_eq!(refused(&service, &token).await, r#"Malformed("`alg` is not a string")"#);
    }
    let token = service.token(|header| without(header, "alg"), |_| ());
    assert_eq!(refused(&service, &token).await, r#"Malformed("`alg` is not a string")"#);
}

#[tokio::test]
async fn critical_extensions_are_refused() {
    let service = Service::new();
    for crit in [json!(["b64"]), json!([]), json!(null)] {
        let token = service.token(|header| header["crit"] = crit, |_| ());
        assert_eq!(refused(&service, &token).await, r#"Malformed("it has critical extensions, and none is known")"#);
    }
}

#[tokio::test]
async fn a_key_in_the_header_is_nobodys() {
    let (service, other) = (Service::new(), Service::new());
    let token = other.token(|header| header["jwk"] = json!({ "kty": "EC", "crv": "secp256k1" }), |_| ());
    assert_eq!(service.refusal(&token).await, "Signature");
}

#[tokio::test]
async fn the_audience_is_one_of_the_list_as_a_whole() {
    let service = Service::new();
    let others = [
        "",
        "did:web:api.example.com#",
        "did:web:api.example.com#svc2",
        "did:web:api.example.com#SVC",
        "did:web:API.example.com",
        "did:web:api.example.co",
        "did:web:api.example.com#svc#svc",
        " did:web:api.example.com",
        "did:web:other.example.com",
        "*",
    ];
    for aud in others {
        assert_eq!(
            refused(&service, &service.claiming(|payload| payload["aud"] = aud.into())).await,
            "Audience",
            "{aud}"
        );
    }
    for aud in [json!([AUD]), json!([AUD, "did:web:other.example.com"]), json!({ "aud": AUD })] {
        let token = service.claiming(|payload| payload["aud"] = aud);
        assert_eq!(refused(&service, &token).await, r#"Malformed("`aud` is not a string")"#);
    }
    let bare = service.claiming(|payload| payload["aud"] = "did:web:api.example.com".into());
    assert_eq!(&*service.verify(&bare).await.unwrap().aud, "did:web:api.example.com");
}

#[tokio::test]
async fn the_bare_did_of_a_service_is_no_wildcard() {
    let service = Service::new();
    let verifier = Verifier::new([AUD], Arc::clone(&service.keys) as _).clock(Arc::clone(&service.clock) as _);
    let service = service.with(|_| verifier);
    let bare = service.claiming(|payload| payload["aud"] = "did:web:api.example.com".into());
    assert_eq!(refused(&service, &bare).await, "Audience");
    // Nor is an empty list.
    let verifier = Verifier::new([""; 0], Arc::clone(&service.keys) as _).clock(Arc::clone(&service.clock) as _);
    let service = service.with(|_| verifier);
    assert_eq!(refused(&service, &service.claiming(|_| ())).await, "Audience");
}

#[tokio::test]
async fn the_method_is_the_one_that_is_called() {
    let service = Service::new();
    let others =
        ["", "*", "com.example.getThings", "com.example.getthing", "com.example.*", "COM.example.getThing", "x"];
    for lxm in others {
        assert_eq!(
            refused(&service, &service.claiming(|payload| payload["lxm"] = lxm.into())).await,
            "Method",
            "{lxm}"
        );
    }
}

#[tokio::test]
async fn a_service_can_take_tokens_without_a_method_but_never_of_another_one() {
    let service = Service::new().with(|verifier| verifier.any_method(true));
    let verified = service.verify(&service.claiming(|payload| without(payload, "lxm"))).await.unwrap();
    assert_eq!(verified.lxm, None);
    service.keys.asked();
    let other = service.claiming(|payload| payload["lxm"] = "com.example.other".into());
    assert_eq!(refused(&service, &other).await, "Method");
    let own = service.claiming(|payload| payload["jti"] = "own".into());
    assert_eq!(service.verify(&own).await.unwrap().lxm, Some(nsid(LXM)));
}

#[tokio::test]
async fn the_issuer_is_a_bare_did_of_a_supported_method() {
    let service = Service::new();
    let others = [
        "",
        "alice.example.com",
        "did:plc:short",
        "did:plc:ABCDEFGHIJKLMNOPQRSTUVWX",
        "did:web:a.example.com:user",
        "did:web:192.168.0.1",
        "did:web:a.local",
        "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV",
        "did:example:abc",
        "did:plc:abcdefghijklmnopqrstuvwx#atproto",
        "did:plc:abcdefghijklmnopqrstuvwx#atproto_labeler",
        "did:plc:abcdefghijklmnopqrstuvwx#",
        "did:plc:abcdefghijklmnopqrstuvwx ",
        "DID:plc:abcdefghijklmnopqrstuvwx",
    ];
    for iss in others {
        assert_eq!(
            refused(&service, &service.claiming(|payload| payload["iss"] = iss.into())).await,
            "Issuer",
            "{iss}"
        );
    }
}

#[tokio::test]
async fn only_keys_of_the_list_may_sign() {
    let service = Service::new();
    for kid in ["#atproto_label", "#other", "#", "#Atproto", "atproto", "", "did:plc:abcdefghijklmnopqrstuvwx#atproto"]
    {
        let token = service.token(|header| header["kid"] = kid.into(), |_| ());
        assert_eq!(refused(&service, &token).await, "KeyName", "{kid}");
    }
    let token = service.token(|header| header["kid"] = json!(1), |_| ());
    assert_eq!(refused(&service, &token).await, r#"Malformed("`kid` is not a string")"#);
    service.verify(&service.token(|header| header["kid"] = "#atproto".into(), |_| ())).await.unwrap();
    assert_eq!(service.keys.asked(), [("atproto".to_owned(), Freshness::Cached)]);
}

#[tokio::test]
async fn a_service_of_labelers_accepts_their_key_too() {
    let service = Service::new().with(|verifier| verifier.key_names(["atproto", "atproto_label"]));
    let token = service.token(|header| header["kid"] = "#atproto_label".into(), |_| ());
    assert_eq!(&*service.verify(&token).await.unwrap().key, "atproto_label");
    assert_eq!(service.keys.asked(), [("atproto_label".to_owned(), Freshness::Cached)]);
}

#[tokio::test]
async fn a_service_of_labelers_alone_does_not_accept_the_usual_key() {
    let service = Service::new().with(|verifier| verifier.key_names(["atproto_label"]));
    assert_eq!(refused(&service, &service.claiming(|_| ())).await, "KeyName");
}

#[tokio::test]
async fn no_token_passes_for_what_changes_an_account_itself() {
    let service = Service::new().with(|verifier| verifier.any_method(true));
    for method in
        ["com.atproto.server.updateEmail", "com.atproto.identity.signPlcOperation", "Com.AtProto.server.getSession"]
    {
        let named = service.claiming(|payload| payload["lxm"] = method.into());
        for token in [named, service.claiming(|payload| without(payload, "lxm"))] {
            let refusal = service.verifier.verify(&token, &nsid(method)).await.unwrap_err();
            assert_eq!((refusal.name(), service.keys.asked()), ("BadJwtLexiconMethod", vec![]), "{method}");
        }
    }
}
