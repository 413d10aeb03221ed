use std::sync::Mutex;

use arobase_lexicon::syntax::Datetime;
use http::{Request, Response, header};

use super::*;
use crate::{
    client::TransportError,
    crypto::{Curve, Signer, SigningKey},
    data::Cid,
    identity::plc::{Content, LogError},
    xrpc::{Body, BoxFuture},
};

/// A directory that answers from a script, and remembers what it was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<Vec<(u16, Vec<u8>)>>,
    asked: Mutex<Vec<Asked>>,
}

#[derive(Clone, Debug)]
struct Asked {
    what: String,
    accept: String,
    body: Bytes,
}

impl Transport for Script {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let accept = head.headers.get(header::ACCEPT).map(|value| value.to_str().unwrap().to_owned());
            let body = body.collect(1 << 20).await.unwrap();
            let what = format!("{} {}", head.method, head.uri);
            self.asked.lock().unwrap().push(Asked { what, accept: accept.unwrap_or_default(), body });
            let (status, body) = self.answers.lock().unwrap().remove(0);
            Ok(Response::builder().status(status).body(Body::new(body)).unwrap())
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

fn client(answers: Vec<(u16, Vec<u8>)>) -> (PlcClient, Arc<Script>) {
    let script = Arc::new(Script { answers: Mutex::new(answers), asked: Mutex::default() });
    (PlcClient::new("https://plc.example/", script.clone()).unwrap(), script)
}

fn asked(script: &Script) -> Vec<String> {
    script.asked.lock().unwrap().iter().map(|asked| asked.what.clone()).collect()
}

fn did() -> Did {
    "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap()
}

/// The keys of an account: the stronger one, and the one of its PDS.
struct Keys {
    strong: SigningKey,
    weak: SigningKey,
}

impl Keys {
    fn new() -> Self {
        Self { strong: SigningKey::generate(Curve::P256), weak: SigningKey::generate(Curve::K256) }
    }

