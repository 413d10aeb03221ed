//! A tree as simple as possible, rebuilt from nothing each time and encoded by the general codec: what
//! the real one is compared with.

use std::collections::BTreeMap;

use crate::{
    data::{Bytes, Cid, CidLink, Map, Value},
    repo::blocks::MemoryBlocks,
};

use super::{key::shared_prefix, key_layer};

/// What is in a tree.
pub(crate) type Content = BTreeMap<Vec<u8>, CidLink>;

/// A value that a test can tell from others.
pub(crate) fn value(number: u64) -> CidLink {
    Cid::of_cbor(&number.to_be_bytes()).into()
}

/// The root of the tree, and all its blocks.
pub(crate) fn build(content: &Content) -> (Cid, MemoryBlocks) {
    let entries: Vec<_> = content.iter().map(|(key, value)| (key.as_slice(), value)).collect();
    let layer = entries.iter().map(|(key, _)| key_layer(key)).max().unwrap_or_default();
    let mut blocks = MemoryBlocks::new();
    let root = node(&entries, i32::from(layer), &mut blocks);
    let root = root.unwrap_or_else(|| put(Value::Null, Vec::new(), &mut blocks));
    (root, blocks)
}

/// The node of these entries at this layer; none if there are no entries.
fn node(entries: &[(&[u8], &CidLink)], layer: i32, blocks: &mut MemoryBlocks) -> Option<Cid> {
    if entries.is_empty() {
        return None;
    }
    let mut here = Vec::new();
    let mut left = Value::Null;
    let mut last: &[u8] = &[];
    let mut rest = entries;
    loop {
        let end = rest.iter().position(|(key, _)| i32::from(key_layer(key)) == layer).unwrap_or(rest.len());
        let kid = node(&rest[..end], layer - 1, blocks).map_or(Value::Null, |cid| Value::Link(cid.into()));
        match here.last_mut() {
            None => left = kid,
            Some(Value::Map(entry)) => drop(entry.insert("t".into(), kid)),
            Some(_) => unreachable!("entries are maps"),
        }
        let Some((key, value)) = rest.get(end) else { break };
        let prefix = shared_prefix(last, key);
        let mut entry = Map::new();
        entry.insert("k".into(), Value::Bytes(Bytes::from(key[prefix..].to_vec())));
        entry.insert("p".into(), Value::Int(prefix as i64));
        entry.insert("v".into(), Value::Link((*value).clone()));
        here.push(Value::Map(entry));
        last = key;
        rest = &rest[end + 1..];
    }
    Some(put(left, here, blocks))
}

fn put(left: Value, entries: Vec<Value>, blocks: &mut MemoryBlocks) -> Cid {
    let mut node = Map::new();
    node.insert("l".into(), left);
    node.insert("e".into(), Value::List(entries));
    let bytes = Value::Map(node).to_cbor().unwrap();
    let cid = Cid::of_cbor(&bytes);
    assert!(blocks.insert(cid, bytes));
    cid
}

/// The content of these keys, all with the value of the published roots.
pub(crate) fn known(prefix: &str, keys: &str) -> Content {
    let value: CidLink = "bafyreie5cvv4h45feadgeuwhbcutmh6t2ceseocckahdoe6uat64zmz454".parse().unwrap();
    keys.split_whitespace().map(|key| (format!("{prefix}{key}").into_bytes(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "com.example.record/3jqfcqzm";

    #[test]
    fn the_model_gives_the_published_roots() {
        let roots = [
            ("", "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"),
            ("3fo2j", "bafyreibj4lsc3aqnrvphp5xmrnfoorvru4wynt6lwidqbm2623a6tatzdu"),
            ("3fx2j", "bafyreih7wfei65pxzhauoibu3ls7jgmkju4bspy4t2ha2qdjnzqvoy33ai"),
            ("3fp2j 3fr2j 3fs2j 3ft2j 4fc2j", "bafyreicmahysq4n6wfuxo522m6dpiy7z7qzym3dzs756t5n7nfdgccwq7m"),
        ];
        for (keys, root) in roots {
            assert_eq!(build(&known(RECORD, keys)).0.to_string(), root, "{keys}");
        }
    }

    #[test]
    fn the_model_keeps_levels_without_entries() {
        let value: CidLink = "bafyreia2ty55fxarehtbm3ydzq2u7yrw266rkfi2tz5kmbjwwuuky3idvu".parse().unwrap();
        let keys = ["com.example.note/n00000", "com.example.note/n00089"];
        let content = keys.iter().map(|key| (key.as_bytes().to_vec(), value.clone())).collect();
        let (root, blocks) = build(&content);
        assert_eq!(root.to_string(), "bafyreif6nstx5hwwwdphipehtidc74yyjcod2mnszky4luxz3p3aw3k6xa");
        assert_eq!(blocks.len(), 3);
    }
}
