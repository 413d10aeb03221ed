//! Service tokens of other servers (XRPC, inter-service authentication).

use arobase::{
    Context,
    service_auth::{TokenError, Verifier},
    syntax::Nsid,
};

use super::{Access, Credentials};
use crate::error::Error;

/// Whose service token it is. It is good for the method that is called and for no other, and only once.
pub(super) async fn credentials(verifier: &Verifier, cx: &Context, token: &str) -> Result<Credentials, Error> {
    let method: Nsid = cx.nsid().parse().map_err(Error::internal)?;
    let verified = verifier.verify(token, &method).await.map_err(|error| refused(&error))?;
    Ok(Credentials::of(verified.iss, Access::Service))
}

fn refused(error: &TokenError) -> Error {
    Error::new(error.status(), error.name(), error.to_string())
}
