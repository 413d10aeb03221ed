//! CAR files that are made to harm, each with one fault.

use std::io;
use std::path::Path;

use arobase_bench_repo_workload::inputs::CidBytes;
use arobase_bench_repo_workload::random::tid;

use crate::car;
use crate::hash::{cid_of, layer};
use crate::tree::{entry, node};

/// A small repository to be damaged.
#[derive(Clone, Default)]
struct Draft {
    root: Option<CidBytes>,
    blocks: Vec<(CidBytes, Vec<u8>)>,
}

impl Draft {
    /// Adds a block, behind all others.
    fn put(&mut self, block: Vec<u8>) -> CidBytes {
        let cid = cid_of(&block);
        self.blocks.push((cid, block));
        cid
    }

    /// Adds a record of some text.
    fn record(&mut self, text: &str) -> CidBytes {
        let mut block = Vec::new();
        crate::cbor::map(&mut block, 1);
        crate::cbor::text(&mut block, "text");
        crate::cbor::text(&mut block, text);
        self.put(block)
    }

    fn root(mut self, node: Vec<u8>) -> Self {
        self.root = Some(self.put(node));
        self
    }

    /// The file; nodes come before what they hold, as a stream wants them.
    fn car(mut self) -> Vec<u8> {
        let root = self.root.unwrap_or([0; 36]);
        let (cid, block) = car::commit(&root, &tid(1_770_000_000_000_000, 0));
        let mut out = Vec::new();
        car::header(&mut out, &cid);
        car::block(&mut out, &cid, &block);
        self.blocks.reverse();
        self.blocks.iter().for_each(|(cid, block)| car::block(&mut out, cid, block));
        out
    }
}

/// Writes all files into a folder.
pub fn write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let files = [forgeries(), entries(), shapes(), floods()].concat();
    for (number, (name, car)) in files.iter().enumerate() {
        std::fs::write(folder.join(format!("{number:02} {name}.car")), car)?;
    }
    Ok(())
}

/// Makes entries of keys.
type Entries<'a> = dyn Fn(&mut Draft, &[String]) -> Vec<Vec<u8>> + 'a;
type Files = Vec<(&'static str, Vec<u8>)>;

/// The first keys of this form of a layer, ascending.
fn keys(wanted: u8, count: usize) -> Vec<String> {
    let keys = (0..).map(|number| format!("com.example.note/n{number:07}"));
    keys.filter(|key| layer(key.as_bytes()) == wanted).take(count).collect()
}

/// A node at layer 0 of such keys, as it should be.
fn sound() -> Draft {
    let mut draft = Draft::default();
    let entries = plain(&mut draft, &keys(0, 5));
    draft.root(node(&entries, None))
}

/// Sound entries of keys.
fn plain(draft: &mut Draft, keys: &[String]) -> Vec<Vec<u8>> {
    let mut last = "";
    let mut entries = Vec::new();
    for key in keys {
        let prefix = last.bytes().zip(key.bytes()).take_while(|(a, b)| a == b).count();
        entries.push(entry(prefix, &key.as_bytes()[prefix..], &draft.record(key), None));
        last = key;
    }
    entries
}

fn forgeries() -> Files {
    let forged_record = || {
        let mut draft = sound();
        let bytes = &mut draft.blocks[1].1;
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        draft.car()
    };
    // Under the CID of a node stands another that is as sound, but lacks a key.
    let forged_node = || {
        let mut draft = sound();
        let mut other = Draft::default();
        let entries = plain(&mut other, &keys(0, 4));
        draft.blocks[5].1 = node(&entries, None);
        draft.car()
    };
    let without = |block: usize| {
        let mut draft = sound();
        draft.blocks.remove(block);
        draft.car()
    };
    let mut truncated = sound().car();
    truncated.truncate(truncated.len() - 30);
    let mut length = sound().car();
    car::varint(&mut length, 1 << 62);
    vec![
        ("sound (to be accepted)", sound().car()),
        ("bytes of a record that are not of its CID", forged_record()),
        ("bytes of a node that are not of its CID", forged_node()),
        ("truncated file", truncated),
        ("missing record", without(1)),
        ("missing node", without(5)),
        ("block length 2^62", length),
    ]
}

fn entries() -> Files {
    let make = |build: &Entries<'_>| {
        let mut draft = Draft::default();
        let entries = build(&mut draft, &keys(0, 4));
        draft.root(node(&entries, None)).car()
    };
    let whole = |draft: &mut Draft, key: &[u8]| entry(0, key, &draft.record("text"), None);
    let single = |key: &[u8]| {
        let mut draft = Draft::default();
        let entries = [whole(&mut draft, key)];
        draft.root(node(&entries, None)).car()
    };
    // Whatever follows, so that the key is of layer 0.
    let bottom = |begin: &[u8]| {
        let mut keys = (b'0'..=b'z').map(|last| [begin, &[last]].concat());
        keys.find(|key| layer(key) == 0).unwrap_or_default()
    };
    vec![
        (
            "prefix length past the key before",
            make(&|draft, keys| {
                let value = draft.record("a");
                vec![whole(draft, keys[0].as_bytes()), entry(200, b"z", &value, None)]
            }),
        ),
        (
            "unsorted keys",
            make(&|draft, keys| {
                let mut keys = keys.to_vec();
                keys.swap(1, 2);
                plain(draft, &keys)
            }),
        ),
        ("duplicate key", make(&|draft, keys| plain(draft, &[keys[0].clone(), keys[0].clone()]))),
        (
            "prefix shorter than possible",
            make(&|draft, keys| {
                let prefix = keys[0].bytes().zip(keys[1].bytes()).take_while(|(a, b)| a == b).count() - 3;
                let value = draft.record("a");
                vec![whole(draft, keys[0].as_bytes()), entry(prefix, &keys[1].as_bytes()[prefix..], &value, None)]
            }),
        ),
        ("characters outside of the path set", single(&bottom(b"com.example.note/a b"))),
        ("key that is no UTF-8", single(&bottom(b"com.example.note/\xff"))),
    ]
}

