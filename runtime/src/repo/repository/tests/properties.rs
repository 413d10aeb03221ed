//! Random batches.

use proptest::prelude::*;

use super::*;
use crate::repo::mst::{Inverse, invert, model};

/// What a receiver makes of an event: the root before.
fn inverted(written: &Written, blocks: &MemoryBlocks) -> Result<Cid, mst::Error> {
    let inverse = |op: &RepoOp| (op.prev.clone(), op.cid.clone());
    let ops: Vec<Inverse<'_>> = (written.ops.iter())
        .map(|op| (op.path.as_key(), inverse(op)))
        .map(|(key, (before, after))| Inverse { key, before, after })
        .collect();
    invert(written.commit.data(), &ops, blocks)
}

/// The blocks of the event are enough to undo it, and without any node that is needed it fails.
fn check_event(written: &Written) {
    let prev_data = written.prev_data.unwrap_or(Tree::empty_root());
    let blocks = memory(written.blocks());
    assert_eq!(inverted(written, &blocks).unwrap(), prev_data);
    for op in &written.ops {
        let record = op.cid.as_ref().and_then(CidLink::as_cid);
        assert!(record.is_none_or(|cid| blocks.block(&cid).is_some()));
    }
    for node in &written.proof {
        let mut without = blocks.clone();
        without.remove(&node.cid);
        match inverted(written, &without) {
            // The root may become a node of which nothing has to be known but its CID.
            Ok(root) => assert!(root == prev_data || root == node.cid),
            Err(error) => assert!(matches!(error, mst::Error::Missing(cid) if cid == node.cid), "{error}"),
        }
    }
    let mut without = blocks.clone();
    without.remove(&written.commit.data());
    let needed = !written.ops.is_empty();
    assert_eq!(matches!(inverted(written, &without), Err(mst::Error::Missing(_))), needed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batches_do_what_a_map_does(batches in batches(12), fresh in any::<bool>()) {
        let (mut account, first) = Account::new(&[]);
        let mut expected = Content::new();
        let mut last = first.commit;
        for changes in batches {
            let batch = writes(&expected, &changes);
            let before = expected.clone();
            change(&mut expected, &batch);
            let written = account.try_write(&batch).unwrap();
            prop_assert_eq!(written.is_some(), before != expected);
            prop_assert_eq!(account.content(), expected.clone());
            let content = expected.iter().map(|(path, cid)| (path.as_key().to_vec(), (*cid).into())).collect();
            prop_assert_eq!(account.repo.tree().root(), model::build(&content).0);
            let Some(written) = written else { continue };
            prop_assert!(written.commit.rev() > last.rev());
            prop_assert_eq!(written.since.as_ref(), Some(last.rev()));
            prop_assert_eq!(written.prev_data, Some(last.data()));
            written.commit.verify(&account.key.public_key()).unwrap();
            prop_assert!(written.ops.is_sorted_by(|a, b| a.path < b.path));
            for op in &written.ops {
                let cid = |content: &Content| content.get(&op.path).map(|cid| CidLink::from(*cid));
                prop_assert_eq!((&op.prev, &op.cid), (&cid(&before), &cid(&expected)));
                prop_assert_ne!(&op.prev, &op.cid);
            }
            check_event(&written);
            last = written.commit;
            if fresh {
                account.repo = account.store.repo().unwrap();
            }
        }
    }

    #[test]
    fn a_snapshot_stays_as_it_was(batches in batches(6)) {
        let (mut account, _) = Account::new(&[create(NOTE, 1)]);
        let (snapshot, store) = (account.repo.clone(), account.store.clone());
        let before = account.content();
        let mut now = before.clone();
        for changes in batches {
            let batch = writes(&now, &changes);
            change(&mut now, &batch);
            account.try_write(&batch).unwrap();
            prop_assert_eq!(&content(&snapshot, &store), &before);
        }
    }
}
