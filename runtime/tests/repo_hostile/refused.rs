//! Files that must not be taken, and how it is said.

use super::*;

#[test]
fn a_file_cut_off_anywhere() {
    let repo = Repo::with(12);
    let file = repo.file();
    for end in 0..file.len() {
        let error = import(&file[..end]).unwrap_err();
        let cut = matches!(&error, Error::Car(car::Error { fault: car::Fault::Truncated, .. }));
        let missing = matches!(
            &error,
            Error::MissingCommit(_) | Error::MissingRecord { .. } | Error::Tree(mst::Error::Missing(_))
        );
        assert!(cut || missing, "{end}: {error}");
    }
}

#[test]
fn bytes_that_are_not_those_of_the_cid() {
    let repo = Repo::with(30);
    for place in 0..repo.blocks.len() {
        let mut blocks = repo.blocks.clone();
        *blocks[place].1.last_mut().unwrap() ^= 1;
        let file = file(&[repo.root()], &blocks);
        if place % 10 == 0 {
            refused_however_cut(&file);
        }
        let error = import(&file).unwrap_err();
        assert!(matches!(error, Error::Car(car::Error { fault: car::Fault::Hash, .. })), "{place}: {error}");
    }
}

#[test]
fn other_bytes_from_the_store() {
    struct Liar;
    impl arobase_runtime::repo::Blocks for Liar {
        fn get(&self, _: &Cid) -> Result<Option<::bytes::Bytes>, arobase_runtime::repo::SourceError> {
            Ok(Some(::bytes::Bytes::from_static(b"\xa0")))
        }
    }
    let repo = Repo::with(30);
    for lacking in 0..repo.blocks.len() {
        let mut blocks = repo.blocks.clone();
        blocks.remove(lacking);
        let file = file(&[repo.root()], &blocks);
        let error = import::from_slice(&file, ImportLimits::DEFAULT, &Liar, &mut |_| {}).unwrap_err();
        assert!(matches!(error, Error::Hash(_)), "{lacking}: {error}");
    }
}

