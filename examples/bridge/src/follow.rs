//! The events of the server, without a socket.

use arobase::sync::Event;
use arobase_pds::{Error, Pds, store::Logged};
use futures_util::StreamExt;

/// Prints what relays are told, from now on.
pub(crate) fn print_events(pds: &Pds) -> Result<(), Error> {
    let mut events = pds.firehose().events(None)?;
    tokio::spawn(async move {
        while let Some(Ok(logged)) = events.next().await {
            println!("event {}: {}", logged.seq, told(&logged));
        }
    });
    Ok(())
}

fn told(logged: &Logged) -> String {
    match logged.message().map(|message| message.event) {
        Ok(Event::Commit(commit)) => format!("a commit of {}", commit.did),
        Ok(Event::Sync(sync)) => format!("{} is at {}", sync.did, sync.rev),
        Ok(Event::Account(account)) => format!("{} is {}", account.did, if account.active { "active" } else { "off" }),
        Ok(Event::Identity(identity)) => format!("the identity of {} is new", identity.did),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("it cannot be read: {error}"),
    }
}
