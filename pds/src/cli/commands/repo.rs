//! Repositories.

use std::path::Path;

use arobase_pds::config::Assembled;
use serde_json::{Value, json};

use super::account;
use crate::cli::{call::Arguments, command::Command, failure::Failure};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "repo export",
        values: &["who", "file"],
        options: &[],
        flags: &[],
        help: "Write a repository into a new CAR file",
        run: |server, arguments, _| Box::pin(export(server, arguments)),
        show: |value| format!("{} bytes\n", value.get("bytes").unwrap_or(&Value::Null)),
    },
    Command {
        name: "repo import",
        values: &["who", "file"],
        options: &[],
        flags: &[],
        help: "Replace a repository by that of a CAR file",
        run: |server, arguments, _| Box::pin(import(server, arguments)),
        show: |value| format!("at {}\n", value.get("rev").and_then(Value::as_str).unwrap_or("-")),
    },
];

async fn export(server: &Assembled, arguments: &Arguments) -> Result<Value, Failure> {
    let account = account(server, arguments).await?;
    let bytes = server.pds.export_repo(&account.did, Path::new(arguments.required("file")?)).await?;
    Ok(json!({ "did": account.did.as_str(), "bytes": bytes }))
}

async fn import(server: &Assembled, arguments: &Arguments) -> Result<Value, Failure> {
    let account = account(server, arguments).await?;
    server.pds.import_repo_file(&account.did, Path::new(arguments.required("file")?)).await?;
    let id = account.id;
    let read = server.pds.database().read::<_, arobase_pds::Error, _>(move |view| Ok(view.commit(id)?));
    let rev = read.await?.map(|commit| commit.rev().as_str().to_owned());
    Ok(json!({ "did": account.did.as_str(), "rev": rev }))
}
