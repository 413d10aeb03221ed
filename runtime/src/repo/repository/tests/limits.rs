//! How much fits in a commit.

use super::*;

/// A record of so many bytes.
fn big(text: &str, len: usize) -> Write {
    let path = path(text);
    let mut map = crate::data::Map::new();
    map.insert("$type".into(), path.collection().into());
    map.insert("text".into(), "x".repeat(len - 40).into());
    let padding = len - Value::Map(map.clone()).to_cbor().unwrap().len();
    map.insert("text".into(), "x".repeat(len - 40 + padding).into());
    let record = Value::Map(map).to_cbor().unwrap();
    assert_eq!(record.len(), len);
    Write::create(path, record)
}

fn limit(error: Error) -> (usize, usize) {
    match error {
        Error::Limit { limit, found, .. } => (limit, found),
        other => panic!("{other}"),
    }
}

#[test]
fn a_batch_has_at_most_200_writes() {
    let (mut account, _) = Account::new(&[]);
    let batch: Vec<Write> = (0..=MAX_WRITES).map(|number| create(&format!("com.example.note/{number}"), 1)).collect();
    assert_eq!(limit(failure(&mut account, &batch)), (MAX_WRITES, MAX_WRITES + 1));
    assert_eq!(account.write(&batch[1..]).ops.len(), MAX_WRITES);
}

#[test]
fn a_record_has_at_most_a_million_bytes() {
    let (mut account, _) = Account::new(&[]);
    assert_eq!(limit(failure(&mut account, &[big(NOTE, MAX_RECORD + 1)])), (MAX_RECORD, MAX_RECORD + 1));
    account.write(&[big(NOTE, MAX_RECORD)]);
}

#[test]
fn an_event_has_at_most_two_million_bytes_with_all_that_is_in_its_file() {
    let (mut account, _) = Account::new(&[]);
    let batch = |last: usize| [big(NOTE, 990_000), big("com.example.note/b", 900_000), big("com.example.note/c", last)];
    let len = |account: &Account, last| {
        let signed = account.repo.prepare(&batch(last), &account.clock, &()).unwrap().unwrap().sign(&account.key);
        signed.unwrap().1.to_car().len()
    };
    let room = MAX_EVENT - len(&account, 100_000);
    assert_eq!(len(&account, 100_000 + room), MAX_EVENT);
    assert_eq!(limit(failure(&mut account, &batch(100_001 + room))), (MAX_EVENT, MAX_EVENT + 1));
    assert_eq!(account.write(&batch(100_000 + room)).to_car().len(), MAX_EVENT);
}

#[test]
fn one_block_counts_once_in_an_event() {
    let (mut account, _) = Account::new(&[]);
    let batch = ["a", "b", "c"].map(|name| big(&format!("com.example.note/{name}"), 900_000));
    let written = account.write(&batch);
    assert_eq!((written.ops.len(), written.records.len()), (3, 1));
}
