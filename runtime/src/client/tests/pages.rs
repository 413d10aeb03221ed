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
async fn cursors_that_go_round_end_the_pages_too() {
    let page = |cursor: &str| json(format!(r#"{{"items":[1],"cursor":"{cursor}"}}"#));
    let fake = Fake::script([page("a"), page("b"), page("start")]);
    let pages: Vec<_> = fake.client().pages(List::new().cursor("start")).collect().await;
    assert_eq!(pages.len(), 4);
    assert!(matches!(pages[3], Err(Error::RepeatedCursor)));
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_and_can_be_asked_for_again() {
    let first = || json(r#"{"items":[1],"cursor":"a"}"#);
    let last = || json(r#"{"items":[2]}"#);
    let fake = Fake::script([first(), error(400, "NoSuchList"), first(), error(400, "NoSuchList"), last()]);
    let client = fake.client().with_session(session(1));
    assert_eq!(client.pages(List::new()).count().await, 2);
    let mut pages = client.pages(List::new());
    assert!(pages.next().await.unwrap().is_ok());
    assert!(matches!(pages.next().await, Some(Err(Error::Declared(_)))));
    assert_eq!(pages.next().await.unwrap().unwrap().items, [2]);
    assert!(pages.next().await.is_none());
    assert_eq!(fake.seen()[4].url.query(), Some("cursor=a"));
}

#[tokio::test]
async fn pages_say_where_they_are_and_go_on_there() {
    let fake = Fake::script([json(r#"{"items":[1],"cursor":"a"}"#), json(r#"{"items":[2]}"#)]);
    let mut pages = fake.client().pages(List::new());
    assert_eq!(pages.cursor(), None);
    pages.next().await.unwrap().unwrap();
    let cursor = pages.cursor().unwrap().to_owned();
    let mut resumed = fake.client().pages(List::new().cursor(cursor));
    assert_eq!(resumed.cursor(), Some("a"));
    assert_eq!(resumed.next().await.unwrap().unwrap().items, [2]);
    assert_eq!(resumed.cursor(), None);
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
