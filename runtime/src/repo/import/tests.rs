use bytes::Bytes;

use super::{held::Held, *};
use crate::{
    data::{Cid, CidLink, Map, Value},
    repo::{
        MemoryBlocks,
        car::{self, CarBlock, CarLimits},
        mst::model::{self, Content},
    },
};

const NAMES: [&str; 4] = ["n00000", "n00001", "n00089", "n00060"];

/// A repository of four records: its roots and blocks.
fn repository() -> (Vec<CidLink>, MemoryBlocks) {
    let mut records = MemoryBlocks::new();
    let content: Content = NAMES
        .iter()
        .map(|name| {
            let record = Value::from(*name).to_cbor().unwrap();
            let cid = Cid::of_cbor(&record);
            assert!(records.insert(cid, record));
            (format!("com.example.note/{name}").into_bytes(), cid.into())
        })
        .collect();
    let (root, mut blocks) = model::build(&content);
    for (cid, record) in records.iter() {
        assert!(blocks.insert(*cid, record.clone()));
    }
    let commit = commit(root);
    let cid = Cid::of_cbor(&commit);
    assert!(blocks.insert(cid, commit));
    (vec![cid.into()], blocks)
}

fn commit(data: Cid) -> Vec<u8> {
    let fields = [
        ("did", Value::from("did:plc:abcdefghijklmnopqrstuvwx")),
        ("rev", Value::from("3jzfcijpj2z2b")),
        ("sig", Value::Bytes(vec![0; 64].into())),
        ("data", Value::Link(data.into())),
        ("prev", Value::Null),
        ("version", Value::Int(3)),
    ];
    let mut map = Map::new();
    for (key, value) in fields {
        map.insert(key.into(), value);
    }
    Value::Map(map).to_cbor().unwrap()
}

fn label(item: Item<'_>) -> String {
    match item {
        Item::Commit(_) => "commit".into(),
        Item::Node { .. } => "node".into(),
        Item::Record { key, .. } => key.escape_ascii().to_string().split_off("com.example.note/".len()),
    }
}

#[test]
fn an_import_into_which_nothing_is_pushed_takes_all_from_the_source() {
    let (roots, blocks) = repository();
    let mut found = Vec::new();
    let import = Import::new(&roots, ImportLimits::DEFAULT).unwrap();
    let commit = import.finish(&blocks, &mut |item| found.push(label(item))).unwrap();
    assert_eq!(CidLink::from(commit.cid()), roots[0]);
    let records: Vec<_> = found.iter().filter(|label| *label != "node").collect();
    assert_eq!(records, ["commit", "n00000", "n00001", "n00060", "n00089"]);
}

#[test]
fn what_is_pushed_comes_out_as_soon_as_it_is_certain() {
    let (roots, blocks) = repository();
    let mut import = Import::new(&roots, ImportLimits::DEFAULT).unwrap();
    let push = |import: &mut Import, cid: &Cid| {
        let mut found = Vec::new();
        let block = CarBlock::new(*cid, blocks.block(cid).unwrap()).unwrap();
        import.push(&block, &mut |item| found.push(label(item))).unwrap();
        found
    };
    let root = roots[0].as_cid().unwrap();
    for (cid, _) in blocks.iter().filter(|(cid, _)| **cid != root) {
        assert_eq!(push(&mut import, cid), [""; 0]);
    }
    assert_eq!(push(&mut import, &root).len(), blocks.len());
    assert_eq!(push(&mut import, &root), [""; 0]);
    assert!(import.finish(&(), &mut |_| panic!("nothing is left")).is_ok());
}

#[test]
fn a_record_before_its_neighbours_is_handed_out_before_them() {
    let (roots, blocks) = repository();
    let mut file = car::header(&[roots[0].as_cid().unwrap()]).to_vec();
    let mut later = Vec::new();
    let mut import = Import::new(&roots, ImportLimits::DEFAULT.with_held(4096)).unwrap();
    import
        .finish_from(&source::Store(&blocks), &mut |item| match item {
            Item::Commit(commit) => car::put_block(&mut file, &roots[0], commit.bytes()),
            Item::Node { cid, bytes } => car::put_block(&mut file, &cid.into(), bytes),
            // The first record comes last.
            Item::Record { cid, bytes, .. } if later.is_empty() => car::put_block(&mut later, cid, bytes),
            Item::Record { cid, bytes, .. } => car::put_block(&mut file, cid, bytes),
        })
        .unwrap();
    file.extend(later);
    import = Import::new(&roots, ImportLimits::DEFAULT.with_held(4096)).unwrap();
    let mut found = Vec::new();
    for block in car::CarSlice::new(&file, CarLimits::DEFAULT).unwrap().blocks() {
        import.push(&block.unwrap(), &mut |item| found.push(label(item))).unwrap();
    }
    assert!(import.finish(&(), &mut |_| panic!("nothing is left")).is_ok());
    let records: Vec<_> = found.iter().filter(|label| label.starts_with('n') && *label != "node").collect();
    assert_eq!(records.len(), NAMES.len());
    assert_eq!(records.last().map(|last| last.as_str()), Some("n00000"));
}

