//! Commits and CAR files.

use arobase_bench_repo_workload::inputs::{CidBytes, DID};

use crate::cbor;
use crate::hash::{cid_of, sign};

/// A signed commit of a tree.
pub fn commit(data: &CidBytes, rev: &str) -> (CidBytes, Vec<u8>) {
    let block = fields(data, rev, Some(&sign(&fields(data, rev, None))));
    (cid_of(&block), block)
}

fn fields(data: &CidBytes, rev: &str, signature: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    cbor::map(&mut out, if signature.is_some() { 6 } else { 5 });
    cbor::text(&mut out, "did");
    cbor::text(&mut out, DID);
    cbor::text(&mut out, "rev");
    cbor::text(&mut out, rev);
    if let Some(signature) = signature {
        cbor::text(&mut out, "sig");
        cbor::bytes(&mut out, signature);
    }
    cbor::text(&mut out, "data");
    cbor::link(&mut out, data);
    cbor::text(&mut out, "prev");
    cbor::null(&mut out);
    cbor::text(&mut out, "version");
    cbor::number(&mut out, 3);
    out
}

/// Appends the header with one root.
pub fn header(out: &mut Vec<u8>, root: &CidBytes) {
    let mut header = Vec::new();
    cbor::map(&mut header, 2);
    cbor::text(&mut header, "roots");
    cbor::list(&mut header, 1);
    cbor::link(&mut header, root);
    cbor::text(&mut header, "version");
    cbor::number(&mut header, 1);
    varint(out, header.len() as u64);
    out.extend(header);
}

/// Appends a block.
pub fn block(out: &mut Vec<u8>, cid: &CidBytes, bytes: &[u8]) {
    varint(out, (cid.len() + bytes.len()) as u64);
    out.extend(cid);
    out.extend(bytes);
}

pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
