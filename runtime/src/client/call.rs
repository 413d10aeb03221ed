use std::{fmt, marker::PhantomData};

use arobase_lexicon::{
    compile::Catalog,
    schema::{Schema, Shared},
};
use http::{HeaderMap, StatusCode};

use super::{
    Client, Error, RateLimit,
    options::Options,
    request::{self, Outgoing, Received},
};
use crate::{
    data::{self, Lenient, fields::View},
    xrpc::{BoxFuture, Endpoint, Method, Payload, RequestPart, params},
};

/// Typed code needs no catalog: its references are static.
static NO_CATALOG: Catalog = Catalog::new();

/// Something that has a client. The generated `Client` traits are there for everything that
/// implements it: the client itself, and an application's own types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no client, so it cannot call XRPC methods",
    label = "not a client",
    note = "call through `arobase::Client`, or implement `Caller` for a type that holds one"
)]
pub trait Caller {
    /// The client.
    fn client(&self) -> &Client;
}

impl Caller for Client {
    fn client(&self) -> &Client {
        self
    }
}

impl<C: Caller + ?Sized> Caller for &C {
    fn client(&self) -> &Client {
        (**self).client()
    }
}

impl<C: Caller + ?Sized> Caller for std::sync::Arc<C> {
    fn client(&self) -> &Client {
        (**self).client()
    }
}

/// A call that was not sent yet: awaiting it sends it. Its methods set what is special about it; an
/// option that cannot be makes it fail with [`Error::Request`] before anything is sent.
///
/// It owns what it needs, so that it can be spawned. Dropping its future ends it.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<E: Method> {
    client: Client,
    outgoing: Outgoing,
    method: PhantomData<fn() -> E>,
}

impl<E: Method> Call<E> {
    /// A call of a method with its body, `()` where that is part of the request.
    pub fn new(client: &Client, request: E, input: E::Input) -> Self {
        let checked = client.config().check_input;
        let (query, body) = match E::REQUEST {
            RequestPart::Input => (Ok(String::new()), request.encode(checked)),
            RequestPart::Params => (query(E::ENDPOINT, E::SCHEMA, request.view()), input.encode(checked)),
        };
        let endpoint = Shared::Static(E::ENDPOINT);
        let outgoing = Outgoing { endpoint, query, body, options: Options::default() };
        Self { client: client.clone(), outgoing, method: PhantomData }
    }

    crate::client::setters::call_setters!();

    /// Sends it, and gives the answer with its status, its headers and what did not fit.
    ///
    /// # Errors
    /// As [`Error`] lists them.
    pub async fn response(self) -> Result<Response<E::Output>, Error<E::Error>> {
        let Self { client, outgoing, .. } = self;
        match request::send(client.clone(), outgoing).await {
            Ok(received) => decode(&client, received).map_err(Error::Answer),
            Err(error) => Err(error.declared()),
        }
    }
}

impl<E: Method> IntoFuture for Call<E> {
    type Output = Result<E::Output, Error<E::Error>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.response().await?.output) })
    }
}

impl<E: Method> fmt::Debug for Call<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("nsid", &&*self.outgoing.endpoint.nsid).finish_non_exhaustive()
    }
}

fn query(endpoint: &Endpoint, schema: &Schema, view: View<'_>) -> Result<String, data::Error> {
    if endpoint.params.is_none() {
        return Ok(String::new());
    }
    params::encode(&NO_CATALOG, schema, view)
}

fn decode<T: Payload>(client: &Client, received: Received) -> Result<Response<T>, data::Error> {
    let Received { status, headers, body } = received;
    let config = client.config();
    let Lenient { value, issues } = T::decode(body, config.output, config.limits)?;
    Ok(Response { output: value, status, headers, issues })
}

/// An answer with what came beside its body.
#[non_exhaustive]
pub struct Response<T> {
    /// The body.
    pub output: T,
    /// The status, 2xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// What does not fit the schema, where answers are read leniently.
    pub issues: Vec<data::Error>,
}

impl<T> Response<T> {
    /// How often the service may be called, where it says so.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::from_headers(&self.headers)
    }
}

/// Without the headers, which may hold secrets.
impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("output", &self.output)
            .field("status", &self.status)
            .field("issues", &self.issues)
            .finish_non_exhaustive()
    }
}
