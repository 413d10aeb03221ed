use crate::{
    data::{Cid, CidLink},
    repo::{
        blocks::MemoryBlocks,
        mst::{
            Error, Expect, MAX_WRITTEN_ENTRIES, Op, Tree, key_layer,
            model::{Content, build, known, value},
            tree::Link,
        },
    },
};

const RECORD: &str = "com.example.record/3jqfcqzm";
const NOTE: &str = "com.example.note/";

/// A tree that came to hold this one key after the other.
fn grown(content: &Content) -> Tree {
    let mut tree = Tree::new();
    for (key, value) in content {
        tree.apply(&[Op::create(key, value.clone())], &()).unwrap();
    }
    tree
}

/// A tree that came to hold this at once.
fn batched(content: &Content) -> Tree {
    let mut tree = Tree::new();
    let ops: Vec<_> = content.iter().map(|(key, value)| Op::create(key, value.clone())).collect();
    tree.apply(&ops, &()).unwrap();
    tree
}

/// The number of nodes, all of which are loaded.
fn count(link: &Link) -> usize {
    let node = link.node.get().unwrap();
    assert_eq!(node.cid(), link.cid);
    let kids = node.kids().iter().enumerate().filter_map(|(slot, kid)| Some((node.kid_cid(slot)?, kid)));
    1 + kids.map(|(cid, kid)| count(&Link { cid, layer: None, node: kid.clone() })).sum::<usize>()
}

fn records(keys: &str) -> Content {
    known(RECORD, keys)
}

fn notes(keys: &[String]) -> Content {
    let value: CidLink = "bafyreia2ty55fxarehtbm3ydzq2u7yrw266rkfi2tz5kmbjwwuuky3idvu".parse().unwrap();
    keys.iter().map(|key| (format!("{NOTE}{key}").into_bytes(), value.clone())).collect()
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| format!("n{number:05}")).collect()
}

fn record(suffix: &str) -> (Vec<u8>, CidLink) {
    records(suffix).pop_first().unwrap()
}

#[test]
fn the_published_roots_come_out() {
    let roots = [
        ("", "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"),
        ("3fo2j", "bafyreibj4lsc3aqnrvphp5xmrnfoorvru4wynt6lwidqbm2623a6tatzdu"),
        ("3fx2j", "bafyreih7wfei65pxzhauoibu3ls7jgmkju4bspy4t2ha2qdjnzqvoy33ai"),
        ("3fp2j 3fr2j 3fs2j 3ft2j 4fc2j", "bafyreicmahysq4n6wfuxo522m6dpiy7z7qzym3dzs756t5n7nfdgccwq7m"),
        ("3fn2j 3fo2j 3fp2j 3fs2j 3ft2j 3fu2j", "bafyreifnqrwbk6ffmyaz5qtujqrzf5qmxf7cbxvgzktl4e3gabuxbtatv4"),
        ("3fn2j 3fo2j 3fp2j 3ft2j 3fu2j", "bafyreie4kjuxbwkhzg2i5dljaswcroeih4dgiqq6pazcmunwt2byd725vi"),
        (
            "3fo2j 3fp2j 3fr2j 3fs2j 3ft2j 3fz2j 4fc2j 4fd2j 4ff2j 4fg2j 4fh2j",
            "bafyreiettyludka6fpgp33stwxfuwhkzlur6chs4d2v4nkmq2j3ogpdjem",
        ),
        ("3ft2j 3fz2j", "bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"),
        ("3ft2j 3fx2j 3fz2j", "bafyreiavxaxdz7o7rbvr3zg2liox2yww46t7g6hkehx4i4h3lwudly7dhy"),
        ("3ft2j 3fx2j 3fz2j 4fd2j", "bafyreig4jv3vuajbsybhyvb7gggvpwh2zszwfyttjrj6qwvcsp24h6popu"),
    ];
    for (keys, root) in roots {
        assert_eq!(grown(&records(keys)).root().to_string(), root, "one by one: {keys}");
        assert_eq!(batched(&records(keys)).root().to_string(), root, "at once: {keys}");
    }
}

#[test]
fn a_removed_key_trims_the_top() {
    let mut tree = grown(&records("3fn2j 3fo2j 3fp2j 3fs2j 3ft2j 3fu2j"));
    let (key, value) = record("3fs2j");
    let change = tree.apply(&[Op::delete(&key)], &()).unwrap();
    assert_eq!(tree.root().to_string(), "bafyreie4kjuxbwkhzg2i5dljaswcroeih4dgiqq6pazcmunwt2byd725vi");
    assert_eq!(change.previous(), [Some(value)]);
}

