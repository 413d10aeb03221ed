use arobase::repo::mst::Direction;

use super::{super::Page, *};

async fn keys(pds: &Pds, did: &Did, page: Page) -> (Vec<String>, bool) {
    let (records, more) = pds.records(did, &nsid(NOTE), page).await.unwrap();
    (records.iter().map(|record| record.path.rkey().to_owned()).collect(), more)
}

/// A repository with five notes, between collections whose names are alike.
async fn with_notes() -> (Pds, Did) {
    let (pds, alice) = with_alice().await;
    let mut changes: Vec<_> = ["a", "b", "c", "d", "e"].map(|key| put(key, key)).into();
    for other in ["com.example.not", "com.example.notes", "com.example.note.sub"] {
        changes.push(Change::put(nsid(other), rkey("x"), note("")));
    }
    write(&pds, &alice, changes).await;
    (pds, alice)
}

#[tokio::test]
async fn records_are_listed_page_by_page_in_both_directions() {
    let (pds, alice) = with_notes().await;
    for (direction, expected) in
        [(Direction::Down, ["e", "d", "c", "b", "a"]), (Direction::Up, ["a", "b", "c", "d", "e"])]
    {
        for limit in 1..=6 {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = Page::default().direction(direction).limit(limit).after(after);
                let (keys, more) = keys(&pds, &alice, page).await;
                assert!(keys.len() <= limit);
                found.extend(keys);
                after = found.last().map(|key| rkey(key));
                if !more {
                    break;
                }
            }
            assert_eq!(found, expected, "{direction:?} {limit}");
        }
    }
}

#[tokio::test]
async fn a_page_may_begin_where_no_record_is() {
    let (pds, alice) = with_notes().await;
    let page = |after: &str, direction| Page::default().after(rkey(after)).direction(direction);
    assert_eq!(keys(&pds, &alice, page("bb", Direction::Down)).await, (vec!["b".into(), "a".into()], false));
    assert_eq!(keys(&pds, &alice, page("d~", Direction::Up)).await, (vec!["e".into()], false));
    assert_eq!(keys(&pds, &alice, page("A", Direction::Down)).await, (vec![], false));
}

#[tokio::test]
async fn a_record_is_found_by_its_key() {
    let (pds, alice) = with_notes().await;
    let found = pds.record(&alice, &nsid(NOTE), &rkey("c")).await.unwrap().unwrap();
    assert_eq!(found.path.as_str(), "com.example.note/c");
    assert!(pds.record(&alice, &nsid(NOTE), &rkey("x")).await.unwrap().is_none());
    let nobody = "did:web:nobody.test".parse().unwrap();
    let error = pds.record(&nobody, &nsid(NOTE), &rkey("c")).await.unwrap_err();
    assert_eq!(error.name(), "RepoNotFound");
}

#[tokio::test]
async fn a_page_of_long_records_ends_early_and_says_so() {
    let (pds, alice) = with_alice().await;
    let long = "x".repeat(600_000);
    for key in ["a", "b", "c"] {
        write(&pds, &alice, vec![put(key, &long)]).await;
    }
    let page = || Page::default().direction(Direction::Up);
    assert_eq!(keys(&pds, &alice, page()).await, (vec!["a".into(), "b".into()], true));
    assert_eq!(keys(&pds, &alice, page().after(rkey("b"))).await, (vec!["c".into()], false));
}
