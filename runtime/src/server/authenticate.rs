use std::{any::Any, fmt, sync::Arc};

use super::{Context, Failure, refusal::Refusal};
use crate::xrpc::BoxFuture;

/// What an authentication found out, of a type that only its user knows.
pub(crate) struct Credentials(pub(crate) Box<dyn Any + Send + Sync>);

/// Says who is calling. Asked after the parameters were read and before the body is.
#[derive(Clone)]
pub(crate) struct Authenticator(Arc<Hook>);

type Hook = dyn Fn(Context) -> BoxFuture<'static, Result<Credentials, Failure>> + Send + Sync;

impl Authenticator {
    pub(crate) fn new<F, R, T>(hook: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, Failure>> + Send + 'static,
        T: Send + Sync + 'static,
    {
        Self(Arc::new(move |cx| {
            let found = hook(cx);
            Box::pin(async { Ok(Credentials(Box::new(found.await?))) })
        }))
    }

    /// Finds out who is calling, and leaves it in the context.
    pub(crate) async fn run(&self, cx: &Context) -> Result<(), Refusal> {
        let credentials = (self.0)(cx.clone()).await?;
        cx.set_credentials(credentials);
        Ok(())
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator")
    }
}

/// Without its content, which may be secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}
