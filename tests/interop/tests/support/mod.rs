//! What our client does with a server, whoever wrote it.

#![allow(dead_code, reason = "each test binary uses some of it")]

use arobase::{
    Catalog, Client, Error,
    data::{Map, Nullable, Value},
    xrpc::{Body, BodyError, Content},
};
use arobase_interop::lexicons::com::example::interop::{
    Client as _, Count, Download, Echo, Greet, ListNumbers, Upload, count,
    defs::{Apple, Everything},
    greet,
};
use futures_util::{TryStreamExt, stream};

fn client(address: &str) -> Client {
    Client::new(address).expect("an address")
}

/// Queries, procedures, declared errors, pages.
pub(crate) async fn methods(address: &str) {
    let client = client(address);
    let greeting = client.greet(Greet::new("Ana")).await.expect("an answer");
    assert_eq!(greeting.greeting, "Hello, Ana!");

    match client.greet(Greet::new("nobody")).await {
        Err(Error::Declared(greet::Error::Stranger(message))) => {
            assert_eq!(message.as_deref(), Some("nobody knows nobody"));
        }
        other => panic!("a declared error, not {other:?}"),
    }
    // An invalid request is not even sent.
    assert!(matches!(client.greet(Greet::new("")).await, Err(Error::Request(_))));

    let everything = Everything::new("olá", 7, true, Nullable::Null)
        .fruit(Apple::new("red"))
        .numbers(vec![1, 2])
        .anything(Value::from_json(br#"{"x":["y",null]}"#).expect("data"));
    assert_eq!(client.echo(Echo::new(), everything.clone()).await.expect("an answer"), everything);

    let query =
        ListNumbers::new(25).limit(10).even(true).not(vec![2, 4]).tags(vec!["a b&c".to_owned(), "é+".to_owned()]);
    let page = client.list_numbers(query).await.expect("a page");
    assert_eq!(page.numbers, [0, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
    assert_eq!(page.tags.as_deref(), Some(&["a b&c".to_owned(), "é+".to_owned()][..]));

    let pages: Vec<_> = client.pages(ListNumbers::new(25).limit(10)).try_collect().await.expect("all pages");
    let numbers: Vec<_> = pages.into_iter().flat_map(|page| page.numbers).collect();
    assert_eq!(numbers, (0..25).collect::<Vec<_>>());
}

/// Bytes in memory and bytes that stream.
pub(crate) async fn uploads(address: &str) {
    let client = client(address);
    let body = Body::new(vec![1; 70_000]).content_type("image/png");
    let output = client.upload(Upload::new(), body).await.expect("an answer");
    assert_eq!((output.size, output.mime_type.as_str()), (70_000, "image/png"));

    let chunks = stream::iter((0..100).map(|_| Ok::<_, BodyError>(vec![2; 10_000].into())));
    let body = Body::from_stream(chunks).content_type("video/mp4");
    let output = client.upload(Upload::new(), body).await.expect("an answer");
    assert_eq!((output.size, output.mime_type.as_str()), (1_000_000, "video/mp4"));
}

/// A body that is not JSON.
pub(crate) async fn downloads(address: &str) {
    let body = client(address).download(Download::new(100_000)).await.expect("an answer");
    assert_eq!(body.mime_type(), Some("application/vnd.ipld.car"));
    assert_eq!(body.collect(1_000_000).await.expect("all of it").len(), 100_000);
}

/// A subscription with its cursor, and one that is refused.
pub(crate) async fn messages(address: &str) {
    let client = client(address);
    let messages = client.count(Count::new().cursor(3).to(6)).await.expect("a connection");
    let messages: Vec<_> = messages.try_collect().await.expect("messages");
    let seqs = messages.iter().map(|message| match message {
        count::Message::Number(number) => {
            assert_eq!(number.text, format!("number {}", number.seq));
            number.seq
        }
        count::Message::Done(done) => done.seq,
        count::Message::Unknown(value) => panic!("a known message, not {value:?}"),
        other => panic!("a known message, not {other:?}"),
    });
    assert_eq!(seqs.collect::<Vec<_>>(), [4, 5, 6, 7]);

    let mut refused = client.count(Count::new().cursor(5000)).await.expect("a connection");
    let error = refused.next().await.expect("an error").expect_err("an error");
    assert!(matches!(error, Error::Declared(count::Error::FutureCursor(_))), "{error:?}");
}

/// The same methods with nothing but their lexicons.
pub(crate) async fn dynamic(address: &str) {
    let lexicons = concat!(env!("CARGO_MANIFEST_DIR"), "/lexicons");
    let catalog = Catalog::from_directory(lexicons).expect("valid lexicons");
    let client = client(address).dynamic(&catalog);
    let input = Value::from_json(br#"{"name":"Ana"}"#).expect("data");
    let answer = client.call("com.example.interop.greet", Map::new(), input).await.expect("an answer");
    let Content::Json(answer) = answer else { panic!("JSON, not {answer:?}") };
    assert_eq!(answer.get("greeting").and_then(Value::as_str), Some("Hello, Ana!"));

    let wrong = Value::from_json(br#"{"name":5}"#).expect("data");
    assert!(matches!(client.call("com.example.interop.greet", Map::new(), wrong).await, Err(Error::Request(_))));
}
