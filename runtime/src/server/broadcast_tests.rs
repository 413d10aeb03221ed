use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};

use super::{Broadcast, Events, Failure};
use crate::{
    test_watch::{Watch, frame_of, info, shown_frame, tick, tick_frame},
    xrpc::XrpcError,
};

/// What comes before the stream has to be waited for.
fn ready(events: &mut Pin<Box<dyn futures_core::Stream<Item = Result<Bytes, XrpcError>> + Send>>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(item) = events.next().now_or_never() {
        match item {
            Some(Ok(frame)) => all.push(shown_frame(&frame)),
            Some(Err(error)) => all.push(error.name().to_owned()),
            None => {
                all.push("end".to_owned());
                break;
            }
        }
    }
    all
}

fn all(events: Events<Watch>) -> Vec<String> {
    ready(&mut events.into_frames())
}

#[test]
fn messages_keep_their_order_and_a_failure_stays_in_its_place() {
    let messages = stream::iter([Ok(tick(1)), Ok(info("Note")), Err(Failure::forbidden("no more"))]);
    assert_eq!(all(Events::new(messages)), ["1", "Note", "Forbidden", "end"]);
}

#[test]
fn a_message_that_breaks_its_schema_is_an_internal_failure() {
    let messages = stream::iter([Ok(tick(0))]);
    assert_eq!(all(Events::new(messages)), ["InternalServerError", "end"]);
}

#[test]
fn a_first_message_can_be_put_before_others() {
    let events = Events::<Watch>::new(stream::iter([Ok(tick(5))]));
    assert_eq!(all(events.begin_with(&info("OutdatedCursor")).unwrap()), ["OutdatedCursor", "5", "end"]);
    let events = Events::<Watch>::new(stream::empty());
    assert!(events.begin_with(&tick(0)).is_err());
}

#[test]
fn a_thousand_subscribers_share_the_bytes_of_one_encoding() {
    let broadcast = Broadcast::<Watch>::new(8);
    let mut subscribers: Vec<_> = (0..1000).map(|_| broadcast.subscribe().into_frames()).collect();
    let frame = broadcast.publish(&tick(1)).unwrap();
    for subscriber in &mut subscribers {
        let got = subscriber.next().now_or_never().unwrap().unwrap().unwrap();
        assert_eq!((got.as_ptr(), got.len()), (frame.as_ptr(), frame.len()));
    }
}

#[test]
fn subscribers_get_what_is_published_after_they_came() {
    let broadcast = Broadcast::<Watch>::new(8);
    broadcast.publish(&tick(1)).unwrap();
    let mut late = broadcast.subscribe().into_frames();
    broadcast.publish(&tick(2)).unwrap();
    broadcast.publish_frame(frame_of(&info("Note")));
    assert_eq!(ready(&mut late), ["2", "Note"]);
    assert_eq!(broadcast.subscribers(), 1);
    drop(late);
    assert_eq!(broadcast.subscribers(), 0);
}

#[test]
fn a_message_that_breaks_its_schema_reaches_nobody() {
    let broadcast = Broadcast::<Watch>::new(8);
    let mut events = broadcast.subscribe().into_frames();
    assert!(broadcast.publish(&tick(0)).is_err());
    assert_eq!(ready(&mut events), [""; 0]);
}

#[test]
fn who_falls_behind_is_told_so_and_ends() {
    let broadcast = Broadcast::<Watch>::new(4);
    let (slow, mut fast) = (broadcast.subscribe(), broadcast.subscribe().into_frames());
    for seq in 1..=5 {
        broadcast.publish(&tick(seq)).unwrap();
        assert_eq!(ready(&mut fast), [seq.to_string()]);
    }
    assert_eq!(all(slow), ["ConsumerTooSlow", "end"]);
}

#[test]
fn the_end_comes_after_what_was_published_before() {
    let broadcast = Broadcast::<Watch>::new(8);
    let events = broadcast.subscribe();
    broadcast.publish(&tick(1)).unwrap();
    broadcast.clone().close();
    broadcast.publish(&tick(2)).unwrap();
    assert_eq!(all(events), ["1", "end"]);
    assert_eq!(all(broadcast.subscribe()), ["end"]);
}

