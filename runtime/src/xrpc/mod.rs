//! XRPC: what methods are made of, and what goes over the wire, without any network.
//!
//! The request struct is the method: it implements [`Query`], [`Procedure`] or [`Subscription`].
//! [`params`] is the query string, [`Payload`] a body, [`frame`] a message of an event stream.

mod body;
mod boxed;
mod content;
mod error;
pub mod frame;
mod method;
pub mod mime;
pub mod params;
mod payload;
mod permission;
mod record;
#[cfg(any(feature = "client", feature = "server"))]
pub(crate) mod sequence;
mod service;
mod xrpc_error;

pub use arobase_lexicon::schema::{BodySchema, Endpoint, EndpointKind};
pub use body::{Body, BodyError};
pub use boxed::{BoxFuture, BoxStream, MaybeSend, MaybeSync};
pub use content::Content;
pub use error::{DeclaredError, display_error};
pub use method::{Method, Paged, Procedure, Query, RequestPart, Subscription};
pub use payload::{Form, Payload, Raw};
pub use permission::{Action, Permission, PermissionSet};
pub use record::{Record, RecordKeyOf};
pub use service::{ACCEPT_LABELERS, CONTENT_LABELERS, HeaderError, Labeler, Labelers, PROXY, ServiceRef};
pub use xrpc_error::{XrpcError, generic_name};
