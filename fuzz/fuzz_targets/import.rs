//! Imports of any tree end, and all ways to import agree.
//!
//! The input is a list of blocks, each behind its length in two bytes; in them the byte `0xff` stands for a
//! link to an earlier block, whose number is the next byte. The last block is the root of the tree.
#![no_main]

use arobase_runtime::{
    data::{Bytes, Cid, Map, Value},
    repo::{
        Import,
        car::{self, CarLimits},
        import::{self, ImportLimits, Item},
    },
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut blocks = blocks(input);
    let Some((root, _)) = blocks.last() else {
        return;
    };
    let commit = commit(*root);
    let cid = Cid::of_cbor(&commit);
    blocks.push((cid, commit));

    let mut file = car::header(&[cid]).to_vec();
    for (cid, block) in blocks.iter().rev() {
        car::put_block(&mut file, &(*cid).into(), block);
    }
    let limits = ImportLimits::DEFAULT;
    let slice = collect(|found| import::from_slice(&file, limits, &(), found).is_ok());
    let (roots, memory) = car::to_blocks(&file, CarLimits::DEFAULT).expect("it was written here");
    let reader = collect(|found| import::from_reader(&file[..], limits, &memory, found).is_ok());
    let source = collect(|found| Import::new(&roots, limits).is_ok_and(|import| import.finish(&memory, found).is_ok()));
    assert_eq!(slice, reader);
    assert_eq!(slice, source);
});

/// The records that an import finds, if it succeeds.
fn collect(import: impl FnOnce(&mut dyn FnMut(Item<'_>)) -> bool) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut records = Vec::new();
    let done = import(&mut |item| {
        if let Item::Record { key, cid, bytes } = item {
            assert!(cid.as_cid().is_none_or(|cid| cid.verify(bytes)));
            records.push((key.to_vec(), bytes.to_vec()));
        }
    });
    records.sort();
    assert!(!done || records.windows(2).all(|pair| pair[0].0 < pair[1].0));
    done.then_some(records)
}

fn blocks(mut input: &[u8]) -> Vec<(Cid, Vec<u8>)> {
    let mut blocks: Vec<(Cid, Vec<u8>)> = Vec::new();
    while let Some((len, rest)) = input.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes(*len)).min(rest.len());
        let (content, rest) = rest.split_at(len);
        let block = linked(content, &blocks);
        blocks.push((Cid::of_cbor(&block), block));
        input = rest;
    }
    blocks
}

fn linked(content: &[u8], blocks: &[(Cid, Vec<u8>)]) -> Vec<u8> {
    let mut block = Vec::new();
    let mut bytes = content.iter();
    while let Some(byte) = bytes.next() {
        match bytes.clone().next().and_then(|number| blocks.get(usize::from(*number))) {
            Some((cid, _)) if *byte == 0xff => {
                block.extend([0xd8, 0x2a, 0x58, 0x25, 0]);
                block.extend(cid.to_bytes());
                bytes.next();
            }
            _ => block.push(*byte),
        }
    }
    block
}

fn commit(data: Cid) -> Vec<u8> {
    let fields = [
        ("did", Value::from("did:plc:abcdefghijklmnopqrstuvwx")),
        ("rev", Value::from("3jzfcijpj2z2b")),
        ("sig", Value::Bytes(Bytes::from(vec![0; 64]))),
        ("data", Value::Link(data.into())),
        ("prev", Value::Null),
        ("version", Value::Int(3)),
    ];
    let mut map = Map::new();
    for (key, value) in fields {
        map.insert(key.into(), value);
    }
    Value::Map(map).to_cbor().expect("a commit can be written")
}
