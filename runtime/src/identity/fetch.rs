//! Small documents over HTTP, with a bound on everything.

#[cfg(test)]
pub(super) mod fake;
#[cfg(all(test, feature = "dns"))]
mod server_tests;
#[cfg(test)]
mod tests;

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Method, Request, Response, StatusCode, Uri, header};

use crate::{
    client::{Transport, TransportError, redirect},
    xrpc::{Body, BodyError, BoxFuture},
};

/// One request, and what its answer may cost.
pub(crate) struct Fetch<'a> {
    /// `GET`, or `POST` with [`Fetch::body`].
    pub(crate) method: Method,
    /// The address. Without name and password in it.
    pub(crate) url: &'a str,
    /// The header `Accept`; none if empty.
    pub(crate) accept: &'static str,
    /// The body, JSON; none if empty.
    pub(crate) body: Bytes,
    /// For all of it: connecting, redirects and the last byte of the body.
    pub(crate) timeout: Duration,
    /// The most bytes of the body.
    pub(crate) max_bytes: u64,
    /// How many redirects are followed. A request with a body is never redirected.
    pub(crate) redirects: usize,
    /// Whether addresses, also those that redirects lead to, have to be https.
    pub(crate) https_only: bool,
}

/// An answer, with any status but those of redirects.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) status: StatusCode,
    /// The body; empty where the status is no success and its text was too long or broke off.
    pub(crate) body: Bytes,
}

/// Why there was no answer to a request. Cheap to clone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is none, or one that must not be used.
    Address(&'static str),
    /// It took too long.
    Timeout,
    /// The body is longer than it may be.
    TooLarge {
        /// The most bytes that were allowed.
        max: u64,
    },
    /// Redirected where no redirect is followed, too often, or to a place that must not be followed.
    Redirect,
    /// The host does not exist.
    NoSuchHost,
    /// The host has only addresses that must not be reached.
    ForbiddenAddress,
    /// The connection failed.
    Transport(Arc<TransportError>),
}

impl Fetch<'_> {
    /// Sends it.
    ///
    /// # Errors
    /// See [`FetchError`]; a status is none, except that of a redirect which is not followed.
    pub(crate) async fn send(self, transport: &dyn Transport) -> Result<Fetched, FetchError> {
        let url = self.first()?;
        let mut deadline = transport.sleep(self.timeout);
        let answer = before(&mut deadline, self.follow(url, transport)).await?;
        let status = answer.status();
        // Only what arrives counts, whatever was announced.
        match before(&mut deadline, collect(answer.into_body(), self.max_bytes)).await {
            Ok(body) => Ok(Fetched { status, body }),
            // The status says it all, and pages about errors can be long.
            Err(_) if !status.is_success() => Ok(Fetched { status, body: Bytes::new() }),
            Err(error) => Err(error),
        }
    }

    fn first(&self) -> Result<Uri, FetchError> {
        if self.url.contains('#') {
            return Err(FetchError::Address("an address with a fragment"));
        }
        let url = self.url.parse().map_err(|_| FetchError::Address("an address that is no URL"))?;
        check(&url, self.https_only).map(|()| url)
    }

    /// Sends the request, and again where a redirect leads.
    async fn follow(&self, mut url: Uri, transport: &dyn Transport) -> Result<Response<Body>, FetchError> {
        let mut left = self.redirects;
        loop {
            let answer = transport.send(self.request(url.clone())?).await.map_err(fault)?;
            let status = answer.status();
            if !redirect::is_redirect(status) {
                return Ok(answer);
            }
            left = left.checked_sub(1).filter(|_| self.body.is_empty()).ok_or(FetchError::Redirect)?;
            url = redirect::target(&url, status, answer.headers()).ok_or(FetchError::Redirect)?;
            check(&url, self.https_only).map_err(|_| FetchError::Redirect)?;
        }
    }

    fn request(&self, url: Uri) -> Result<Request<Body>, FetchError> {
        let mut request = Request::builder().method(self.method.clone()).uri(url);
        if !self.accept.is_empty() {
            request = request.header(header::ACCEPT, self.accept);
        }
        if !self.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = Body::new(self.body.clone());
        request.body(body).map_err(|_| FetchError::Address("an address that cannot be sent"))
    }
}

/// Checks that an address is one that a stranger may have chosen.
fn check(url: &Uri, https_only: bool) -> Result<(), FetchError> {
    match url.scheme_str() {
        Some("https") => {}
        Some("http") if !https_only => {}
        Some("http") => return Err(FetchError::Address("an address that is not https")),
        _ => return Err(FetchError::Address("an address that is not http")),
    }
    let authority = url.authority().ok_or(FetchError::Address("an address without a host"))?;
    if authority.as_str().contains('@') {
        return Err(FetchError::Address("an address with a name or a password"));
    }
    if authority.host().is_empty() {
        return Err(FetchError::Address("an address without a host"));
    }
    Ok(())
}

/// Does something unless the time is over before.
async fn before<T>(
    deadline: &mut BoxFuture<'static, ()>,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    match select(pin!(work), deadline).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(FetchError::Timeout),
    }
}

async fn collect(body: Body, max: u64) -> Result<Bytes, FetchError> {
    body.collect(max).await.map_err(|error| match error {
        BodyError::TooLarge { .. } => FetchError::TooLarge { max },
        BodyError::Source(source) => {
            FetchError::Transport(Arc::new(TransportError::new("the answer broke off").with_source(source)))
        }
    })
}

fn fault(error: TransportError) -> FetchError {
    match error {
        _ if error.is_no_such_host() => FetchError::NoSuchHost,
        _ if error.is_forbidden() => FetchError::ForbiddenAddress,
        _ => FetchError::Transport(Arc::new(error)),
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(reason) => f.write_str(reason),
            Self::Timeout => f.write_str("no answer in time"),
            Self::TooLarge { max } => write!(f, "an answer of more than {max} bytes"),
            Self::Redirect => f.write_str("a redirect that is not followed"),
            Self::NoSuchHost => f.write_str("no such host"),
            Self::ForbiddenAddress => f.write_str("an address that is not public"),
            Self::Transport(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => error.source(),
            _ => None,
        }
    }
}