#[test]
fn a_key_two_layers_up_splits_and_its_removal_merges() {
    let before = "bafyreiettyludka6fpgp33stwxfuwhkzlur6chs4d2v4nkmq2j3ogpdjem";
    let mut tree = grown(&records("3fo2j 3fp2j 3fr2j 3fs2j 3ft2j 3fz2j 4fc2j 4fd2j 4ff2j 4fg2j 4fh2j"));
    let (key, value) = record("3fx2j");
    assert_eq!(key_layer(&key), 2);
    tree.apply(&[Op::create(&key, value)], &()).unwrap();
    assert_eq!(tree.root().to_string(), "bafyreid2x5eqs4w4qxvc5jiwda4cien3gw2q6cshofxwnvv7iucrmfohpm");
    tree.apply(&[Op::delete(&key)], &()).unwrap();
    assert_eq!(tree.root().to_string(), before);
}

#[test]
fn trees_have_the_known_roots_and_numbers_of_nodes() {
    let with = |mut keys: Vec<String>, more: &[&str]| {
        keys.extend(more.iter().map(ToString::to_string));
        keys
    };
    let trees = [
        (numbers(0..1), 1, "bafyreih7rtwnqfq4l5ppsh6gwrc3h4akstp5vnthw7tsnyti35fy4oqnz4"),
        (numbers(587..588), 1, "bafyreie26u7zv3javvwknbqmilu55udqwymg74a7wvlivv32lghcc2s7b4"),
        (
            vec!["n00000".into(), "n00002".into(), "n00004".into()],
            1,
            "bafyreidj5vx4xbhydd4z7e6ywbya3diy4sgyf2qfpzuub4n6nvkpqdauc4",
        ),
        (with(numbers(0..1), &["n00089"]), 3, "bafyreif6nstx5hwwwdphipehtidc74yyjcod2mnszky4luxz3p3aw3k6xa"),
        (with(numbers(0..6), &["n00089"]), 5, "bafyreie62zf2rgod7cqy7ojedtqphnghqxvgtedeh4zqzxyruxueqpdmy4"),
        (with(numbers(0..6), &["n00060", "n00089"]), 7, "bafyreifmsclxuuzkgnpsjxq57tlozqcbcqm5sjdwtxgtl56tiemp3oarl4"),
        (numbers(0..6), 4, "bafyreifmwaj7c7moccvos25mvwtad2ekd7jinwazlqdjlgll4stylcujxe"),
        (with(numbers(0..7), &["n00089"]), 5, "bafyreidym2k45w2yhb7nbcdluo4n2q5ey2davd4fjysa62ns2li7kvdadi"),
    ];
    for (keys, nodes, root) in trees {
        let content = notes(&keys);
        for tree in [grown(&content), batched(&content)] {
            assert_eq!(tree.root().to_string(), root, "{keys:?}");
            assert_eq!(count(&tree.root), nodes, "{keys:?}");
        }
    }
}

#[test]
fn large_trees_have_the_known_roots() {
    let trees = [
        (1000, 263, "bafyreicpdyin4bhek5xmltfhnqcwpgivc723zbuwefjtoimdgixkc4jbwi"),
        (10_000, 2613, "bafyreihxnxn5nwgrzectoxwfbediscfdcpp7esqexm3pta75xty7eho7vi"),
    ];
    for (keys, nodes, root) in trees {
        let keys: Vec<_> = (0..keys).map(|number| format!("{number:06}")).collect();
        let mut tree = Tree::new();
        let content: Vec<_> = notes(&keys).into_iter().collect();
        for part in content.chunks(200) {
            let ops: Vec<_> = part.iter().map(|(key, value)| Op::create(key, value.clone())).collect();
            tree.apply(&ops, &()).unwrap();
        }
        assert_eq!(tree.root().to_string(), root);
        assert_eq!(count(&tree.root), nodes);
    }
}

#[test]
fn keys_are_bytes() {
    let keys = ["jalapeño", "coöperative", "coüperative", "abc\0"];
    let mut content: Content = keys.iter().map(|key| (key.as_bytes().to_vec(), value(1))).collect();
    content.insert(vec![0xff, 0xfe], value(2));
    assert_eq!(grown(&content).root(), build(&content).0);
    assert_eq!(batched(&content).root(), build(&content).0);
}

