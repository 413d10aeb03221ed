//! Tokens for the calls of a client.

use std::{fmt, sync::Arc, time::Duration};

use arobase_lexicon::syntax::{Did, Nsid};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::Claims;
use crate::{
    client::{Attempt, Auth, AuthError},
    clock::{Clock, SystemClock},
    crypto::Signer,
    xrpc::BoxFuture,
};

/// Authorises each call of a client with a fresh token: an [`Auth`].
///
/// A token is made for one attempt: a call that is repeated gets another one, because the service remembers those that
/// it has seen.
///
/// ```
/// use std::sync::Arc;
///
/// use arobase_runtime::{
///     Client,
///     crypto::{Curve, SigningKey},
///     service_auth::ServiceSigner,
/// };
///
/// # fn client(client: Client) -> Result<Client, Box<dyn std::error::Error>> {
/// let key = Arc::new(SigningKey::generate(Curve::K256));
/// let iss = "did:plc:abcdefghijklmnopqrstuvwx".parse()?;
/// let client = client.with_auth(ServiceSigner::new(key, iss, "did:web:api.example.com"));
/// # Ok(client)
/// # }
/// ```
pub struct ServiceSigner {
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    iss: Did,
    aud: Box<str>,
    kid: Option<Box<str>>,
    lifetime: Option<Duration>,
}

impl ServiceSigner {
    /// For calls of a service (`aud`, see [`Claims::aud`]) on behalf of an account.
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, iss: Did, aud: impl Into<Box<str>>) -> Self {
        Self { signer, clock: Arc::new(SystemClock), iss, aud: aud.into(), kid: None, lifetime: None }
    }

    /// With another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Says which key of the account signs (without `#`). Default: `atproto`.
    #[must_use]
    pub fn key_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.kid = Some(name.into());
        self
    }

    /// With tokens that are good for another time, from 1 s to 1 h. Default: 60 s.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// The header for a call of a method.
    fn header(&self, nsid: &str) -> Result<HeaderValue, AuthError> {
        let lxm: Nsid = nsid.parse().map_err(|_| AuthError::new("the method has no valid name"))?;
        let mut claims = Claims::new(self.iss.clone(), self.aud.clone(), lxm);
        claims.kid.clone_from(&self.kid);
        claims.lifetime = self.lifetime.unwrap_or(claims.lifetime);
        let token = claims
            .sign(&*self.signer, &*self.clock)
            .map_err(|error| AuthError::new("no service token could be made").with_source(error))?;
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| AuthError::new("no service token could be made"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl Auth for ServiceSigner {
    fn authorize<'a>(
        &'a self,
        attempt: Attempt<'a>,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        let header = self.header(&attempt.endpoint.nsid).map(|header| drop(headers.insert(AUTHORIZATION, header)));
        Box::pin(std::future::ready(header))
    }
}

/// Without the key.
impl fmt::Debug for ServiceSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceSigner").field("iss", &self.iss).field("aud", &self.aud).finish_non_exhaustive()
    }
}
