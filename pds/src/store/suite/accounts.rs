//! Accounts, sessions and settings.

use bytes::Bytes;

use super::{
    super::{
        Account, AccountId, StoreErrorKind,
        testing::{NOW, blob, block, commit, did, event, new_account, path, record, rev, session},
    },
    statements,
};

fn names(accounts: &[Account]) -> Vec<&str> {
    accounts.iter().map(|account| account.did.as_str()).collect()
}

statements! {
    fn nothing_is_there_at_first(store) {
        assert_eq!(store.read(|view| view.count_accounts()), 0);
        assert!(store.read(|view| view.accounts(None, 10)).is_empty());
        assert!(store.read(|view| view.account(AccountId(1))).is_none());
        assert!(store.read(|view| view.commit(AccountId(1))).is_none());
        assert_eq!(store.read(|view| view.total_usage()), Default::default());
        assert_eq!(store.read(|view| view.oldest_seq()), None);
    }

    fn an_account_is_found_by_its_number_did_handle_and_address(store) {
        let id = store.account("alice");
        store.account("bob");
        let handle = "alice.example.com".parse().unwrap();
        let found = [
            store.read(|view| view.account(id)),
            store.read(|view| view.account_of_did(&did("alice"))),
            store.read(|view| view.account_of_handle(&handle)),
            store.read(|view| view.account_of_email("alice@example.com")),
        ];
        for account in found.map(Option::unwrap) {
            assert_eq!((account.id, &account.did, account.created_at), (id, &did("alice"), NOW));
            assert_eq!(account.key.as_bytes(), b"alice");
        }
        assert!(store.read(|view| view.account_of_email("carol@example.com")).is_none());
    }

    fn accounts_are_listed_in_the_order_of_their_creation(store) {
        let ids = ["carol", "alice", "bob"].map(|name| store.account(name));
        let all = store.read(|view| view.accounts(None, 2));
        assert_eq!(names(&all), ["did:web:carol.example.com", "did:web:alice.example.com"]);
        let rest = store.read(|view| view.accounts(Some(ids[1]), 2));
        assert_eq!(names(&rest), ["did:web:bob.example.com"]);
        assert_eq!(store.read(|view| view.count_accounts()), 3);
    }

    fn an_account_needs_neither_handle_nor_address(store) {
        for name in ["alice", "bob"] {
            let account = super::super::NewAccount { handle: None, email: None, ..new_account(name) };
            let id = store.put(move |unit| unit.create_account(&account));
            let account = store.read(|view| view.account(id)).unwrap();
            assert_eq!((account.handle, account.email), (None, None));
        }
    }

    fn names_that_are_taken_are_refused(store) {
        store.account("alice");
        let alice = new_account("alice");
        let bob = new_account("bob");
        let takes = [
            super::super::NewAccount { did: alice.did.clone(), ..bob.clone() },
            super::super::NewAccount { handle: alice.handle.clone(), ..bob.clone() },
            super::super::NewAccount { email: alice.email.clone(), ..bob },
        ];
        for account in takes {
            store.write(move |unit| unit.create_account(&account)).unwrap_err();
        }
        assert_eq!(store.read(|view| view.count_accounts()), 1);
        assert!(store.read(|view| view.account_of_did(&did("bob"))).is_none());
    }

    fn an_account_can_be_changed(store) {
        let id = store.account("alice");
        let mut account = store.read(|view| view.account(id)).unwrap();
        account.handle = Some("alice.example.net".parse().unwrap());
        account.email = None;
        account.takedown = Some("case 7".into());
        account.delete_after = Some(NOW + 1);
        account.deactivated_at = Some(NOW);
        let changed = account.clone();
        store.put(move |unit| unit.update_account(&changed));
        let found = store.read(|view| view.account_of_handle(&"alice.example.net".parse().unwrap())).unwrap();
        assert_eq!(format!("{found:?}"), format!("{account:?}"));
        // What it was called before is free.
        let other = super::super::NewAccount { did: did("other"), ..new_account("alice") };
        store.put(move |unit| unit.create_account(&other));
    }

    fn the_did_and_the_time_of_creation_of_an_account_stay(store) {
        let id = store.account("alice");
        let mut account = store.read(|view| view.account(id)).unwrap();
        account.did = did("mallory");
        account.created_at = 5;
        store.put(move |unit| unit.update_account(&account));
        let account = store.read(|view| view.account(id)).unwrap();
        assert_eq!((account.did, account.created_at), (did("alice"), NOW));
    }

    fn an_account_cannot_take_the_name_of_another(store) {
        let (id, _) = (store.account("alice"), store.account("bob"));
        let mut account = store.read(|view| view.account(id)).unwrap();
        account.handle = new_account("bob").handle;
        store.write(move |unit| unit.update_account(&account)).unwrap_err();
        assert_eq!(store.read(|view| view.account(id)).unwrap().handle, new_account("alice").handle);
    }

    fn a_deleted_account_is_gone_at_once_with_its_names(store) {
        let id = store.account("alice");
        store.put(move |unit| {
            unit.put_commit(id, &commit("alice", 1))?;
            unit.put_session(&session(id, "token", NOW))
        });
        store.put(move |unit| unit.delete_account(id));
        assert!(store.read(|view| view.account(id)).is_none());
        assert!(store.read(|view| view.account_of_did(&did("alice"))).is_none());
        assert!(store.read(|view| view.commit(id)).is_none());
        assert!(store.read(|view| view.session("token")).is_none());
        assert_eq!(store.read(|view| view.count_accounts()), 0);
        store.account("alice");
    }

    fn a_number_is_never_given_twice(store) {
        let first = store.account("alice");
        store.put(move |unit| unit.delete_account(first));
        while store.put(|unit| unit.purge(10)) {}
        assert!(store.account("bob") > first);
    }

    fn nothing_can_be_added_to_an_account_that_is_not_there(store) {
        let gone = store.account("alice");
        store.put(move |unit| unit.delete_account(gone));
        type Add = fn(&mut dyn super::super::Unit, AccountId) -> Result<(), super::super::StoreError>;
        let adds: [Add; 8] = [
            |unit, id| unit.put_commit(id, &commit("alice", 1)),
            |unit, id| unit.add_usage(id, Default::default()),
            |unit, id| unit.put_node(id, &block("a").0, &rev(1), &block("a").1),
            |unit, id| unit.put_record(id, &record("com.example.a/1", "a", 1)),
            |unit, id| unit.note_collection(id, "com.example.a", true),
            |unit, id| unit.put_blob(&blob(id, "a")),
            |unit, id| unit.link_blob(id, &block("a").0, &path("com.example.a/1"), &rev(1)),
            |unit, id| unit.put_session(&session(id, "token", 1)),
        ];
        for add in adds {
            for id in [gone, AccountId(77)] {
                assert_eq!(store.write(move |unit| add(unit, id)).unwrap_err().kind(), StoreErrorKind::Other);
            }
        }
    }

    fn what_a_deleted_account_held_is_purged_in_pieces(store) {
        let (id, other) = (store.account("alice"), store.account("bob"));
        for id in [id, other] {
            store.put(move |unit| {
                for number in 0..10 {
                    let (cid, bytes) = block(&number.to_string());
                    unit.put_node(id, &cid, &rev(1), &bytes)?;
                    unit.put_record(id, &record(&format!("com.example.a/{number}"), "a", 1))?;
                    unit.put_blob(&blob(id, &number.to_string()))?;
                    unit.link_blob(id, &cid, &path("com.example.a/1"), &rev(1))?;
                }
                unit.note_collection(id, "com.example.a", true)?;
                unit.emit(id, event("alice"))
            });
        }
        store.put(move |unit| unit.delete_account(id));
        let mut pieces = 0;
        while store.put(|unit| unit.purge(7)) {
            pieces += 1;
        }
        assert!((4..10).contains(&pieces), "{pieces}");
        assert!(store.read(|view| view.nodes(id, None, 99)).is_empty());
        assert!(store.read(|view| view.collections(id, 9)).is_empty());
        assert!(store.read(|view| view.missing_blobs(id, None, 99)).is_empty());
        assert!(store.read(|view| view.record(id, &path("com.example.a/1"))).is_none());
        assert_eq!(store.read(|view| view.nodes(other, None, 99)).len(), 10);
        assert_eq!(store.read(|view| view.blobs(None, 99)).len(), 10);
        let doomed = store.read(|view| view.doomed(99));
        assert_eq!(doomed.len(), 10);
        assert!(doomed.iter().all(|doomed| doomed.key.starts_with("objects/1/") && doomed.since == NOW));
    }

    fn a_session_is_replaced_under_its_id(store) {
        let id = store.account("alice");
        let mut row = session(id, "token", NOW);
        let first = row.clone();
        store.put(move |unit| unit.put_session(&first));
        row.next = Some("following".into());
        let second = row.clone();
        store.put(move |unit| unit.put_session(&second));
        assert_eq!(store.read(|view| view.session("token")), Some(row));
        store.put(|unit| unit.delete_session("token"));
        assert_eq!(store.read(|view| view.session("token")), None);
    }

    fn all_sessions_of_an_account_end_together(store) {
        let (alice, bob) = (store.account("alice"), store.account("bob"));
        store.put(move |unit| {
            unit.put_session(&session(alice, "a", NOW))?;
            unit.put_session(&session(alice, "b", NOW))?;
            unit.put_session(&session(bob, "c", NOW))
        });
        store.put(move |unit| unit.delete_sessions(alice));
        let left = ["a", "b", "c"].map(|id| store.read(|view| view.session(id)).is_some());
        assert_eq!(left, [false, false, true]);
    }

    fn expired_sessions_end_oldest_first(store) {
        let id = store.account("alice");
        store.put(move |unit| {
            ["c", "b", "a", "d"].iter().zip(10..).try_for_each(|(name, at)| unit.put_session(&session(id, name, at)))
        });
        assert_eq!(store.put(|unit| unit.delete_expired_sessions(12, 1)), 1);
        assert!(store.read(|view| view.session("c")).is_none());
        assert_eq!(store.put(|unit| unit.delete_expired_sessions(12, 9)), 1);
        let left = ["b", "a", "d"].map(|id| store.read(|view| view.session(id)).is_some());
        assert_eq!(left, [false, true, true]);
    }

    fn a_setting_is_replaced_under_its_name(store) {
        assert_eq!(store.read(|view| view.setting("key")), None);
        store.put(|unit| unit.put_setting("key", b"1"));
        store.put(|unit| unit.put_setting("key", b""));
        assert_eq!(store.read(|view| view.setting("key")), Some(Bytes::new()));
    }
}
