//! XRPC: what methods are made of. The request struct is the method: it implements [`Query`],
//! [`Procedure`] or [`Subscription`].

mod body;
mod endpoint;
mod error;
mod permission;
mod record;

pub use body::Body;
pub use endpoint::{Procedure, Query, RequestPart, Subscription};
pub use error::{DeclaredError, display_error};
pub use permission::{Action, Permission, PermissionSet};
pub use record::{Record, RecordKeyOf};
