//! Accounts.

use std::{fmt::Write, sync::Arc};

use arobase::{
    crypto::SigningKey,
    syntax::{Datetime, Handle},
};
use arobase_pds::{
    Error, Password, SignUp,
    config::Assembled,
    store::{Account, AccountId, State, View},
};
use serde_json::{Value, json};

use super::account;
use crate::cli::{call::Arguments, command::Command, failure::Failure};

/// How many accounts are read at a time.
const PAGE: usize = 500;
/// Bytes of chance in a password that is made.
const CHANCE: usize = 15;

const fn change(name: &'static str, help: &'static str, run: crate::cli::command::Run) -> Command {
    Command { name, values: &["who"], options: &[], flags: &[], help, run, show: said }
}

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "account create",
        values: &["handle"],
        options: &["email", "password-file", "did", "key-file", "recovery-key"],
        flags: &["no-password", "deactivated"],
        help: "Create an account; its password is made unless it is given",
        run: |server, arguments, _| Box::pin(create(server, arguments)),
        show: show_created,
    },
    Command {
        name: "account list",
        values: &[],
        options: &[],
        flags: &[],
        help: "List all accounts",
        run: |server, _, _| Box::pin(list(server)),
        show: show_list,
    },
    Command {
        help: "Tell of an account",
        show: show_info,
        ..change("account info", "", |server, arguments, _| Box::pin(info(server, arguments)))
    },
    change("account activate", "Switch an account on", |server, arguments, _| {
        Box::pin(async {
            let account = account(server, arguments).await?;
            server.pds.activate(&account.did).await?;
            state(server, &account).await
        })
    }),
    change("account deactivate", "Switch an account off, as its owner can", |server, arguments, _| {
        Box::pin(async {
            let account = account(server, arguments).await?;
            server.pds.deactivate(&account.did, None).await?;
            state(server, &account).await
        })
    }),
    change("account suspend", "Switch an account off, for a time", |server, arguments, _| {
        Box::pin(async {
            let account = account(server, arguments).await?;
            server.pds.set_suspended(&account.did, true).await?;
            state(server, &account).await
        })
    }),
    Command {
        options: &["reason"],
        ..change("account takedown", "Take an account down", |server, arguments, _| {
            Box::pin(async {
                let account = account(server, arguments).await?;
                let reason = arguments.text("reason").unwrap_or("operator");
                server.pds.set_takedown(&account.did, Some(reason)).await?;
                state(server, &account).await
            })
        })
    },
    change("account restore", "Undo a suspension and a takedown", |server, arguments, _| {
        Box::pin(async {
            let account = account(server, arguments).await?;
            server.pds.set_suspended(&account.did, false).await?;
            server.pds.set_takedown(&account.did, None).await?;
            state(server, &account).await
        })
    }),
    Command {
        flags: &["yes"],
        ..change("account delete", "Delete an account with all that it has here", |server, arguments, _| {
            Box::pin(delete(server, arguments))
        })
    },
];

async fn create(server: &Assembled, arguments: &Arguments) -> Result<Value, Failure> {
    let mut wanted = SignUp::default();
    wanted.handle = arguments.parsed("handle")?;
    wanted.email = arguments.text("email").map(Into::into);
    wanted.did = arguments.parsed("did")?;
    wanted.recovery_key = arguments.text("recovery-key").map(Into::into);
    wanted.deactivated = arguments.has("deactivated");
    if let Some(key) = arguments.text("key") {
        // What is wrong with it is not shown, since it may show the key.
        let key = SigningKey::from_multikey(key).map_err(|_| Failure::Usage("the key is not a multikey".into()))?;
        wanted.key = Some(Arc::new(key));
    }
    let made = match (arguments.text("password"), arguments.has("no-password")) {
        (Some(_), true) => return Err(Failure::Usage("--password-file and --no-password exclude each other".into())),
        (None, false) => Some(new_password()?),
        _ => None,
    };
    let password = made.as_deref().or(arguments.text("password"));
    wanted.password = password.map(Password::new);
    let account = server.pds.create_account(wanted).await?;
    Ok(json!({ "did": account.did.as_str(), "handle": handle(&account), "password": made }))
}

