//! Over real sockets: our router and axum's with our client, and requests written byte by byte.

use std::net::SocketAddr;

use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    Catalog, Client, Error,
    data::{self, Map},
    server::{Context, Failure, Route, Router, dynamic::Request, serve},
    service_auth::{ServiceCaller, ServiceSigner},
    xrpc::Content,
};

fn catalog() -> Catalog {
    Catalog::from_json(
        r#"{ "lexicon": 1, "id": "com.example.getThing", "defs": { "main": { "type": "query",
            "output": { "encoding": "application/json", "schema": { "type": "object", "properties": {} } } } } }"#,
    )
    .unwrap()
}

/// Answers who calls.
async fn get_thing(cx: Context, _: Request) -> Result<Map, Failure> {
    let caller = cx.get::<Verified>().or_else(|| cx.get::<Option<Verified>>()?.as_ref());
    Ok(Map::from_iter([("caller", caller.map_or("nobody", |caller| caller.iss.as_str()))]))
}

fn router() -> Router {
    Router::new().route(Route::dynamic(&catalog(), LXM, get_thing).unwrap())
}

async fn start(app: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener, app).await });
    address
}

impl Service {
    fn client(&self, address: SocketAddr) -> Client {
        let signer = ServiceSigner::new(Arc::clone(&self.key) as _, ISS.parse().unwrap(), AUD);
        Client::new(format!("http://{address}")).unwrap().with_auth(signer.clock(Arc::clone(&self.clock) as _))
    }
}

async fn call(client: &Client) -> Result<String, Error> {
    let Content::Json(answer) = client.dynamic(&catalog()).call(LXM, Map::new(), ()).await? else { panic!("no JSON") };
    Ok(answer.get("caller").and_then(data::Value::as_str).unwrap().to_owned())
}

