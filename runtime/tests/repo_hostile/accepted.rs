//! Files that have to be taken.

use super::*;

#[test]
fn repositories_of_any_size() {
    for count in [0, 1, 2, 3, 10, 100, 600] {
        let repo = Repo::with(count);
        is_whole(&repo, &import(&repo.file()).unwrap());
    }
}

#[test]
fn a_single_key_of_any_layer() {
    for layer in 0..7 {
        let repo = Repo::new([(key(layer, 0), record("alone"))]);
        is_whole(&repo, &import(&repo.file()).unwrap());
        assert_eq!(repo.nodes, 1);
    }
}

#[test]
fn levels_without_entries() {
    let repo = Repo::new([(key(0, 0), record("low")), (key(4, 0), record("high"))]);
    is_whole(&repo, &import(&repo.file()).unwrap());
    assert_eq!(repo.nodes, 5);
}

#[test]
fn a_published_repository() {
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    let note = cbor(&map([
        ("$type", "com.example.note".into()),
        ("text", "hi".into()),
        ("createdAt", "2024-01-01T00:00:00.000Z".into()),
    ]));
    let repo = Repo::new([("com.example.note/3jzfcijpj2z2a".to_owned(), note)]);
    let unsigned = "a56364696478206469643a706c633a6162636465666768696a6b6c6d6e6f707172737475767778637265766d336a7a6663696a706a327a32626464617461d82a582500017112208db8fdbf3d122a8c2c9181fedd7ed60e7926e464cd95898f81876e3cd38e23fe6470726576f66776657273696f6e03";
    let sig = "b91e8d1c4f0af04bdfe6e2ca856659f7450af26cb19fc3fe22e6e97d01c8f8f22b84a7d35321baab3e0998c1c575e8b02b707c71d5e44f304037e85cc0218621";
    let Value::Map(mut commit) = Value::from_cbor(&hex(unsigned)).unwrap() else { panic!("a map") };
    commit.insert("sig".into(), Value::Bytes(Bytes::from(hex(sig))));
    let commit = cbor(&Value::Map(commit));
    assert_eq!(commit.0.to_string(), "bafyreib6u6qr3loalnk3xfwes6kx6s3w2prxtw7s5paezq65m5gho6fghe");
    let file = file(&[&commit.0], &[vec![commit.clone()], repo.blocks[1..].to_vec()].concat());
    assert_eq!(file.len(), 518);
    let digest = data_encoding::HEXLOWER.encode(Cid::of_raw(&file).digest());
    assert_eq!(digest, "2e5dbcb702865eefb6076d0e95a24b2e9c3db450a69dfe4e8e8d939bb9ae1ded");
    is_whole(&repo, &import(&file).unwrap());
}

#[test]
fn a_commit_of_version_2() {
    let tree = node(None, &[]);
    let commit = commit_of(2, &tree.0);
    assert!(import(&file(&[&commit.0], &[commit.clone(), tree])).is_ok());
}

#[test]
fn equal_records_whose_block_is_there_once() {
    let keys = (0..300).map(|number| format!("com.example.note/{number:05}"));
    let repo = Repo::new(keys.enumerate().map(|(number, key)| (key, record(&(number / 3 % 20).to_string()))));
    let file = repo.file();
    is_whole(&repo, &by_slice(&file, ImportLimits::DEFAULT).unwrap());
    is_whole(&repo, &by_index(&file).unwrap());

    // Read as it comes, nothing of what is over is remembered: the store has it.
    assert!(matches!(by_reader(&file, ImportLimits::DEFAULT), Err(Error::MissingRecord { .. })));
    let (_, store) = car::to_blocks(&file, CarLimits::DEFAULT).unwrap();
    let mut found = Found::default();
    import::from_reader(&file[..], ImportLimits::DEFAULT, &store, &mut |item| found.take(item)).unwrap();
    is_whole(&repo, &found.sorted());
}

#[test]
fn duplicates_extras_and_several_roots() {
    let repo = Repo::with(100);
    let mut blocks = Vec::new();
    for (number, block) in repo.blocks.iter().enumerate() {
        blocks.extend([block.clone(), record(&format!("extra {number}")), block.clone()]);
    }
    blocks.extend(blocks.clone());
    let roots = [repo.root(), &repo.blocks[1].0, &repo.blocks[2].0];
    is_whole(&repo, &import(&file(&roots, &blocks)).unwrap());
}

#[test]
fn extras_that_cannot_be_verified() {
    let repo = Repo::with(20);
    let strange = CidLink::from_bytes(&[1, 0x71, 0x13, 0x04, 1, 2, 3, 4]).unwrap();
    let blocks = [vec![(strange, b"who knows".to_vec())], repo.blocks.clone()].concat();
    is_whole(&repo, &import(&file(&[repo.root()], &blocks)).unwrap());
}

#[test]
fn records_of_another_codec() {
    let digest = *Cid::of_raw(b"{}").digest();
    let json = CidLink::from_bytes(&[&[1, 0xa9, 0x02, 0x12, 0x20][..], &digest].concat()).unwrap();
    let raw = CidLink::from(Cid::of_raw(b"raw"));
    let tree = node(None, &entries(&[(&key(0, 0), &json), (&key(0, 1), &raw)]));
    let blocks = [tree, (json.clone(), b"{}".to_vec()), (raw.clone(), b"raw".to_vec())];
    let commit = commit(&blocks[0].0);
    let file = file(&[&commit.0], &[vec![commit.clone()], blocks.to_vec()].concat());
    let records = import(&file).unwrap().records;
    assert_eq!(records, [(key(0, 0), (json, b"{}".to_vec())), (key(0, 1), (raw, b"raw".to_vec()))]);
}

#[test]
fn blocks_that_the_store_has_already() {
    let repo = Repo::with(200);
    let (_, store) = car::to_blocks(&repo.file(), CarLimits::DEFAULT).unwrap();
    for parts in [1, 2, 3, 7] {
        let some: Vec<Block> = repo.blocks.iter().skip(parts - 1).step_by(parts).cloned().collect();
        let file = file(&[repo.root()], &some);
        let mut found = Found::default();
        import::from_slice(&file, ImportLimits::DEFAULT, &store, &mut |item| found.take(item)).unwrap();
        is_whole(&repo, &found.sorted());
        let mut found = Found::default();
        import::from_reader(&file[..], ImportLimits::DEFAULT, &store, &mut |item| found.take(item)).unwrap();
        is_whole(&repo, &found.sorted());
    }
}

#[test]
fn a_header_alone_as_a_file_but_not_as_a_repository() {
    let file = file(&[Repo::with(1).root()], &[]);
    assert_eq!(CarSlice::new(&file, CarLimits::DEFAULT).unwrap().blocks().count(), 0);
    assert!(matches!(refused(&file), Error::MissingCommit(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_order(
        (repo, blocks) in (0..150_usize).prop_flat_map(|count| {
            let repo = Repo::with(count);
            let blocks = repo.blocks.clone();
            (Just(repo), Just(blocks).prop_shuffle())
        })
    ) {
        is_whole(&repo, &import(&file(&[repo.root()], &blocks)).unwrap());
    }
}
