//! Repositories.

use std::ops::Bound;

use arobase::{data::CidLink, repo::mst::Direction};

use super::{
    super::{
        Range, Usage,
        testing::{block, commit, path, record, rev},
    },
    Fixture, statements,
};

const EVERYTHING: Range<'_> =
    Range { from: Bound::Unbounded, to: Bound::Unbounded, direction: Direction::Up, limit: 99, bytes: usize::MAX };

fn paths(store: &Fixture, range: Range<'_>) -> Vec<String> {
    let id = store.read(|view| view.accounts(None, 1))[0].id;
    let records = store.read(|view| view.records(id, range));
    records.iter().map(|record| record.path.as_str().to_owned()).collect()
}

/// An account with these records, each with its path as its block.
fn with_records(store: &Fixture, paths: &'static [&'static str]) {
    let id = store.account("alice");
    let other = store.account("bob");
    store.put(move |unit| {
        unit.put_record(other, &record("com.example.m/other", "x", 1))?;
        paths.iter().try_for_each(|path| unit.put_record(id, &record(path, path, 1)))
    });
}

statements! {
    fn the_latest_commit_is_the_one_that_was_put_last(store) {
        let id = store.account("alice");
        assert_eq!(store.read(|view| view.commit(id)), None);
        for number in [1, 2] {
            store.put(move |unit| unit.put_commit(id, &commit("alice", number)));
        }
        assert_eq!(store.read(|view| view.commit(id)), Some(commit("alice", 2)));
    }

    fn usage_adds_up(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        let change = Usage { records: 1, record_bytes: 20, nodes: 3, node_bytes: 400, blobs: 5, blob_bytes: 6000 };
        store.put(move |unit| {
            ids.iter().try_for_each(|id| unit.add_usage(*id, change))?;
            unit.add_usage(ids[0], Usage { records: -1, nodes: 1, ..Usage::default() })
        });
        let alice = Usage { records: 0, nodes: 4, ..change };
        assert_eq!(store.read(|view| view.usage(ids[0])), alice);
        assert_eq!(store.read(|view| view.usage(ids[1])), change);
        assert_eq!(store.read(|view| view.total_usage()), alice + change);
    }

    fn a_node_is_found_under_its_account_and_cid(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        let (cid, bytes) = block("node");
        let kept = bytes.clone();
        store.put(move |unit| unit.put_node(ids[0], &cid, &rev(7), &kept));
        let node = store.read(|view| view.node(ids[0], &cid)).unwrap();
        assert_eq!((node.rev, node.block), (rev(7), bytes));
        assert_eq!(store.read(|view| view.node(ids[1], &cid)), None);
    }

    fn a_node_that_goes_says_how_long_it_was(store) {
        let id = store.account("alice");
        let (cid, bytes) = block("node");
        store.put(move |unit| unit.put_node(id, &cid, &rev(1), &bytes));
        assert_eq!(store.put(move |unit| unit.delete_node(id, &cid)), Some(4));
        assert_eq!(store.put(move |unit| unit.delete_node(id, &cid)), None);
        assert_eq!(store.read(|view| view.node(id, &cid)), None);
    }

    fn nodes_are_listed_in_the_order_of_their_cids(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        let mut cids = (0..20).map(|number| block(&number.to_string()).0).collect::<Vec<_>>();
        let kept = cids.clone();
        store.put(move |unit| {
            ids.iter().try_for_each(|id| kept.iter().try_for_each(|cid| unit.put_node(*id, cid, &rev(1), &block("").1)))
        });
        cids.sort();
        assert_eq!(store.read(|view| view.nodes(ids[0], None, 99)), cids);
        assert_eq!(store.read(|view| view.nodes(ids[0], Some(&cids[4]), 7)), cids[5..12]);
    }

    fn a_record_replaces_the_one_at_its_path(store) {
        let id = store.account("alice");
        store.put(move |unit| unit.put_record(id, &record("com.example.a/1", "old", 1)));
        store.put(move |unit| unit.put_record(id, &record("com.example.a/1", "new", 2)));
        let found = store.read(|view| view.record(id, &path("com.example.a/1")));
        assert_eq!(found, Some(record("com.example.a/1", "new", 2)));
        assert_eq!(store.read(|view| view.record_block(id, &block("old").0.into())), None);
        assert_eq!(store.read(|view| view.record_block(id, &block("new").0.into())), Some(block("new").1));
    }

    fn a_block_is_there_as_long_as_a_record_has_it(store) {
        let id = store.account("alice");
        let other = store.account("bob");
        store.put(move |unit| {
            unit.put_record(id, &record("com.example.a/1", "same", 1))?;
            unit.put_record(id, &record("com.example.a/2", "same", 1))?;
            unit.put_record(other, &record("com.example.a/2", "same", 1))
        });
        let cid = CidLink::from(block("same").0);
        store.put(move |unit| unit.delete_record(id, &path("com.example.a/1")));
        assert_eq!(store.read(|view| view.record_block(id, &cid)), Some(block("same").1));
        store.put(move |unit| unit.delete_record(id, &path("com.example.a/2")));
        assert_eq!(store.read(|view| view.record_block(id, &cid)), None);
        assert!(store.read(|view| view.record_block(other, &cid)).is_some());
    }

    fn the_cid_of_a_record_may_be_of_any_form(store) {
        let id = store.account("alice");
        // CIDv1, dag-cbor, SHA-512 cut to one byte.
        let cid = CidLink::from_bytes(&[1, 0x71, 0x13, 1, 9]).unwrap();
        let odd = super::super::Record { cid: cid.clone(), ..record("com.example.a/1", "odd", 1) };
        let kept = odd.clone();
        store.put(move |unit| unit.put_record(id, &kept));
        assert_eq!(store.read(|view| view.record(id, &odd.path)), Some(odd));
        assert_eq!(store.read(|view| view.record_block(id, &cid)), Some(block("odd").1));
    }

    fn records_are_listed_in_the_order_of_their_paths(store) {
        with_records(store, &["com.example.b/1", "com.example.a/~", "com.example.a/A", "com.example.a.b/x"]);
        let up = paths(store, EVERYTHING);
        assert_eq!(up, ["com.example.a.b/x", "com.example.a/A", "com.example.a/~", "com.example.b/1"]);
        let mut down = paths(store, Range { direction: Direction::Down, ..EVERYTHING });
        down.reverse();
        assert_eq!(down, up);
    }

    fn a_range_has_its_ends_as_it_says(store) {
        with_records(store, &["com.example.a/1", "com.example.a/2", "com.example.a/3", "com.example.a/4"]);
        let count = |from, to| paths(store, Range { from, to, ..EVERYTHING }).len();
        let (two, three) = ("com.example.a/2", "com.example.a/3");
        assert_eq!(count(Bound::Included(two), Bound::Included(three)), 2);
        assert_eq!(count(Bound::Excluded(two), Bound::Included(three)), 1);
        assert_eq!(count(Bound::Excluded(two), Bound::Excluded(three)), 0);
        assert_eq!(count(Bound::Included(two), Bound::Unbounded), 3);
        assert_eq!(count(Bound::Unbounded, Bound::Excluded(two)), 1);
        assert_eq!(count(Bound::Included(three), Bound::Included(two)), 0);
        assert_eq!(count(Bound::Included("com.example.a/"), Bound::Excluded("com.example.a0")), 4);
    }

    fn a_list_of_records_ends_at_its_limits(store) {
        // Each block has fifteen bytes.
        with_records(store, &["com.example.a/1", "com.example.a/2", "com.example.a/3"]);
        let count = |limit, bytes| paths(store, Range { limit, bytes, ..EVERYTHING }).len();
        assert_eq!([count(0, 99), count(2, 99), count(9, 0), count(9, 15), count(9, 16), count(9, 31)], [0, 2, 1, 1, 2, 3]);
        let last = Range { limit: 1, direction: Direction::Down, ..EVERYTHING };
        assert_eq!(paths(store, last), ["com.example.a/3"]);
    }

    fn collections_are_known_from_both_sides(store) {
        let ids = ["alice", "bob", "carol"].map(|name| store.account(name));
        store.put(move |unit| {
            ids.iter().try_for_each(|id| unit.note_collection(*id, "com.example.b", true))?;
            unit.note_collection(ids[0], "com.example.a", true)?;
            unit.note_collection(ids[0], "com.example.a", true)?;
            unit.note_collection(ids[1], "com.example.a", false)
        });
        let collections = |limit| {
            store.read(|view| view.collections(ids[0], limit)).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(collections(9), ["com.example.a", "com.example.b"]);
        assert_eq!(collections(1), ["com.example.a"]);
        let who = |collection: &str, after, limit| {
            let collection = collection.parse().unwrap();
            store.read(|view| view.accounts_with(&collection, after, limit)).iter().map(|who| who.id).collect::<Vec<_>>()
        };
        assert_eq!(who("com.example.a", None, 9), ids[..1]);
        assert_eq!(who("com.example.b", None, 2), ids[..2]);
        assert_eq!(who("com.example.b", Some(ids[0]), 9), ids[1..]);
        store.put(move |unit| unit.note_collection(ids[1], "com.example.b", false));
        assert_eq!(who("com.example.b", None, 9), [ids[0], ids[2]]);
        store.put(move |unit| unit.delete_account(ids[2]));
        assert_eq!(who("com.example.b", None, 9), [ids[0]]);
    }
}
