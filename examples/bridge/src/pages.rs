//! What this program serves: pages of its own, and the server beside them.

use arobase_pds::{Error, Pds};
use axum::{Router, extract::State, http::StatusCode, routing::get};

/// The most accounts on the page.
const MOST: usize = 1_000;

/// The page of authors, and everything that a PDS is asked for.
pub(crate) fn router(pds: &Pds) -> Router {
    let ours = Router::new().route("/", get(authors)).with_state(pds.clone());
    pds.observe(ours.merge(pds.well_known()).merge(pds.xrpc().into_axum()))
}

async fn authors(State(pds): State<Pds>) -> Result<String, StatusCode> {
    let read = pds.database().read::<_, Error, _>(|view| Ok(view.accounts(None, MOST)?));
    let accounts = read.await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let line = |account: arobase_pds::store::Account| {
        let handle = account.handle.map(|handle| handle.to_string()).unwrap_or_default();
        format!("{handle} {}\n", account.did)
    };
    Ok(accounts.into_iter().map(line).collect())
}
