//! Files that are not what they should be.

use arobase::{
    data::{Cid, CidLink, Map, Value},
    repo::{
        Commit, car,
        commit::Unsigned,
        mst::{Block, Tree},
    },
};

use crate::{
    run::Dir,
    sample::{DID, Sample, block, key, note},
};

/// All commands that read a file.
const COMMANDS: [&str; 7] = [
    "inspect a.car",
    "verify a.car",
    "ls a.car",
    "ls a.car --reverse --long",
    "get a.car com.example.note/n00000",
    "export-records a.car",
    "diff a.car a.car",
];

/// Runs all commands; each has to end by itself with a code and without panic. The codes.
fn codes(file: &[u8]) -> Vec<i32> {
    let dir = Dir::new().with("a.car", file);
    let code = |command: &&str| {
        let ran = dir.repo(command);
        assert!(!ran.err.contains("panicked"), "{command}: {ran:?}");
        assert!((0..=2).contains(&ran.code), "{command}: {ran:?}");
        ran.code
    };
    COMMANDS.iter().map(code).collect()
}

/// The fault that `verify` finds.
fn fault(file: &[u8]) -> serde_json::Value {
    let dir = Dir::new().with("a.car", file);
    let ran = dir.repo("verify a.car --json");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    let from_stdin = dir.run("repo verify - --json", file);
    assert_eq!(from_stdin.json()["fault"], ran.json()["fault"]);
    ran.json()["fault"].clone()
}

/// A commit of a tree.
fn commit(data: Cid) -> Commit {
    let (did, rev) = (DID.parse().unwrap(), "3jzfcijpj2z2b".parse().unwrap());
    Unsigned { did, rev, data, prev: None }.sign(&key()).unwrap()
}

/// A file with a commit of a tree, and blocks.
fn forged(data: Cid, blocks: &[Block]) -> Vec<u8> {
    let commit = commit(data);
    let first = Block { cid: commit.cid(), bytes: commit.bytes().clone() };
    crate::sample::car(&[commit.cid()], &[&[first], blocks].concat())
}

/// A node without regard to any rule.
fn node(left: Option<Cid>, entries: &[(&str, Cid, Option<Cid>)]) -> Block {
    let link = |cid: Option<Cid>| cid.map_or(Value::Null, Value::from);
    let entries = entries.iter().map(|(key, value, right)| {
        let key = Value::Bytes(key.as_bytes().to_vec().into());
        let map: Map =
            [("k", key), ("p", Value::from(0)), ("t", link(*right)), ("v", Value::from(*value))].into_iter().collect();
        Value::from(map)
    });
    let map: Map = [("e", Value::List(entries.collect())), ("l", link(left))].into_iter().collect();
    block(Value::from(map).to_cbor().unwrap())
}

#[test]
fn what_is_no_car_file_is_said_to_be_none() {
    for file in [&b""[..], b"\0", b"this is no CAR file", b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", &[0xff; 100]] {
        assert_eq!(codes(file), [1, 1, 1, 1, 1, 1, 2], "{file:?}");
        let fault = fault(file);
        assert_eq!((fault["kind"].as_str(), fault["offset"].as_u64()), (Some("car"), Some(0)), "{fault}");
    }
}

#[test]
fn a_file_may_be_cut_anywhere() {
    let file = Sample::new(2).car();
    let dir = Dir::new();
    for len in (0..file.len()).step_by(7) {
        let ran = dir.run("repo verify - --json", &file[..len]);
        assert_eq!(ran.code, 1, "{len}");
        assert!(ran.json()["fault"]["message"].is_string(), "{len}");
    }
    assert_eq!(codes(&file[..file.len() - 1]), [1, 1, 1, 1, 1, 1, 2]);
}

#[test]
fn a_block_under_a_false_cid_is_a_fault_at_its_place() {
    let sample = Sample::new(30);
    let mut file = sample.car();
    let last = file.len() - 1;
    file[last] ^= 1;
    let fault = fault(&file);
    let expected = file.len() - car::block_len(sample.blocks().last().unwrap().bytes.len());
    assert_eq!((fault["kind"].as_str(), fault["offset"].as_u64()), (Some("car"), Some(expected as u64)), "{fault}");
    assert_eq!(codes(&file), [1, 1, 1, 1, 1, 1, 2]);
}

