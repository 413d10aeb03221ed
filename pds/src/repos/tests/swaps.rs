use arobase::{data::CidLink, repo::Swap};

use super::*;

fn put_if(key: &str, text: &str, swap: Swap) -> Change {
    Change::Put { collection: nsid(NOTE), rkey: rkey(key), record: note(text), swap }
}

fn delete_if(key: &str, swap: Swap) -> Change {
    Change::Delete { collection: nsid(NOTE), rkey: rkey(key), swap }
}

/// A repository with one note, and the CID of that note and of another one.
async fn with_note() -> (Pds, Did, CidLink, CidLink) {
    let (pds, alice) = with_alice().await;
    let outcome = write(&pds, &alice, vec![put("other", "other"), put("a", "1")]).await;
    let [other, cid] = &outcome.results[..] else { panic!("two writes") };
    let (other, cid) = (other.cid.clone().unwrap(), cid.cid.clone().unwrap());
    (pds, alice, cid, other)
}

#[tokio::test]
async fn a_record_is_replaced_only_if_it_is_the_expected_one() {
    let (pds, alice, cid, other) = with_note().await;
    for change in [
        put_if("a", "2", Swap::Is(other.clone())),
        put_if("a", "2", Swap::Absent),
        put_if("b", "2", Swap::Is(cid.clone())),
        delete_if("a", Swap::Is(other)),
    ] {
        assert_eq!(refusal(&pds, &alice, vec![change]).await.name(), "InvalidSwap");
    }
    write(&pds, &alice, vec![put_if("b", "2", Swap::Absent)]).await;
    write(&pds, &alice, vec![delete_if("a", Swap::Is(cid))]).await;
    assert_eq!(content(&pds, &alice).await.records.len(), 2);
}

#[tokio::test]
async fn what_changes_nothing_succeeds_without_a_commit_whatever_was_expected() {
    let (pds, alice, cid, other) = with_note().await;
    let before = content(&pds, &alice).await;
    for change in [
        put("a", "1"),
        put_if("a", "1", Swap::Absent),
        put_if("a", "1", Swap::Is(other.clone())),
        delete("nothing"),
        delete_if("nothing", Swap::Is(other)),
    ] {
        let outcome = write(&pds, &alice, vec![change.clone()]).await;
        assert!(outcome.commit.is_none(), "{change:?}");
        let expected = matches!(change, Change::Put { .. }).then(|| cid.clone());
        assert_eq!(outcome.results[0].cid, expected);
    }
    assert_eq!(content(&pds, &alice).await, before);
}

#[tokio::test]
async fn the_commit_that_is_expected_comes_first_unless_nothing_changes() {
    let (pds, alice, ..) = with_note().await;
    let stale = content(&pds, &alice).await.commit.cid();
    write(&pds, &alice, vec![put("b", "2")]).await;
    let options = || WriteOptions::default().swap_commit(stale);
    for nothing in [put("b", "2"), delete("nothing")] {
        assert!(pds.write(&alice, vec![nothing], options()).await.unwrap().commit.is_none());
    }
    for change in [put("c", "3"), create("a", "1")] {
        let error = pds.write(&alice, vec![change], options()).await.unwrap_err();
        assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidSwap"));
    }
    let current = content(&pds, &alice).await.commit.cid();
    let options = WriteOptions::default().swap_commit(current);
    assert!(pds.write(&alice, vec![put("c", "3")], options).await.unwrap().commit.is_some());
}
