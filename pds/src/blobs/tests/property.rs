use std::collections::{BTreeMap, BTreeSet};

use arobase::{
    data::{Blob, Cid},
    xrpc::Body,
};
use bytes::Bytes;
use futures_util::stream;
use proptest::prelude::*;

use super::{
    super::{
        Absent,
        testing::{HOUR, World, world_with},
    },
    usage,
};
use crate::store::{BlobPlace, BlobState};

/// One thing that happens. Blobs and records are few, so that they meet.
#[derive(Clone, Debug)]
enum Step {
    /// An upload, in one piece or in pieces that break off.
    Upload {
        bytes: u8,
        is_whole: bool,
    },
    /// A commit of several records, with the blobs that they refer to from then on, if they are to be there.
    Commit {
        changes: Vec<(u8, Option<Vec<u8>>)>,
        absent: bool,
    },
    /// Time passes.
    Pass {
        hours: i64,
    },
    Collect,
    /// One of the next calls to the object store fails, before or after it did what it should.
    Fail {
        calls: u32,
        is_late: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let blobs = prop::option::weighted(0.7, prop::collection::vec(0..6_u8, 0..3));
    let changes = prop::collection::btree_map(0..4_u8, blobs, 1..4).prop_map(|changes| changes.into_iter().collect());
    prop_oneof![
        5 => (0..6_u8, prop::bool::weighted(0.8)).prop_map(|(bytes, is_whole)| Step::Upload { bytes, is_whole }),
        5 => (changes, prop::bool::weighted(0.2)).prop_map(|(changes, absent)| Step::Commit { changes, absent }),
        2 => (0..9_i64).prop_map(|hours| Step::Pass { hours }),
        2 => Just(Step::Collect),
        2 => (0..3_u32, any::<bool>()).prop_map(|(calls, is_late)| Step::Fail { calls, is_late }),
    ]
}

fn content(number: u8) -> Bytes {
    Bytes::from(format!("blob {number}").repeat(number.into()))
}

fn blob(number: u8) -> Blob {
    let bytes = content(number);
    Blob::new(Cid::of_raw(&bytes).into(), "application/octet-stream", bytes.len() as u64)
}

/// The records that there are, with the numbers of their blobs.
type Records = BTreeMap<u8, Vec<u8>>;

async fn apply(world: &World, records: &mut Records, step: Step) {
    match step {
        Step::Upload { bytes, is_whole: true } => drop(world.try_upload(Body::new(content(bytes))).await),
        Step::Upload { bytes, is_whole: false } => {
            let pieces = [Ok(content(bytes)), Err(arobase::xrpc::BodyError::source("gone"))];
            drop(world.try_upload(Body::from_stream(stream::iter(pieces))).await);
        }
        Step::Commit { changes, absent } => commit(world, records, changes, absent).await,
        Step::Pass { hours } => world.clock.pass(hours * HOUR),
        Step::Collect => drop(super::super::collect::collect(&world.depot).await),
        Step::Fail { calls, is_late } => {
            *world.objects.fails_late.lock().unwrap() = is_late;
            world.objects.fail_after(calls);
        }
    }
}

async fn commit(world: &World, records: &mut Records, changes: Vec<(u8, Option<Vec<u8>>)>, absent: bool) {
    let named: Vec<_> = changes
        .iter()
        .map(|(name, blobs)| {
            let blobs = blobs.as_ref().map(|blobs| blobs.iter().map(|number| blob(*number)).collect::<Vec<_>>());
            (format!("com.example.note/{name}"), blobs)
        })
        .collect();
    let borrowed: Vec<_> = named.iter().map(|(path, blobs)| (path.as_str(), blobs.as_deref())).collect();
    let absent = if absent { Absent::Tolerated } else { Absent::Refused };
    if world.batch(&borrowed, absent).await.is_ok() {
        for (name, blobs) in changes {
            match blobs {
                Some(blobs) => drop(records.insert(name, blobs)),
                None => drop(records.remove(&name)),
            }
        }
    }
}

/// What holds at any moment.
async fn check(world: &World, records: &Records) {
    let keys: BTreeSet<String> = world.objects.keys().await.into_iter().collect();
    let linked: BTreeSet<Cid> = records.values().flatten().map(|number| Cid::of_raw(&content(*number))).collect();
    let rows = world.rows().await;
    let mut bytes = 0;
    for row in &rows {
        let BlobPlace::Object(key) = &row.place else { panic!("{row:?} is not here") };
        assert!(keys.contains(&**key), "the object of {row:?} is gone");
        assert_eq!(row.state == BlobState::Permanent, linked.contains(&row.cid), "{row:?}");
        bytes += i64::try_from(row.size).unwrap();
    }
    assert_eq!(world.usage(world.alice.id).await, usage(rows.len() as i64, bytes));
}

/// What holds once all is well again and time has passed.
async fn check_end(world: &World, records: &Records) {
    world.objects.heal();
    let before: BTreeSet<Cid> =
        world.rows().await.iter().filter(|row| row.state == BlobState::Permanent).map(|row| row.cid).collect();
    world.clock.pass(60 * HOUR);
    world.collect().await;
    check(world, records).await;
    let rows = world.rows().await;
    assert_eq!(rows.iter().map(|row| row.cid).collect::<BTreeSet<_>>(), before);
    assert_eq!(world.objects.keys().await.len(), rows.len(), "surplus is left");
    let audit = super::super::audit::audit(&world.depot, true, &mut |_| ()).await.unwrap();
    assert_eq!((audit.blobs, audit.missing.len(), audit.surplus.len()), (rows.len() as u64, 0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_have_their_objects_and_nothing_is_left_over(steps in prop::collection::vec(step(), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world_with(|settings| settings.blob_limit = 1_000).await;
            let mut records = Records::new();
            for step in steps {
                apply(&world, &mut records, step).await;
                check(&world, &records).await;
            }
            check_end(&world, &records).await;
        });
    }
}