#[test]
fn no_record_is_made_of_what_is_none() {
    let wrong = block(b"\x01".to_vec());
    let tree = node(None, &[("com.example.note/n00000", wrong.cid, None)]);
    let file = forged(tree.cid, &[tree, wrong]);
    let fault = fault(&file);
    assert_eq!((fault["kind"].as_str(), fault["path"].as_str()), (Some("record"), Some("com.example.note/n00000")));
    let dir = Dir::new().with("a.car", &file);
    assert_eq!(dir.repo("get a.car com.example.note/n00000").code, 1);
    assert_eq!(dir.repo("get a.car com.example.note/n00000 --cbor").out, b"\x01");
    assert!(dir.repo("export-records a.car").failed(1).contains("com.example.note/n00000: no record: not a map"));
}

#[test]
fn keys_that_are_no_paths_do_no_harm() {
    let record = block(note("x"));
    for key in ["com.example.note/../../x", "../../../x", "a\u{1b}[31m", "com.example.note/a\n/b"] {
        let tree = Tree::from_sorted([(key.as_bytes(), CidLink::from(record.cid))]).unwrap();
        let mut nodes = Vec::new();
        let mut builder = arobase::repo::mst::Builder::new();
        let mut finished = |cid: Cid, bytes: &[u8]| nodes.push(Block { cid, bytes: bytes.to_vec().into() });
        builder.push(key.as_bytes(), &record.cid.into(), &mut finished).unwrap();
        assert_eq!(builder.finish(&mut finished).unwrap(), tree.root());
        nodes.push(record.clone());
        let file = forged(tree.root(), &nodes);
        assert_eq!(fault(&file)["kind"], "path", "{key:?}");
        let dir = Dir::new().with("a.car", &file);
        let listed = dir.repo("ls a.car");
        assert_eq!(listed.ok().lines().count(), 1, "{key:?}");
        assert!(!listed.text().contains('\u{1b}'));
        let ran = dir.repo("export-records a.car --out out");
        assert!(ran.failed(1).contains("is no path of a record"), "{ran:?}");
        let printed = dir.repo("export-records a.car");
        assert!(printed.failed(1).contains("is no path of a record") && printed.out.is_empty(), "{printed:?}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "{key:?}");
    }
}

#[test]
fn a_tree_that_is_shared_within_itself_does_not_grow() {
    let mut below = node(None, &[("a", Cid::of_cbor(b"a"), None)]);
    let mut blocks = vec![below.clone()];
    for _ in 0..40 {
        below = node(Some(below.cid), &[("a", Cid::of_cbor(b"a"), Some(below.cid))]);
        blocks.insert(0, below.clone());
    }
    let file = forged(below.cid, &blocks);
    let dir = Dir::new().with("a.car", &file);
    let json = dir.repo("inspect a.car --json").json();
    assert_eq!((json["tree"]["nodes"].as_u64(), json["tree"]["faults"]["count"].as_u64()), (Some(41), Some(40)));
    assert!(codes(&file)[1..].iter().take(5).all(|code| *code == 1));
}

#[test]
fn a_tree_that_is_too_deep_is_left_at_its_lowest_layer() {
    let mut below = node(None, &[("a", Cid::of_cbor(b"a"), None)]);
    let mut blocks = vec![below.clone()];
    for _ in 0..5000 {
        below = node(Some(below.cid), &[]);
        blocks.insert(0, below.clone());
    }
    let file = forged(below.cid, &blocks);
    let dir = Dir::new().with("a.car", &file);
    let json = dir.repo("inspect a.car --json").json();
    assert_eq!((json["tree"]["nodes"].as_u64(), json["tree"]["faults"]["count"].as_u64()), (Some(129), Some(1)));
    codes(&file);
}

#[test]
fn a_commit_of_a_commit_is_no_tree() {
    let inner = commit(Tree::empty_root());
    let inner = Block { cid: inner.cid(), bytes: inner.bytes().clone() };
    let file = forged(inner.cid, &[inner]);
    assert_eq!(fault(&file)["kind"], "tree");
    let dir = Dir::new().with("a.car", &file);
    let ran = dir.repo("inspect a.car");
    assert!(ran.code == 1 && ran.text().starts_with("a.car: a repository with faults\n"), "{ran:?}");
    assert!(ran.text().contains("no node of a tree"), "{ran:?}");
}

#[test]
fn a_record_of_another_codec_is_kept_as_it_is() {
    let cid = Cid::of_raw(b"raw");
    let tree = node(None, &[("com.example.note/n00000", cid, None)]);
    let file = forged(tree.cid, &[tree, Block { cid, bytes: b"raw".to_vec().into() }]);
    let dir = Dir::new().with("a.car", &file);
    assert!(dir.repo("verify a.car").ok().starts_with("a.car: valid\n"));
    assert_eq!(dir.repo("inspect a.car --json").json()["kind"], "full");
    assert_eq!(dir.repo("get a.car com.example.note/n00000 --cbor").out, b"raw");
    assert_eq!(dir.repo("get a.car com.example.note/n00000").code, 1);
}
