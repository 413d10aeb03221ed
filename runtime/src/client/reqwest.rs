use std::time::Duration;

use futures_util::TryStreamExt;
use http::{Request, Response};

use super::{ConfigError, Transport, TransportError, tls};
use crate::xrpc::{Body, BodyError, BoxFuture};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// Requests over reqwest.
pub(super) struct ReqwestTransport {
    client: reqwest::Client,
    /// Whether it is our own, so that WebSockets go the same way as requests.
    #[cfg(feature = "websocket")]
    is_own: bool,
}

impl ReqwestTransport {
    /// With nothing taken from the environment: no proxy, no provider of TLS.
    pub(super) fn new() -> Result<Self, ConfigError> {
        let tls = tls::config(&["h2", "http/1.1"]).map_err(|_| ConfigError::new("TLS could not be set up"))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT)
            .build()
            .map_err(|_| ConfigError::new("the HTTP client could not be set up"))?;
        Ok(Self {
            client,
            #[cfg(feature = "websocket")]
            is_own: true,
        })
    }
}

impl From<reqwest::Client> for ReqwestTransport {
    fn from(client: reqwest::Client) -> Self {
        Self {
            client,
            #[cfg(feature = "websocket")]
            is_own: false,
        }
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request.map(outgoing)).map_err(fault)?;
            self.client.execute(request).await.map(incoming).map_err(fault)
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    #[cfg(feature = "websocket")]
    fn connect(
        &self,
        request: Request<()>,
        max_frame: usize,
    ) -> BoxFuture<'_, Result<Box<dyn super::Socket>, TransportError>> {
        if !self.is_own {
            let fault = "subscriptions would not go by the proxy, the resolver and the certificates of this reqwest \
                         client: open them with `Client::new`, or with a `Transport` of your own";
            return Box::pin(std::future::ready(Err(TransportError::new(fault))));
        }
        super::websocket::connect(request, max_frame)
    }
}

/// Bytes go as they are, so that their number is known; a stream is never held in memory.
pub(crate) fn outgoing(body: Body) -> reqwest::Body {
    match body.as_bytes() {
        Some(bytes) => bytes.clone().into(),
        None => reqwest::Body::wrap_stream(body),
    }
}

pub(crate) fn incoming(mut answer: reqwest::Response) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = answer.status();
    *response.version_mut() = answer.version();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    let chunks = answer.bytes_stream().map_err(|error| BodyError::source(error.without_url()));
    response.map(|_| Body::from_stream(chunks))
}

/// Addresses stay out of errors: parameters may be private.
fn fault(error: reqwest::Error) -> TransportError {
    let fault = TransportError::new(match () {
        () if error.is_connect() => "no connection to the service",
        () if error.is_body() => "the body of the request could not be sent",
        () => "the service gave no answer",
    });
    let fault = if error.is_connect() { fault.connecting() } else { fault };
    fault.with_source(error.without_url())
}
