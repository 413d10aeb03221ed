use arobase::{
    Context,
    data::{Blob, Cid, Value},
    repo::Write,
    syntax::Did,
    xrpc::BoxFuture,
};
use axum::body::Body;
use http::{Request, StatusCode};
use tower::ServiceExt;

use crate::{
    accounts::SignUp,
    auth::{Access, Authenticate, Credentials},
    error::Error,
    pds::Pds,
    repos::testing::{NOTE, car_of, content, export_of, nsid, object, put, write},
    store::MemoryStore,
    testing::{account, builder, settings},
};

/// Believes what the header `authorization` says: an access and a DID.
struct Believing;

impl Authenticate for Believing {
    fn authenticate<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Option<Credentials>, Error>> {
        let said = cx.headers().get("authorization").and_then(|value| value.to_str().ok());
        let found = said.and_then(|text| text.split_once(' ')).map(|(access, did)| {
            let mut credentials =
                Credentials::full(did.parse().unwrap_or_else(|_| "did:web:nobody.test".parse().unwrap()));
            credentials.access = match access {
                "full" => Access::Full,
                "app" => Access::AppPassword,
                "takendown" => Access::Takendown,
                "service" => Access::Service,
                _ => return Credentials::admin(),
            };
            credentials
        });
        Box::pin(std::future::ready(Ok(found)))
    }
}

/// A server with two accounts.
struct World {
    pds: Pds,
    router: axum::Router,
    alice: Did,
    bob: Did,
}

impl World {
    async fn new() -> Self {
        Self::with(builder(MemoryStore::new())).await
    }

    async fn with(builder: crate::builder::Builder) -> Self {
        let pds = builder.authenticate(Believing).build().await.unwrap();
        let (alice, bob) = (account(&pds, "alice.test").await.did, account(&pds, "bob.test").await.did);
        Self { router: pds.xrpc().into_axum(), pds, alice, bob }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, if body.is_empty() { Value::Null } else { Value::from_json(&body).unwrap() })
    }

    async fn get(&self, query: &str) -> (StatusCode, Value) {
        self.send(Request::get(format!("/xrpc/com.atproto.repo.{query}")).body(Body::empty()).unwrap()).await
    }

    /// Calls a procedure as somebody.
    async fn post(&self, caller: Option<&str>, method: &str, input: &str) -> (StatusCode, Value) {
        let input = input.replace("ALICE", self.alice.as_str()).replace("BOB", self.bob.as_str());
        let mut request = Request::post(format!("/xrpc/com.atproto.repo.{method}"));
        if let Some(caller) = caller {
            request = request.header("authorization", caller);
        }
        self.send(request.header("content-type", "application/json").body(Body::from(input)).unwrap()).await
    }

    /// Calls a procedure as Alice, with success.
    async fn alice(&self, method: &str, input: &str) -> Value {
        let (status, output) = self.post(Some(&format!("full {}", self.alice)), method, input).await;
        assert_eq!(status, 200, "{output:?}");
        output
    }

    /// Calls a procedure as Alice, in vain.
    async fn refused(&self, method: &str, input: &str) -> (u16, String) {
        let (status, output) = self.post(Some(&format!("full {}", self.alice)), method, input).await;
        (status.as_u16(), text(&output, "error"))
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no {key} in {value:?}")).to_owned()
}

fn keys(output: &Value) -> Vec<String> {
    let records = output.get("records").and_then(Value::as_list).unwrap();
    records.iter().map(|record| text(record, "uri").rsplit('/').next().unwrap().to_owned()).collect()
}

const CREATE: &str = r#"{ "repo": "ALICE", "collection": "com.example.note", "record": { "text": "hi" } }"#;

