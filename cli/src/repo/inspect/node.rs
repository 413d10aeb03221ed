//! Nodes of the tree, read as far as possible: what is wrong with a tree in full says `verify`.

use arobase::{
    data::{Cid, CidLink, Map, Value, cbor},
    repo::mst::{MAX_READ_ENTRIES, is_key},
};

/// A node of the tree (Repository, MST: node encoding).
#[derive(Debug)]
pub(crate) struct Node {
    /// The child before the first entry.
    pub(crate) left: Option<Cid>,
    /// The entries.
    pub(crate) entries: Vec<Entry>,
}

/// An entry of a node.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The whole key.
    pub(crate) key: Vec<u8>,
    /// The record.
    pub(crate) record: CidLink,
    /// The child behind the entry.
    pub(crate) right: Option<Cid>,
}

impl Node {
    /// Reads a block. `None` if it is no node.
    pub(crate) fn read(block: &[u8]) -> Option<Self> {
        let value = cbor::parse(block).ok()?;
        let map = value.as_map()?;
        let mut key = Vec::new();
        let entries = map.get("e")?.as_list().filter(|entries| entries.len() <= MAX_READ_ENTRIES)?;
        let entries = entries.iter().map(|entry| entry_of(entry.as_map()?, &mut key));
        Some(Self { left: child(map.get("l"))?, entries: entries.collect::<Option<_>>()? })
    }
}

/// Reads an entry; `key` is that of the entry before and becomes that of this one.
fn entry_of(map: &Map, key: &mut Vec<u8>) -> Option<Entry> {
    let shared = usize::try_from(map.get("p")?.as_int()?).ok().filter(|shared| *shared <= key.len())?;
    key.truncate(shared);
    key.extend_from_slice(map.get("k")?.as_bytes()?);
    if !is_key(key) {
        return None;
    }
    Some(Entry { key: key.clone(), record: map.get("v")?.as_link()?.clone(), right: child(map.get("t"))? })
}

/// A link to a child, or `null`. `None` if it is neither.
fn child(value: Option<&Value>) -> Option<Option<Cid>> {
    match value? {
        Value::Null => Some(None),
        link => Some(Some(link.as_link()?.as_cid()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(prefix: i64, rest: &[u8], right: Value) -> Value {
        let rest = Value::Bytes(rest.to_vec().into());
        let value = Value::from(Cid::of_raw(b"record"));
        [("k", rest), ("p", Value::from(prefix)), ("t", right), ("v", value)].into_iter().collect::<Map>().into()
    }

    fn block(entries: Vec<Value>, left: Value) -> Vec<u8> {
        let map: Map = [("e", Value::List(entries)), ("l", left)].into_iter().collect();
        Value::from(map).to_cbor().unwrap()
    }

    #[test]
    fn keys_are_put_together() {
        let kid = Cid::of_cbor(b"kid");
        let node = block(vec![entry(0, b"abc", Value::Null), entry(2, b"d", kid.into())], kid.into());
        let node = Node::read(&node).unwrap();
        let keys: Vec<_> = node.entries.iter().map(|entry| entry.key.as_slice()).collect();
        assert_eq!(keys, [&b"abc"[..], b"abd"]);
        assert_eq!((node.left, node.entries[0].right, node.entries[1].right), (Some(kid), None, Some(kid)));
    }

    #[test]
    fn what_is_no_node_is_none() {
        let wrong = [
            block(vec![entry(1, b"abc", Value::Null)], Value::Null),
            block(vec![entry(-1, b"abc", Value::Null)], Value::Null),
            block(vec![entry(0, b"abc", Value::from(1))], Value::Null),
            block(vec![entry(0, b"", Value::Null)], Value::Null),
            block(vec![entry(0, &[b'a'; 1025], Value::Null)], Value::Null),
            block(vec![], Value::from("x")),
            Value::from(Map::new()).to_cbor().unwrap(),
            b"no CBOR".to_vec(),
        ];
        for block in wrong {
            assert!(Node::read(&block).is_none(), "{block:?}");
        }
    }
}