fn shapes() -> Files {
    let mut files = Vec::new();
    // A key of layer 1 between keys of layer 0.
    let mut draft = Draft::default();
    let mut mixed = [keys(0, 4), keys(1, 1)].concat();
    mixed.sort();
    let entries = plain(&mut draft, &mixed);
    files.push(("key in a node of another layer", draft.root(node(&entries, None)).car()));
    // A node of layer 2 with a child of layer 0.
    let mut draft = Draft::default();
    let top = keys(2, 1);
    let below: Vec<String> = keys(0, 4).into_iter().filter(|key| *key < top[0]).collect();
    let entries = plain(&mut draft, &below);
    let child = draft.put(node(&entries, None));
    let entries = plain(&mut draft, &top);
    files.push(("child that skips a layer", draft.root(node(&entries, Some(&child))).car()));
    // One more field in the map of the node.
    let mut draft = Draft::default();
    let mut block = node(&plain(&mut draft, &keys(0, 3)), None);
    block[0] += 1;
    crate::cbor::text(&mut block, "x");
    crate::cbor::null(&mut block);
    files.push(("extra field in a node", draft.root(block).car()));
    // A root with nothing but a child.
    let mut draft = Draft::default();
    let entries = plain(&mut draft, &keys(0, 3));
    let child = draft.put(node(&entries, None));
    files.push(("empty node at the top", draft.root(node(&[], Some(&child))).car()));
    // A child with nothing at all.
    let mut draft = Draft::default();
    let child = draft.put(node(&[], None));
    let entries = plain(&mut draft, &keys(1, 1));
    files.push(("empty node at the bottom", draft.root(node(&entries, Some(&child))).car()));
    files
}

fn floods() -> Files {
    let mut files = Vec::new();
    // Each node holds the node below twice: 2^40 ways down.
    let mut draft = Draft::default();
    let value = draft.record("a");
    let mut child = draft.put(node(&[entry(0, b"com.example.note/a000", &value, None)], None));
    for depth in 1..40 {
        let key = format!("com.example.note/a{depth:03}");
        child = draft.put(node(&[entry(0, key.as_bytes(), &value, Some(&child))], Some(&child)));
    }
    draft.root = Some(child);
    files.push(("shared subtrees, 2^40 ways", draft.car()));
    // Nodes without keys, each in the other.
    let mut draft = Draft::default();
    let entries = plain(&mut draft, &keys(0, 1));
    let mut child = draft.put(node(&entries, None));
    for _ in 0..200_000 {
        child = draft.put(node(&[], Some(&child)));
    }
    draft.root = Some(child);
    files.push(("chain of 200,000 nodes without keys", draft.car()));
    // Nodes with one key, each in the other.
    let mut draft = Draft::default();
    let value = draft.record("a");
    let mut child = None;
    for number in (0..100_000).rev() {
        let key = format!("com.example.note/a{number:06}");
        child = Some(draft.put(node(&[entry(0, key.as_bytes(), &value, child.as_ref())], None)));
    }
    draft.root = child;
    files.push(("chain of 100,000 nodes with keys", draft.car()));
    // One very wide node.
    let mut draft = Draft::default();
    let entries = plain(&mut draft, &keys(0, 20_000));
    files.push(("node of 20,000 entries", draft.root(node(&entries, None)).car()));
    files
}
