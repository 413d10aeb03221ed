//! Taking operations.

use std::time::Duration;

use arobase_runtime::{
    identity::plc::Operation,
    syntax::{Did, DidMethod},
    xrpc::{self, BodyError},
};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::TryStreamExt;
use tokio::time::timeout;

use super::{DidPath, answer::Failure, path, shown};
use crate::{Directory, DirectoryError};

/// The most bytes of a body, as the official server has it.
const MOST: u64 = 100 * 1024;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn submit(
    State(directory): State<Directory>,
    did: DidPath,
    request: Request,
) -> Result<Response, Failure> {
    let did = plc(&path(did)?)?;
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(Failure::invalid("an operation has to come as application/json"));
    }
    let operation = Operation::from_json(&collect(body).await?);
    let operation = operation.map_err(|error| Failure::from(&DirectoryError::from(error)))?;
    directory.submit(&did, operation).await.map_err(|error| Failure::of(did.as_str(), &error))?;
    Ok("OK".into_response())
}

fn plc(text: &str) -> Result<Did, Failure> {
    let did = text.parse::<Did>().ok().filter(|did| did.check_method() == Ok(DidMethod::Plc));
    did.ok_or_else(|| Failure::invalid(format!("Improperly formatted did: {}", shown(text))))
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

async fn collect(body: Body) -> Result<Bytes, Failure> {
    let body = xrpc::Body::from_stream(body.into_data_stream().map_err(BodyError::source));
    match timeout(PATIENCE, body.collect(MOST)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(BodyError::TooLarge { limit })) => {
            Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format!("request entity too large: at most {limit} bytes")))
        }
        Ok(Err(_)) => Err(Failure::invalid("the body broke off")),
        Err(_) => Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}
