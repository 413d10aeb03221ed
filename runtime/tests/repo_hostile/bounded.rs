//! Files that would cost much, if they were let.

use super::*;

#[test]
fn an_ordered_file_holds_nothing() {
    let repo = Repo::with(600);
    is_whole(&repo, &by_reader(&repo.file(), ImportLimits::DEFAULT.with_held(0)).unwrap());
}

#[test]
fn blocks_before_their_turn_are_held_up_to_a_limit() {
    let repo = Repo::with(300);
    let blocks: Vec<Block> = repo.blocks.iter().rev().cloned().collect();
    let file = file(&[repo.root()], &blocks);
    assert!(by_reader(&file, ImportLimits::DEFAULT.with_held(1 << 20)).is_ok());
    let error = by_reader(&file, ImportLimits::DEFAULT.with_held(20_000)).unwrap_err();
    assert!(matches!(error, Error::Limit { what: "bytes of blocks out of order", limit: 20_000 }), "{error}");
    // In memory nothing has to be held.
    is_whole(&repo, &by_slice(&file, ImportLimits::DEFAULT.with_held(0)).unwrap());
}

/// Each of the records is looked for among the copies of the other codec, if they are in its way.
#[test]
fn copies_of_a_record_under_another_codec() {
    const COUNT: usize = 20_000;
    let (record, copy) = (block(Vec::new()), (CidLink::from(Cid::of_raw(b"")), Vec::new()));
    let repo = Repo::new((0..COUNT).map(|number| (format!("com.example.note/{number:06}"), record.clone())));
    let mut blocks = vec![copy; COUNT];
    blocks.push(record);
    blocks.extend(repo.blocks.iter().filter(|(_, bytes)| !bytes.is_empty()).rev().cloned());
    let file = file(&[repo.root()], &blocks);
    let start = std::time::Instant::now();
    is_whole(&repo, &by_slice(&file, ImportLimits::DEFAULT).unwrap());
    is_whole(&repo, &by_index(&file).unwrap());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn blocks_behind_the_tree_cost_nothing() {
    let repo = Repo::with(10);
    let extras = (0..500).map(|number| record(&format!("extra {number}")));
    let blocks = [repo.blocks.clone(), extras.collect()].concat();
    let file = file(&[repo.root()], &blocks);
    is_whole(&repo, &by_reader(&file, ImportLimits::DEFAULT.with_held(0)).unwrap());
}

#[test]
fn a_node_of_20_000_entries() {
    let record = record("x");
    let keys: Vec<String> = (0..30_000)
        .map(|number| format!("com.example.note/{number:06}"))
        .filter(|key| key_layer(key.as_bytes()) == 0)
        .take(20_000)
        .collect();
    let keys: Vec<(&str, &CidLink)> = keys.iter().map(|key| (key.as_str(), &record.0)).collect();
    let tree = node(None, &entries(&keys));
    assert_eq!(fault(&[tree.clone(), record.clone()], &tree), Fault::TooWide);
    let widest = node(None, &entries(&keys[..mst::MAX_READ_ENTRIES]));
    let commit = commit(&widest.0);
    let file = file(&[&commit.0], &[commit.clone(), widest, record]);
    assert_eq!(by_slice(&file, ImportLimits::DEFAULT).unwrap().records.len(), mst::MAX_READ_ENTRIES);
}

/// Each node has the next one on both sides of its entry, so that there are 2^40 ways to the bottom.
#[test]
fn a_subtree_that_is_shared_40_times() {
    let record = record("x");
    let mut blocks = vec![leaf(&[&key(0, 0)]).0];
    for number in 1..=40 {
        let below = &blocks[0].0;
        let mut entries = entries(&[(&key(0, number), &record.0)]);
        entries[0].right = Some(below.clone());
        blocks.insert(0, node(Some(below), &entries));
    }
    assert!(import_tree(&[blocks, vec![record]].concat()).is_err());
}

/// The same with keys of the right layers, as far down as they are found.
#[test]
fn a_subtree_that_is_shared_in_a_tree_of_right_layers() {
    let (bottom, record) = leaf(&[&key(0, 0)]);
    let mut blocks = vec![bottom];
    for layer in 1..7 {
        let below = &blocks[0].0;
        let mut entries = entries(&[(&key(layer, 0), &record.0)]);
        entries[0].right = Some(below.clone());
        blocks.insert(0, node(Some(below), &entries));
    }
    let commit = commit(&blocks[0].0);
    let file = file(&[&commit.0], &[vec![commit.clone()], blocks, vec![record]].concat());
    for error in [by_slice(&file, ImportLimits::DEFAULT).unwrap_err(), by_index(&file).unwrap_err()] {
        assert!(matches!(error, Error::Tree(mst::Error::Node { fault: Fault::OutOfRange { .. }, .. })), "{error}");
    }
    // Read as it comes, what is shared is over after the first time.
    assert!(by_reader(&file, ImportLimits::DEFAULT).is_err());
}

#[test]
fn a_chain_of_200_000_nodes() {
    let (leaf, record) = leaf(&[&key(0, 0)]);
    let mut blocks = vec![record, leaf];
    for _ in 0..200_000 {
        let below = blocks[blocks.len() - 1].0.clone();
        blocks.push(node(Some(&below), &[]));
    }
    blocks.reverse();
    assert_eq!(fault(&blocks, &blocks[0]), Fault::PointerRoot);
}

/// A chain to the left with one key in each node, as deep as keys are found quickly, is sound; what hangs below
/// its bottom is not.
#[test]
fn a_chain_through_all_layers() {
    let mut keys: Vec<String> = Vec::new();
    for layer in 0..8 {
        let all = (0..).map(|number| format!("com.example.note/{number:07}"));
        let mut next = all.filter(|key| key_layer(key.as_bytes()) == layer);
        keys.extend(next.find(|key| keys.last().is_none_or(|last| last < key)));
    }
    let records: Vec<Block> = keys.iter().map(|key| record(key)).collect();
    let deepest = |below: Option<&CidLink>| {
        let mut blocks: Vec<Block> = Vec::new();
        for (key, (record, _)) in keys.iter().zip(&records) {
            let below = blocks.last().map_or(below, |(cid, _)| Some(cid));
            blocks.push(node(below, &entries(&[(key, record)])));
        }
        blocks.reverse();
        [blocks, records.clone()].concat()
    };
    let sound = deepest(None);
    assert_eq!(import_tree(&sound).unwrap().nodes, 8);
    let more = deepest(Some(&sound[7].0));
    assert_eq!(fault(&more, &more[7]), Fault::ChildAtBottom);
}

/// Below a key of a high layer there are nodes without keys, more than there are layers.
#[test]
fn a_chain_of_nodes_without_keys_below_a_key() {
    let (leaf, record) = leaf(&[&key(0, 0)]);
    let mut blocks = vec![record.clone(), leaf];
    for _ in 0..1000 {
        let below = blocks[blocks.len() - 1].0.clone();
        blocks.push(node(Some(&below), &[]));
    }
    let below = blocks[blocks.len() - 1].0.clone();
    blocks.push(node(Some(&below), &entries(&[(&key(5, 0), &record.0)])));
    blocks.reverse();
    assert_eq!(fault(&blocks, &blocks[5]), Fault::ChildAtBottom);
}

/// 20,000 nodes with a key each: the first node whose layer is not the next one ends it.
#[test]
fn a_chain_of_nodes_with_keys() {
    let record = record("x");
    let (leaf, _) = leaf(&["com.example.note/000000"]);
    let mut blocks = vec![leaf];
    for number in 1..20_000 {
        let below = blocks[blocks.len() - 1].0.clone();
        blocks.push(node(Some(&below), &entries(&[(&format!("com.example.note/{number:06}"), &record.0)])));
    }
    blocks.push(record);
    blocks.reverse();
    blocks.rotate_left(1);
    let error = import_tree(&blocks).unwrap_err();
    assert!(matches!(error, Error::Tree(mst::Error::Node { .. })), "{error}");
}
