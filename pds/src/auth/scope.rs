//! What session tokens are good for.

use super::Access;

/// The scope of refresh tokens.
pub(super) const REFRESH: &str = "com.atproto.refresh";

/// What access tokens of an access say; nothing where there are none.
pub(super) fn of(access: Access) -> Option<&'static str> {
    match access {
        Access::Full => Some("com.atproto.access"),
        Access::PrivilegedAppPassword => Some("com.atproto.appPassPrivileged"),
        Access::AppPassword => Some("com.atproto.appPass"),
        Access::Takendown => Some("com.atproto.takendown"),
        Access::Service | Access::Admin => None,
    }
}

/// The access of a scope, if access tokens have it.
pub(super) fn access(scope: &str) -> Option<Access> {
    let known = [Access::Full, Access::PrivilegedAppPassword, Access::AppPassword, Access::Takendown];
    known.into_iter().find(|access| of(*access) == Some(scope))
}
