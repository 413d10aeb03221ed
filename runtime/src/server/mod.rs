//! The server: generated traits become an axum router.

mod authenticate;
mod broadcast;
#[cfg(test)]
mod broadcast_tests;
#[cfg(feature = "compression")]
mod compress;
mod context;
mod cors;
mod cursor;
mod cut;
mod dispatch;
pub mod dynamic;
mod events;
mod failure;
mod forwarded;
mod impatient;
mod linger;
mod query;
mod receive;
mod refusal;
mod request_id;
mod respond;
mod route;
mod router;
mod serve;
mod settings;
mod socket;
mod subscribers;
#[cfg(test)]
mod tests;
mod traffic;
mod upstream;

pub use broadcast::Broadcast;
pub use context::Context;
pub use cursor::Start;
pub use events::Events;
pub use failure::Failure;
pub use route::Route;
pub use router::Router;
pub use serve::{Serve, serve};
pub use socket::SocketSettings;
pub use subscribers::{Subscriber, Subscribers};
