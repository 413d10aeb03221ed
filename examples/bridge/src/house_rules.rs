//! A word in what is written, and an ear for what was.

use arobase::xrpc::BoxFuture;
use arobase_pds::{Change, Committed, Error, Hooks, Proposal};

/// Only posts are carried over, whoever wants to write something else.
pub(crate) struct HouseRules;

impl Hooks for HouseRules {
    fn before_write<'a>(&'a self, proposal: &'a Proposal) -> BoxFuture<'a, Result<(), Error>> {
        let is_fine = |change: &Change| match change {
            Change::Create { collection, .. } | Change::Put { collection, .. } => {
                collection.as_str() == "app.bsky.feed.post"
            }
            _ => true,
        };
        let verdict = match proposal.changes.iter().all(is_fine) {
            true => Ok(()),
            false => Err(Error::invalid_request("this server has posts only")),
        };
        Box::pin(std::future::ready(verdict))
    }

    fn after_commit(&self, committed: &Committed) {
        println!("{} is at {}: {} operations", committed.did, committed.rev, committed.ops.len());
    }
}
