//! From an HTTP request to the handler of its method and back. Nothing here is generic.

use std::{
    collections::HashMap,
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{self, Poll},
};

use arobase_lexicon::syntax::Nsid;
use axum::{body::Body, extract::Request, response::Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tracing::{Instrument, Span, field};

use super::{
    Context,
    context::Origin,
    cors,
    linger::Lingering,
    query::{self, Params, Take},
    receive::{is_done, receive},
    refusal::{Refusal, internal},
    request_id::{self, RequestId},
    respond,
    route::{Handler, MethodHandler, Route, SubscriptionHandler},
    settings::Rules,
    socket::{self, Subscribing},
};
use crate::xrpc::{BoxFuture, EndpointKind, Raw, XrpcError};

/// What serves the calls of methods that no route is for.
pub(crate) type Fallback = dyn Fn(Context, Request) -> BoxFuture<'static, Result<Response, Refusal>> + Send + Sync;

/// Everything that is served under `/xrpc/`.
pub(crate) struct Table {
    /// By NSID, its authority in lower case.
    pub(crate) methods: HashMap<String, Arc<Entry>>,
    pub(crate) fallback: Option<Arc<Fallback>>,
    /// The answer of the health check.
    pub(crate) health: Option<Bytes>,
    pub(crate) cors: bool,
    /// Whether answers depend on who asks.
    pub(crate) private: bool,
    /// How many proxies of our own calls come through that reach the fallback.
    pub(crate) proxies: usize,
}

/// A method.
pub(crate) struct Entry {
    pub(crate) route: Route,
    pub(crate) rules: Rules,
}

/// Where a request leads.
enum Target<'t> {
    Method(&'t Arc<Entry>),
    Health(&'t Bytes),
    Unknown(Nsid),
    IllFormed,
}

/// What is left to do once the head of a request was read, which takes no waiting.
enum Step {
    /// Nothing.
    Done(Response),
    Call(Call),
    /// What is rare, and on the heap to keep the common case small.
    Other(BoxFuture<'static, Response>),
}

/// A call of a query or a procedure.
struct Call {
    entry: Arc<Entry>,
    handler: Arc<MethodHandler>,
    cx: Context,
    params: Params,
    body: Lingering,
}

/// The table as a tower service.
#[derive(Clone)]
pub(crate) struct Dispatch(pub(crate) Arc<Table>);

impl tower::Service<Request> for Dispatch {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let table = Arc::clone(&self.0);
        let id = RequestId::of(request.headers());
        let target = table.find(request.uri().path());
        let span = tracing::info_span!("xrpc", nsid = target.nsid(), request_id = id.as_str(), status = field::Empty);
        #[cfg(feature = "compression")]
        let wish = super::compress::Wish::of(request.method(), request.headers());
        let step = span.in_scope(|| table.begin(target, request, &id, &span));
        Box::pin(async move {
            let running = AssertUnwindSafe(step.run()).catch_unwind();
            let answer = running.instrument(span.clone()).await.unwrap_or_else(|_| panicked(&span));
            #[cfg(feature = "compression")]
            let answer = super::compress::encode(wish, answer);
            span.record("status", answer.status().as_u16());
            Ok(table.finish(answer, &id))
        })
    }
}

impl Table {
    /// The method that a path names. The name counts as it stands, so an escape makes it ill-formed.
    fn find(&self, path: &str) -> Target<'_> {
        let name = path.strip_prefix("/xrpc/").unwrap_or_default();
        let name = name.strip_suffix('/').unwrap_or(name);
        if let Some(entry) = self.methods.get(name) {
            return Target::Method(entry);
        }
        if let Some(health) = self.health.as_ref().filter(|_| name == "_health") {
            return Target::Health(health);
        }
        let Ok(nsid) = name.parse::<Nsid>() else { return Target::IllFormed };
        let nsid = nsid.normalize();
        match self.methods.get(nsid.as_str()) {
            Some(entry) => Target::Method(entry),
            None => Target::Unknown(nsid),
        }
    }

    fn begin(&self, target: Target<'_>, request: Request, id: &RequestId, span: &Span) -> Step {
        if self.cors && request.method() == Method::OPTIONS {
            let answer = cors::preflight(request.headers());
            return Step::early(request, answer);
        }
        match target {
            Target::Method(entry) => entry.begin(request, id, span),
            Target::Health(health) => {
                let answer = answer_health(request.method(), health);
                Step::early(request, answer)
            }
            Target::Unknown(nsid) => self.fall_back(&nsid, request, id),
            Target::IllFormed => {
                let error = XrpcError::invalid_request("the path names no method: an NSID is expected");
                Step::refuse(request, &error)
            }
        }
    }

    fn fall_back(&self, nsid: &Nsid, request: Request, id: &RequestId) -> Step {
        let Some(fallback) = &self.fallback else {
            return Step::refuse(request, &XrpcError::of(StatusCode::NOT_IMPLEMENTED, "method not implemented"));
        };
        if ![Method::GET, Method::HEAD, Method::POST].contains(request.method()) {
            return Step::refuse(request, &respond::wrong_verb("GET, HEAD, POST"));
        }
        let fallback = Arc::clone(fallback);
        let (head, body) = request.into_parts();
        let body = Body::new(Lingering::new(&head, body));
        let origin = Origin::of(&head, self.proxies);
        let cx = Context::new(head.clone(), nsid.as_str(), id.clone(), origin, false);
        Step::Other(Box::pin(async move {
            match fallback(cx.clone(), Request::from_parts(head, body)).await {
                Ok(mut response) => {
                    respond::add(response.headers_mut(), cx.take_headers());
                    response
                }
                Err(Refusal(error)) => respond::failure(&error, cx.take_headers()),
            }
        }))
    }

    /// What all answers have in common.
    fn finish(&self, mut answer: Response, id: &RequestId) -> Response {
        let headers = answer.headers_mut();
        headers.insert(&request_id::HEADER, id.value());
        if self.cors {
            cors::open(headers);
        }
        if self.private {
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
            headers.append(header::VARY, HeaderValue::from_static("Authorization"));
        }
        answer
    }
}

impl Target<'_> {
    fn nsid(&self) -> Option<&str> {
        match self {
            Self::Method(entry) => Some(entry.route.nsid()),
            Self::Unknown(nsid) => Some(nsid.as_str()),
            Self::Health(_) | Self::IllFormed => None,
        }
    }
}

