use std::{fmt, sync::Arc};

use arobase_lexicon::schema::Shared;
use bytes::Bytes;

use super::{
    Context, Events, Failure,
    query::{self, Params, Take},
    refusal::{Refusal, internal},
};
use crate::{
    Catalog,
    data::{Limits, Strictness},
    xrpc::{BoxFuture, BoxStream, Endpoint, Method, Payload, Raw, RequestPart, Subscription, XrpcError},
};

/// One method with its handler, to be put into a [`Router`](super::Router).
pub struct Route {
    pub(crate) endpoint: Shared<Endpoint>,
    pub(crate) catalog: Catalog,
    pub(crate) handler: Handler,
}

/// A handler without its types, and what takes its parameters. The body was received, and matches
/// the encoding of the endpoint.
#[derive(Clone)]
pub(crate) enum Handler {
    Method(Take, Arc<MethodHandler>),
    Subscription(Take, Arc<SubscriptionHandler>),
}

pub(crate) type MethodHandler = dyn Fn(Context, Params, Raw) -> BoxFuture<'static, Result<Raw, Refusal>> + Send + Sync;
pub(crate) type SubscriptionHandler =
    dyn Fn(Context, Params) -> BoxFuture<'static, Result<Frames, Refusal>> + Send + Sync;

pub(crate) type Frames = BoxStream<'static, Result<Bytes, XrpcError>>;

impl Route {
    /// The route of a query or a procedure.
    pub fn method<E, F, R>(handler: F) -> Self
    where
        E: Method,
        F: Fn(Context, E, E::Input) -> R + Send + Sync + 'static,
        R: Future<Output = Result<E::Output, Failure<E::Error>>> + Send + 'static,
    {
        let take = match E::REQUEST {
            RequestPart::Input => query::as_nothing,
            RequestPart::Params => query::as_request::<E>,
        };
        let handler = move |cx: Context, params: Params, body: Raw| -> BoxFuture<'static, Result<Raw, Refusal>> {
            let checked = cx.validates_output();
            match read::<E>(params, body) {
                Ok((request, input)) => Box::pin(answer(handler(cx, request, input), checked)),
                Err(refusal) => Box::pin(std::future::ready(Err(refusal))),
            }
        };
        Self::typed(E::ENDPOINT, Handler::Method(take, Arc::new(handler)))
    }

    /// The route of a subscription.
    pub fn subscription<E, F, R>(handler: F) -> Self
    where
        E: Subscription,
        F: Fn(Context, E) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Events<E>, Failure<E::Error>>> + Send + 'static,
    {
        let handler = move |cx: Context, params: Params| -> BoxFuture<'static, Result<Frames, Refusal>> {
            match taken::<E>(params) {
                Ok(request) => Box::pin(frames(handler(cx, request))),
                Err(refusal) => Box::pin(std::future::ready(Err(refusal))),
            }
        };
        Self::typed(E::ENDPOINT, Handler::Subscription(query::as_request::<E>, Arc::new(handler)))
    }

    /// Typed code has its schemas in statics, so its catalog is empty.
    fn typed(endpoint: &'static Endpoint, handler: Handler) -> Self {
        Self { endpoint: Shared::Static(endpoint), catalog: Catalog::new(), handler }
    }

    /// The NSID of the method.
    #[must_use]
    pub fn nsid(&self) -> &str {
        &self.endpoint.nsid
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.nsid()).finish()
    }
}

fn read<E: Method>(params: Params, body: Raw) -> Result<(E, E::Input), Refusal> {
    match E::REQUEST {
        RequestPart::Input => Ok((read_body(body)?, read_body(Raw::Empty)?)),
        RequestPart::Params => Ok((taken(params)?, read_body(body)?)),
    }
}

fn read_body<P: Payload>(body: Raw) -> Result<P, Refusal> {
    match P::decode(body, Strictness::Parse, Limits::DEFAULT) {
        Ok(read) => Ok(read.value),
        Err(error) => Err(Refusal::invalid("body", &error)),
    }
}

/// The parameters as the type that the route's [`Take`] made; another one is our own mistake.
pub(crate) fn taken<T: 'static>(params: Params) -> Result<T, Refusal> {
    params.downcast().map(|params| *params).map_err(|_| Refusal(internal()))
}

async fn answer<P: Payload, E>(
    handling: impl Future<Output = Result<P, Failure<E>>>,
    checked: bool,
) -> Result<Raw, Refusal>
where
    Refusal: From<Failure<E>>,
{
    handling.await?.encode(checked).map_err(|error| Refusal::invalid_output(&error))
}

async fn frames<E: Subscription>(
    handling: impl Future<Output = Result<Events<E>, Failure<E::Error>>>,
) -> Result<Frames, Refusal> {
    Ok(handling.await?.into_frames())
}
