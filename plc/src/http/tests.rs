use std::time::Duration;

use arobase_runtime::{
    data::Cid,
    identity::plc::{Content, Log, Operation, PlcData, PlcService, audit, parse_audit_log},
    lexicon::json::Json,
    syntax::Did,
};
use axum::{
    body::{Body, to_bytes},
    http::HeaderMap,
};
use futures_util::stream;
use proptest::prelude::*;
use tower::ServiceExt;

use super::*;
use crate::testing::{Keys, TestClock, directory, tombstone};

/// An answer, read to its end.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn content_type(&self) -> &str {
        self.headers[header::CONTENT_TYPE].to_str().unwrap()
    }

    fn message(&self) -> String {
        assert_eq!(self.content_type(), "application/json; charset=utf-8");
        let json = Json::parse(&self.body).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 1);
        json.get("message").and_then(Json::as_str).unwrap().to_owned()
    }

    fn cids(&self) -> Vec<String> {
        let cid = |line: &str| Json::parse(line).unwrap().get("cid").and_then(Json::as_str).unwrap().to_owned();
        self.body.lines().map(cid).collect()
    }
}

async fn send(directory: &Directory, request: Request) -> Answer {
    let (head, body) = router(directory.clone()).oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn get(directory: &Directory, path: &str) -> Answer {
    send(directory, Request::get(path).body(Body::empty()).unwrap()).await
}

fn posting(did: &Did, content_type: &str, body: impl Into<Body>) -> Request {
    Request::post(format!("/{did}")).header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

async fn post(directory: &Directory, did: &Did, operation: &Operation) -> Answer {
    send(directory, posting(did, "application/json", operation.to_json())).await
}

/// A directory with an account that was renamed, taken over and recovered.
async fn eventful() -> (Directory, TestClock, Did, Vec<Operation>) {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    let renamed = keys.renamed(genesis.cid(), "bob", &keys.weak);
    let stolen = keys.renamed(renamed.cid(), "mallory", &keys.weak);
    let recovered = keys.renamed(renamed.cid(), "carol", &keys.strong);
    let operations = vec![genesis, renamed, stolen, recovered];
    for (second, operation) in operations.iter().enumerate() {
        clock.set(u64::try_from(second).unwrap() * 1000);
        assert_eq!(post(&directory, &did, operation).await.status, 200);
    }
    (directory, clock, did, operations)
}

#[tokio::test]
async fn an_operation_that_is_taken_is_answered_with_ok() {
    let (directory, _) = directory(|builder| builder);
    let (did, genesis) = Keys::new().genesis();
    let answer = post(&directory, &did, &genesis).await;
    assert_eq!((answer.status, &*answer.body), (200, "OK"));
    assert_eq!(answer.content_type(), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn documents_and_states_are_those_of_the_last_operation_that_holds() {
    let (directory, _, did, operations) = eventful().await;
    let data = operations[3].content().data().unwrap();
    let document = get(&directory, &format!("/{did}")).await;
    assert_eq!((document.status, document.content_type()), (200, "application/did+ld+json; charset=utf-8"));
    assert_eq!(document.body.as_bytes(), data.document(&did).to_json());
    let state = get(&directory, &format!("/{did}/data")).await;
    assert_eq!((state.status, state.content_type()), (200, "application/json; charset=utf-8"));
    assert_eq!(PlcData::from_json(&did, state.body.as_bytes()).unwrap(), data);
    let last = get(&directory, &format!("/{did}/log/last")).await;
    assert_eq!(Operation::from_json(last.body.as_bytes()).unwrap(), operations[3]);
}

#[tokio::test]
async fn colons_may_be_escaped() {
    let (directory, _, did, _) = eventful().await;
    for path in [format!("/{did}"), format!("/{did}/log/audit")] {
        let escaped = get(&directory, &path.replace(':', "%3A")).await;
        assert_eq!((escaped.status, escaped.body), (200, get(&directory, &path).await.body));
    }
}

#[tokio::test]
async fn the_log_has_what_holds_and_the_audit_log_has_all() {
    let (directory, _, did, operations) = eventful().await;
    let log = get(&directory, &format!("/{did}/log")).await;
    let told: Vec<_> = Json::parse(&log.body).unwrap().as_array().unwrap().iter().map(Json::to_string).collect();
    let told: Vec<_> = told.iter().map(|json| Operation::from_json(json.as_bytes()).unwrap()).collect();
    assert_eq!(told, [0, 1, 3].map(|index| operations[index].clone()));

    let audited = get(&directory, &format!("/{did}/log/audit")).await;
    let entries = parse_audit_log(audited.body.as_bytes()).unwrap();
    let log = audit(&did, &entries).unwrap();
    assert_eq!(
        log.entries().iter().map(|entry| &entry.operation).collect::<Vec<_>>(),
        operations.iter().collect::<Vec<_>>()
    );
    assert_eq!(entries.iter().map(|entry| entry.nullified).collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!(entries[2].created_at.as_str(), "2023-11-14T22:13:22.000Z");
}

#[tokio::test]
async fn what_is_not_registered_is_not_found() {
    let (directory, _) = directory(|builder| builder);
    let long = format!("did:plc:{}", "a".repeat(500));
    for did in ["did:plc:abcdefghijklmnopqrstuvwx", "did:web:example.com", "favicon.ico", "%F0%9F%A6%8B", &long] {
        for end in ["", "/data", "/log", "/log/audit", "/log/last"] {
            let answer = get(&directory, &format!("/{did}{end}")).await;
            assert_eq!(answer.status, 404, "{did}{end}");
            let message = answer.message();
            assert!(message.starts_with("DID not registered: ") && message.len() < 200, "{message}");
        }
    }
}

#[tokio::test]
async fn what_was_given_up_is_not_found_but_has_logs() {
    let (directory, _) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    for operation in [&genesis, &tombstone(genesis.cid(), &keys.weak)] {
        assert_eq!(post(&directory, &did, operation).await.status, 200);
    }
    for end in ["", "/data"] {
        let answer = get(&directory, &format!("/{did}{end}")).await;
        assert_eq!((answer.status, answer.message()), (404, format!("DID not available: {did}")));
    }
    for end in ["/log", "/log/audit", "/log/last"] {
        assert_eq!(get(&directory, &format!("/{did}{end}")).await.status, 200);
    }
}

#[tokio::test]
async fn operations_that_are_none_or_may_not_follow_are_refused() {
    let (directory, _, did, operations) = eventful().await;
    let json = String::from_utf8(operations[3].to_json()).unwrap();
    for (body, told) in [
        ("", "Not a valid operation"),
        ("{}", "Not a valid operation"),
        ("[1]", "Not a valid operation"),
        (&json.replace("\"type\"", "\"x\":1,\"type\""), "Not a valid operation"),
        (&json, "already"),
        (&json.replace("carol", "earol"), "no key"),
    ] {
        let answer = send(&directory, posting(&did, "application/json", body.to_owned())).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.message().contains(told), "{}", answer.message());
    }
    let keys = Keys::new();
    let lost = post(&directory, &did, &keys.renamed(Cid::of_cbor(b"x"), "bob", &keys.weak)).await;
    assert!(lost.status == 400 && lost.message().starts_with("Operations not correctly ordered"), "{}", lost.message());
    let second = post(&directory, &did, &keys.genesis().1).await;
    assert!(second.status == 400 && second.message().starts_with("Operations not correctly ordered"));
}

#[tokio::test]
async fn operations_are_json_and_say_so() {
    let (directory, _) = directory(|builder| builder);
    let (did, genesis) = Keys::new().genesis();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let answer = send(&directory, posting(&did, content_type, genesis.to_json())).await;
        assert_eq!((answer.status, &*answer.message()), (400, "an operation has to come as application/json"));
    }
    let answer = send(&directory, posting(&did, "Application/JSON; charset=utf-8", genesis.to_json())).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn only_a_did_plc_is_submitted() {
    let (directory, _) = directory(|builder| builder);
    let (_, genesis) = Keys::new().genesis();
    for did in ["did:web:example.com", "did:plc:short"] {
        let answer = post(&directory, &did.parse().unwrap(), &genesis).await;
        assert_eq!((answer.status, answer.message()), (400, format!("Improperly formatted did: {did}")));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read_to_its_end() {
    let (directory, _) = directory(|builder| builder);
    let (did, genesis) = Keys::new().genesis();
    let mut body = genesis.to_json();
    body.resize(100 * 1024, b' ');
    assert_eq!(send(&directory, posting(&did, "application/json", body.clone())).await.status, 400);
    body.push(b' ');
    let answer = send(&directory, posting(&did, "application/json", body)).await;
    assert!(answer.status == 413 && answer.message().starts_with("request entity too large"));
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1024]));
    let answer = send(&directory, posting(&did, "application/json", Body::from_stream(endless))).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let (directory, _) = directory(|builder| builder);
    let (did, _) = Keys::new().genesis();
    let silent = Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = send(&directory, posting(&did, "application/json", silent)).await;
    assert_eq!((answer.status, &*answer.message()), (408, "the body took too long"));
}

#[tokio::test]
async fn an_export_by_number_is_in_lines_without_an_end() {
    let (directory, _, did, operations) = eventful().await;
    let page = get(&directory, "/export?after=0").await;
    assert_eq!((page.status, page.content_type()), (200, "application/jsonlines"));
    assert_eq!(page.cids(), operations.iter().map(|operation| operation.cid().to_string()).collect::<Vec<_>>());
    let first = Json::parse(page.body.lines().next().unwrap()).unwrap();
    let keys: Vec<_> = first.as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["type", "seq", "did", "operation", "cid", "createdAt"]);
    assert_eq!(first.get("type").and_then(Json::as_str), Some("sequenced_op"));
    assert_eq!(first.get("did").and_then(Json::as_str), Some(did.as_str()));
    assert!(!page.body.ends_with('\n'));
    let rest = get(&directory, "/export?after=1&count=2").await;
    assert_eq!(rest.cids(), page.cids()[1..3]);
    for path in ["/export?after=4", "/export?after=99999999999999999999999"] {
        let end = get(&directory, path).await;
        assert_eq!((end.status, &*end.body), (200, ""), "{path}");
    }
}

#[tokio::test]
async fn an_export_by_time_says_what_was_undone() {
    let (directory, _, _, operations) = eventful().await;
    let all = get(&directory, "/export").await;
    assert_eq!(all.body.lines().count(), 4);
    let third = Json::parse(all.body.lines().nth(2).unwrap()).unwrap();
    let keys: Vec<_> = third.as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["did", "operation", "cid", "nullified", "createdAt"]);
    assert_eq!(third.get("nullified"), Some(&Json::Bool(true)));
    for after in ["2023-11-14T22:13:21.000Z", "2023-11-14T22%3A13%3A21.000Z", "2023-11-14T23:13:21.0%2B01:00"] {
        let later = get(&directory, &format!("/export?after={after}")).await;
        assert_eq!(later.cids(), [operations[2].cid().to_string(), operations[3].cid().to_string()], "{after}");
    }
    assert_eq!(get(&directory, "/export?after=&count=1").await.cids(), [operations[0].cid().to_string()]);
}

#[tokio::test]
async fn pages_have_1_to_1000_operations() {
    let (directory, ..) = eventful().await;
    for count in ["0", "-1", "x", "1.5", "1e3"] {
        let answer = get(&directory, &format!("/export?count={count}")).await;
        assert_eq!((answer.status, &*answer.message()), (400, "Invalid count parameter"), "{count}");
    }
    assert_eq!(get(&directory, "/export?count=100000").await.body.lines().count(), 4);
    for after in ["yesterday", "-1", "2023-11-14", "%00"] {
        let answer = get(&directory, &format!("/export?after={after}")).await;
        assert!(answer.status == 400 && answer.message().starts_with("Invalid after parameter"), "{after}");
    }
}

/// Adds operations that are small in DAG-CBOR and six times as large in JSON.
async fn bulky(directory: &Directory, count: usize) {
    let keys = Keys::new();
    for number in 0..count {
        let mut data = keys.data(&format!("n{number}"));
        for name in ["a", "b", "c", "d", "e", "f"] {
            let service = PlcService { kind: "x".to_owned(), endpoint: "\u{1}".repeat(500) };
            data.services.insert(name.to_owned(), service);
        }
        let genesis = Content::genesis(data).sign(&keys.weak).unwrap();
        directory.submit(&genesis.did().unwrap(), genesis).await.unwrap();
    }
}

#[tokio::test]
async fn pages_of_large_operations_have_fewer_and_lose_none() {
    const COUNT: usize = 300;
    let (directory, _) = directory(|builder| builder);
    bulky(&directory, COUNT).await;
    let first = get(&directory, "/export?after=0").await;
    let taken = first.cids().len();
    assert!(taken > 100 && first.body.len() <= 4 << 20, "{taken} in {} bytes", first.body.len());
    let rest = get(&directory, &format!("/export?after={taken}")).await;
    assert_eq!(taken + rest.cids().len(), COUNT);
}

#[tokio::test]
async fn health_is_a_version() {
    let (directory, _) = directory(|builder| builder);
    let health = get(&directory, "/_health").await;
    assert_eq!((health.status, health.body), (200, format!(r#"{{"version":"{}"}}"#, env!("CARGO_PKG_VERSION"))));
    let head = Request::head("/_health").body(Body::empty()).unwrap();
    let head = send(&directory, head).await;
    assert_eq!((head.status, &*head.body), (200, ""));
}

#[tokio::test]
async fn pages_of_all_origins_may_ask_and_submit() {
    let (directory, _, did, _) = eventful().await;
    for path in [format!("/{did}"), "/export".to_owned(), "/_health".to_owned(), "/did:plc:x".to_owned()] {
        assert_eq!(get(&directory, &path).await.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    }
    let preflight = Request::builder().method(Method::OPTIONS).uri(format!("/{did}"));
    let preflight = preflight.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST").body(Body::empty()).unwrap();
    let answer = send(&directory, preflight).await;
    assert_eq!((answer.status, &*answer.body), (204, ""));
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_METHODS], "GET, HEAD, POST");
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "content-type");
}

#[tokio::test]
async fn other_paths_and_methods_are_errors_in_json() {
    let (directory, ..) = eventful().await;
    for path in ["/", "/a/b", "/did:plc:x/log/first"] {
        let answer = get(&directory, path).await;
        assert_eq!((answer.status, &*answer.message()), (404, "no such path"), "{path}");
    }
    let delete = Request::delete("/export").body(Body::empty()).unwrap();
    let answer = send(&directory, delete).await;
    assert_eq!((answer.status, &*answer.message()), (405, "no such method here"));
    assert_eq!(get(&directory, "/%FF").await.status, 400);
}

#[tokio::test]
async fn what_is_wrong_with_the_store_is_not_for_strangers() {
    let failure = Failure::from(&crate::store::StoreError::new("/var/lib/plc.sqlite is gone").into());
    let answer = axum::response::IntoResponse::into_response(failure);
    assert_eq!(answer.status(), 500);
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert_eq!(body, r#"{"message":"Internal Server Error"}"#);
}

#[tokio::test]
async fn a_stream_wants_a_websocket() {
    let (directory, _) = directory(|builder| builder);
    assert_eq!(get(&directory, "/export/stream?cursor=x").await.message(), "Invalid cursor parameter");
    let answer = get(&directory, "/export/stream?cursor=0").await;
    assert!(answer.status >= 400 && !answer.message().is_empty());
}

#[tokio::test]
async fn a_log_can_be_rebuilt_from_the_export() {
    let (directory, _, did, operations) = eventful().await;
    let mut log = Log::new(did.clone());
    for record in directory.export(0, 1000).await.unwrap() {
        let operation = Operation::from_json(record.operation.as_bytes()).unwrap();
        log.append(operation, record.created_at()).unwrap();
    }
    assert_eq!(log.last().unwrap().operation, operations[3]);
    assert_eq!(log.entries(), directory.log(&did).await.unwrap().entries());
}

/// Submits operations that follow any earlier one, signed by any key, at any time.
async fn submit_anything(steps: &[(usize, u8, u64)]) -> (Directory, Did, usize) {
    let (directory, clock) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    let mut cids = vec![genesis.cid()];
    assert_eq!(post(&directory, &did, &genesis).await.status, 200);
    for (number, (base, kind, hours)) in steps.iter().enumerate() {
        clock.set_hours(*hours);
        let prev = cids[cids.len().saturating_sub(1 + base % 4)];
        let key = if kind % 2 == 0 { &keys.weak } else { &keys.strong };
        let operation = match kind / 2 {
            0 => tombstone(prev, key),
            _ => keys.renamed(prev, &format!("n{number}"), key),
        };
        if post(&directory, &did, &operation).await.status == 200 {
            cids.push(operation.cid());
        }
    }
    (directory, did, cids.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_submitted_the_log_that_is_told_is_believed(
        steps in prop::collection::vec((0..4usize, 0..8u8, 0..200u64), 0..14),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (directory, did, taken) = submit_anything(&steps).await;
            let told = get(&directory, &format!("/{did}/log/audit")).await;
            let log = audit(&did, &parse_audit_log(told.body.as_bytes()).unwrap()).unwrap();
            assert_eq!(log.entries().len(), taken);
            let document = get(&directory, &format!("/{did}")).await;
            match log.data() {
                Some(data) => assert_eq!(document.body.as_bytes(), data.document(&did).to_json()),
                None => assert_eq!(document.status, 404),
            }
        });
    }
}

#[tokio::test]
async fn a_directory_is_nested_in_other_routers() {
    let (directory, _, did, _) = eventful().await;
    let nested = Router::new().nest("/plc", router(directory));
    let request = Request::get(format!("/plc/{did}")).body(Body::empty()).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(5), nested.oneshot(request)).await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
}
