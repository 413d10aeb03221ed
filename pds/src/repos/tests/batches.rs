use super::*;

#[tokio::test]
async fn a_record_that_was_created_is_there_under_a_new_key() {
    let (pds, alice) = with_alice().await;
    let outcome = write(&pds, &alice, vec![Change::create(nsid(NOTE), note("hello"))]).await;
    let [result] = &outcome.results[..] else { panic!("one write, one result") };
    result.rkey.as_str().parse::<Tid>().unwrap();
    let record = pds.record(&alice, &result.collection, &result.rkey).await.unwrap().unwrap();
    assert_eq!(Some(&record.cid), result.cid.as_ref());
    let expected = object([("$type", NOTE.into()), ("text", "hello".into())]);
    assert_eq!(Value::from_cbor(&record.block).unwrap(), expected);
    let now = content(&pds, &alice).await;
    assert_eq!(outcome.commit, Some((now.commit.cid(), now.commit.rev().clone())));
    assert_eq!(record.rev, *now.commit.rev());
}

#[tokio::test]
async fn new_keys_rise_within_a_batch() {
    let (pds, alice) = with_alice().await;
    let changes = (0..50).map(|n| Change::create(nsid(NOTE), note(&n.to_string()))).collect();
    let keys: Vec<_> = write(&pds, &alice, changes).await.results.into_iter().map(|result| result.rkey).collect();
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(content(&pds, &alice).await.records.len(), 50);
}

#[tokio::test]
async fn a_batch_is_one_commit_and_one_event() {
    let (pds, alice) = with_alice().await;
    write(&pds, &alice, vec![put("a", "1"), put("b", "2")]).await;
    let before = follow(&pds, &alice).await;
    write(&pds, &alice, vec![put("a", "3"), delete("b"), create("c", "4")]).await;
    assert_eq!(follow(&pds, &alice).await, before + 1);
    let records = content(&pds, &alice).await.records;
    assert!(records.keys().eq(["com.example.note/a", "com.example.note/c"]));
}

#[tokio::test]
async fn a_key_that_is_taken_is_not_taken_again() {
    let (pds, alice) = with_alice().await;
    write(&pds, &alice, vec![create("a", "1")]).await;
    for text in ["1", "2"] {
        let error = refusal(&pds, &alice, vec![put("b", "1"), create("a", text)]).await;
        assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidRequest"));
    }
}

#[tokio::test]
async fn what_should_be_there_and_is_not_fails_the_batch() {
    let (pds, alice) = with_alice().await;
    let (collection, swap) = (nsid(NOTE), arobase::repo::Swap::Present);
    let update = Change::Put { collection: collection.clone(), rkey: rkey("a"), record: note(""), swap: swap.clone() };
    for missing in [update, Change::Delete { collection, rkey: rkey("a"), swap }] {
        let error = refusal(&pds, &alice, vec![put("b", "1"), missing]).await;
        assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidRequest"));
    }
}

#[tokio::test]
async fn a_path_comes_once_in_a_batch() {
    let (pds, alice) = with_alice().await;
    assert_eq!(refusal(&pds, &alice, vec![put("a", "1"), delete("a")]).await.name(), "InvalidRequest");
}

#[tokio::test]
async fn a_batch_has_200_writes_and_an_event_of_2_megabytes_at_most() {
    let (pds, alice) = with_alice().await;
    let many = |n: usize| (0..n).map(|n| put(&n.to_string(), "x")).collect::<Vec<_>>();
    assert_eq!(refusal(&pds, &alice, many(201)).await.name(), "InvalidRequest");
    write(&pds, &alice, many(200)).await;
    let long = |key: &str| put(key, &key.repeat(999_000));
    assert_eq!(refusal(&pds, &alice, ["a", "b", "c"].map(long).into()).await.name(), "InvalidRequest");
    write(&pds, &alice, vec![long("a"), put("b", "short")]).await;
    assert_eq!(refusal(&pds, &alice, vec![put("c", &"x".repeat(1_000_001))]).await.name(), "InvalidRequest");
}

#[tokio::test]
async fn an_empty_batch_makes_no_commit() {
    let (pds, alice) = with_alice().await;
    let before = content(&pds, &alice).await;
    assert!(write(&pds, &alice, vec![]).await.commit.is_none());
    assert_eq!(content(&pds, &alice).await, before);
}

