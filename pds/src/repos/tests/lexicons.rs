use std::sync::Arc;

use arobase::{
    Catalog,
    catalog::{LexiconResolver, NetworkCatalog, Validity},
    identity::{Dns, DnsError, Resolver},
    xrpc::BoxFuture,
};
use arobase_plc::{Directory, DirectoryTransport};

use super::*;

const POST: &str = "app.bsky.feed.post";
const PROFILE: &str = "app.bsky.actor.profile";

fn post(text: Value) -> Value {
    object([("text", text), ("createdAt", "2024-01-01T00:00:00.000Z".into())])
}

async fn validity(pds: &Pds, did: &Did, record: Change, validate: Validate) -> Result<Option<Validity>, Error> {
    let outcome = pds.write(did, vec![record], WriteOptions::default().validate(validate)).await?;
    Ok(outcome.results[0].validity)
}

#[tokio::test]
async fn records_are_validated_as_is_asked_for() {
    let (pds, alice) = with_alice().await;
    let valid = || Change::create(nsid(POST), post("hi".into()));
    let invalid = || Change::create(nsid(POST), post(1.into()));
    let unknown = || Change::create(nsid(NOTE), note("hi"));
    for (validate, of_valid) in
        [(Validate::IfKnown, Some(Validity::Valid)), (Validate::Required, Some(Validity::Valid)), (Validate::Off, None)]
    {
        assert_eq!(validity(&pds, &alice, valid(), validate).await.unwrap(), of_valid, "{validate:?}");
        let found = validity(&pds, &alice, invalid(), validate).await;
        assert_eq!(found.is_ok(), validate == Validate::Off, "{validate:?}");
    }
    assert_eq!(validity(&pds, &alice, unknown(), Validate::IfKnown).await.unwrap(), Some(Validity::Unknown));
    assert_eq!(validity(&pds, &alice, unknown(), Validate::Off).await.unwrap(), None);
    let error = validity(&pds, &alice, unknown(), Validate::Required).await.unwrap_err();
    assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidRequest"));
    assert!(error.message().contains(NOTE), "{error}");
}

#[tokio::test]
async fn the_type_of_a_record_is_its_collection() {
    let (pds, alice) = with_alice().await;
    let with_type = |name: Value| Change::create(nsid(NOTE), object([("$type", name)]));
    for wrong in ["com.example.other".into(), "".into(), 1.into()] {
        assert_eq!(refusal(&pds, &alice, vec![with_type(wrong)]).await.name(), "InvalidRequest");
    }
    assert_eq!(refusal(&pds, &alice, vec![Change::create(nsid(NOTE), vec![1])]).await.name(), "InvalidRequest");
    write(&pds, &alice, vec![with_type(NOTE.into())]).await;
}

#[tokio::test]
async fn a_key_is_of_the_type_that_the_lexicon_says() {
    let (pds, alice) = with_alice().await;
    let profile = || object([("displayName", "Alice".into())]);
    let wrong = [
        Change::put(nsid(POST), rkey("first"), post("hi".into())),
        Change::put(nsid(PROFILE), rkey("other"), profile()),
    ];
    for change in wrong {
        assert_eq!(refusal(&pds, &alice, vec![change.clone()]).await.name(), "InvalidRequest");
        // Without validation the lexicon has no say.
        pds.write(&alice, vec![change], WriteOptions::default().validate(Validate::Off)).await.unwrap();
    }
    write(&pds, &alice, vec![Change::put(nsid(POST), rkey("3jzfcijpj2z2a"), post("hi".into()))]).await;
    let outcome = write(&pds, &alice, vec![Change::create(nsid(PROFILE), profile())]).await;
    assert_eq!(outcome.results[0].rkey.as_str(), "self");
}

#[tokio::test]
async fn a_schema_that_is_no_record_is_no_collection() {
    let (pds, alice) = with_alice().await;
    let change = Change::create(nsid("com.atproto.repo.getRecord"), note("hi"));
    assert_eq!(refusal(&pds, &alice, vec![change]).await.name(), "InvalidRequest");
}

#[tokio::test]
async fn the_rules_of_the_data_model_always_hold() {
    let (pds, alice) = with_alice().await;
    let unsafe_number = object([("n", (1_i64 << 53).into())]);
    let change = Change::create(nsid(NOTE), unsafe_number);
    let options = WriteOptions::default().validate(Validate::Off);
    let error = pds.write(&alice, vec![change], options).await.unwrap_err();
    assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidRequest"));
}

/// A network in which nobody answers.
struct Silence;

impl Dns for Silence {
    fn txt<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::Timeout)))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<std::net::SocketAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::Timeout)))
    }
}

#[tokio::test]
async fn a_lexicon_that_is_out_of_reach_leaves_a_record_unknown() {
    let plc = Arc::new(DirectoryTransport::new(&Directory::new(arobase_plc::MemoryStore::new()).unwrap()));
    let identities = Resolver::builder(Arc::new(Silence), plc.clone(), plc.clone()).build().unwrap();
    let network = LexiconResolver::new(Arc::new(Silence), identities, plc);
    let catalog = NetworkCatalog::new(Catalog::official(), network);
    let pds = builder(MemoryStore::new()).lexicons(catalog).build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await.did;
    let unknown = || Change::create(nsid(NOTE), note("hi"));
    assert_eq!(validity(&pds, &alice, unknown(), Validate::IfKnown).await.unwrap(), Some(Validity::Unknown));
    let error = validity(&pds, &alice, unknown(), Validate::Required).await.unwrap_err();
    assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidRequest"));
    assert!(error.message().contains("com.example.note cannot be validated: its lexicon: "), "{error}");
    let valid = Change::create(nsid(POST), post("hi".into()));
    assert_eq!(validity(&pds, &alice, valid, Validate::Required).await.unwrap(), Some(Validity::Valid));
    let wrong_key = Change::put(nsid(POST), rkey("first"), post("hi".into()));
    assert!(validity(&pds, &alice, wrong_key, Validate::IfKnown).await.is_err());
}