impl Step {
    fn refuse(request: Request, error: &XrpcError) -> Self {
        Self::early(request, refuse(error))
    }

    /// An answer before the body was looked at. That is left to linger, so that its sender gets to
    /// see the answer.
    fn early(request: Request, answer: Response) -> Self {
        let (head, body) = request.into_parts();
        drop(Lingering::new(&head, body));
        Self::Done(answer)
    }

    async fn run(self) -> Response {
        match self {
            Self::Done(answer) => answer,
            Self::Call(call) => call.answer().await,
            Self::Other(answering) => answering.await,
        }
    }
}

impl Entry {
    fn begin(self: &Arc<Self>, request: Request, id: &RequestId, span: &Span) -> Step {
        if let Some(allowed) = self.missed_verb(request.method()) {
            return Step::refuse(request, &respond::wrong_verb(allowed));
        }
        match &self.route.handler {
            Handler::Method(take, handler) => self.call(*take, handler, request, id),
            Handler::Subscription(take, handler) => self.subscribe(*take, handler, request, id, span),
        }
    }

    /// The verbs to use instead, where this one is wrong.
    fn missed_verb(&self, verb: &Method) -> Option<&'static str> {
        match self.route.endpoint.kind {
            EndpointKind::Query if verb == Method::GET || verb == Method::HEAD => None,
            EndpointKind::Query => Some("GET, HEAD"),
            EndpointKind::Procedure if verb == Method::POST => None,
            EndpointKind::Procedure => Some("POST"),
            EndpointKind::Subscription if verb == Method::GET => None,
            EndpointKind::Subscription => Some("GET"),
        }
    }

    fn call(self: &Arc<Self>, take: Take, handler: &Arc<MethodHandler>, request: Request, id: &RequestId) -> Step {
        let (head, body) = request.into_parts();
        let body = Lingering::new(&head, body);
        let Route { endpoint, catalog, .. } = &self.route;
        let params = match query::read(take, endpoint, catalog, head.uri.query(), self.rules.unknown_params) {
            Ok(params) => params,
            Err(Refusal(error)) => return Step::Done(refuse(&error)),
        };
        let (nsid, origin) = (endpoint.nsid.clone(), Origin::of(&head, self.rules.proxies));
        let cx = Context::new(head, nsid, id.clone(), origin, self.rules.validates_output);
        Step::Call(Call { entry: Arc::clone(self), handler: Arc::clone(handler), cx, params, body })
    }

    fn subscribe(
        &self,
        take: Take,
        handler: &Arc<SubscriptionHandler>,
        request: Request,
        id: &RequestId,
        span: &Span,
    ) -> Step {
        let call = Subscribing {
            endpoint: self.route.endpoint.clone(),
            catalog: self.route.catalog.clone(),
            take,
            handler: Arc::clone(handler),
            unknown_params: self.rules.unknown_params,
            authenticate: self.rules.authenticator.clone(),
            proxies: self.rules.proxies,
            request_id: id.clone(),
            span: span.clone(),
            settings: self.rules.sockets.clone(),
            subscribers: self.rules.subscribers.clone(),
        };
        let answering = socket::answer(request, call);
        Step::Other(Box::pin(async { answering.await.unwrap_or_else(|Refusal(error)| refuse(&error)) }))
    }
}

impl Call {
    async fn answer(self) -> Response {
        let Self { entry, handler, cx, params, body } = self;
        let answered = match receive_for(&entry, &cx, body).await {
            Ok(body) => handler(cx.clone(), params, body).await,
            Err(refusal) => Err(refusal),
        };
        match answered {
            Ok(answer) => respond::success(answer, entry.route.endpoint.output.as_ref(), cx.take_headers()),
            Err(Refusal(error)) => respond::failure(&error, cx.take_headers()),
        }
    }
}

/// Finds out who is calling, then receives the body.
async fn receive_for(entry: &Entry, cx: &Context, body: Lingering) -> Result<Raw, Refusal> {
    if let Some(authenticator) = &entry.rules.authenticator {
        authenticator.run(cx).await?;
    }
    let input = entry.route.endpoint.input.as_ref();
    if is_done(&body, input) {
        return Ok(Raw::Empty);
    }
    Ok(Box::pin(receive(cx.headers(), body, input, entry.rules.bounds)).await?)
}

fn answer_health(verb: &Method, health: &Bytes) -> Response {
    match *verb {
        Method::GET | Method::HEAD => respond::of_json(health.clone()),
        _ => refuse(&respond::wrong_verb("GET, HEAD")),
    }
}

fn refuse(error: &XrpcError) -> Response {
    respond::failure(error, HeaderMap::new())
}

fn panicked(span: &Span) -> Response {
    span.in_scope(|| tracing::error!("a handler panicked"));
    refuse(&internal())
}