#[tokio::test]
async fn a_record_is_created_read_replaced_and_deleted() {
    let world = World::new().await;
    let created = world.alice("createRecord", CREATE).await;
    let (uri, rkey) = (text(&created, "uri"), text(&created, "uri").rsplit('/').next().unwrap().to_owned());
    assert_eq!(uri, format!("at://{}/com.example.note/{rkey}", world.alice));
    assert_eq!(text(&created, "validationStatus"), "unknown");
    let commit = content(&world.pds, &world.alice).await.commit;
    let meta = created.get("commit").unwrap();
    assert_eq!((text(meta, "cid"), text(meta, "rev")), (commit.cid().to_string(), commit.rev().to_string()));

    let query = format!("getRecord?repo=alice.test&collection={NOTE}&rkey={rkey}");
    let (status, read) = world.get(&query).await;
    assert_eq!((status, text(&read, "uri"), text(&read, "cid")), (StatusCode::OK, uri, text(&created, "cid")));
    assert_eq!(text(read.get("value").unwrap(), "$type"), NOTE);
    assert_eq!(text(read.get("value").unwrap(), "text"), "hi");

    let put = format!(
        r#"{{ "repo": "alice.test", "collection": "{NOTE}", "rkey": "{rkey}", "validate": false,
        "record": {{ "text": "hello" }}, "swapRecord": "{}" }}"#,
        text(&created, "cid")
    );
    let replaced = world.alice("putRecord", &put).await;
    assert!(replaced.get("validationStatus").is_none() && replaced.get("commit").is_some());
    let (status, missing) = world.get(&format!("{query}&cid={}", text(&created, "cid"))).await;
    assert_eq!((status.as_u16(), text(&missing, "error")), (400, "RecordNotFound".into()));
    let (status, _) = world.get(&format!("{query}&cid={}", text(&replaced, "cid"))).await;
    assert_eq!(status, 200);

    let delete = format!(r#"{{ "repo": "ALICE", "collection": "{NOTE}", "rkey": "{rkey}" }}"#);
    assert!(world.alice("deleteRecord", &delete).await.get("commit").is_some());
    assert!(world.alice("deleteRecord", &delete).await.get("commit").is_none());
    let (status, missing) = world.get(&query).await;
    assert_eq!((status.as_u16(), text(&missing, "error")), (400, "RecordNotFound".into()));
}

#[tokio::test]
async fn everybody_writes_to_their_own_repository_and_operators_to_any() {
    let world = World::new().await;
    for (caller, status, name) in [
        (None, 401, "AuthMissing"),
        (Some(format!("full {}", world.bob)), 403, "Forbidden"),
        (Some(format!("app {}", world.bob)), 403, "Forbidden"),
        (Some(format!("takendown {}", world.alice)), 400, "InvalidToken"),
        (Some(format!("service {}", world.alice)), 400, "InvalidToken"),
    ] {
        for repo in ["ALICE", "alice.test"] {
            let input = CREATE.replace("ALICE", repo);
            let (found, output) = world.post(caller.as_deref(), "createRecord", &input).await;
            assert_eq!((found.as_u16(), text(&output, "error")), (status, name.to_owned()), "{caller:?} {repo}");
        }
    }
    assert!(content(&world.pds, &world.alice).await.records.is_empty());
    for caller in [format!("full {}", world.alice), format!("app {}", world.alice), "admin x".to_owned()] {
        for repo in ["ALICE", "ALICE.test".replace("ALICE", "Alice").as_str()] {
            let (status, _) = world.post(Some(&caller), "createRecord", &CREATE.replace("ALICE", repo)).await;
            assert_eq!(status, 200, "{caller} {repo}");
        }
    }
    assert_eq!(content(&world.pds, &world.alice).await.records.len(), 6);
}

