use std::fmt;

use crate::{
    Catalog,
    client::{
        Client, Error, Response,
        request::{self, Outgoing, Received},
    },
    data::{self, Lenient},
    xrpc::{BoxFuture, Content, Endpoint},
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

    crate::client::setters::call_setters!();

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
