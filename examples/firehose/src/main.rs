//! Follows a host, and believes nothing that it cannot verify:
//!
//! ```text
//! cargo run -p firehose -- https://pds.example.com https://plc.example.com [CURSOR]
//! ```
//!
//! It prints a line for each event. Repositories that it does not know yet it fetches and verifies whole; from then on
//! every commit has to follow from the one before.
#![allow(clippy::print_stdout)]

mod repositories;

use std::{env, error::Error, sync::Arc};

use arobase::{
    Client,
    identity::{AddressPolicy, Resolver, SystemDns},
    sync::{Consumer, Follower, MemoryStates, Outcome, Source},
};
use repositories::Fetch;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(host), Some(plc)) = (arguments.next(), arguments.next()) else {
        return Err("usage: firehose HOST PLC-DIRECTORY [CURSOR]".into());
    };
    let cursor = arguments.next().map(|cursor| cursor.parse()).transpose()?;
    let client = Client::new(&host)?;
    let source = Source::Pds(authority(&host).ok_or("the host is no URL")?.into());
    let consumer = Consumer::new(source, Arc::new(resolver(&plc)?), Arc::new(MemoryStates::new()));
    let repositories = Arc::new(Fetch::new(client.clone()));
    let mut outcomes = Follower::new(&client, Arc::new(consumer), repositories.clone()).cursor(cursor).follow().await?;
    while let Some(followed) = outcomes.next().await {
        let followed = followed?;
        let seq = followed.seq.map_or_else(|| "-".to_owned(), |seq| seq.to_string());
        match &followed.outcome {
            Ok(outcome) => println!("{seq:>8} {}", line(outcome, &repositories)),
            Err(error) => println!("{seq:>8} {error}"),
        }
    }
    Ok(())
}

/// Knows identities by this directory. One without TLS is that of a local network, of which everything may be reached.
fn resolver(plc: &str) -> Result<Resolver, Box<dyn Error>> {
    if plc.starts_with("http://") {
        return Ok(Resolver::development(plc)?);
    }
    let public = Resolver::native(Arc::new(SystemDns::new()?), AddressPolicy::Public)?;
    Ok(public.plc_url(plc).build()?)
}

/// The host of a URL, with its port.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split('/').next().filter(|host| !host.is_empty())
}

/// What to say of an outcome.
fn line(outcome: &Outcome, repositories: &Fetch) -> String {
    match outcome {
        Outcome::Commit(verified) => {
            let ops = verified.ops().iter().map(|op| match (&op.prev, &op.cid) {
                (None, _) => format!(" +{}", op.path),
                (Some(_), Some(_)) => format!(" ~{}", op.path),
                (Some(_), None) => format!(" -{}", op.path),
            });
            format!("verified {} {}{}", verified.commit().did(), verified.commit().rev(), ops.collect::<String>())
        }
        Outcome::Fetched { did, head } => {
            format!("fetched and verified {did} {}: {} records", head.rev, repositories.done(did))
        }
        Outcome::Resync { did, gap, .. } => format!("fetching {did}: {gap}"),
        Outcome::Rejected { did, reason } => format!("not believed, {did}: {reason}"),
        Outcome::Identity(event) => format!("identity {}", event.did),
        Outcome::Account(event) => {
            format!("account {} {}", event.did, if event.active { "active" } else { "inactive" })
        }
        other => format!("{other:?}"),
    }
}
