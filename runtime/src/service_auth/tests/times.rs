//! From when and until when a token is good.

use super::*;

/// Whether a token passes, and otherwise why not.
async fn outcome(service: &Service, token: &str) -> &'static str {
    match service.verify(token).await {
        Ok(_) => "ok",
        Err(error) => error.name(),
    }
}

#[tokio::test]
async fn a_token_expires_after_the_second_that_it_names() {
    for (now, expected) in [(60.0, "ok"), (60.001, "JwtExpired"), (61.0, "JwtExpired"), (1e9, "JwtExpired")] {
        let service = Service::new();
        service.clock.set(NOW as f64 + now);
        assert_eq!(outcome(&service, &service.claiming(|_| ())).await, expected, "{now}");
        assert_eq!(service.keys.asked().is_empty(), expected != "ok");
    }
}

#[tokio::test]
async fn leeway_is_given_after_the_end_and_not_more() {
    for (leeway, now, expected) in [
        (5, 65.0, "ok"),
        (5, 65.001, "JwtExpired"),
        (60, 120.0, "ok"),
        (60, 120.001, "JwtExpired"),
        // No more than a minute is given.
        (3600, 120.0, "ok"),
        (3600, 121.0, "JwtExpired"),
    ] {
        let service = Service::new().with(|verifier| verifier.leeway(Duration::from_secs(leeway)));
        service.clock.set(NOW as f64 + now);
        assert_eq!(outcome(&service, &service.claiming(|_| ())).await, expected, "{leeway} {now}");
    }
}

#[tokio::test]
async fn a_token_may_not_be_good_for_more_than_an_hour_from_now() {
    let service = Service::new();
    for (exp, expected) in [(3600, "ok"), (3601, "BadExpiration"), (86_400, "BadExpiration")] {
        assert_eq!(outcome(&service, &service.claiming(|payload| payload["exp"] = (NOW + exp).into())).await, expected);
    }
    let endless = service.claiming(|payload| payload["exp"] = i64::MAX.into());
    assert_eq!(outcome(&service, &endless).await, "BadExpiration");
}

#[tokio::test]
async fn a_service_can_set_another_bound() {
    let five = Service::new().with(|verifier| verifier.max_lifetime(Duration::from_secs(300)));
    for (exp, expected) in [(300, "ok"), (301, "BadExpiration")] {
        assert_eq!(outcome(&five, &five.claiming(|payload| payload["exp"] = (NOW + exp).into())).await, expected);
    }
    let any = Service::new().with(|verifier| verifier.max_lifetime(Duration::MAX));
    let endless = any.claiming(|payload| payload["exp"] = i64::MAX.into());
    // Whether a computer counts that far is its own affair.
    assert!(["ok", "BadExpiration"].contains(&outcome(&any, &endless).await));
    let century = any.claiming(|payload| {
        payload["exp"] = (NOW + 3_000_000_000).into();
        payload["jti"] = "another".into();
    });
    assert_eq!(outcome(&any, &century).await, "ok");
}

#[tokio::test]
async fn a_token_was_issued_at_most_five_minutes_ahead() {
    let service = Service::new();
    for (iat, expected) in [(300, "ok"), (301, "JwtNotYetValid"), (3000, "JwtNotYetValid")] {
        let token = service.claiming(|payload| {
            payload["iat"] = (NOW + iat).into();
            payload["exp"] = (NOW + 3600).into();
        });
        assert_eq!(outcome(&service, &token).await, expected, "{iat}");
    }
    let future = service.claiming(|payload| payload["iat"] = i64::MAX.into());
    assert_eq!(outcome(&service, &future).await, "JwtNotYetValid");
}

#[tokio::test]
async fn a_token_may_be_old_as_long_as_it_has_not_expired() {
    for iat in [0, -1, i64::MIN] {
        let service = Service::new();
        assert_eq!(outcome(&service, &service.claiming(|payload| payload["iat"] = iat.into())).await, "ok", "{iat}");
    }
}

#[tokio::test]
async fn the_beginning_of_a_token_is_honoured() {
    for (leeway, nbf, expected) in [(0, 0, "ok"), (0, 1, "JwtNotYetValid"), (5, 5, "ok"), (5, 6, "JwtNotYetValid")] {
        let service = Service::new().with(|verifier| verifier.leeway(Duration::from_secs(leeway)));
        let token = service.claiming(|payload| payload["nbf"] = (NOW + nbf).into());
        assert_eq!(outcome(&service, &token).await, expected, "{leeway} {nbf}");
    }
}

#[tokio::test]
async fn a_time_before_1970_has_passed() {
    let service = Service::new();
    for exp in [0, -1, i64::MIN] {
        assert_eq!(outcome(&service, &service.claiming(|payload| payload["exp"] = exp.into())).await, "JwtExpired");
    }
}

#[tokio::test]
async fn a_clock_before_1970_lets_nothing_pass() {
    let service = Service::new();
    *service.clock.0.lock().unwrap() = UNIX_EPOCH - Duration::from_secs(1_000_000);
    assert_eq!(outcome(&service, &service.claiming(|_| ())).await, "BadExpiration");
}

#[tokio::test]
async fn a_token_that_expires_while_its_key_is_asked_for_is_refused() {
    let service = Service::new();
    let clock = Arc::clone(&service.clock);
    *service.keys.meanwhile.lock().unwrap() = Box::new(move || clock.set(NOW as f64 + 61.0));
    assert_eq!(outcome(&service, &service.claiming(|_| ())).await, "JwtExpired");
}
