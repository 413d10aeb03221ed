//! What is shared between snapshots, changes and threads stays as it was.

use std::thread;

use super::{
    Op, Tree,
    model::{Content, build, value},
};
use crate::data::Cid;

fn content(keys: u64) -> Content {
    (0..keys).map(|number| (format!("com.example.note/{number:05}").into_bytes(), value(number))).collect()
}

fn tree(content: &Content) -> Tree {
    Tree::from_sorted(content.iter().map(|(key, value)| (key.as_slice(), value.clone()))).unwrap()
}

#[test]
fn a_change_that_is_kept_does_not_change_with_the_next_one() {
    let content = content(500);
    let mut tree = tree(&content);
    let mut changes = Vec::new();
    for (number, key) in content.keys().enumerate() {
        changes.push(tree.apply(&[Op::update(key, value(1000 + number as u64))], &()).unwrap());
    }
    for change in &changes {
        assert!(change.created().len() > 0);
        for block in change.created() {
            assert_eq!(Cid::of_cbor(&block.bytes), block.cid);
        }
    }
}

#[test]
fn snapshots_are_read_in_other_threads_while_the_tree_changes() {
    let content = content(600);
    let mut tree = tree(&content);
    thread::scope(|scope| {
        for round in 0..6 {
            let (snapshot, content, root) = (tree.clone(), &content, tree.root());
            scope.spawn(move || {
                for number in 0..content.len() {
                    let key = format!("com.example.note/{number:05}");
                    let found = snapshot.get(key.as_bytes(), &()).unwrap();
                    assert!(found.is_some() || number < round * 60);
                }
                assert_eq!(snapshot.root(), root);
                let entries: Content = snapshot.walk(&()).map(Result::unwrap).collect();
                assert_eq!(build(&entries).0, root);
            });
            for key in content.keys().skip(round * 60).take(60) {
                tree.apply(&[Op::delete(key)], &()).unwrap();
            }
        }
    });
    let left: Content = content.into_iter().skip(360).collect();
    assert_eq!(tree.root(), build(&left).0);
}

#[test]
fn a_record_takes_less_than_200_bytes_of_memory() {
    const RECORDS: u64 = 20_000;
    let content: Content = (0..RECORDS)
        .map(|number| {
            let kind = ["feed.post", "feed.like", "feed.like", "feed.like", "feed.repost"][number as usize % 5];
            (format!("app.bsky.{kind}/3k{number:011}").into_bytes(), value(number))
        })
        .collect();
    let (root, blocks) = build(&content);
    let loaded = Tree::at(root);
    for key in content.keys() {
        loaded.get(key, &blocks).unwrap();
    }
    let mut changed = tree(&content);
    for (number, key) in content.keys().enumerate().step_by(7) {
        changed.apply(&[Op::update(key, value(number as u64 + RECORDS))], &()).unwrap();
    }
    for tree in [tree(&content), loaded, changed] {
        let (nodes, bytes) = tree.loaded();
        // What the allocator adds to each of the four parts of a node.
        let all = bytes + nodes * 4 * 16;
        assert!(all as u64 / RECORDS < 200, "{nodes} nodes, {all} bytes");
    }
}
