//! How fast whole repositories go out, beside what memory and the file system do with the same bytes:
//! `cargo bench -p arobase-pds --bench export`. Without `--bench`, as tests run it, repositories are small.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

mod support;

use std::{env, fs, hint::black_box, net::SocketAddr, path::Path, process, time::Duration};

use arobase::syntax::Did;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use support::{Failure, Stopwatch, account, full_or_few, start};

/// How many records a repository has.
const RECORDS: usize = 10_000;
/// How many milliseconds each case takes.
const TIME: usize = 3_000;

fn main() -> Result<(), Failure> {
    let folder = env::temp_dir().join(format!("arobase-bench-export-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let result = tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(&folder));
    fs::remove_dir_all(&folder)?;
    result
}

async fn measure(folder: &Path) -> Result<(), Failure> {
    let (pds, address) = start(folder).await?;
    let (records, time) = (full_or_few(RECORDS), Duration::from_millis(full_or_few(TIME) as u64));
    for bytes in [300, 1_000, 3_000] {
        let did = account(&pds, &format!("a{bytes}"), records, bytes).await?;
        let file = get(address, &did).await?;
        println!("{records} records of about {bytes} bytes: {:.1} MB", megabytes(file.len()));
        let path = folder.join("bound");
        fs::write(&path, &file)?;
        report("copied in memory", file.len(), time, || Ok(black_box(file.clone()).len()))?;
        report("read from a file", file.len(), time, || Ok(black_box(fs::read(&path)?).len()))?;
        let watch = Stopwatch::start();
        let mut times = 0;
        while times == 0 || watch.elapsed() < time {
            black_box(get(address, &did).await?);
            times += 1;
        }
        watch.print("getRepo over HTTP, with its client", megabytes(file.len() * times), "MB");
    }
    Ok(())
}

fn report(
    what: &str,
    bytes: usize,
    time: Duration,
    mut work: impl FnMut() -> Result<usize, Failure>,
) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let mut times = 0;
    while times == 0 || watch.elapsed() < time {
        work()?;
        times += 1;
    }
    watch.print(what, megabytes(bytes * times), "MB");
    Ok(())
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The answer as it comes over the wire.
async fn get(address: SocketAddr, did: &Did) -> Result<Vec<u8>, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /xrpc/com.atproto.sync.getRepo?did={did} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1 << 20);
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}
