//! What tests of backups need.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use arobase_plc::{Directory, DirectoryTransport};

use crate::{
    blobs::ObjectPlace,
    pds::Pds,
    store::{SqliteOptions, SqliteStore},
    testing,
};

/// A folder that goes when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("arobase-pds-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A server over files in a folder, which outlives it; the directory outlives both.
pub(crate) struct Server {
    pub(crate) pds: Pds,
    pub(crate) store: Arc<SqliteStore>,
}

impl Server {
    pub(crate) async fn open(data: &Path, directory: &Directory) -> Self {
        fs::create_dir_all(data).unwrap();
        let options = SqliteOptions { durable: false, ..SqliteOptions::default() };
        let store = Arc::new(SqliteStore::open(&data.join("pds.sqlite"), options).unwrap());
        let plc = Arc::new(DirectoryTransport::new(directory));
        let client = arobase::identity::plc::PlcClient::new("http://plc.test", plc).unwrap();
        let objects = ObjectPlace::Folder(data.to_owned()).open().unwrap();
        let builder = testing::builder(Arc::clone(&store)).plc(client).objects(objects);
        Self { pds: builder.build().await.unwrap(), store }
    }

    pub(crate) async fn close(self) {
        self.pds.close().await;
    }
}

pub(crate) fn directory() -> Directory {
    Directory::new(arobase_plc::MemoryStore::new()).unwrap()
}