#[test]
fn keys_of_rising_layers_that_come_in_falling_order_all_stay() {
    let keys =
        ["app.bsky.feed.post/3lenrcp7mdk2b", "app.bsky.feed.like/3lenrfd4ew62b", "app.bsky.feed.like/3lenrgn7ase2b"];
    let mut tree = Tree::new();
    let mut content = Content::new();
    for (layer, key) in keys.iter().enumerate() {
        assert_eq!(usize::from(key_layer(key.as_bytes())), layer);
        tree.apply(&[Op::create(key.as_bytes(), value(9))], &()).unwrap();
        content.insert(key.as_bytes().to_vec(), value(9));
        assert_eq!(tree.root(), build(&content).0);
    }
    for key in content.keys() {
        assert_eq!(tree.get(key, &()).unwrap(), Some(value(9)));
    }
}

#[test]
fn an_emptied_tree_begins_again_at_the_layer_of_its_next_key() {
    let mut tree = batched(&notes(&numbers(587..588)));
    tree.apply(&[Op::delete(b"com.example.note/n00587")], &()).unwrap();
    assert_eq!(tree, Tree::new());
    tree.apply(&[Op::create(b"com.example.note/n00000", value(0))], &()).unwrap();
    assert_eq!(tree, batched(&Content::from([(b"com.example.note/n00000".to_vec(), value(0))])));
}

#[test]
fn the_node_of_the_empty_tree_is_created_and_retired_like_others() {
    let mut tree = Tree::new();
    let empty = Tree::empty_root();
    let change = tree.apply(&[Op::create(b"a", value(1))], &()).unwrap();
    assert_eq!(change.retired(), [empty]);
    let change = tree.apply(&[Op::delete(b"a")], &()).unwrap();
    assert_eq!(change.created().map(|block| block.cid).collect::<Vec<_>>(), [empty]);
    let change = tree.apply(&[Op::remove(b"a")], &()).unwrap();
    assert!(change.created().len() == 0 && change.retired().is_empty());
}

#[test]
fn what_changes_nothing_creates_nothing() {
    let content = notes(&numbers(0..200));
    let mut tree = batched(&content);
    let root = tree.root();
    let ops: Vec<_> = content.iter().map(|(key, value)| Op::put(key, value.clone())).collect();
    let change = tree.apply(&ops, &()).unwrap();
    assert!(change.created().len() == 0 && change.retired().is_empty());
    assert_eq!(change.previous().len(), 200);
    let change = tree.apply(&[Op::remove(b"com.example.note/n00007x")], &()).unwrap();
    assert!(change.created().len() == 0 && change.retired().is_empty());
    assert_eq!((change.previous(), tree.root()), ([None].as_slice(), root));
}

#[test]
fn no_operations_need_nothing() {
    let mut tree = Tree::at(Cid::of_cbor(b"nowhere"));
    assert!(tree.apply(&[], &()).is_ok());
}

#[test]
fn keys_have_to_ascend() {
    let mut tree = Tree::new();
    for second in ["a", "b"] {
        let ops = [Op::put(b"b", value(1)), Op::put(second.as_bytes(), value(2))];
        assert!(matches!(tree.apply(&ops, &()), Err(Error::Order(key)) if *key == *second.as_bytes()));
    }
    assert_eq!(tree, Tree::new());
}

#[test]
fn what_is_no_key_is_refused() {
    for key in [&[][..], &[b'a'; 1025]] {
        assert!(matches!(Tree::new().apply(&[Op::put(key, value(1))], &()), Err(Error::Key(_))));
    }
    assert!(Tree::new().apply(&[Op::put(&[b'a'; 1024], value(1))], &()).is_ok());
}

#[test]
fn what_is_expected_and_not_so_is_named() {
    let mut tree = Tree::new();
    tree.apply(&[Op::create(b"a", value(1))], &()).unwrap();
    let root = tree.root();
    let wrong = [
        (Op::create(b"a", value(2)), Some(value(1))),
        (Op::create(b"a", value(1)), Some(value(1))),
        (Op::update(b"b", value(2)), None),
        (Op::delete(b"b"), None),
        (Op::delete(b"a").expecting(Expect::Is(value(2))), Some(value(1))),
        (Op::put(b"b", value(2)).expecting(Expect::Is(value(2))), None),
        (Op::remove(b"a").expecting(Expect::Absent), Some(value(1))),
    ];
    for (op, is) in wrong {
        match tree.apply(std::slice::from_ref(&op), &()) {
            Err(Error::Precondition { key, expected, found }) => {
                assert_eq!((&*key, expected, found), (op.key, op.expect, is));
            }
            other => panic!("{op:?}: {other:?}"),
        }
        assert_eq!(tree.root(), root);
    }
}

