//! What the host of a handle says of it.

use std::time::Duration;

use arobase_lexicon::syntax::{Did, Handle};
use bytes::Bytes;
use http::{Method, StatusCode};

use crate::{
    client::Transport,
    identity::fetch::{Fetch, FetchError, Fetched},
};

/// The longest answer, in bytes: a DID of the greatest length, with some room around it.
const MAX_BYTES: u64 = 2048;
/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// What the host of a handle says of it.
#[derive(Clone, Debug)]
pub(super) enum FromHost {
    /// This DID, and nothing else.
    Did(Did),
    /// Something else.
    NotADid,
    /// That there is nothing; or there is no such host.
    Nothing,
    /// It will not say.
    Status(u16),
    /// It could not be asked.
    Failed(FetchError),
}

/// Asks the host, over TLS unless `is_plain`.
pub(super) async fn ask(transport: &dyn Transport, handle: &Handle, is_plain: bool, timeout: Duration) -> FromHost {
    let scheme = if is_plain { "http" } else { "https" };
    let fetch = Fetch {
        method: Method::GET,
        url: &format!("{scheme}://{handle}/.well-known/atproto-did"),
        accept: "",
        body: Bytes::new(),
        timeout,
        max_bytes: MAX_BYTES,
        redirects: REDIRECTS,
        https_only: !is_plain,
    };
    match fetch.send(transport).await {
        Ok(answer) => read(&answer),
        Err(FetchError::NoSuchHost) => FromHost::Nothing,
        Err(FetchError::TooLarge { .. }) => FromHost::NotADid,
        Err(error) => FromHost::Failed(error),
    }
}

/// The type of the body does not matter, and neither does white space around the DID.
fn read(answer: &Fetched) -> FromHost {
    match answer.status {
        status if status.is_success() => did(&answer.body).map_or(FromHost::NotADid, FromHost::Did),
        StatusCode::NOT_FOUND | StatusCode::GONE => FromHost::Nothing,
        status => FromHost::Status(status.as_u16()),
    }
}

fn did(body: &[u8]) -> Option<Did> {
    std::str::from_utf8(body.trim_ascii()).ok()?.parse().ok()
}
