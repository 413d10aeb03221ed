//! Methods that are known only at run time: parameters, input, output and messages are untyped
//! data, checked against a [`Catalog`].

mod call;
mod params;
mod subscribe;

use std::sync::Arc;

use arobase_lexicon::{
    schema::{BodySchema, Endpoint, EndpointKind, Shared},
    syntax::Nsid,
};

pub use self::{
    call::Call,
    params::Params,
    subscribe::{Messages, RawMessages, Subscribe},
};
use super::{Client, options::Options, request::Outgoing};
use crate::{
    Catalog,
    catalog::not_a,
    data::{Error, Map, validate::Extent},
    xrpc::{Content, params::UnknownParams},
};

/// A client that calls methods by their NSIDs, as the lexicons of a catalog describe them.
///
/// ```no_run
/// # async fn example(client: arobase_runtime::Client, catalog: arobase_runtime::Catalog)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let output = client.dynamic(&catalog).call("com.example.ping", [("message", "hello")], ()).await?;
/// println!("{:?}", output.as_json());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Dynamic {
    client: Client,
    catalog: Catalog,
    unknown_params: UnknownParams,
}

impl Client {
    /// Calls methods by their NSIDs, as the lexicons of a catalog describe them. Where it lets
    /// unknown lexicons pass ([`Catalog::unknown`]), methods without one can be called too, through
    /// [`Dynamic::query`] and [`Dynamic::procedure`].
    pub fn dynamic(&self, catalog: &Catalog) -> Dynamic {
        Dynamic { client: self.clone(), catalog: catalog.clone(), unknown_params: UnknownParams::Refuse }
    }
}

impl Dynamic {
    /// Says what becomes of parameters that the method does not have: they are refused by default,
    /// since they are mistakes more often than not, or ignored, which means that they are not sent.
    pub fn unknown_params(mut self, unknown: UnknownParams) -> Self {
        self.unknown_params = unknown;
        self
    }

    /// A query or a procedure; its lexicon says which. An NSID that the catalog does not know, and
    /// whatever breaks the schema of the method, makes the call fail before anything is sent.
    ///
    /// Parameters are a map or pairs, or `()`. The input is a [`Value`](crate::data::Value) or a
    /// map, a [`Body`](crate::xrpc::Body), or `()`.
    pub fn call(&self, nsid: &str, params: impl Into<Params>, input: impl Into<Content>) -> Call {
        self.prepare(nsid, None, params.into().0, input.into())
    }

    /// A query, which the catalog need not know if it lets unknown lexicons pass: then the
    /// parameters are sent as they are, and any answer is taken.
    pub fn query(&self, nsid: &str, params: impl Into<Params>) -> Call {
        self.prepare(nsid, Some(EndpointKind::Query), params.into().0, Content::Empty)
    }

    /// A procedure, which the catalog need not know if it lets unknown lexicons pass: then
    /// parameters and input are sent as they are, and any answer is taken.
    pub fn procedure(&self, nsid: &str, params: impl Into<Params>, input: impl Into<Content>) -> Call {
        self.prepare(nsid, Some(EndpointKind::Procedure), params.into().0, input.into())
    }

    /// A subscription. The catalog has to know it.
    pub fn subscribe(&self, nsid: &str, params: impl Into<Params>) -> Subscribe {
        let found = match self.catalog.method(nsid) {
            Ok(endpoint) if endpoint.kind == EndpointKind::Subscription => Ok(endpoint.clone()),
            Ok(_) => Err(not_a("subscription", nsid)),
            Err(error) => Err(error),
        };
        let (endpoint, query) = match found {
            Ok(endpoint) => {
                let query = self.encode(&endpoint, params.into().0);
                (endpoint, query)
            }
            Err(error) => (unknown_endpoint(nsid, EndpointKind::Subscription, &Content::Empty), Err(error)),
        };
        Subscribe::new(self.client.clone(), self.catalog.clone(), Shared::Owned(Arc::new(endpoint)), query)
    }

    fn prepare(&self, nsid: &str, kind: Option<EndpointKind>, params: Map, input: Content) -> Call {
        let (endpoint, known) = match self.endpoint(nsid, kind, &input) {
            Ok(found) => found,
            Err(error) => return self.broken(nsid, error),
        };
        let query = if known { self.encode(&endpoint, params) } else { params::encode_any(params) };
        let extent = self.client.config().check_input.then_some(Extent::PARSE);
        let body = input.write(&self.catalog, endpoint.input.as_ref(), extent);
        let endpoint = Shared::Owned(Arc::new(endpoint));
        self.make(Outgoing { endpoint, query, body, options: Options::default() }, known)
    }

    /// A call that fails when it is sent.
    fn broken(&self, nsid: &str, error: Error) -> Call {
        let endpoint = Shared::Owned(Arc::new(unknown_endpoint(nsid, EndpointKind::Query, &Content::Empty)));
        let body = Content::Empty.write(&self.catalog, None, None);
        self.make(Outgoing { endpoint, query: Err(error), body, options: Options::default() }, false)
    }

    fn make(&self, outgoing: Outgoing, known: bool) -> Call {
        Call::new(self.client.clone(), self.catalog.clone(), outgoing, known)
    }

    /// The descriptor of a method, and whether the catalog has it.
    fn endpoint(&self, nsid: &str, kind: Option<EndpointKind>, input: &Content) -> Result<(Endpoint, bool), Error> {
        match (self.catalog.method(nsid), kind) {
            (Ok(endpoint), None) if endpoint.kind == EndpointKind::Subscription => {
                Err(not_a("query or procedure", nsid))
            }
            (Ok(endpoint), Some(EndpointKind::Query)) if endpoint.kind != EndpointKind::Query => {
                Err(not_a("query", nsid))
            }
            (Ok(endpoint), Some(kind)) if endpoint.kind != kind => Err(not_a("procedure", nsid)),
            (Ok(endpoint), _) => Ok((endpoint.clone(), true)),
            (Err(_), Some(kind)) if self.lets_pass(nsid) => {
                nsid.parse::<Nsid>().map_err(arobase_lexicon::check::Violation::Format)?;
                Ok((unknown_endpoint(nsid, kind, input), false))
            }
            (Err(error), _) => Err(error),
        }
    }

    fn lets_pass(&self, nsid: &str) -> bool {
        self.catalog.lets_unknown_pass() && self.catalog.document(nsid).is_none()
    }

    fn encode(&self, endpoint: &Endpoint, params: Map) -> Result<String, Error> {
        let schema = endpoint.params.and_then(|params| self.catalog.get(params));
        params::encode(&self.catalog, schema, params, self.unknown_params)
    }
}

/// A method without a lexicon takes and gives anything.
fn unknown_endpoint(nsid: &str, kind: EndpointKind, input: &Content) -> Endpoint {
    let any = || Some(BodySchema { encoding: "*/*".into(), schema: None });
    let input = if matches!(input, Content::Empty) { None } else { any() };
    Endpoint { nsid: nsid.into(), kind, params: None, input, output: any(), message: None }
}
