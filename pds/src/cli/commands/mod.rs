//! The commands.

pub(crate) mod account;
pub(crate) mod data;
pub(crate) mod repo;

use arobase::syntax::AtIdentifier;
use arobase_pds::{config::Assembled, store::Account};

use super::{call::Arguments, failure::Failure};

/// The account that a command is about.
pub(super) async fn account(server: &Assembled, arguments: &Arguments) -> Result<Account, Failure> {
    let text = arguments.required("who")?;
    let who: AtIdentifier = text.parse().map_err(|error| Failure::Usage(format!("{text}: {error}")))?;
    let found = server.pds.account(&who).await?;
    found.ok_or_else(|| Failure::Failed(format!("there is no account {who}")))
}
