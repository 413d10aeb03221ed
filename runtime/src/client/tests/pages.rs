use futures_util::StreamExt;

use super::{
    fake::{Fake, error, json, session},
    methods::List,
};
use crate::client::Error;

#[tokio::test]
async fn pages_follow_the_cursor_with_the_other_parameters() {
    let fake = Fake::script([
        json(r#"{"items":[1],"cursor":"a b"}"#),
        json(r#"{"items":[],"cursor":"c"}"#),
        json(r#"{"items":[2]}"#),
    ]);
    let pages: Vec<_> = fake.client().pages(List::new().limit(1)).map(|page| page.unwrap().items).collect().await;
    assert_eq!(pages, [vec![1], vec![], vec![2]]);
    let queries: Vec<_> = fake.seen().iter().map(|seen| seen.url.query().unwrap().to_owned()).collect();
    assert_eq!(queries, ["limit=1", "limit=1&cursor=a+b", "limit=1&cursor=c"]);
}

#[tokio::test]
async fn a_repeated_cursor_ends_the_pages_with_an_error() {
    let fake = Fake::new(|_, _| json(r#"{"items":[1],"cursor":"a"}"#));
    let mut pages = fake.client().pages(List::new());
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_ok());
    assert!(matches!(pages.next().await, Some(Err(Error::RepeatedCursor))));
    assert!(pages.next().await.is_none());
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn an_empty_cursor_is_none() {
    let fake = Fake::script([json(r#"{"items":[1],"cursor":""}"#)]);
    assert_eq!(fake.client().pages(List::new()).count().await, 1);
}

#[tokio::test]
async fn pages_end_after_an_error() {
    let fake = Fake::script([json(r#"{"items":[1],"cursor":"a"}"#), error(400, "NoSuchList")]);
    let mut pages = fake.client().with_session(session(1)).pages(List::new());
    assert!(pages.next().await.unwrap().is_ok());
    assert!(matches!(pages.next().await, Some(Err(Error::Declared(_)))));
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn nothing_is_asked_for_before_it_is_wanted() {
    let fake = Fake::script([json(r#"{"items":[1],"cursor":"a"}"#)]);
    let mut pages = fake.client().pages(List::new());
    assert!(fake.seen().is_empty());
    pages.next().await.unwrap().unwrap();
    tokio::task::yield_now().await;
    assert_eq!(fake.seen().len(), 1);
}
