//! What is taken for a node of a tree is canonical DAG-CBOR, and looking for a key in it ends.
#![no_main]

use arobase_runtime::{
    data::{Cid, Value},
    repo::{
        MemoryBlocks,
        mst::{Error, Tree},
    },
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (key, node) = input;
    let cid = Cid::of_cbor(node);
    let mut blocks = MemoryBlocks::new();
    assert!(blocks.insert(cid, node.to_vec()));
    match Tree::at(cid).get(key, &blocks) {
        Err(Error::Node { .. } | Error::Key(_)) => return,
        Err(Error::Missing(child)) => assert_ne!(child, cid),
        Err(other) => panic!("{other}"),
        Ok(_) => {}
    }
    let value = Value::from_cbor(node).expect("a node is DAG-CBOR");
    assert_eq!(value.to_cbor().expect("what was read can be written"), node);
});
