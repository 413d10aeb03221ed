//! Whether the server is able to work.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{error::Error, pds::Pds};

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers the health check with 503 if the database can be neither read nor written to.
pub(super) async fn check(State(pds): State<Pds>, request: Request, next: Next) -> Response {
    let is_asked = [Method::GET, Method::HEAD].contains(request.method()) && request.uri().path() == "/xrpc/_health";
    if !is_asked {
        return next.run(request).await;
    }
    match tokio::time::timeout(PATIENCE, probe(&pds)).await {
        Ok(Ok(())) => next.run(request).await,
        failed => {
            match failed {
                Ok(Err(error)) => tracing::error!("the database is not well: {error:?}"),
                _ => tracing::error!("the database does not answer"),
            }
            let json = r#"{"error":"ServiceUnavailable","message":"the database is not well"}"#;
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], json).into_response()
        }
    }
}

/// A unit that does nothing costs nothing, and fails like any other.
async fn probe(pds: &Pds) -> Result<(), Error> {
    pds.inner.db.read::<_, Error, _>(|view| Ok(view.head_seq()?)).await?;
    pds.inner.db.write::<_, Error, _>(|_| Ok(())).await
}