    /// A state in which there is more than an account has to have.
    fn data(&self) -> PlcData {
        let keys = [&self.strong, &self.weak].map(|key| key.public_key().to_did_key()).to_vec();
        let signing = self.weak.public_key().to_did_key();
        let mut data = PlcData::account(keys, signing.clone(), "alice.example.com", "https://pds.example.com");
        data.verification_methods.insert("atproto_label".to_owned(), signing);
        data.also_known_as.push("https://alice.example.com".to_owned());
        data
    }
}

fn time(second: i64) -> Datetime {
    Datetime::from_unix_micros(1_700_000_000_000_000 + second * 1_000_000).unwrap()
}

/// A log with a genesis by the weaker key.
fn begun(keys: &Keys) -> Log {
    let genesis = Content::genesis(keys.data()).sign(&keys.weak).unwrap();
    let mut log = Log::new(genesis.did().unwrap());
    log.append(genesis, time(0)).unwrap();
    log
}

fn renamed(log: &Log, name: &str, key: &SigningKey) -> Operation {
    let mut data = log.data().unwrap();
    data.also_known_as[0] = format!("at://{name}");
    Content::Update { data, prev: Some(log.last().unwrap().cid) }.sign(key).unwrap()
}

fn followed(log: &Log, operation: &Operation) -> Log {
    let mut log = log.clone();
    let second = i64::try_from(log.entries().len()).unwrap();
    log.append(operation.clone(), time(second)).unwrap();
    log
}

/// The log as a directory tells it.
fn told(log: &Log) -> (u16, Vec<u8>) {
    let entries = log.entries().iter().map(|entry| {
        let operation = String::from_utf8(entry.operation.to_json()).unwrap();
        let (did, cid, nullified, at) = (log.did(), entry.cid, entry.nullified, &entry.created_at);
        format!(r#"{{"did":"{did}","operation":{operation},"cid":"{cid}","nullified":{nullified},"createdAt":"{at}"}}"#)
    });
    (200, format!("[{}]", entries.collect::<Vec<_>>().join(",")).into_bytes())
}

fn refusal(status: u16, message: &str) -> (u16, Vec<u8>) {
    (status, format!(r#"{{"message":"{message}"}}"#).into_bytes())
}

fn taken() -> (u16, Vec<u8>) {
    (200, b"OK".to_vec())
}

/// The operation that was submitted by the request of an index.
fn submitted(script: &Script, index: usize) -> Operation {
    Operation::from_json(&script.asked.lock().unwrap()[index].body).unwrap()
}

#[tokio::test]
async fn a_document_is_asked_for_with_raw_colons_and_the_types_of_documents() {
    let (client, script) = client(vec![(200, DidDocument::new(did()).to_json())]);
    assert_eq!(client.document(&did()).await.unwrap(), DidDocument::new(did()));
    let asked = script.asked.lock().unwrap()[0].clone();
    assert_eq!(asked.what, "GET https://plc.example/did:plc:abcdefghijklmnopqrstuvwx");
    assert_eq!(asked.accept, "application/did+ld+json, application/json");
}

#[tokio::test]
async fn only_200_is_a_document_and_only_404_and_410_are_its_absence() {
    let body = DidDocument::new(did()).to_json();
    for (status, expected) in [
        (404, "NotFound"),
        (410, "Tombstoned"),
        (201, "Status(201)"),
        (204, "Status(204)"),
        (400, "Status(400)"),
        (429, "Status(429)"),
        (500, "Status(500)"),
    ] {
        let (client, _) = client(vec![(status, body.clone())]);
        assert_eq!(format!("{:?}", client.document(&did()).await.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn a_document_of_another_did_is_refused() {
    let other = DidDocument::new("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap());
    let (client, _) = client(vec![(200, other.to_json())]);
    assert!(matches!(client.document(&did()).await, Err(IdentityError::Document(_))));
}

#[tokio::test]
async fn nothing_is_asked_about_what_is_no_did_plc() {
    let (client, script) = client(vec![]);
    for other in ["did:plc:abc", "did:plc:ABCDEFGHIJKLMNOPQRSTUVWX", "did:web:example.com", "did:key:zabc"] {
        let other: Did = other.parse().unwrap();
        assert!(matches!(client.document(&other).await, Err(IdentityError::Did(_))), "{other}");
        assert!(matches!(client.data(&other).await, Err(PlcError::Did)), "{other}");
        assert!(matches!(client.log(&other).await, Err(PlcError::Did)), "{other}");
    }
    assert!(asked(&script).is_empty());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (client, script) = client(vec![(302, vec![]), (302, vec![])]);
    assert!(client.document(&did()).await.is_err());
    assert!(client.data(&did()).await.is_err());
    assert_eq!(asked(&script).len(), 2);
}

#[tokio::test]
async fn answers_are_bounded() {
    let long = vec![b' '; usize::try_from(ONE).unwrap() + 1];
    let (client, _) = client(vec![(200, long.clone()), (200, long.clone()), (500, long)]);
    assert!(matches!(client.document(&did()).await, Err(IdentityError::Fetch(FetchError::TooLarge { max: ONE }))));
    assert!(matches!(client.data(&did()).await, Err(PlcError::Fetch(FetchError::TooLarge { max: ONE }))));
    assert!(matches!(client.last(&did()).await, Err(PlcError::Refused(500, message)) if message.is_empty()));
}

#[tokio::test]
async fn what_a_directory_says_when_it_refuses_is_passed_on() {
    let (client, _) = client(vec![refusal(400, "no\\u0000 good"), refusal(409, "late"), refusal(503, "asleep")]);
    assert_eq!(
        client.last(&did()).await.unwrap_err().to_string(),
        "the directory refused with status 400: no\u{fffd} good"
    );
    let conflict = client.last(&did()).await.unwrap_err();
    assert_eq!(conflict.to_string(), "somebody else changed the DID at the same time: late");
    assert!(matches!(client.last(&did()).await, Err(PlcError::Refused(503, message)) if &*message == "asleep"));
}

#[tokio::test]
async fn data_and_last_are_read() {
    let keys = Keys::new();
    let log = begun(&keys);
    let operation = log.last().unwrap().operation.clone();
    let (client, script) = client(vec![(200, keys.data().to_json(log.did())), (200, operation.to_json())]);
    assert_eq!(client.data(log.did()).await.unwrap(), keys.data());
    assert_eq!(client.last(log.did()).await.unwrap(), operation);
    let base = format!("GET https://plc.example/{}", log.did());
    assert_eq!(asked(&script), [format!("{base}/data"), format!("{base}/log/last")]);
}

#[tokio::test]
async fn a_log_that_is_tampered_with_is_refused() {
    let keys = Keys::new();
    let log = begun(&keys);
    let (_, good) = told(&log);
    let bad = String::from_utf8(good.clone()).unwrap().replace("alice", "mallo").into_bytes();
    let (client, _) = client(vec![(200, good), (200, bad), (200, b"[]".to_vec()), (200, b"{}".to_vec())]);
    assert_eq!(client.log(log.did()).await.unwrap().entries(), log.entries());
    for _ in 0..3 {
        assert!(matches!(client.log(log.did()).await, Err(PlcError::Audit(_))));
    }
}

#[tokio::test]
async fn creating_submits_a_genesis() {
    let keys = Keys::new();
    let (client, script) = client(vec![taken()]);
    let did = client.create(keys.data(), &keys.weak).await.unwrap();
    assert_eq!(asked(&script), [format!("POST https://plc.example/{did}")]);
    let genesis = submitted(&script, 0);
    assert_eq!((genesis.did(), genesis.prev()), (Some(did), None));
    assert_eq!(genesis.content().data(), Some(keys.data()));
}

#[tokio::test]
async fn nothing_is_submitted_that_no_directory_takes() {
    let keys = Keys::new();
    let (client, script) = client(vec![]);
    let stranger = SigningKey::generate(Curve::K256);
    let refused = client.create(keys.data(), &stranger).await;
    assert!(matches!(refused, Err(PlcError::Log(LogError::Signature))), "{refused:?}");
    let keyless = PlcData { rotation_keys: vec![], ..keys.data() };
    assert!(matches!(client.create(keyless, &keys.weak).await, Err(PlcError::Operation(_))));
    assert!(asked(&script).is_empty());
}

#[tokio::test]
async fn an_update_loses_nothing() {
    let keys = Keys::new();
    let log = begun(&keys);
    let (client, script) = client(vec![told(&log), taken()]);
    let edit = |data: &mut PlcData| data.also_known_as[0] = "at://bob.example.com".to_owned();
    let operation = client.update(log.did(), &keys.weak, edit).await.unwrap();
    let mut expected = keys.data();
    expected.also_known_as[0] = "at://bob.example.com".to_owned();
    assert_eq!(operation.content().data(), Some(expected));
    assert_eq!(operation.prev(), Some(log.last().unwrap().cid));
    let base = format!("https://plc.example/{}", log.did());
    assert_eq!(asked(&script), [format!("GET {base}/log/audit"), format!("POST {base}")]);
    assert_eq!(submitted(&script, 1), operation);
}

#[tokio::test]
async fn an_update_follows_the_last_operation_that_holds() {
    let keys = Keys::new();
    let log = begun(&keys);
    let genesis = log.last().unwrap().cid;
    let taken_over = followed(&log, &renamed(&log, "mallory.example.com", &keys.weak));
    let recovery = renamed(&log, "alice2.example.com", &keys.strong);
    let log = followed(&taken_over, &recovery);
    assert!(log.entries()[1].nullified && recovery.prev() == Some(genesis));

    let (client, _) = client(vec![told(&log), taken()]);
    let operation = client.update(log.did(), &keys.strong, |_| ()).await.unwrap();
    assert_eq!(operation.prev(), Some(recovery.cid()));
}

#[tokio::test]
async fn an_update_is_made_once_more_when_somebody_was_faster() {
    let keys = Keys::new();
    let log = begun(&keys);
    let newer = followed(&log, &renamed(&log, "carol.example.com", &keys.strong));
    for refused in [
        refusal(409, "Proposed prev does not match the most recent operation"),
        refusal(400, "Operations not correctly ordered"),
        refusal(400, "Invalid signature on op"),
    ] {
        let (client, script) = client(vec![told(&log), refused, told(&newer), taken()]);
        let edit = |data: &mut PlcData| data.also_known_as.push("https://bob.example.com".to_owned());
        let operation = client.update(log.did(), &keys.weak, edit).await.unwrap();
        let names = operation.content().data().unwrap().also_known_as;
        assert_eq!(names, ["at://carol.example.com", "https://alice.example.com", "https://bob.example.com"]);
        assert_eq!(submitted(&script, 3), operation);
    }
}

#[tokio::test]
async fn an_update_is_not_made_a_third_time() {
    let keys = Keys::new();
    let log = begun(&keys);
    let (client, script) = client(vec![told(&log), refusal(409, "a"), told(&log), refusal(409, "b")]);
    let refused = client.update(log.did(), &keys.weak, |_| ()).await;
    assert!(matches!(&refused, Err(PlcError::Conflict(message)) if &**message == "b"), "{refused:?}");
    assert_eq!(asked(&script).len(), 4);
}

#[tokio::test]
async fn a_refusal_that_has_nothing_to_do_with_others_is_final() {
    let keys = Keys::new();
    let log = begun(&keys);
    let (first, _) = client(vec![told(&log), refusal(400, "Too many operations"), told(&log)]);
    let refused = first.update(log.did(), &keys.weak, |_| ()).await;
    assert!(matches!(&refused, Err(PlcError::Refused(400, message)) if message.contains("Too many")), "{refused:?}");

    let (second, script) = client(vec![told(&log), refusal(500, "broken")]);
    assert!(matches!(second.update(log.did(), &keys.weak, |_| ()).await, Err(PlcError::Refused(500, _))));
    assert_eq!(asked(&script).len(), 2);
}

#[tokio::test]
async fn an_update_that_arrived_all_the_same_is_not_made_twice() {
    let keys = Keys::new();
    let log = begun(&keys);
    let ours = renamed(&log, "bob.example.com", &keys.weak);
    let newer = followed(&log, &ours);
    let (client, script) = client(vec![told(&log), refusal(409, "twice"), told(&newer)]);
    let edit = |data: &mut PlcData| data.also_known_as[0] = "at://bob.example.com".to_owned();
    assert_eq!(client.update(log.did(), &keys.weak, edit).await.unwrap(), ours);
    assert_eq!(asked(&script).len(), 3);
}

#[tokio::test]
async fn what_was_given_up_cannot_be_changed() {
    let keys = Keys::new();
    let log = begun(&keys);
    let prev = log.last().unwrap().cid;
    let log = followed(&log, &Content::Tombstone { prev }.sign(&keys.weak).unwrap());
    let (client, script) = client(vec![told(&log), told(&log), told(&log)]);
    assert!(matches!(client.update(log.did(), &keys.weak, |_| ()).await, Err(PlcError::Tombstoned)));
    assert!(matches!(client.tombstone(log.did(), &keys.weak).await, Err(PlcError::Tombstoned)));
    let tip = log.last().unwrap().cid;
    assert!(matches!(client.recover(log.did(), tip, &keys.strong, |_| ()).await, Err(PlcError::Tombstoned)));
    assert!(asked(&script).iter().all(|what| what.starts_with("GET")));
}

#[tokio::test]
async fn a_tombstone_follows_the_last_operation() {
    let keys = Keys::new();
    let log = begun(&keys);
    let (client, _) = client(vec![told(&log), taken()]);
    let operation = client.tombstone(log.did(), &keys.weak).await.unwrap();
    assert_eq!(*operation.content(), Content::Tombstone { prev: log.last().unwrap().cid });
}

#[tokio::test]
async fn a_recovery_begins_with_the_state_at_its_base() {
    let keys = Keys::new();
    let log = begun(&keys);
    let base = log.last().unwrap().cid;
    let log = followed(&log, &renamed(&log, "mallory.example.com", &keys.weak));
    let (client, _) = client(vec![told(&log), taken(), told(&log), told(&log)]);
    let operation = client.recover(log.did(), base, &keys.strong, |_| ()).await.unwrap();
    assert_eq!((operation.prev(), operation.content().data()), (Some(base), Some(keys.data())));

    let weak = client.recover(log.did(), base, &keys.weak, |_| ()).await;
    assert!(matches!(weak, Err(PlcError::Log(LogError::WeakRecovery))), "{weak:?}");
    let nowhere = client.recover(log.did(), Cid::of_cbor(b"x"), &keys.strong, |_| ()).await;
    assert!(matches!(nowhere, Err(PlcError::Log(LogError::Misordered { .. }))), "{nowhere:?}");
}

fn line(seq: i64, log: &Log) -> String {
    let entry = log.last().unwrap();
    let operation = String::from_utf8(entry.operation.to_json()).unwrap();
    format!(
        r#"{{"seq":{seq},"type":"sequenced_op","did":"{}","operation":{operation},"cid":"{}","createdAt":"{}"}}"#,
        log.did(),
        entry.cid,
        entry.created_at
    )
}

#[tokio::test]
async fn an_export_is_read_line_by_line() {
    let log = begun(&Keys::new());
    let unknown = r#"{"seq":9,"type":"another_kind"}"#;
    let broken = line(12, &log).replace("\"prev\":null,", "");
    let page = [line(8, &log).as_str(), unknown, &line(11, &log), &broken].join("\n");
    let (client, script) = client(vec![(200, page.into_bytes()), (200, vec![])]);
    let page = client.export(7, 5000).await.unwrap();
    assert_eq!(page.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [8, 11, 12]);
    let entry = log.last().unwrap();
    assert_eq!((&page[0].did, page[0].operation.as_ref()), (log.did(), Ok(&entry.operation)));
    assert_eq!((&*page[0].cid, &page[0].created_at), (entry.cid.to_string().as_str(), &entry.created_at));
    assert!(page[2].operation.is_err());
    assert_eq!(client.export(12, 0).await.unwrap(), []);
    let base = "GET https://plc.example/export?after=";
    assert_eq!(asked(&script), [format!("{base}7&count=1000"), format!("{base}12&count=1")]);
}

#[tokio::test]
async fn a_page_of_nothing_but_unknown_types_does_not_look_like_the_end() {
    let unknown = r#"{"seq":9,"type":"another_kind"}"#;
    let (client, _) = client(vec![(200, [unknown, unknown].join("\n").into_bytes())]);
    let refused = client.export(7, 9).await;
    assert!(matches!(refused, Err(PlcError::Export(1, _))), "{refused:?}");
}

#[tokio::test]
async fn an_export_that_goes_round_in_circles_or_has_too_much_is_refused() {
    let log = begun(&Keys::new());
    for (lines, count) in [(vec![3], 9), (vec![4, 4], 9), (vec![5, 4], 9), (vec![-1], 9), (vec![4, 5], 1)] {
        let page: Vec<_> = lines.iter().map(|seq| line(*seq, &log)).collect();
        let (client, _) = client(vec![(200, page.join("\n").into_bytes())]);
        let refused = client.export(3, count).await;
        assert!(matches!(refused, Err(PlcError::Export(..))), "{lines:?}: {refused:?}");
    }
}

#[test]
fn debug_tells_the_address() {
    let (client, _) = client(vec![]);
    assert!(format!("{client:?}").contains("https://plc.example"));
}