fn new_password() -> Result<String, Failure> {
    let mut chance = [0; CHANCE];
    getrandom::fill(&mut chance).map_err(|error| Failure::failed(&error))?;
    Ok(data_encoding::BASE32_NOPAD.encode(&chance).to_ascii_lowercase())
}

fn show_created(value: &Value) -> String {
    let mut text = format!("{}  {}\n", word(value, "did"), word(value, "handle"));
    if let Some(password) = value.get("password").and_then(Value::as_str) {
        text += &format!("password: {password}\n");
    }
    text
}

async fn list(server: &Assembled) -> Result<Value, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = server.pds.database().read(move |view| page(view, after)).await?;
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(json!({ "accounts": all })),
        }
        all.extend(page.iter().map(brief));
    }
}

fn page(view: &dyn View, after: Option<AccountId>) -> Result<Vec<Account>, Error> {
    Ok(view.accounts(after, PAGE)?)
}

fn brief(account: &Account) -> Value {
    json!({
        "did": account.did.as_str(),
        "handle": handle(account),
        "email": account.email,
        "state": state_name(account.state()),
        "createdAt": time(account.created_at),
    })
}

fn show_list(value: &Value) -> String {
    let mut text = String::new();
    for account in value.get("accounts").and_then(Value::as_array).into_iter().flatten() {
        let (did, handle, state) = (word(account, "did"), word(account, "handle"), word(account, "state"));
        let written = writeln!(text, "{did:<32}  {state:<11}  {handle}");
        debug_assert!(written.is_ok(), "writing into a text does not fail");
    }
    text
}

async fn info(server: &Assembled, arguments: &Arguments) -> Result<Value, Failure> {
    let account = account(server, arguments).await?;
    let id = account.id;
    let (usage, commit) =
        server.pds.database().read::<_, Error, _>(move |view| Ok((view.usage(id)?, view.commit(id)?))).await?;
    let mut info = brief(&account);
    if let Some(map) = info.as_object_mut() {
        map.insert("rev".into(), json!(commit.as_ref().map(|commit| commit.rev().as_str())));
        map.insert("commit".into(), json!(commit.as_ref().map(|commit| commit.cid().to_string())));
        map.insert("hasPassword".into(), json!(account.password.is_some()));
        map.insert("takedown".into(), json!(account.takedown));
        map.insert("deleteAfter".into(), json!(account.delete_after.and_then(time)));
        map.insert("records".into(), json!(usage.records));
        map.insert("repositoryBytes".into(), json!(usage.record_bytes + usage.node_bytes));
        map.insert("blobs".into(), json!(usage.blobs));
        map.insert("blobBytes".into(), json!(usage.blob_bytes));
    }
    Ok(info)
}

fn show_info(value: &Value) -> String {
    let mut text = String::new();
    for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text += &format!("{name:<16} {value}\n");
    }
    text
}

async fn delete(server: &Assembled, arguments: &Arguments) -> Result<Value, Failure> {
    let account = account(server, arguments).await?;
    if !arguments.has("yes") {
        let what = format!("say --yes to delete {} with everything that it has here", account.did);
        return Err(Failure::Usage(what));
    }
    server.pds.delete_account(&account.did).await?;
    Ok(json!({ "did": account.did.as_str(), "state": "deleted" }))
}

/// What became of it.
async fn state(server: &Assembled, account: &Account) -> Result<Value, Failure> {
    let now = server.pds.account(&account.did.clone().into()).await?;
    let state = now.map_or("deleted", |account| state_name(account.state()));
    Ok(json!({ "did": account.did.as_str(), "state": state }))
}

fn said(value: &Value) -> String {
    format!("{}  {}\n", word(value, "did"), word(value, "state"))
}

fn time(micros: i64) -> Option<String> {
    Datetime::from_unix_micros(micros).map(|time| time.to_string())
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Deactivated => "deactivated",
        State::Suspended => "suspended",
        State::Takendown => "takendown",
    }
}

fn handle(account: &Account) -> Option<&str> {
    account.handle.as_ref().map(Handle::as_str)
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("-")
}
