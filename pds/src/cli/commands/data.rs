//! Everything that is kept: blobs, backups, whether it is well.

use std::{path::Path, sync::Arc};

use arobase_pds::{
    Progress,
    check::{Report, check_file},
    config::Assembled,
};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::cli::{call::Arguments, command::Command, failure::Failure};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "blob audit",
        values: &[],
        options: &[],
        flags: &["deep"],
        help: "Compare the objects of blobs with the database; --deep hashes them",
        run: |server, arguments, progress| Box::pin(audit(server, arguments, progress)),
        show: show_audit,
    },
    Command {
        name: "blob gc",
        values: &[],
        options: &[],
        flags: &[],
        help: "Delete blobs that nobody refers to, as the server does by itself",
        run: |server, _, _| Box::pin(collect(server)),
        show: |value| format!("{} objects deleted\n", number(value, "deleted")),
    },
    Command {
        name: "backup",
        values: &["folder"],
        options: &[],
        flags: &["blobs"],
        help: "Back everything up into an empty folder; the bytes of blobs if wanted",
        run: |server, arguments, progress| Box::pin(backup(server, arguments, progress)),
        show: show_backup,
    },
    Command {
        name: "check",
        values: &[],
        options: &[],
        flags: &[],
        help: "Look through everything for damage",
        run: |server, _, progress| Box::pin(check(server, progress)),
        show: show_check,
    },
];

async fn audit(server: &Assembled, arguments: &Arguments, progress: &Progress) -> Result<Value, Failure> {
    let mut tell = |done| progress.tell("looking at blobs", done, None);
    let audit = server.pds.audit_blobs(arguments.has("deep"), &mut tell).await?;
    let missing: Vec<_> =
        audit.missing.iter().map(|(did, cid)| json!({ "did": did.as_str(), "cid": cid.to_string() })).collect();
    Ok(json!({
        "well": missing.is_empty(),
        "blobs": audit.blobs,
        "bytes": audit.bytes,
        "missing": missing,
        "surplus": audit.surplus,
    }))
}

fn show_audit(value: &Value) -> String {
    let mut text = String::new();
    for blob in list(value, "missing") {
        text += &format!("missing or damaged: {} of {}\n", text_of(blob, "cid"), text_of(blob, "did"));
    }
    for key in list(value, "surplus").iter().filter_map(Value::as_str) {
        text += &format!("surplus: {key}\n");
    }
    text + &format!("{} blobs, {} bytes\n", number(value, "blobs"), number(value, "bytes"))
}

async fn collect(server: &Assembled) -> Result<Value, Failure> {
    let deleted = server.pds.collect_blobs().await?;
    Ok(json!({ "deleted": deleted }))
}

async fn backup(server: &Assembled, arguments: &Arguments, progress: &Progress) -> Result<Value, Failure> {
    let folder = Path::new(arguments.required("folder")?);
    let manifest = server.backup(arguments.has("blobs")).make(folder, progress).await?;
    Ok(manifest.to_json())
}

fn show_backup(value: &Value) -> String {
    let blobs = value.get("blobs").unwrap_or(&Value::Null);
    let copied = blobs.get("copied").and_then(Value::as_bool) == Some(true);
    let (count, missing) = (number(blobs, "count"), number(blobs, "missing"));
    let what = match (copied, missing) {
        (false, _) => format!("{count} blobs in the inventory only"),
        (true, 0) => format!("{count} blobs"),
        (true, missing) => format!("{count} blobs, of which {missing} could not be found"),
    };
    format!("{} accounts up to event {}, {what}\n", number(value, "accounts"), number(value, "head"))
}

async fn check(server: &Assembled, progress: &Progress) -> Result<Value, Failure> {
    let (store, telling) = (Arc::clone(&server.store), progress.clone());
    let file = spawn_blocking(move || {
        let mut report = Report::default();
        check_file(&store, &mut report, &telling).map(|()| report)
    });
    let file = file.await.map_err(|error| Failure::failed(&error))?.map_err(|error| Failure::failed(&error))?;
    let report = server.pds.check(progress).await?;
    let faults: Vec<_> = file.faults.iter().chain(&report.faults).map(ToString::to_string).collect();
    Ok(json!({
        "well": file.is_well() && report.is_well(),
        "accounts": report.accounts,
        "records": report.records,
        "nodes": report.nodes,
        "events": report.events,
        "blobs": report.blobs,
        "faultCount": file.count + report.count,
        "faults": faults,
    }))
}

fn show_check(value: &Value) -> String {
    let faults: String =
        list(value, "faults").iter().filter_map(Value::as_str).map(|line| format!("{line}\n")).collect();
    let sums =
        ["accounts", "records", "nodes", "events", "blobs"].map(|name| format!("{} {name}", number(value, name)));
    let verdict = match number(value, "faultCount") {
        0 => "all is well".to_owned(),
        count => format!("{count} faults"),
    };
    format!("{faults}{}: {verdict}\n", sums.join(", "))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("-")
}
