//! The core of every call, typed or not: it knows the descriptor of the method and bytes, and no
//! types. [`send`] checks, sends, repeats and reads.

use std::{convert::Infallible, fmt, time::Duration};

use arobase_lexicon::schema::Shared;
use http::{HeaderMap, StatusCode};

use super::{
    Client, Error, answer,
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

/// Neither the query nor the body, which are private.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = self.query.as_ref().map(String::len).ok();
        f.debug_struct("Outgoing")
            .field("nsid", &&*self.endpoint.nsid)
            .field("query_bytes", &query)
            .field("body", &self.body.as_ref().ok())
            .field("options", &self.options)
            .finish()
    }
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
        let by_type = outgoing.options.by_type;
        let (exchange, upload) = Exchange::new(&client, outgoing, time)?;
        let work = async {
            let received = run(&client, exchange, upload, Tries::new(retry, time)).await?;
            if by_type { answer::sort(received, client.config().max_json).await } else { Ok(received) }
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_what_is_called_and_nothing_of_what_is_said() {
        let endpoint = Endpoint {
            nsid: "com.example.put".into(),
            kind: EndpointKind::Procedure,
            params: None,
            input: None,
            output: None,
            message: None,
        };
        let (query, body) = (Ok("q=secret".to_owned()), Ok(Raw::Json("{\"password\":\"secret\"}".into())));
        let outgoing = Outgoing { endpoint: Shared::Owned(endpoint.into()), query, body, options: Options::default() };
        let shown = format!("{outgoing:?}");
        assert!(shown.contains("com.example.put") && shown.contains("Json(21 bytes)"), "{shown}");
        assert!(!shown.contains("secret") && shown.contains("query_bytes: Some(8)"), "{shown}");
    }
}