#[test]
fn an_import_that_failed_repeats_its_error() {
    let (roots, blocks) = repository();
    let mut import = Import::new(&roots, ImportLimits::DEFAULT.with_held(0)).unwrap();
    let other = CarBlock::new(Cid::of_cbor(b"other"), b"other").unwrap();
    let error = import.push(&other, &mut |_| {}).unwrap_err().to_string();
    let root = roots[0].as_cid().unwrap();
    let commit = CarBlock::new(root, blocks.block(&root).unwrap()).unwrap();
    assert_eq!(import.push(&commit, &mut |_| panic!("it failed")).unwrap_err().to_string(), error);
    assert_eq!(import.finish(&blocks, &mut |_| panic!("it failed")).unwrap_err().to_string(), error);
}

#[test]
fn an_import_whose_key_is_no_path_repeats_its_error() {
    let [first, second] = [b"{}".as_slice(), b"[]"].map(|bytes| CarBlock::new(Cid::of_raw(bytes), bytes).unwrap());
    let layer_0 = |start: &str| {
        let keys = (0..).map(|number| format!("com.example.note/{start}{number}"));
        keys.map(String::into_bytes).find(|key| crate::repo::mst::key_layer(key) == 0).unwrap()
    };
    let content: Content = [(layer_0("a"), first.cid.clone()), (layer_0("b/"), second.cid.clone())].into();
    let (root, blocks) = model::build(&content);
    let commit = commit(root);
    let mut import = Import::new(&[Cid::of_cbor(&commit).into()], ImportLimits::DEFAULT).unwrap();
    import.push(&CarBlock::new(Cid::of_cbor(&commit), &commit).unwrap(), &mut |_| {}).unwrap();
    import.push(&CarBlock::new(root, blocks.block(&root).unwrap()).unwrap(), &mut |_| {}).unwrap();
    for block in [&first, &second, &second] {
        assert!(matches!(import.push(block, &mut |_| {}), Err(Error::Path(_))));
    }
    assert!(matches!(import.offer(&second.cid, second.bytes, true, &mut |_| {}), Err(Error::Path(_))));
    assert!(matches!(import.finish(&blocks, &mut |_| {}), Err(Error::Path(_))));
}

#[test]
fn a_limit_on_what_is_held_counts_more_than_the_blocks() {
    let cid = |number: u32| CidLink::from(Cid::of_cbor(&number.to_be_bytes()));
    let mut held = Held::new(10_000);
    let taken = (0..1000).take_while(|number| held.hold(&cid(*number), b"x", true, false).is_ok()).count();
    assert!((20..50).contains(&taken), "{taken}");
}

#[test]
fn blocks_that_had_their_turn_make_room_for_others() {
    let cid = |number: u32| CidLink::from(Cid::of_cbor(&number.to_be_bytes()));
    let mut held = Held::new(10_000);
    for number in 0..1000 {
        held.hold(&cid(number), b"block", true, false).unwrap();
        assert!(held.lend(&cid(number)).is_some());
    }
    assert!(held.lend(&cid(0)).is_none());
    assert!(held.lend(&cid(999)).is_some());
}

#[test]
fn records_that_wait_count_and_are_told_in_order() {
    let cid = CidLink::from(Cid::of_cbor(b"same"));
    let mut held = Held::new(4000);
    for key in [&b"c"[..], b"a", b"b"] {
        held.wait(cid.clone(), key).unwrap();
    }
    let mut full = 0;
    while held.wait(cid.clone(), b"d").is_ok() {
        full += 1;
    }
    assert!((5..20).contains(&full), "{full}");
    let keys: Vec<_> = held.into_waiting().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys[..3], [Box::from(&b"a"[..]), Box::from(&b"b"[..]), Box::from(&b"c"[..])]);
}

#[test]
fn an_error_of_the_stream_is_told() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    let error = from_reader(Broken, ImportLimits::DEFAULT, &(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::Read(error) if error.kind() == std::io::ErrorKind::ConnectionReset));
}

#[test]
fn an_error_of_the_source_is_told() {
    struct Broken;
    impl Blocks for Broken {
        fn get(&self, _: &Cid) -> Result<Option<Bytes>, super::super::SourceError> {
            Err("out of order".into())
        }
    }
    let (roots, _) = repository();
    let error = Import::new(&roots, ImportLimits::DEFAULT).unwrap().finish(&Broken, &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "the block source failed: out of order");
}
