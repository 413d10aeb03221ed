//! The methods, each group an implementation of its generated server trait.

mod identity;
mod repo;
mod server;
mod sync;

use std::sync::Arc;

use arobase::{
    Failure,
    com::atproto,
    server::{Router, SocketSettings},
};

use crate::{error::Error, pds::Pds, web};
pub(crate) use sync::Exports;

impl Pds {
    /// The methods as a router, to be merged with others of the same kind before it becomes one of axum.
    pub fn xrpc(&self) -> Router {
        let (pds, settings) = (self.clone(), self.settings());
        groups(self)
            .authenticate(move |cx| {
                let pds = pds.clone();
                async move { answer(pds.credentials(&cx).await) }
            })
            .health(env!("CARGO_PKG_VERSION"))
            .trust_forwarded(settings.proxies)
            .subscribers(self.subscribers())
            .sockets(SocketSettings::new().max_per_client(settings.subscriptions_per_client))
    }

    /// Everything that the server serves, as an axum router.
    pub fn router(&self) -> axum::Router {
        self.observe(web::router(self).merge(self.xrpc().into_axum()))
    }
}

/// The answer of a handler.
pub(crate) fn answer<T, E>(result: Result<T, Error>) -> Result<T, Failure<E>> {
    result.map_err(Error::into_failure)
}

/// All groups.
pub(crate) fn groups(pds: &Pds) -> Router {
    let server = Arc::new(pds.clone());
    atproto::repo::router(server.clone())
        .merge(atproto::sync::router(server.clone()))
        .merge(atproto::server::router(server.clone()))
        .merge(atproto::identity::router(server))
}
