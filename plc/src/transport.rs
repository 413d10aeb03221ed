//! A directory without a port.

use std::{fmt, time::Duration};

use arobase_runtime::{
    client::{Transport, TransportError},
    xrpc::{Body, BodyError, BoxFuture},
};
use axum::{
    Router,
    http::{Request, Response},
};
use futures_util::TryStreamExt;
use tower::ServiceExt;

use crate::{Directory, router};

/// Takes requests to a directory in the same program, as if it were a server. Whatever host they name, they get there;
/// so a `PlcClient` or a `Resolver` works with it under any address, such as `http://plc.test`. It has no WebSockets.
#[derive(Clone)]
pub struct DirectoryTransport {
    router: Router,
}

impl DirectoryTransport {
    /// To this directory.
    #[must_use]
    pub fn new(directory: &Directory) -> Self {
        Self { router: router(directory.clone()) }
    }
}

impl Transport for DirectoryTransport {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let answering = self.router.clone().oneshot(request.map(axum::body::Body::from_stream));
        Box::pin(async move {
            // A router answers whatever happens.
            let answer = answering.await.unwrap_or_else(|never| match never {});
            Ok(answer.map(|body| Body::from_stream(body.into_data_stream().map_err(BodyError::source))))
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl fmt::Debug for DirectoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryTransport").finish_non_exhaustive()
    }
}