#[tokio::test]
async fn a_batch_answers_each_write_in_its_order() {
    let world = World::new().await;
    write(&world.pds, &world.alice, vec![put("a", "1"), put("b", "1")]).await;
    let output = world
        .alice(
            "applyWrites",
            r#"{ "repo": "ALICE", "writes": [
                { "$type": "com.atproto.repo.applyWrites#delete", "collection": "com.example.note", "rkey": "b" },
                { "$type": "com.atproto.repo.applyWrites#create", "collection": "com.example.note", "value": {} },
                { "$type": "com.atproto.repo.applyWrites#update", "collection": "com.example.note", "rkey": "a",
                    "value": { "text": "2" } } ] }"#,
        )
        .await;
    let results = output.get("results").and_then(Value::as_list).unwrap();
    let kinds: Vec<_> =
        results.iter().map(|result| text(result, "$type").split_once('#').unwrap().1.to_owned()).collect();
    assert_eq!(kinds, ["deleteResult", "createResult", "updateResult"]);
    assert!(text(&results[2], "uri").ends_with("/com.example.note/a"));
    assert_eq!(text(&results[1], "validationStatus"), "unknown");
    let commit = content(&world.pds, &world.alice).await.commit;
    assert_eq!(text(output.get("commit").unwrap(), "rev"), commit.rev().as_str());
    let nothing = r#"{ "repo": "ALICE", "writes": [] }"#;
    assert!(world.alice("applyWrites", nothing).await.get("commit").is_none());
}