#[tokio::test]
async fn a_deleted_record_leaves_no_block_behind_unless_another_path_has_it() {
    let (pds, alice) = with_alice().await;
    let outcome = write(&pds, &alice, vec![put("a", "same"), put("b", "same")]).await;
    let cid = outcome.results[0].cid.clone().unwrap();
    let has = async |pds: &Pds| {
        let (alice, cid) = (alice.clone(), cid.clone());
        let read = pds.inner.db.read(move |view| {
            let account = view.account_of_did(&alice)?.unwrap();
            Ok::<_, Error>(view.record_block(account.id, &cid)?.is_some())
        });
        read.await.unwrap()
    };
    write(&pds, &alice, vec![delete("a")]).await;
    assert!(has(&pds).await);
    write(&pds, &alice, vec![put("b", "other")]).await;
    assert!(!has(&pds).await);
    // A record that comes back comes with its block.
    write(&pds, &alice, vec![put("c", "same"), delete("b")]).await;
    assert!(has(&pds).await);
    follow(&pds, &alice).await;
}

#[tokio::test]
async fn a_collection_is_there_as_long_as_it_has_records() {
    let (pds, alice) = with_alice().await;
    // `content` compares the collections with the records.
    for changes in [
        vec![put("a", "1"), Change::put(nsid("com.example.other"), rkey("a"), note("1"))],
        vec![delete("a"), put("b", "1")],
        vec![delete("b")],
        vec![Change::delete(nsid("com.example.other"), rkey("a"))],
    ] {
        write(&pds, &alice, changes).await;
        content(&pds, &alice).await;
    }
    assert!(content(&pds, &alice).await.records.is_empty());
}

#[tokio::test]
async fn a_record_with_a_blob_that_is_not_here_fails_the_whole_batch() {
    let (pds, alice) = with_alice().await;
    let blob = arobase::data::Blob::new(arobase::data::Cid::of_raw(b"nowhere").into(), "image/png", 7);
    let record = object([("image", blob.into())]);
    let before = events(&pds).await.len();
    let error = refusal(&pds, &alice, vec![put("a", "1"), Change::put(nsid(NOTE), rkey("b"), record)]).await;
    assert_eq!((error.status().as_u16(), error.name()), (400, "BlobNotFound"));
    assert_eq!(events(&pds).await.len(), before);
}

#[tokio::test]
async fn only_active_accounts_are_written_to() {
    let (pds, alice) = with_alice().await;
    let set = async |edit: fn(&mut crate::store::Account)| {
        let alice = alice.clone();
        let update = pds.inner.db.write(move |unit| {
            let mut account = unit.account_of_did(&alice)?.unwrap();
            (account.deactivated_at, account.suspended_at, account.takedown) = (None, None, None);
            edit(&mut account);
            Ok::<_, Error>(unit.update_account(&account)?)
        });
        update.await.unwrap();
    };
    set(|account| account.deactivated_at = Some(1)).await;
    assert_eq!(refusal(&pds, &alice, vec![put("a", "1")]).await.name(), "RepoDeactivated");
    set(|account| account.suspended_at = Some(1)).await;
    assert_eq!(refusal(&pds, &alice, vec![put("a", "1")]).await.name(), "RepoSuspended");
    set(|account| account.takedown = Some("1".into())).await;
    assert_eq!(refusal(&pds, &alice, vec![put("a", "1")]).await.name(), "RepoTakendown");
    set(|_| {}).await;
    write(&pds, &alice, vec![put("a", "1")]).await;
    let nobody = "did:web:nobody.test".parse().unwrap();
    let error = pds.write(&nobody, vec![put("a", "1")], WriteOptions::default()).await.unwrap_err();
    assert_eq!((error.status().as_u16(), error.name()), (400, "RepoNotFound"));
}

#[tokio::test]
async fn a_server_for_some_collections_takes_no_others() {
    let mut settings = settings();
    settings.collections = Some(vec![nsid(NOTE)]);
    let mut builder = builder(MemoryStore::new());
    builder.settings = settings;
    let pds = builder.build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await.did;
    write(&pds, &alice, vec![put("a", "1")]).await;
    let other = Change::put(nsid("com.example.other"), rkey("a"), note("1"));
    assert_eq!(refusal(&pds, &alice, vec![put("b", "1"), other]).await.name(), "InvalidRequest");
    let other = Change::delete(nsid("com.example.other"), rkey("a"));
    assert_eq!(refusal(&pds, &alice, vec![other]).await.name(), "InvalidRequest");
}
