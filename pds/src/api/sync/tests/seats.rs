//! Callers who are slow, and many at a time.

use std::{net::IpAddr, time::Duration};

use arobase::xrpc::{Body, BodyError};
use bytes::Bytes;
use futures_util::StreamExt;

use super::super::stream::{Exports, Outlet};
use crate::{
    error::Error,
    firehose::testing::database,
    store::{Database, View},
};

/// An answer of so many pieces.
async fn stream(exports: &Exports, db: &Database, pieces: usize) -> Result<Body, Error> {
    stream_to(None, exports, db, pieces).await
}

/// The same for a client.
async fn stream_to(client: Option<IpAddr>, exports: &Exports, db: &Database, pieces: usize) -> Result<Body, Error> {
    let work = move |_: &dyn View, outlet: &mut Outlet<()>| {
        outlet.begin(())?;
        (0..pieces).try_for_each(|_| outlet.send(Bytes::from_static(&[7; 1_000])))
    };
    exports.stream(db, client, work).await.map(|((), body)| body)
}

async fn read(body: Body) -> Result<usize, BodyError> {
    Ok(body.collect(1 << 30).await?.len())
}

#[tokio::test]
async fn an_answer_arrives_piece_by_piece() {
    let db = database();
    let body = stream(&Exports::default(), &db, 1_000).await.unwrap();
    assert_eq!(read(body).await.unwrap(), 1_000_000);
    let body = stream(&Exports::default(), &db, 0).await.unwrap();
    assert_eq!(read(body).await.unwrap(), 0);
}

#[tokio::test]
async fn an_error_before_the_beginning_is_the_answer() {
    let work = |_: &dyn View, _: &mut Outlet<()>| Err(Error::named("RepoNotFound", "it is not here"));
    let error = Exports::default().stream(&database(), None, work).await.err().unwrap();
    assert_eq!(error.name(), "RepoNotFound");
}

#[tokio::test]
async fn an_answer_that_fails_later_is_not_taken_for_a_whole_one() {
    let fail = |_: &dyn View, outlet: &mut Outlet<()>| {
        outlet.begin(())?;
        outlet.send(Bytes::from_static(b"1"))?;
        Err(Error::internal("the disk is gone"))
    };
    let panic = |_: &dyn View, outlet: &mut Outlet<()>| {
        outlet.begin(())?;
        outlet.send(Bytes::from_static(b"1"))?;
        panic!("as it happens")
    };
    let (exports, db) = (Exports::default(), database());
    for body in [exports.stream(&db, None, fail).await.unwrap().1, exports.stream(&db, None, panic).await.unwrap().1] {
        let pieces: Vec<_> = StreamExt::collect(body).await;
        assert!(matches!(&pieces[..], [Ok(_), Err(_)]), "{pieces:?}");
    }
}

#[tokio::test]
async fn a_caller_who_takes_nothing_is_given_up_and_loses_the_seat() {
    let exports = Exports::with(1, Duration::from_secs(30), Duration::from_millis(50));
    let db = database();
    let stalled = stream(&exports, &db, 100_000).await.unwrap();
    // There is one seat, and so this waits until it is free.
    let body = stream(&exports, &db, 3).await.unwrap();
    assert_eq!(read(body).await.unwrap(), 3_000);
    assert!(read(stalled).await.is_err());
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_it() {
    let exports = Exports::with(1, Duration::from_secs(30), Duration::from_secs(1_000));
    let db = database();
    for _ in 0..5 {
        let mut body = stream(&exports, &db, usize::MAX).await.unwrap();
        assert!(body.next().await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn too_many_at_a_time_have_to_come_back_later() {
    let exports = Exports::with(2, Duration::from_millis(20), Duration::from_secs(1_000));
    let db = database();
    let held = [stream(&exports, &db, usize::MAX).await, stream(&exports, &db, usize::MAX).await];
    assert!(held.iter().all(Result::is_ok));
    let refused = stream(&exports, &db, 1).await.unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.name()), (503, "NotEnoughResources"));
}

#[tokio::test]
async fn a_reading_does_not_wait_for_those_who_are_slow() {
    let db = database();
    let exports = Exports::default();
    let mut held = Vec::new();
    for _ in 0..24 {
        held.push(stream(&exports, &db, usize::MAX).await.unwrap());
    }
    assert_eq!(db.read(|view| view.count_accounts()).await.unwrap(), 0);
}

#[tokio::test]
async fn one_client_does_not_keep_all_others_out() {
    let exports = Exports::with(3, Duration::from_millis(20), Duration::from_secs(1_000)).with_share(2);
    let (db, one, other) = (database(), Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
    let held = [stream_to(one, &exports, &db, usize::MAX).await, stream_to(one, &exports, &db, usize::MAX).await];
    assert!(held.iter().all(Result::is_ok));
    assert_eq!(stream_to(one, &exports, &db, 1).await.unwrap_err().status().as_u16(), 503);
    assert_eq!(read(stream_to(other, &exports, &db, 1).await.unwrap()).await.unwrap(), 1_000);
    drop(held);
    // The seats are free as soon as the answers have noticed.
    let body = loop {
        if let Ok(body) = stream_to(one, &exports, &db, 1).await {
            break body;
        }
    };
    assert_eq!(read(body).await.unwrap(), 1_000);
}

#[tokio::test]
async fn who_took_much_and_then_nothing_is_given_up_as_well() {
    let exports = Exports::with(1, Duration::from_secs(30), Duration::from_millis(50));
    let db = database();
    let mut stalled = stream(&exports, &db, usize::MAX).await.unwrap();
    // At the least rate this is worth minutes.
    for _ in 0..5_000 {
        assert!(stalled.next().await.unwrap().is_ok());
    }
    let body = stream(&exports, &db, 3).await.unwrap();
    assert_eq!(read(body).await.unwrap(), 3_000);
}
