use arobase::{
    data::{Blob, Map, Value},
    repo::Swap,
    syntax::Did,
};

use super::super::{BlobContent, ObjectPlace};
use crate::{
    pds::Pds,
    repos::{Change, WriteOptions},
    store::{SqliteOptions, SqliteStore},
    testing,
};

async fn write(pds: &Pds, did: &Did, blobs: &[Blob]) -> Result<(), crate::Error> {
    let mut record = Map::new();
    record.insert("blobs".into(), Value::List(blobs.iter().cloned().map(Value::from).collect()));
    let change = Change::Put {
        collection: "com.example.note".parse().unwrap(),
        rkey: "a".parse().unwrap(),
        record: Value::Map(record),
        swap: Swap::Any,
    };
    pds.write(did, vec![change], WriteOptions::default()).await.map(drop)
}

/// From the upload to the end, over a database and a folder on disk.
#[tokio::test]
async fn a_server_keeps_blobs_as_long_as_records_refer_to_them() {
    let folder = std::env::temp_dir().join(format!("arobase-blobs-server-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let store = SqliteStore::open(&folder.join("pds.db"), SqliteOptions::default()).unwrap();
    let objects = ObjectPlace::Folder(folder.clone()).open().unwrap();
    let pds = testing::builder(store).objects(objects).build().await.unwrap();
    let alice = testing::account(&pds, "alice.test").await.did;
    let blob = pds.upload_blob(&alice, "bytes".into()).await.unwrap();
    let cid = blob.cid().as_cid().unwrap();
    let other = Blob::new(blob.cid().clone(), blob.mime_type(), 6);
    assert_eq!(write(&pds, &alice, &[other]).await.unwrap_err().name(), "InvalidSize");
    write(&pds, &alice, &[blob]).await.unwrap();
    let BlobContent::Bytes(found) = pds.read_blob(&alice, &cid, None).await.unwrap() else { panic!("it is here") };
    assert_eq!(found.body.collect(100).await.unwrap(), "bytes");
    let usage = pds.account_usage(&alice).await.unwrap();
    assert_eq!((usage.blobs, usage.blob_bytes), (1, 5));
    assert_eq!(pds.audit_blobs(true, &mut |_| ()).await.unwrap().bytes, 5);
    write(&pds, &alice, &[]).await.unwrap();
    assert_eq!(pds.collect_blobs().await.unwrap(), 1);
    assert_eq!(pds.read_blob(&alice, &cid, None).await.unwrap_err().name(), "BlobNotFound");
    pds.close().await;
    std::fs::remove_dir_all(folder).unwrap();
}
