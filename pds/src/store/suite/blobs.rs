//! Blobs.

use arobase::data::Cid;

use super::{
    super::{
        AccountId, BlobRow, BlobState,
        testing::{NOW, blob, blob_cid, path, remote_blob, rev},
    },
    Fixture, statements,
};

/// CIDs in the order of their texts, which is not that of their bytes.
fn cids() -> [Cid; 4] {
    let mut cids = ["a", "b", "c", "d"].map(blob_cid);
    cids.sort_by_key(ToString::to_string);
    cids
}

fn link(store: &Fixture, id: AccountId, cid: Cid, at: &'static str, written: u64) {
    store.put(move |unit| unit.link_blob(id, &cid, &path(at), &rev(written)));
}

statements! {
    fn a_blob_is_found_under_its_account_and_cid(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        for row in [blob(ids[0], "a"), remote_blob(ids[0], "b", "https://example.com/b")] {
            let mut row = BlobRow { takedown: Some("case".into()), size: 1 << 40, ..row };
            for state in [BlobState::Temporary, BlobState::Permanent] {
                row.state = state;
                let kept = row.clone();
                store.put(move |unit| unit.put_blob(&kept));
                assert_eq!(store.read(|view| view.blob(ids[0], &row.cid)), Some(row.clone()));
            }
            assert_eq!(store.read(|view| view.blob(ids[1], &row.cid)), None);
        }
        store.put(move |unit| unit.delete_blob(ids[0], &blob_cid("a")));
        assert_eq!(store.read(|view| view.blob(ids[0], &blob_cid("a"))), None);
    }

    fn blobs_are_listed_by_account_and_text(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        store.put(move |unit| {
            ["d", "a", "c", "b"].iter().try_for_each(|text| ids.iter().try_for_each(|id| unit.put_blob(&blob(*id, text))))
        });
        let listed = |after, limit| {
            let rows = store.read(|view| view.blobs(after, limit));
            rows.iter().map(|row| (row.account, row.cid)).collect::<Vec<_>>()
        };
        let all = ids.iter().flat_map(|id| cids().map(|cid| (*id, cid))).collect::<Vec<_>>();
        assert_eq!(listed(None, 99), all);
        assert_eq!(listed(Some((ids[0], &cids()[2])), 3), all[3..6]);
    }

    fn temporary_blobs_are_listed_oldest_first(store) {
        let id = store.account("alice");
        store.put(move |unit| {
            ["a", "b", "c", "d"].iter().zip([3, 1, 2, 4]).try_for_each(|(text, created_at)| {
                unit.put_blob(&BlobRow { state: BlobState::Temporary, created_at, ..blob(id, text) })
            })?;
            unit.put_blob(&BlobRow { created_at: 0, ..blob(id, "permanent") })
        });
        let times = |before, limit| {
            let rows = store.read(|view| view.temporary_blobs(before, limit));
            rows.iter().map(|row| row.created_at).collect::<Vec<_>>()
        };
        assert_eq!(times(4, 99), [1, 2, 3]);
        assert_eq!(times(NOW, 2), [1, 2]);
    }

    fn of_the_blobs_of_a_url_the_newest_stands_for_it(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        let url = "https://example.com/a";
        assert_eq!(store.read(|view| view.blob_of_url(ids[0], url)), None);
        let old = remote_blob(ids[0], "old", url);
        let new = BlobRow { created_at: NOW + 1, ..remote_blob(ids[0], "new", url) };
        let rows = [new.clone(), old.clone()];
        store.put(move |unit| rows.iter().try_for_each(|row| unit.put_blob(row)));
        assert_eq!(store.read(|view| view.blob_of_url(ids[0], url)), Some(new.clone()));
        assert_eq!(store.read(|view| view.blob_of_url(ids[0], "https://example.com/b")), None);
        assert_eq!(store.read(|view| view.blob_of_url(ids[1], url)), None);
        store.put(move |unit| unit.delete_blob(new.account, &new.cid));
        assert_eq!(store.read(|view| view.blob_of_url(ids[0], url)), Some(old));
    }

    fn a_blob_is_linked_as_long_as_one_record_refers_to_it(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        let cid = blob_cid("a");
        link(store, ids[0], cid, "com.example.a/1", 1);
        link(store, ids[0], cid, "com.example.a/2", 1);
        link(store, ids[0], cid, "com.example.a/2", 2);
        store.put(move |unit| unit.unlink_blob(ids[0], &cid, &path("com.example.a/1")));
        assert!(store.read(|view| view.is_linked(ids[0], &cid)));
        assert!(!store.read(|view| view.is_linked(ids[1], &cid)));
        assert!(!store.read(|view| view.is_linked(ids[0], &blob_cid("b"))));
        store.put(move |unit| unit.unlink_blob(ids[0], &cid, &path("com.example.a/2")));
        assert!(!store.read(|view| view.is_linked(ids[0], &cid)));
    }

    fn linked_blobs_are_listed_once_by_text_and_revision(store) {
        let ids = ["alice", "bob"].map(|name| store.account(name));
        let cids = cids();
        for (index, cid) in cids.into_iter().enumerate() {
            link(store, ids[0], cid, "com.example.a/1", index as u64);
            link(store, ids[1], cid, "com.example.a/1", index as u64);
        }
        link(store, ids[0], cids[0], "com.example.a/9", 9);
        let listed = |since: Option<u64>, after: Option<Cid>, limit| {
            let (since, after) = (since.map(rev), after.map(|cid| cid.to_string()));
            store.read(|view| view.linked_blobs(ids[0], since.as_ref(), after.as_deref(), limit))
        };
        assert_eq!(listed(None, None, 99), cids);
        assert_eq!(listed(None, Some(cids[1]), 99), cids[2..]);
        assert_eq!(listed(None, None, 3), cids[..3]);
        assert_eq!(listed(Some(2), None, 99), [cids[0], cids[3]]);
        assert_eq!(listed(Some(9), None, 99), []);
    }

    fn missing_blobs_are_those_that_are_linked_and_not_here(store) {
        let id = store.account("alice");
        let cids = cids();
        for cid in cids {
            link(store, id, cid, "com.example.b/1", 1);
            link(store, id, cid, "com.example.a/1", 1);
        }
        store.put(move |unit| {
            let here = ["a", "b", "c", "d"].map(|text| blob(id, text));
            here.iter().filter(|row| row.cid == cids[1]).try_for_each(|row| unit.put_blob(row))
        });
        let listed = |after: Option<Cid>, limit| {
            let after = after.map(|cid| cid.to_string());
            let missing = store.read(|view| view.missing_blobs(id, after.as_deref(), limit));
            assert!(missing.iter().all(|(_, at)| *at == path("com.example.a/1")));
            missing.into_iter().map(|(cid, _)| cid).collect::<Vec<_>>()
        };
        assert_eq!(listed(None, 99), [cids[0], cids[2], cids[3]]);
        assert_eq!(listed(Some(cids[0]), 1), [cids[2]]);
    }

    fn doomed_objects_are_listed_oldest_first(store) {
        store.put(|unit| {
            unit.doom("b", 2)?;
            unit.doom("c", 1)?;
            unit.doom("a", 2)?;
            unit.doom("c", 3)
        });
        let doomed = |limit| {
            let rows = store.read(|view| view.doomed(limit));
            rows.into_iter().map(|row| (String::from(row.key), row.since)).collect::<Vec<_>>()
        };
        assert_eq!(doomed(99), [("c".into(), 1), ("a".into(), 2), ("b".into(), 2)]);
        store.put(|unit| unit.forget_doomed("c"));
        assert_eq!(doomed(1), [("a".into(), 2)]);
    }
}
