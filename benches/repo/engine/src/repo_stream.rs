//! `repo-stream`: reads CAR files, writes nothing.

use std::path::Path;

use arobase_bench_repo_workload::engine::{Engine, Outcome};
use arobase_bench_repo_workload::inputs::CidBytes;
use repo_stream::DriverBuilder;
use tokio::runtime::{Builder, Runtime};

pub struct RepoStream;

/// More than any file here has: its way over the disk is for what is larger than memory.
const MEMORY_MB: usize = 1 << 14;

impl Engine for RepoStream {
    type Cid = ();
    type Pair = ();
    type Store = ();

    const NAME: &'static str = "repo-stream";

    fn cid(_bytes: &CidBytes) -> Outcome<()> {
        Ok(())
    }

    fn import(car: &[u8]) -> Outcome<usize> {
        runtime()?.block_on(records(car))
    }

    fn import_file(path: &Path) -> Outcome<usize> {
        let file = std::fs::File::open(path)?;
        runtime()?.block_on(async { records(tokio::io::BufReader::new(tokio::fs::File::from_std(file))).await })
    }
}

fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_current_thread().build()?)
}

async fn records(reader: impl tokio::io::AsyncRead + Unpin) -> Outcome<usize> {
    let builder = DriverBuilder::new().with_mem_limit_mb(MEMORY_MB);
    let mut car = builder.load_car(reader).await.map_err(|error| error.to_string())?;
    let mut records = 0;
    while let Some(chunk) = car.next_chunk_strict(256)? {
        records += chunk.len();
    }
    Ok(records)
}