/// Events that were stored, as a service would.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<i64>>>);

impl Store {
    fn add(&self, seq: i64) {
        self.0.lock().unwrap().push(seq);
    }

    fn behind(&self, after: i64) -> Vec<Result<(i64, Bytes), Failure>> {
        let stored = self.0.lock().unwrap().clone();
        stored.into_iter().filter(|seq| *seq > after).map(|seq| Ok((seq, tick_frame(seq)))).collect()
    }
}

#[test]
fn replay_goes_over_into_live_without_gap_and_without_repetition() {
    // At each moment of the replay in turn, three events come at once.
    for moment in 0..12 {
        let (store, broadcast) = (Store::default(), Broadcast::<Watch>::new(8));
        (1..=5).for_each(|seq| store.add(seq));
        let backfill = {
            let store = store.clone();
            move |after| stream::iter(store.behind(after))
        };
        let mut events = broadcast.replay_then_live(2, backfill).into_frames();
        let mut got = Vec::new();
        for step in 0..20 {
            if step == moment {
                for seq in 6..=8 {
                    store.add(seq);
                    broadcast.publish(&tick(seq)).unwrap();
                }
            }
            if let Some(item) = events.next().now_or_never() {
                got.push(shown_frame(&item.unwrap().unwrap()));
            }
        }
        assert_eq!(got, ["3", "4", "5", "6", "7", "8"], "at moment {moment}");
    }
}

#[test]
fn what_was_stored_and_is_live_at_the_same_time_comes_once() {
    let (store, broadcast) = (Store::default(), Broadcast::<Watch>::new(8));
    store.add(1);
    let runs = Arc::new(AtomicUsize::new(0));
    let backfill = {
        let (store, broadcast, runs) = (store, broadcast.clone(), Arc::clone(&runs));
        move |after| {
            // Between the start of the live messages and the second look at the store.
            if runs.fetch_add(1, Ordering::Relaxed) == 1 {
                for seq in [2, 3] {
                    store.add(seq);
                    broadcast.publish(&tick(seq)).unwrap();
                }
            }
            stream::iter(store.behind(after))
        }
    };
    let mut events = broadcast.replay_then_live(0, backfill).into_frames();
    broadcast.publish_frame(frame_of(&info("Unseen")));
    assert_eq!(ready(&mut events), ["1", "2", "3"]);
    broadcast.publish_frame(frame_of(&info("Note")));
    broadcast.publish(&tick(4)).unwrap();
    assert_eq!(ready(&mut events), ["Note", "4"]);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[test]
fn a_backfill_that_fails_ends_the_subscription() {
    let broadcast = Broadcast::<Watch>::new(8);
    let broken = |_| stream::iter([Ok((1, tick_frame(1))), Err(Failure::invalid_request("gone"))]);
    assert_eq!(all(broadcast.replay_then_live(0, broken)), ["1", "InvalidRequest", "end"]);
}

#[test]
fn a_backfill_that_breaks_shows_no_detail() {
    let broadcast = Broadcast::<Watch>::new(8);
    let broken = |_| stream::iter([Err(Failure::internal("secret detail"))]);
    let mut frames = broadcast.replay_then_live(0, broken).into_frames();
    let error = frames.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(error.name(), "InternalServerError");
    assert!(!error.to_string().contains("secret"));
}

#[test]
fn who_keeps_up_is_not_too_slow_however_much_it_has_missed() {
    let (store, broadcast) = (Store::default(), Broadcast::<Watch>::new(64));
    (1..=20_000).for_each(|seq| store.add(seq));
    let backfill = {
        let store = store.clone();
        move |after| stream::iter(store.behind(after))
    };
    let mut events = broadcast.replay_then_live(0, backfill).into_frames();
    let mut published = 20_000;
    // It reads ten events while one comes.
    for read in 1..=22_221 {
        let frame = events.next().now_or_never().unwrap().unwrap().unwrap();
        assert_eq!(shown_frame(&frame), read.to_string());
        if read % 10 == 0 {
            published += 1;
            store.add(published);
            broadcast.publish_frame(tick_frame(published));
        }
    }
    assert_eq!(broadcast.subscribers(), 1, "it gets live messages at last");
}
