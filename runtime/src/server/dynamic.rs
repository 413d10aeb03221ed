//! Methods that are known only at run time, served by closures: parameters, input, output and
//! messages are untyped data, checked against a [`Catalog`].

use std::sync::Arc;

use arobase_lexicon::{
    compile,
    schema::{Endpoint, EndpointKind, Shared},
};
use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;

use super::{
    Context, Failure, Route,
    query::{self, Params},
    refusal::Refusal,
    route::{Frames, Handler, taken},
};
use crate::{
    Catalog,
    catalog::not_a,
    data::{Error, Limits, Map, Strictness, Value, fields::View, validate::Extent},
    xrpc::{BoxFuture, Content, Raw, XrpcError, frame},
};

/// The request of a method that is known only at run time.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Request {
    /// The parameters: checked, with their defaults filled in, and without those that the schema
    /// does not know.
    pub params: Map,
    /// The body. JSON was checked, and has its defaults filled in.
    pub input: Content,
}

/// A handler without its types.
type Handle = dyn Fn(Context, Request) -> BoxFuture<'static, Result<Content, Refusal>> + Send + Sync;

impl Route {
    /// The route of a query or a procedure of a catalog. The handler answers with what its output
    /// is: a [`Value`] or a [`Map`], a [`Body`](crate::xrpc::Body), or `()`. An output of another
    /// kind than the method's is logged and answered with 500; so is one that breaks the schema,
    /// where the router checks outputs
    /// ([`Router::validate_output`](super::Router::validate_output)), else that is sent.
    ///
    /// ```
    /// use arobase_runtime::{Catalog, data::Map, server::{Route, Router}};
    ///
    /// let catalog = Catalog::from_json(r#"{ "lexicon": 1, "id": "com.example.ping", "defs": { "main": {
    ///     "type": "query",
    ///     "parameters": { "type": "params", "properties": { "message": { "type": "string", "default": "hello" } } },
    ///     "output": { "encoding": "application/json", "schema": { "type": "object", "properties": {} } } } } }"#)?;
    ///
    /// let ping = Route::dynamic(&catalog, "com.example.ping", |_, request| async move { Ok(request.params) })?;
    /// let router = Router::new().route(ping);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// An NSID that is not in the catalog, or is neither a query nor a procedure.
    pub fn dynamic<F, R, O>(catalog: &Catalog, nsid: &str, handler: F) -> Result<Self, Error>
    where
        F: Fn(Context, Request) -> R + Send + Sync + 'static,
        R: Future<Output = Result<O, Failure>> + Send + 'static,
        O: Into<Content>,
    {
        let handle = move |cx: Context, request: Request| -> BoxFuture<'static, Result<Content, Refusal>> {
            let handling = handler(cx, request);
            Box::pin(async move { Ok(handling.await?.into()) })
        };
        method(catalog, nsid, Box::new(handle))
    }

    /// The route of a subscription of a catalog. The handler gets the parameters, checked and with
    /// their defaults, and answers with a stream of messages, each with its `$type`. A message that
    /// breaks the schema is not sent: it is logged, and ends the subscription as an internal
    /// failure.
    ///
    /// # Errors
    /// An NSID that is not in the catalog, or is no subscription.
    pub fn dynamic_subscription<F, R, S>(catalog: &Catalog, nsid: &str, handler: F) -> Result<Self, Error>
    where
        F: Fn(Context, Map) -> R + Send + Sync + 'static,
        R: Future<Output = Result<S, Failure>> + Send + 'static,
        S: Stream<Item = Result<Value, Failure>> + Send + 'static,
    {
        let endpoint = endpoint(catalog, nsid, true)?;
        let writer = Arc::new(MessageWriter { catalog: catalog.clone(), endpoint: endpoint.clone() });
        let handler = move |cx: Context, params: Params| -> BoxFuture<'static, Result<Frames, Refusal>> {
            let (handling, writer) = (taken(params).map(|params| handler(cx, params)), Arc::clone(&writer));
            Box::pin(async move {
                let frames = handling?.await?.map(move |item| writer.write(item));
                Ok(Box::pin(frames) as Frames)
            })
        };
        Ok(route(catalog, endpoint, Handler::Subscription(query::as_map, Arc::new(handler))))
    }
}

fn method(catalog: &Catalog, nsid: &str, handle: Box<Handle>) -> Result<Route, Error> {
    let endpoint = endpoint(catalog, nsid, false)?;
    let served = Arc::new(Served { catalog: catalog.clone(), endpoint: endpoint.clone(), handle });
    let handler = move |cx: Context, params: Params, body: Raw| -> BoxFuture<'static, Result<Raw, Refusal>> {
        let served = Arc::clone(&served);
        Box::pin(async move { served.serve(cx, taken(params)?, body).await })
    };
    Ok(route(catalog, endpoint, Handler::Method(query::as_map, Arc::new(handler))))
}

fn route(catalog: &Catalog, endpoint: Shared<Endpoint>, handler: Handler) -> Route {
    Route { endpoint, catalog: catalog.clone(), handler }
}

fn endpoint(catalog: &Catalog, nsid: &str, subscription: bool) -> Result<Shared<Endpoint>, Error> {
    let endpoint = catalog.method(nsid)?;
    if (endpoint.kind == EndpointKind::Subscription) != subscription {
        return Err(not_a(if subscription { "subscription" } else { "query or procedure" }, nsid));
    }
    Ok(Shared::Owned(Arc::new(endpoint.clone())))
}

/// A query or a procedure with its handler.
struct Served {
    catalog: Catalog,
    endpoint: Shared<Endpoint>,
    handle: Box<Handle>,
}

impl Served {
    async fn serve(&self, cx: Context, params: Map, body: Raw) -> Result<Raw, Refusal> {
        let input =
            Content::read(body, &self.catalog, self.endpoint.input.as_ref(), Strictness::Parse, Limits::DEFAULT)
                .map_err(|error| Refusal::invalid("body", &error))?;
        let extent = cx.validates_output().then(Extent::default);
        let output = (self.handle)(cx, Request { params, input: input.value }).await?;
        output
            .write(&self.catalog, self.endpoint.output.as_ref(), extent)
            .map_err(|error| Refusal::invalid_output(&error))
    }
}

/// Makes frames of the messages of a subscription.
struct MessageWriter {
    catalog: Catalog,
    endpoint: Shared<Endpoint>,
}

impl MessageWriter {
    fn write(&self, item: Result<Value, Failure>) -> Result<Bytes, XrpcError> {
        let message = item.map_err(|failure| Refusal::from(failure).0)?;
        let catalog: &compile::Catalog = &self.catalog;
        frame::encode(catalog, &self.endpoint, View::Value(&message)).map_err(|error| Refusal::invalid_output(&error).0)
    }
}
