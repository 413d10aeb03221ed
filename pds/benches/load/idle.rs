//! Accounts that do nothing.

use std::{fs, path::Path, sync::Arc, time::Instant};

use arobase_pds::{
    Pds, Settings, SignUp,
    store::{SqliteOptions, SqliteStore},
};
use tokio::task::JoinSet;

use crate::{
    Fallible,
    process::{Folder, Server},
};

/// How many accounts are created at a time.
const AT_A_TIME: usize = 256;

/// Fills a folder with accounts by the library, and starts the program on it.
pub(crate) async fn measure(count: usize) -> Fallible<()> {
    let folder = Folder::new("idle")?;
    let file = folder.0.join("pds.sqlite");
    let begin = Instant::now();
    fill(&file, count).await?;
    let took = begin.elapsed().as_secs_f64();
    let bytes = fs::metadata(&file)?.len() as f64;
    println!(
        "{count} accounts in process: {:.0}/s; {:.0} bytes each on disk",
        count as f64 / took,
        bytes / count as f64
    );
    let server = Server::start(folder)?;
    println!("memory at rest with {count} accounts: {}", server.memory());
    Ok(())
}

async fn fill(file: &Path, count: usize) -> Fallible<()> {
    let store = SqliteStore::open(file, SqliteOptions::default())?;
    let pds = Arc::new(Pds::builder(store, Settings::new("http://localhost:2583")?).build().await?);
    let mut creating = JoinSet::new();
    for number in 0..count {
        if creating.len() >= AT_A_TIME {
            creating.join_next().await.ok_or("nothing runs")???;
        }
        let pds = Arc::clone(&pds);
        creating.spawn(async move {
            let mut wanted = SignUp::default();
            // Nobody is asked about it: neither a directory nor its host.
            wanted.vouched = true;
            wanted.did = Some(format!("did:web:a{number}.example.com").parse()?);
            pds.create_account(wanted).await?;
            Fallible::Ok(())
        });
    }
    while let Some(done) = creating.join_next().await {
        done??;
    }
    pds.close().await;
    Ok(())
}
