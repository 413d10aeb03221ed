use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What becomes of a note: its number, and its text, if it stays.
type Step = (u8, Option<u8>);

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = (0..60_u8, prop::option::weighted(0.7, 0..4_u8));
    prop::collection::vec(prop::collection::vec(step, 0..12), 1..20)
}

/// Every third note is in another collection.
fn change((number, text): Step) -> Change {
    let collection = nsid(if number % 3 == 0 { "com.example.other" } else { NOTE });
    let key = rkey(&format!("n{number}"));
    match text {
        Some(text) => Change::put(collection, key, note(&text.to_string())),
        None => Change::delete(collection, key),
    }
}

fn block(step: Step) -> Option<Vec<u8>> {
    let Change::Put { collection, mut record, .. } = change(step) else { return None };
    if let Value::Map(map) = &mut record {
        map.insert("$type".to_owned(), collection.as_str().into());
    }
    Some(record.to_cbor().unwrap())
}

fn run(batches: Vec<Vec<Step>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (pds, alice) = with_alice().await;
        let mut model: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for batch in batches {
            let batch: BTreeMap<u8, Option<u8>> = batch.into_iter().collect();
            write(&pds, &alice, batch.clone().into_iter().map(change).collect()).await;
            for step in batch {
                let change = change(step);
                let path = format!("{}/{}", change.collection(), change.rkey().unwrap());
                match block(step) {
                    Some(block) => drop(model.insert(path, block)),
                    None => drop(model.remove(&path)),
                }
            }
        }
        let found = content(&pds, &alice).await.records;
        assert!(
            found.iter().map(|(path, block)| (path, &**block)).eq(model.iter().map(|(path, block)| (path, &**block)))
        );
        follow(&pds, &alice).await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_repository_holds_what_was_written_whatever_that_was(batches in steps()) {
        run(batches);
    }
}
