//! Repositories on disk are exported, imported, listed and compared without being in memory.

use std::{collections::BTreeMap, fs, path::PathBuf};

use arobase_runtime::{
    crypto::{Curve, SigningKey},
    data::{Cid, CidLink, Value},
    repo::{
        CarIndex, Commit, MemoryBlocks, Repo,
        car::CarLimits,
        commit::Unsigned,
        import::{self, ImportLimits, Item},
        mst::{Difference, Direction, Tree},
    },
};

const RECORDS: u64 = 5_000;

/// A CAR file that goes when the test ends.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("arobase-on-disk-{name}-{}.car", std::process::id()));
        fs::write(&path, bytes).unwrap();
        Self(path)
    }

    /// The repository, of which nothing but the commit is in memory, and where its blocks are.
    fn open(&self) -> (Repo, CarIndex) {
        let index = CarIndex::open(&self.0, CarLimits::DEFAULT).unwrap();
        let root = index.roots()[0].as_cid().unwrap();
        let commit = arobase_runtime::repo::Blocks::get(&index, &root).unwrap().unwrap();
        (Repo::open(Commit::decode(commit).unwrap()), index)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

fn record(number: u64) -> Vec<u8> {
    let record = format!(r#"{{"$type":"com.example.note","text":"note {number}"}}"#);
    Value::from_json(record.as_bytes()).unwrap().to_cbor().unwrap()
}

/// The CAR file of a repository with these notes: number and content.
fn car(notes: &BTreeMap<u64, u64>) -> Vec<u8> {
    let mut blocks = MemoryBlocks::new();
    let entries: Vec<_> = notes
        .iter()
        .map(|(number, content)| {
            let (bytes, key) = (record(*content), format!("com.example.note/{number:06}"));
            let cid = Cid::of_cbor(&bytes);
            blocks.insert(cid, bytes);
            (key.into_bytes(), CidLink::from(cid))
        })
        .collect();
    let tree = Tree::from_sorted(entries.iter().map(|(key, cid)| (key.as_slice(), cid.clone()))).unwrap();
    let empty: Tree = Tree::new();
    for block in empty.diff(&tree, &(), &()).unwrap().created() {
        blocks.insert(block.cid, block.bytes);
    }
    let did = "did:web:alice.example.com".parse().unwrap();
    let unsigned = Unsigned { did, rev: "3jzfcijpj2z2a".parse().unwrap(), data: tree.root(), prev: None };
    let repo = Repo::open(unsigned.sign(&SigningKey::generate(Curve::K256)).unwrap());
    repo.export(&blocks).into_car().map(Result::unwrap).collect::<Vec<_>>().concat()
}

fn notes() -> BTreeMap<u64, u64> {
    (0..RECORDS).map(|number| (number, number)).collect()
}

#[test]
fn an_export_from_disk_is_the_file_and_leaves_nothing_in_memory() {
    let bytes = car(&notes());
    let (repo, index) = File::new("export", &bytes).open();
    let exported: Vec<_> = repo.export(&index).into_car().map(Result::unwrap).collect();
    assert!(exported.iter().all(|piece| piece.len() < 80 << 10), "pieces stay small");
    assert_eq!(exported.concat(), bytes);
    assert!(repo.tree().loaded().0 <= 1, "{:?}", repo.tree().loaded());
}

#[test]
fn a_list_from_disk_is_whole_both_ways_and_leaves_nothing_in_memory() {
    let file = File::new("list", &car(&notes()));
    let (repo, index) = file.open();
    let keys: Vec<_> = repo.list("com.example.note", Direction::Up, &index).map(|entry| entry.unwrap().0).collect();
    let mut down: Vec<_> =
        repo.list("com.example.note", Direction::Down, &index).map(|entry| entry.unwrap().0).collect();
    down.reverse();
    assert_eq!(keys.len() as u64, RECORDS);
    assert_eq!(keys, down);
    assert!(repo.tree().loaded().0 <= 1, "{:?}", repo.tree().loaded());
}

#[test]
fn two_repositories_on_disk_are_compared_without_being_loaded() {
    let mut changed = notes();
    changed.remove(&17);
    changed.insert(2_500, 99_999);
    changed.insert(RECORDS + 1, 1);
    let (old, new) = (File::new("old", &car(&notes())), File::new("new", &car(&changed)));
    let ((old, old_blocks), (new, new_blocks)) = (old.open(), new.open());
    let mut found = Vec::new();
    let each = &mut |difference: Difference<'_>| {
        if let Difference::Record { key, before, after } = difference {
            found.push((String::from_utf8(key.to_vec()).unwrap(), before.is_some(), after.is_some()));
        }
    };
    old.tree().diff_with(new.tree(), &old_blocks, &new_blocks, each).unwrap();
    let note = |number: u64| format!("com.example.note/{number:06}");
    assert_eq!(found, [(note(17), true, false), (note(2_500), true, true), (note(RECORDS + 1), false, true)]);
    assert!(old.tree().loaded().0 <= 1 && new.tree().loaded().0 <= 1);
}

#[test]
fn a_file_in_reverse_order_is_imported_from_disk() {
    let bytes = car(&notes());
    let (roots, blocks) = arobase_runtime::repo::car::to_blocks(&bytes, CarLimits::DEFAULT).unwrap();
    let mut reversed = arobase_runtime::repo::car::header(&[roots[0].as_cid().unwrap()]).to_vec();
    let mut cids: Vec<_> = blocks.iter().collect();
    cids.sort();
    for (cid, block) in cids {
        arobase_runtime::repo::car::put_block(&mut reversed, &(*cid).into(), block);
    }
    let file = File::new("reversed", &reversed);
    let (_, index) = file.open();
    let mut records = 0;
    let mut count = |item: Item<'_>| records += u64::from(matches!(item, Item::Record { .. }));
    let import = import::Import::new(index.roots(), ImportLimits::DEFAULT.with_held(0)).unwrap();
    import.finish(&index, &mut count).unwrap();
    assert_eq!(records, RECORDS);
}