#[test]
fn values_of_unusual_kinds_replace_each_other() {
    let unusual = [
        CidLink::from_bytes(&[1, 0x55, 0, 1, 7]).unwrap(),
        CidLink::from_bytes(&[&[1, 0x71, 0x1e, 32][..], &[5; 32]].concat()).unwrap(),
        CidLink::from_bytes(&[&[1, 0x71, 0x13, 64][..], &[5; 64]].concat()).unwrap(),
        Cid::of_raw(b"blob").into(),
        value(3),
    ];
    let mut content = notes(&numbers(0..50));
    let mut tree = batched(&content);
    for (before, after) in unusual.iter().cycle().zip(unusual.iter().cycle().skip(2)).take(10) {
        for link in [before, after] {
            let key = b"com.example.note/n00033";
            tree.apply(&[Op::update(key, link.clone())], &()).unwrap();
            content.insert(key.to_vec(), link.clone());
            assert_eq!(tree.root(), build(&content).0);
            assert_eq!(tree.get(key, &()).unwrap().as_ref(), Some(link));
        }
    }
}

/// Keys of layer 0, with nothing between them.
fn wide(entries: usize) -> Content {
    let keys = (0..).map(|number| format!("wide/{number:05}").into_bytes());
    keys.filter(|key| key_layer(key) == 0).take(entries).map(|key| (key, value(1))).collect()
}

#[test]
fn a_node_gets_no_wider_than_others_read_it() {
    let content = wide(MAX_WRITTEN_ENTRIES + 1);
    let mut tree = Tree::new();
    let ops: Vec<_> = content.iter().map(|(key, value)| Op::create(key, value.clone())).collect();
    assert!(matches!(tree.apply(&ops, &()), Err(Error::TooWide(_))));
    tree.apply(&ops[..MAX_WRITTEN_ENTRIES], &()).unwrap();
    assert!(matches!(tree.apply(&ops[MAX_WRITTEN_ENTRIES..], &()), Err(Error::TooWide(_))));
}

#[test]
fn a_foreign_node_that_is_wider_may_change_and_shrink() {
    let mut content = wide(MAX_WRITTEN_ENTRIES + 50);
    let (root, blocks) = build(&content);
    let mut tree = Tree::at(root);
    let keys: Vec<_> = content.keys().cloned().collect();
    tree.apply(&[Op::update(&keys[7], value(2))], &blocks).unwrap();
    content.insert(keys[7].clone(), value(2));
    assert_eq!(tree.root(), build(&content).0);
    tree.apply(&[Op::delete(&keys[8])], &blocks).unwrap();
    content.remove(&keys[8]);
    assert_eq!(tree.root(), build(&content).0);
    assert!(matches!(tree.apply(&[Op::create(&keys[8], value(2))], &blocks), Err(Error::TooWide(_))));
}

#[test]
fn a_neighbour_that_is_needed_and_missing_is_named() {
    // At layer 2 one key, which joins its neighbours when it goes.
    let content = notes(&[numbers(0..6), numbers(89..200)].concat());
    let (root, blocks) = build(&content);
    let right = {
        let tree = Tree::at(root);
        let node = tree.root.load(&blocks).unwrap();
        node.kid_cid(1).unwrap()
    };
    let mut fewer: MemoryBlocks = blocks.clone();
    fewer.remove(&right);
    let mut tree = Tree::at(root);
    let first = tree.root.load(&fewer).unwrap().key(0);
    assert!(matches!(tree.apply(&[Op::delete(&first)], &fewer), Err(Error::Missing(cid)) if cid == right));
    assert_eq!(tree.root(), root);
    tree.apply(&[Op::delete(&first)], &blocks).unwrap();
}

#[test]
fn a_tree_does_not_shrink_to_a_node_that_nobody_saw() {
    // The root has one key, and left of it a node without entries above that of the other key.
    let content = notes(&["n00000".into(), "n00089".into()]);
    let (root, blocks) = build(&content);
    let below = Tree::at(root).root.load(&blocks).unwrap().kid_cid(0).unwrap();
    let mut fewer = blocks.clone();
    fewer.remove(&below);
    let mut tree = Tree::at(root);
    let delete = [Op::delete(b"com.example.note/n00089")];
    assert!(matches!(tree.apply(&delete, &fewer), Err(Error::Missing(cid)) if cid == below));
    tree.apply(&delete, &blocks).unwrap();
    assert_eq!(tree.root(), build(&notes(&["n00000".into()])).0);
}