#[tokio::test]
async fn swaps_that_fail_have_their_own_error() {
    const CREATED: &str =
        r#"{ "$type": "com.atproto.repo.applyWrites#create", "collection": "com.example.note", "value": {} }"#;
    let world = World::new().await;
    write(&world.pds, &world.alice, vec![put("a", "1")]).await;
    let wrong = "bafyreibj4lsc3aqnrvphp5xmrnfoorvru4wynt6lwidqbm2623a6tatzdu";
    let record = r#""repo": "ALICE", "collection": "com.example.note", "rkey": "a""#;
    for (method, input) in [
        ("putRecord", format!(r#"{{ {record}, "record": {{}}, "swapRecord": "{wrong}" }}"#)),
        ("putRecord", format!(r#"{{ {record}, "record": {{}}, "swapRecord": null }}"#)),
        ("putRecord", format!(r#"{{ {record}, "record": {{}}, "swapCommit": "{wrong}" }}"#)),
        ("deleteRecord", format!(r#"{{ {record}, "swapRecord": "{wrong}" }}"#)),
        ("deleteRecord", format!(r#"{{ {record}, "swapCommit": "{wrong}" }}"#)),
        ("createRecord", CREATE.replace("{ \"repo\"", &format!("{{ \"swapCommit\": \"{wrong}\", \"repo\""))),
        ("applyWrites", format!(r#"{{ "repo": "ALICE", "writes": [{CREATED}], "swapCommit": "{wrong}" }}"#)),
    ] {
        assert_eq!(world.refused(method, &input).await, (400, "InvalidSwap".into()), "{method} {input}");
    }
    let no_cid = format!(r#"{{ {record}, "swapRecord": "zzzzzzzzzz" }}"#);
    assert_eq!(world.refused("deleteRecord", &no_cid).await, (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn records_are_listed_newest_first_with_a_cursor_to_what_is_left() {
    let world = World::new().await;
    write(&world.pds, &world.alice, ["a", "b", "c", "d", "e"].map(|key| put(key, key)).into()).await;
    let query = format!("listRecords?repo={}&collection={NOTE}", world.alice);
    let (_, all) = world.get(&query).await;
    assert_eq!((keys(&all), all.get("cursor")), (["e", "d", "c", "b", "a"].map(str::to_owned).into(), None));
    let (_, page) = world.get(&format!("{query}&limit=2")).await;
    assert_eq!((keys(&page), text(&page, "cursor")), (vec!["e".into(), "d".into()], "d".into()));
    let (_, page) = world.get(&format!("{query}&limit=3&cursor=d")).await;
    assert_eq!((keys(&page), page.get("cursor")), (vec!["c".into(), "b".into(), "a".into()], None));
    let (_, page) = world.get(&format!("{query}&limit=1&cursor=c&reverse=true")).await;
    assert_eq!((keys(&page), text(&page, "cursor")), (vec!["d".into()], "d".into()));
    for limit in ["0", "101"] {
        assert_eq!(world.get(&format!("{query}&limit={limit}")).await.0, 400);
    }
    assert_eq!(world.get(&format!("{query}&cursor=com.example.note/d")).await.0, 400);
    let (status, error) = world.get(&format!("listRecords?repo=nobody.test&collection={NOTE}")).await;
    assert_eq!((status.as_u16(), text(&error, "error")), (400, "RepoNotFound".into()));
}

#[tokio::test]
async fn a_server_for_some_collections_shows_no_others() {
    let mut settings = settings();
    settings.collections = Some(vec![nsid("com.example.other")]);
    let mut builder = builder(MemoryStore::new());
    builder.settings = settings;
    let world = World::with(builder).await;
    let write =
        Write::create(format!("{NOTE}/a").parse().unwrap(), object([("$type", NOTE.into())]).to_cbor().unwrap());
    world.pds.import_repo(&world.alice, car_of(&world.alice, &[write]).into()).await.unwrap();
    assert_eq!(content(&world.pds, &world.alice).await.records.len(), 1);
    let (status, list) = world.get(&format!("listRecords?repo=alice.test&collection={NOTE}")).await;
    assert_eq!((status, keys(&list)), (StatusCode::OK, vec![]));
    let (_, described) = world.get("describeRepo?repo=alice.test").await;
    assert_eq!(described.get("collections").and_then(Value::as_list), Some(&[][..]));
    assert_eq!(world.refused("createRecord", CREATE).await, (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn a_repository_is_described() {
    let world = World::new().await;
    write(&world.pds, &world.alice, vec![put("a", "1")]).await;
    for repo in ["alice.test", world.alice.as_str()] {
        let (status, described) = world.get(&format!("describeRepo?repo={repo}")).await;
        assert_eq!(status, 200);
        let names = (text(&described, "did"), text(&described, "handle"));
        assert_eq!(names, (world.alice.to_string(), "alice.test".into()));
        assert_eq!(text(described.get("didDoc").unwrap(), "id"), world.alice.as_str());
        assert_eq!(described.get("collections"), Some(&Value::List(vec![NOTE.into()])));
        assert_eq!(described.get("handleIsCorrect"), Some(&Value::Bool(true)));
    }
}

#[tokio::test]
async fn a_handle_that_the_document_does_not_claim_is_not_correct() {
    let world = World::new().await;
    let did = world.bob.clone();
    let renaming = world.pds.inner.db.write(move |unit| {
        let mut account = unit.account_of_did(&did)?.unwrap();
        account.handle = Some("other.test".parse().unwrap());
        Ok::<_, Error>(unit.update_account(&account)?)
    });
    renaming.await.unwrap();
    let (status, described) = world.get("describeRepo?repo=other.test").await;
    assert_eq!((status, text(&described, "handle")), (StatusCode::OK, "other.test".into()));
    assert_eq!(described.get("handleIsCorrect"), Some(&Value::Bool(false)));
}

#[tokio::test]
async fn a_repository_is_described_also_if_its_identity_cannot_be_resolved() {
    let world = World::new().await;
    let mut wanted = SignUp::new("carol.test".parse().unwrap());
    wanted.did = Some("did:web:carol.test".parse().unwrap());
    wanted.deactivated = true;
    world.pds.create_account(wanted).await.unwrap();
    let request =
        Request::get("/xrpc/com.atproto.repo.describeRepo?repo=carol.test").header("authorization", "admin x");
    let (status, described) = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((status, text(&described, "handle")), (StatusCode::OK, "carol.test".into()));
    assert_eq!(described.get("handleIsCorrect"), Some(&Value::Bool(false)));
    let document = described.get("didDoc").unwrap();
    assert_eq!(text(document, "id"), "did:web:carol.test");
    assert_eq!(document.get("verificationMethod").and_then(Value::as_list).map(<[_]>::len), Some(1));
}

#[tokio::test]
async fn what_is_switched_off_is_there_for_its_owner_and_for_operators() {
    let world = World::new().await;
    write(&world.pds, &world.alice, vec![put("a", "1")]).await;
    let did = world.alice.clone();
    let deactivating = world.pds.inner.db.write(move |unit| {
        let mut account = unit.account_of_did(&did)?.unwrap();
        account.deactivated_at = Some(1);
        Ok::<_, Error>(unit.update_account(&account)?)
    });
    deactivating.await.unwrap();
    let queries = [
        format!("getRecord?repo=alice.test&collection={NOTE}&rkey=a"),
        format!("listRecords?repo=alice.test&collection={NOTE}"),
        "describeRepo?repo=alice.test".to_owned(),
    ];
    for query in &queries {
        let (status, error) = world.get(query).await;
        assert_eq!((status.as_u16(), text(&error, "error")), (400, "RepoDeactivated".into()));
        for caller in [format!("full {}", world.alice), "admin x".to_owned()] {
            let uri = format!("/xrpc/com.atproto.repo.{query}");
            let request = Request::get(uri).header("authorization", caller).body(Body::empty()).unwrap();
            assert_eq!(world.send(request).await.0, 200);
        }
    }
    assert_eq!(world.refused("createRecord", CREATE).await, (400, "RepoDeactivated".into()));
}

#[tokio::test]
async fn a_repository_is_imported_by_its_owner_alone() {
    let world = World::new().await;
    write(&world.pds, &world.alice, vec![put("a", "1")]).await;
    let file = export_of(&world.pds, &world.alice).await;
    write(&world.pds, &world.alice, vec![put("b", "1")]).await;
    let import = async |caller: Option<&str>, file: Vec<u8>| {
        let mut request = Request::post("/xrpc/com.atproto.repo.importRepo");
        if let Some(caller) = caller {
            request = request.header("authorization", caller);
        }
        let request = request.header("content-type", "application/vnd.ipld.car").body(Body::from(file)).unwrap();
        world.send(request).await.0.as_u16()
    };
    assert_eq!(import(None, file.clone()).await, 401);
    assert_eq!(import(Some(&format!("app {}", world.alice)), file.clone()).await, 400);
    assert_eq!(import(Some("admin x"), file.clone()).await, 400);
    assert_eq!(import(Some(&format!("full {}", world.bob)), file.clone()).await, 400);
    assert_eq!(content(&world.pds, &world.alice).await.records.len(), 2);
    assert_eq!(import(Some(&format!("full {}", world.alice)), file).await, 200);
    assert_eq!(content(&world.pds, &world.alice).await.records.len(), 1);
}

#[tokio::test]
async fn missing_blobs_are_listed_page_by_page() {
    let world = World::new().await;
    let mut names: Vec<Cid> = (0..5_u8).map(|n| Cid::of_raw(&[n])).collect();
    let write = |(n, cid): (usize, &Cid)| {
        let blob = Value::from(Blob::new((*cid).into(), "image/png", 1));
        let record = object([("$type", NOTE.into()), ("image", blob)]);
        Write::create(format!("{NOTE}/n{n}").parse().unwrap(), record.to_cbor().unwrap())
    };
    let file = car_of(&world.alice, &names.iter().enumerate().map(write).collect::<Vec<_>>());
    world.pds.import_repo(&world.alice, file.into()).await.unwrap();

    names.sort_by_key(Cid::to_string);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let uri = format!("/xrpc/com.atproto.repo.listMissingBlobs?limit=2{cursor}");
        let request = Request::get(uri).header("authorization", format!("app {}", world.alice));
        let (status, page) = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, 200);
        for blob in page.get("blobs").and_then(Value::as_list).unwrap() {
            assert!(text(blob, "recordUri").starts_with(&format!("at://{}/{NOTE}/n", world.alice)));
            found.push(text(blob, "cid"));
        }
        match page.get("cursor") {
            Some(_) => cursor = format!("&cursor={}", text(&page, "cursor")),
            None => break,
        }
    }
    assert_eq!(found, names.iter().map(Cid::to_string).collect::<Vec<_>>());
    assert_eq!(world.get("listMissingBlobs").await.0, 401);
}
