//! The core of every call, typed or not: it knows the descriptor of the method and bytes, and no
//! types. [`send`] checks, sends, repeats and reads.

use std::{convert::Infallible, time::Duration};

use arobase_lexicon::schema::Shared;
use http::{HeaderMap, StatusCode};

use super::{
    Client, Error,
    deadline::within,
    exchange::Exchange,
    options::Options,
    retry::{Retry, Tries},
    upload::Upload,
};
use crate::{
    data,
    xrpc::{BoxFuture, Endpoint, EndpointKind, Raw},
};

/// An error of the core, which knows no declared errors.
pub(crate) type Failed = Error<Infallible>;

/// A call that was not sent yet.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The method.
    pub(crate) endpoint: Shared<Endpoint>,
    /// The query string, without `?`.
    pub(crate) query: Result<String, data::Error>,
    /// The body.
    pub(crate) body: Result<Raw, data::Error>,
    /// What is special about the call.
    pub(crate) options: Options,
}

/// An answer with a status of 2xx.
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Its form is that of the method's output: JSON was read to its end, a stream was not.
    pub(crate) body: Raw,
}

/// Sends a call and reads its answer. Dropping the future ends the call.
pub(crate) fn send(client: Client, outgoing: Outgoing) -> BoxFuture<'static, Result<Received, Failed>> {
    Box::pin(async move {
        let time = time(&client, &outgoing);
        let retry = retry(&client, &outgoing);
        let (exchange, upload) = Exchange::new(&client, outgoing)?;
        let work = run(&client, exchange, upload, Tries::new(retry, time));
        within(client.transport(), time, work).await
    })
}

/// Sends a call until there is an answer, or an error that is not worth another attempt.
async fn run(
    client: &Client,
    mut exchange: Exchange<'_>,
    mut upload: Upload,
    mut tries: Tries,
) -> Result<Received, Failed> {
    loop {
        let error = match exchange.attempt(upload.take()).await {
            Ok(received) => return Ok(received),
            Err(error) => error,
        };
        // Also where the call cannot be repeated: the next one needs a good token as well.
        let recovered = exchange.recover(&error).await;
        if !upload.is_there() {
            return Err(error);
        }
        if recovered {
            continue;
        }
        let Some(wait) = tries.after(&error) else { return Err(error) };
        client.transport().sleep(wait).await;
    }
}

/// How long a call may take. Uploads have no limit unless somebody sets one: it would have to
/// depend on their size.
fn time(client: &Client, outgoing: &Outgoing) -> Duration {
    let default = match &outgoing.body {
        Ok(Raw::Stream(_)) => Duration::MAX,
        _ => super::config::TIMEOUT,
    };
    outgoing.options.timeout.or(client.config().timeout).unwrap_or(default)
}

fn retry(client: &Client, Outgoing { endpoint, options, .. }: &Outgoing) -> Retry {
    let may_repeat = endpoint.kind == EndpointKind::Query || options.idempotent;
    if may_repeat && !options.no_retry { client.config().retries.clone() } else { Retry::never() }
}