#[test]
fn a_missing_block() {
    let repo = Repo::with(40);
    for (place, (missing, _)) in repo.blocks.iter().enumerate() {
        let mut blocks = repo.blocks.clone();
        blocks.remove(place);
        let file = file(&[repo.root()], &blocks);
        if place % 10 == 0 {
            refused_however_cut(&file);
        }
        match import(&file).unwrap_err() {
            Error::MissingCommit(cid) | Error::Tree(mst::Error::Missing(cid)) => {
                assert_eq!(CidLink::from(cid), *missing);
            }
            Error::MissingRecord { cid, key } => {
                assert_eq!(cid, *missing);
                let (expected, _) = repo.records.iter().find(|(_, block)| block.0 == cid).unwrap();
                assert_eq!(*key, *expected.as_bytes());
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn no_roots_and_roots_that_are_no_commit() {
    let repo = Repo::with(3);
    assert!(matches!(refused(&file(&[], &repo.blocks)), Error::NoRoot));
    let raw = Cid::of_raw(&repo.blocks[0].1).into();
    assert!(matches!(refused(&file(&[&raw], &repo.blocks)), Error::Root(cid) if cid == raw));
    assert!(matches!(refused(&file(&[&repo.blocks[1].0], &repo.blocks)), Error::Commit(_)));
}

#[test]
fn commits_of_other_versions() {
    let tree = node(None, &[]);
    for version in [-1, 0, 1, 4] {
        let commit = commit_of(version, &tree.0);
        let error = refused(&file(&[&commit.0], &[commit.clone(), tree.clone()]));
        assert!(
            matches!(error, Error::Commit(arobase_runtime::repo::commit::Error::Version(found)) if found == version)
        );
    }
}

#[test]
fn a_tree_whose_root_is_not_of_dag_cbor() {
    let commit = commit(&Cid::of_raw(b"x").into());
    assert!(matches!(refused(&file(&[&commit.0], std::slice::from_ref(&commit))), Error::Commit(_)));
}

#[test]
fn a_prefix_longer_than_the_key_before() {
    let (_, record) = leaf(&[]);
    let mut entries = entries(&[("com.example.note/a", &record.0), ("com.example.note/b", &record.0)]);
    entries[1].prefix = 19;
    let tree = node(None, &entries);
    assert_eq!(fault(&[tree.clone(), record.clone()], &tree), Fault::PrefixTooLong { entry: 1 });
    entries[0].prefix = 1;
    let tree = node(None, &entries);
    assert_eq!(fault(&[tree.clone(), record], &tree), Fault::PrefixTooLong { entry: 0 });
}

#[test]
fn a_prefix_shorter_than_possible() {
    let (_, record) = leaf(&[]);
    let keys = [key(0, 0), key(0, 1)];
    let mut entries = entries(&[(&keys[0], &record.0), (&keys[1], &record.0)]);
    entries[1].prefix -= 1;
    let shared = keys[1].as_bytes()[entries[1].prefix];
    entries[1].suffix.insert(0, shared);
    let tree = node(None, &entries);
    assert_eq!(fault(&[tree.clone(), record], &tree), Fault::PrefixTooShort { entry: 1 });
}

#[test]
fn keys_out_of_order_and_twice() {
    let keys = [key(0, 0), key(0, 1)];
    let (tree, record) = leaf(&[&keys[1], &keys[0]]);
    assert_eq!(fault(&[tree.clone(), record], &tree), Fault::Order { entry: 1 });
    let (tree, record) = leaf(&[&keys[0], &keys[0]]);
    assert_eq!(fault(&[tree.clone(), record], &tree), Fault::Order { entry: 1 });
}

#[test]
fn keys_that_are_empty_or_too_long() {
    let record = record("x");
    let long = format!("com.example.note/{}", "a".repeat(1008));
    for key in ["", &long] {
        let tree = node(None, &entries(&[(key, &record.0)]));
        assert_eq!(fault(&[tree.clone(), record.clone()], &tree), Fault::KeyLength { entry: 0 });
    }
}

#[test]
fn a_key_of_another_layer() {
    let (low, high) = (key(0, 0), key(1, 0));
    let mut keys = [low.as_str(), high.as_str()];
    keys.sort_unstable();
    let (tree, record) = leaf(&keys);
    let found = fault(&[tree.clone(), record], &tree);
    assert!(matches!(found, Fault::Layer { entry: 1, .. }), "{found}");
}

#[test]
fn a_child_that_skips_a_layer() {
    let (top, low) = (key(2, 0), key(0, 0));
    let (kid, record) = leaf(&[&low]);
    let tree = node(Some(&kid.0), &entries(&[(&top, &record.0)]));
    assert_eq!(fault(&[tree, kid.clone(), record], &kid), Fault::Layer { entry: 0, found: 0, node: 1 });
}

#[test]
fn a_child_below_the_bottom() {
    let (kid, record) = leaf(&[&key(0, 0)]);
    let tree = node(Some(&kid.0), &entries(&[(&key(0, 1), &record.0)]));
    assert_eq!(fault(&[tree.clone(), kid, record], &tree), Fault::ChildAtBottom);
}

#[test]
fn a_child_outside_its_range() {
    let [top, next] = [key(1, 0), key(1, 1)];
    let mut below = (0..).map(|number| key(0, number)).skip_while(|key| *key < next);
    let (kid, record) = leaf(&[&below.next().unwrap()]);
    let mut entries = entries(&[(&top, &record.0), (&next, &record.0)]);
    entries[0].right = Some(kid.0.clone());
    let tree = node(None, &entries);
    assert_eq!(fault(&[tree, record.clone(), kid.clone()], &kid), Fault::OutOfRange { entry: 0 });
    entries[0].right = None;
    let tree = node(Some(&kid.0), &entries);
    assert_eq!(fault(&[tree, kid.clone(), record], &kid), Fault::OutOfRange { entry: 0 });
}

#[test]
fn additional_missing_and_mistyped_fields() {
    let record = record("x");
    let sound = entries(&[(&key(0, 0), &record.0)]);
    let [e, l] = node_fields(None, &sound);
    let faulty = [
        map([e.clone(), l.clone(), ("x", Value::Null)]),
        map([e.clone()]),
        map([l.clone()]),
        map([("e", Value::Null), l.clone()]),
        map([e.clone(), ("l", Value::Bool(false))]),
        map([e.clone(), ("l", Value::Link(Cid::of_raw(b"x").into()))]),
        Value::List(vec![e.1.clone(), l.1.clone()]),
    ];
    for value in faulty {
        let tree = cbor(&value);
        let found = fault(&[tree.clone(), record.clone()], &tree);
        assert!(matches!(found, Fault::Encoding { .. }), "{value:?}: {found}");
    }
    for (field, value) in [("p", Value::Int(-1)), ("t", Value::Int(0)), ("k", "text".into()), ("x", Value::Null)] {
        let Value::List(mut list) = e.1.clone() else { panic!("a list") };
        let Some(Value::Map(entry)) = list.first_mut() else { panic!("a map") };
        entry.insert(field.into(), value);
        let tree = cbor(&map([("e", Value::List(list)), l.clone()]));
        let found = fault(&[tree.clone(), record.clone()], &tree);
        assert!(matches!(found, Fault::Encoding { .. }), "{field}: {found}");
    }
}

#[test]
fn bytes_behind_a_node_and_longer_forms_of_numbers() {
    let (tree, record) = leaf(&[&key(0, 0)]);
    let behind = block([&tree.1[..], &[0]].concat());
    assert!(matches!(fault(&[behind.clone(), record.clone()], &behind), Fault::Encoding { .. }));
    // The number of entries in two bytes.
    let longer = block([&tree.1[..3], &[0x98, 0x01], &tree.1[4..]].concat());
    assert!(matches!(fault(&[longer.clone(), record], &longer), Fault::Encoding { .. }));
}

#[test]
fn empty_nodes_below_a_root() {
    let record = record("x");
    let empty = node(None, &[]);
    let tree = node(Some(&empty.0), &entries(&[(&key(1, 0), &record.0)]));
    assert_eq!(fault(&[tree, empty.clone(), record.clone()], &empty), Fault::Empty);
}

#[test]
fn a_root_that_only_points() {
    let (kid, record) = leaf(&[&key(0, 0)]);
    let tree = node(Some(&kid.0), &[]);
    assert_eq!(fault(&[tree.clone(), kid, record], &tree), Fault::PointerRoot);
}

#[test]
fn keys_that_are_no_paths() {
    let record = record("x");
    let keys: [&[u8]; 8] = [
        b"com.example.note/a b",
        b"com.example.note/a\0",
        b"com.example.note/\xc3\xa9",
        b"com.example.note/\xff",
        b"com.example.note/a/b",
        b"com.example.note/..",
        b"com.example.note",
        b"note/a",
    ];
    for key in keys {
        let entry = Entry { prefix: 0, suffix: key.to_vec(), value: record.0.clone(), right: None };
        let error = refused(&tree_file(&[node(None, &[entry]), record.clone()]));
        assert!(matches!(error, Error::Path(_)), "{}: {error}", key.escape_ascii());
    }
}

#[test]
fn records_that_cannot_be_verified() {
    let strange = CidLink::from_bytes(&[1, 0x71, 0x13, 0x04, 1, 2, 3, 4]).unwrap();
    let tree = node(None, &entries(&[(&key(0, 0), &strange)]));
    let commit = commit(&tree.0);
    let block = (strange.clone(), b"anything".to_vec());
    for blocks in [[commit.clone(), tree.clone(), block.clone()], [block, tree, commit.clone()]] {
        let file = file(&[&commit.0], &blocks);
        assert!(matches!(refused(&file), Error::Unverifiable { cid, .. } if cid == strange));
    }
}

#[test]
fn lengths_beyond_all_measure() {
    let repo = Repo::with(1);
    let length = [&[0x80; 8][..], &[0x40]].concat();
    for file in [[file(&[repo.root()], &[]), length.clone()].concat(), length] {
        let error = refused(&file);
        assert!(matches!(error, Error::Car(car::Error { fault: car::Fault::Limit { .. }, .. })), "{error}");
    }
}

#[test]
fn more_than_the_limits() {
    let repo = Repo::with(50);
    let file = repo.file();
    let (nodes, records) = (repo.nodes as u64, 50);
    let exact = ImportLimits::DEFAULT.with_nodes(nodes).with_records(records).with_held(0);
    assert!(by_reader(&file, exact).is_ok());
    for (limits, named) in [(exact.with_nodes(nodes - 1), "nodes"), (exact.with_records(records - 1), "records")] {
        for found in [by_slice(&file, limits), by_reader(&file, limits)] {
            assert!(matches!(found, Err(Error::Limit { what, .. }) if what == named));
        }
    }
}
