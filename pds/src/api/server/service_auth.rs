//! Service tokens for the caller.

use arobase::{
    Context,
    com::atproto::server::{GetServiceAuth, get_service_auth::Output},
    service_auth::{Claims, RequestError},
    syntax::Nsid,
};

use crate::{
    accounts::find,
    auth::{self, Access},
    error::Error,
    pds::Pds,
};

/// Who may ask for any token at all.
const ACCEPTED: &[Access] = &[Access::Full, Access::PrivilegedAppPassword, Access::AppPassword, Access::Takendown];
const CREATE_ACCOUNT: &str = "com.atproto.server.createAccount";
const CHAT: &str = "chat.bsky.";

pub(super) async fn get(pds: &Pds, cx: &Context, query: GetServiceAuth) -> Result<Output, Error> {
    let (did, access) = auth::account(cx, ACCEPTED)?;
    let GetServiceAuth { aud, exp, lxm } = query;
    check_access(access, lxm.as_ref())?;
    let now = pds.inner.clock.now();
    let lifetime = Claims::check_request(&aud, lxm.as_ref(), exp, now).map_err(refused)?;
    let who = did.clone().into();
    let account = pds.inner.db.read(move |view| find(view, &who)).await?;
    // A token needs a method to begin with; without one it is taken out again.
    let method = lxm.clone().unwrap_or_else(|| Nsid::from_unchecked(CREATE_ACCOUNT));
    let mut claims = Claims::new(account.did.clone(), aud, method);
    (claims.lxm, claims.lifetime) = (lxm, lifetime);
    let token = claims.sign(&*pds.inner.signer_of(&account)?, &*pds.inner.clock).map_err(Error::internal)?;
    Ok(Output::new(token))
}

/// Whether an access is good for tokens of a method: names are compared whatever their case.
fn check_access(access: Access, lxm: Option<&Nsid>) -> Result<(), Error> {
    let lxm = lxm.map(|lxm| lxm.as_str().to_ascii_lowercase()).unwrap_or_default();
    let creates = lxm == CREATE_ACCOUNT.to_ascii_lowercase();
    let privileged = creates || lxm.starts_with(CHAT);
    match access {
        Access::Takendown if !creates => Err(Error::named("InvalidToken", "the token is good for leaving only")),
        Access::AppPassword if privileged => {
            Err(Error::invalid_request("an app password without privileges gets no token for this method"))
        }
        _ => Ok(()),
    }
}

fn refused(error: RequestError) -> Error {
    Error::named(error.name(), error.to_string())
}
