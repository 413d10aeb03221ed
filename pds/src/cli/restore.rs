//! Making a data folder of a backup.

use arobase_pds::Config;

use super::{args, failure::Failure, log, progress, say};

/// Restores a backup, and gives all repositories their fresh commits.
pub(crate) fn run(config: &Config, what: &args::Restore) -> Result<(), Failure> {
    log::install(&log::quiet());
    let config = match &what.into {
        Some(folder) => config.clone().in_folder(folder),
        None => config.clone(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(restore(&config, what))
}

async fn restore(config: &Config, what: &args::Restore) -> Result<(), Failure> {
    let progress = progress::shown();
    let restored = config.restore(&what.backup)?.restore(&config.data, &progress).await?;
    let server = config.assemble(config.listen.port()).await?;
    let finished = server.pds.finish_restoration(&progress).await;
    server.close().await;
    finished?;
    drop(progress);
    let manifest = &restored.manifest;
    say(&format!("{} accounts; events go on behind {}\n", manifest.accounts, restored.seq))?;
    if restored.missing > 0 {
        say(&format!(
            "{} blobs were not in the backup; `arobase-pds check` tells which are missing\n",
            restored.missing
        ))?;
    }
    Ok(())
}
