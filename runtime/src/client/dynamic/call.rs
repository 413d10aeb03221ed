use std::{fmt, time::Duration};

use crate::{
    Catalog,
    client::{
        Client, ConfigError, Error, Response,
        options::parse_header,
        request::{self, Outgoing, Received},
        service::{labelers_header, proxy_header},
    },
    data::{self, Lenient},
    xrpc::{BoxFuture, Content, Endpoint, Labeler, ServiceRef},
};

/// A call of a method that is known only at run time; as [`client::Call`](crate::client::Call).
#[must_use = "a call is sent when it is awaited"]
pub struct Call {
    client: Client,
    catalog: Catalog,
    outgoing: Outgoing,
}

impl Call {
    /// `known` says whether the catalog knows the method.
    pub(super) fn new(client: Client, catalog: Catalog, mut outgoing: Outgoing, known: bool) -> Self {
        if !known {
            outgoing.options.by_type();
        }
        Self { client, catalog, outgoing }
    }

    /// Has the service pass the call on to another one (XRPC, proxying):
    /// `did:web:api.bsky.app#bsky_appview`.
    pub fn proxy<S>(mut self, service: S) -> Self
    where
        S: TryInto<ServiceRef>,
        ConfigError: From<S::Error>,
    {
        self.outgoing.options.proxy(proxy_header(service));
        self
    }

    /// Sets a header, in place of the client's own of that name. `Content-Type` is for the body to
    /// say. A call with an `Authorization` header of its own has nothing to do with the session.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.outgoing.options.header(parse_header(name.as_ref(), value.as_ref()));
        self
    }

    /// Asks for the labels of these labelers, in place of the client's; of none at all, if there
    /// are none.
    pub fn labelers<L: Into<Labeler>>(mut self, labelers: impl IntoIterator<Item = L>) -> Self {
        self.outgoing.options.labelers(labelers_header(labelers));
        self
    }

    /// How long it may take; see [`Client::with_timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.outgoing.options.timeout(timeout);
        self
    }

    /// Says that a procedure may be repeated when the service cannot answer just now; queries always
    /// may.
    pub fn idempotent(mut self) -> Self {
        self.outgoing.options.idempotent();
        self
    }

    /// Says that it is not to be repeated when the service cannot answer just now. It is still sent
    /// once more when a token had to be refreshed.
    pub fn no_retry(mut self) -> Self {
        self.outgoing.options.no_retry();
        self
    }

    /// Sends it, and gives the answer with its status, its headers and what did not fit. Defaults
    /// are filled in, unless the client reads strictly.
    ///
    /// # Errors
    /// As [`Error`] lists them. Errors that the method declares are [`Error::Xrpc`] too, and known
    /// by their name.
    pub fn response(self) -> BoxFuture<'static, Result<Response<Content>, Error>> {
        let Self { client, catalog, outgoing } = self;
        Box::pin(async move {
            let endpoint = outgoing.endpoint.clone();
            let received = request::send(client.clone(), outgoing).await?;
            decode(&client, &catalog, &endpoint, received).map_err(Error::Answer)
        })
    }
}

impl IntoFuture for Call {
    type Output = Result<Content, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let response = self.response();
        Box::pin(async move { Ok(response.await?.output) })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("nsid", &&*self.outgoing.endpoint.nsid).finish_non_exhaustive()
    }
}

fn decode(
    client: &Client,
    catalog: &Catalog,
    endpoint: &Endpoint,
    received: Received,
) -> Result<Response<Content>, data::Error> {
    let Received { status, headers, body } = received;
    let config = client.config();
    let Lenient { value, issues } =
        Content::read(body, catalog, endpoint.output.as_ref(), config.output, config.limits)?;
    Ok(Response { output: value, status, headers, issues })
}
