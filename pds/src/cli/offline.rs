//! Doing a command: by the server that runs, or where none does, here.

use arobase_pds::{Config, config::AssemblyError};
use serde_json::Value;

use super::{call::Call, command, failure::Failure, log, progress};

/// Does a command; its result.
pub(crate) fn ask(config: &Config, call: &Call) -> Result<Value, Failure> {
    #[cfg(unix)]
    if let Some(answer) = super::socket::ask(&config.data, call) {
        return answer;
    }
    log::install(&log::quiet());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(here(config, call))
}

async fn here(config: &Config, call: &Call) -> Result<Value, Failure> {
    let command = command::find(&call.command).ok_or_else(|| Failure::Usage("there is no such command".into()))?;
    // A folder that is not there must not come into being because somebody mistyped its name.
    if !config.database_file().exists() && !config.data.exists() && call.command != "account create" {
        return Err(Failure::Failed(format!("{}: there is no such data folder", config.data.display())));
    }
    let server = config.assemble(config.listen.port()).await.map_err(|error| match error {
        AssemblyError::InUse => Failure::Failed(format!("{}: {error}, which does not answer", config.data.display())),
        error => error.into(),
    })?;
    let result = (command.run)(&server, &call.arguments, &progress::shown()).await;
    server.close().await;
    result
}