/// Sends a GET with these headers; gives the head of the answer in lower case, and its body.
async fn ask(address: SocketAddr, path: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

/// The status, the error name and the challenge of an answer.
fn refusal((head, body): &(String, String)) -> (u16, String, Option<String>) {
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(head.contains("content-type: application/json"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert!(body["message"].is_string());
    let challenge = head.lines().find_map(|line| line.strip_prefix("www-authenticate: "));
    (status, body["error"].as_str().unwrap().to_owned(), challenge.map(str::to_owned))
}

#[tokio::test]
async fn calls_of_our_client_reach_our_router() {
    let service = Service::new();
    let address = start(router().authenticate(service.verifier.authenticate()).into_axum()).await;
    let client = service.client(address);
    for _ in 0..3 {
        assert_eq!(call(&client).await.unwrap(), ISS);
    }
    let bare = Client::new(format!("http://{address}")).unwrap();
    let Err(Error::Xrpc(error)) = call(&bare).await else { panic!("a refusal") };
    assert_eq!((error.status().as_u16(), error.name()), (401, "AuthMissing"));
}

#[tokio::test]
async fn a_call_that_is_repeated_has_another_token() {
    let service = Service::new();
    let tokens = Arc::new(Mutex::new(Vec::new()));
    let (verifier, seen) = (service.verifier.clone(), Arc::clone(&tokens));
    let hook = move |cx: Context| {
        let (verifier, seen) = (verifier.clone(), Arc::clone(&seen));
        async move {
            let verified = verifier.verify_context(&cx).await?;
            let mut seen = seen.lock().unwrap();
            seen.push(cx.headers()["authorization"].clone());
            match seen.len() {
                1 => Err(Failure::new(http::StatusCode::SERVICE_UNAVAILABLE, "NotEnoughResources", None)),
                _ => Ok(verified),
            }
        }
    };
    let address = start(router().authenticate(hook).into_axum()).await;
    assert_eq!(call(&service.client(address)).await.unwrap(), ISS);
    let tokens = tokens.lock().unwrap();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_refusal_has_its_name_in_the_body_and_in_the_challenge() {
    let service = Service::new();
    let router = router().authenticate(service.verifier.authenticate()).into_axum();
    let extracting = axum::Router::new().route("/xrpc/com.example.getThing", get(|_: ServiceCaller| async { "never" }));
    let addresses = [start(router).await, start(extracting.with_state(service.verifier.clone())).await];
    let bearer = |token: String| format!("authorization: Bearer {token}\r\n");
    let used = service.claiming(|_| ());
    service.verify(&used).await.unwrap();
    let cases = [
        (String::new(), 401, "AuthMissing"),
        (bearer("x".to_owned()), 401, "BadJwt"),
        (bearer(service.token(|header| header["typ"] = "at+jwt".into(), |_| ())), 401, "BadJwtType"),
        (bearer(service.claiming(|payload| payload["exp"] = (NOW - 1).into())), 401, "JwtExpired"),
        (bearer(service.claiming(|payload| payload["exp"] = (NOW + 4000).into())), 401, "BadExpiration"),
        (bearer(service.claiming(|payload| payload["iat"] = (NOW + 400).into())), 401, "JwtNotYetValid"),
        (bearer(service.claiming(|payload| payload["aud"] = "did:web:x.example".into())), 401, "BadJwtAudience"),
        (bearer(service.claiming(|payload| payload["lxm"] = "com.example.x".into())), 401, "BadJwtLexiconMethod"),
        (bearer(service.claiming(|payload| payload["iss"] = "x".into())), 401, "BadJwtIss"),
        (bearer(Service::new().claiming(|_| ())), 401, "BadJwtSignature"),
        (bearer(used), 401, "NonceNotUnique"),
        ("authorization: Basic eDp5\r\n".to_owned(), 400, "InvalidToken"),
        ("authorization: Bearer a b\r\n".to_owned(), 400, "InvalidToken"),
        ("authorization: Bearer a\r\nauthorization: Bearer a\r\n".to_owned(), 400, "InvalidToken"),
    ];
    for (headers, status, name) in cases {
        let challenge = (status == 401).then(|| format!("bearer error=\"{}\"", name.to_ascii_lowercase()));
        for address in addresses {
            let answer = ask(address, "/xrpc/com.example.getThing", &headers).await;
            assert_eq!(refusal(&answer), (status, name.to_owned(), challenge.clone()), "{headers}");
        }
    }
}

#[tokio::test]
async fn what_is_not_the_fault_of_the_caller_is_not_401() {
    let service = Service::new();
    let address = start(router().authenticate(service.verifier.authenticate()).into_axum()).await;
    let headers = format!("authorization: bearer {}\r\n", service.claiming(|_| ()));
    service.keys.set(Err(IdentityError::Status(500)), Err(IdentityError::Status(500)));
    let answer = ask(address, "/xrpc/com.example.getThing", &headers).await;
    assert_eq!(refusal(&answer), (502, "DidResolutionFailed".to_owned(), None));
    service.keys.set(Err(IdentityError::NotFound), Err(IdentityError::NotFound));
    let answer = ask(address, "/xrpc/com.example.getThing", &headers).await;
    let challenge = "bearer error=\"didresolutionfailed\"".to_owned();
    assert_eq!(refusal(&answer), (401, "DidResolutionFailed".to_owned(), Some(challenge)));
}

#[tokio::test]
async fn optional_authentication_lets_those_without_a_token_pass_and_no_others() {
    let service = Service::new();
    let address = start(router().authenticate(service.verifier.authenticate_optional()).into_axum()).await;
    let anonymous = Client::new(format!("http://{address}")).unwrap();
    assert_eq!(call(&anonymous).await.unwrap(), "nobody");
    assert_eq!(call(&service.client(address)).await.unwrap(), ISS);
    for header in ["Bearer x", "Basic eDp5", ""] {
        let (head, _) = ask(address, "/xrpc/com.example.getThing", &format!("authorization: {header}\r\n")).await;
        assert!(head.starts_with("http/1.1 40"), "{header}: {head}");
    }
}

async fn name(caller: Option<ServiceCaller>) -> String {
    caller.map_or("nobody".to_owned(), |ServiceCaller(caller)| caller.iss.to_string())
}

#[tokio::test]
async fn an_extractor_takes_the_method_from_the_path() {
    let service = Service::new();
    let methods = axum::Router::new().route("/com.example.getThing", get(name)).route("/{other}", get(name));
    let app = axum::Router::new().nest("/xrpc", methods).route("/elsewhere/com.example.getThing", get(name));
    let address = start(app.with_state(service.verifier.clone())).await;
    assert_eq!(ask(address, "/xrpc/com.example.getThing", "").await.1, "nobody");
    let bearer = || {
        let jti = format!("{:?}", std::time::Instant::now());
        format!("authorization: Bearer {}\r\n", service.claiming(|payload| payload["jti"] = jti.into()))
    };
    for path in ["/xrpc/com.example.getThing", "/xrpc/com.example.getThing?x=/xrpc/y", "/xrpc/COM.example.getThing"] {
        assert_eq!(ask(address, path, &bearer()).await.1, ISS, "{path}");
    }
    let answer = ask(address, "/xrpc/com.example.other", &bearer()).await;
    assert_eq!(refusal(&answer).1, "BadJwtLexiconMethod");
    for path in ["/elsewhere/com.example.getThing", "/xrpc/com.example", "/xrpc/com.example.get%54hing"] {
        let answer = ask(address, path, &bearer()).await;
        assert_eq!(refusal(&answer), (400, "InvalidRequest".to_owned(), None), "{path}");
    }
}

#[tokio::test]
async fn a_request_that_a_pds_refuses_is_a_failure_with_its_name() {
    let refuse = |_: Context| async {
        let lxm = nsid("com.atproto.server.getSession");
        Ok(crate::service_auth::Claims::check_request(AUD, Some(&lxm), None, at(NOW))?)
    };
    let address = start(router().authenticate(refuse).into_axum()).await;
    let answer = ask(address, "/xrpc/com.example.getThing", "").await;
    assert_eq!(refusal(&answer), (400, "InvalidRequest".to_owned(), None));
}

#[test]
fn neither_tokens_nor_keys_are_printed() {
    let service = Service::new();
    let signer = ServiceSigner::new(Arc::clone(&service.key) as _, ISS.parse().unwrap(), AUD);
    let text = format!("{signer:?} {:?}", service.verifier);
    assert!(!text.contains("PublicKey") && !text.contains("eyJ"), "{text}");
}
