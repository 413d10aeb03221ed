//! Writing.

use bytes::Bytes;

use crate::data::{Cid, CidLink, cbor::CborWriter, sink::Sink};

use super::varint;

/// The header with these roots, the commit first.
#[must_use]
pub fn header(roots: &[Cid]) -> Bytes {
    let map = map(roots);
    let mut out = Vec::with_capacity(varint::MAX + map.len());
    varint::put(&mut out, map.len() as u64);
    out.extend_from_slice(&map);
    out.into()
}

/// Appends a block.
pub fn put_block(out: &mut Vec<u8>, cid: &CidLink, bytes: &[u8]) {
    cid.with_bytes(|cid| {
        let len = cid.len() + bytes.len();
        out.reserve(varint::len(len as u64) + len);
        varint::put(out, len as u64);
        out.extend_from_slice(cid);
        out.extend_from_slice(bytes);
    });
}

/// How many bytes [`put_block`] appends for a block of so many bytes under a CID of the blessed form.
#[must_use]
pub fn block_len(bytes: usize) -> usize {
    let len = Cid::BYTES + bytes;
    varint::len(len as u64) + len
}

/// The map in the header.
fn map(roots: &[Cid]) -> Vec<u8> {
    let mut writer = CborWriter::new();
    writer.begin_map(2);
    writer.key("roots");
    writer.begin_list(roots.len());
    for root in roots {
        writer.link(&(*root).into());
    }
    writer.end_list();
    writer.key("version");
    writer.int(1);
    writer.end_map();
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_without_roots_is_what_others_write() {
        assert_eq!(header(&[])[..], *b"\x11\xa2eroots\x80gversion\x01");
    }

    #[test]
    fn the_length_of_a_block_is_known_beforehand() {
        for len in [0, 1, 91, 92, 16_347, 16_348, 70_000] {
            let block = vec![7; len];
            let mut out = Vec::new();
            put_block(&mut out, &Cid::of_cbor(&block).into(), &block);
            assert_eq!(out.len(), block_len(len), "{len}");
        }
    }
}
