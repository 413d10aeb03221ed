//! New accounts.

use arobase::{
    Context,
    com::atproto::server::{CreateAccount, create_account::Output},
};
use http::StatusCode;

use super::session::shown_handle;
use crate::{
    accounts::{Password, SignUp},
    auth::{self, Access, Credentials, Session},
    error::Error,
    pds::Pds,
    settings::SignUps,
};

/// How long an account that was brought here may wait to be activated, in microseconds: 3 days. What its owner leaves
/// behind would otherwise keep its handle from others for ever.
const WAITING: i64 = 3 * 24 * 60 * 60 * 1_000_000;

pub(super) async fn create(pds: &Pds, cx: &Context, input: CreateAccount) -> Result<Output, Error> {
    let caller = auth::caller(cx);
    check_open(pds, caller)?;
    check_owner(caller, &input)?;
    let wanted = sign_up(input)?;
    let delete_after = wanted.deactivated.then(|| pds.inner.now().saturating_add(WAITING));
    let account = pds.create_until(wanted, delete_after).await?;
    let Session { account, tokens } = pds.inner.begin_session(account, Access::Full).await?;
    let mut output = Output::new(tokens.access, tokens.refresh, shown_handle(&account), account.did.clone());
    output.did_doc = pds.inner.did_doc(&account.did).await;
    Ok(output)
}

fn check_open(pds: &Pds, caller: Option<&Credentials>) -> Result<(), Error> {
    match (pds.settings().sign_ups, caller) {
        (SignUps::Open, _) | (_, Some(Credentials { access: Access::Admin, .. })) => Ok(()),
        (SignUps::Closed, _) => {
            Err(Error::new(StatusCode::FORBIDDEN, "Forbidden", "accounts are created by operators only here"))
        }
    }
}

/// Checks that who brings a DID owns it.
fn check_owner(caller: Option<&Credentials>, input: &CreateAccount) -> Result<(), Error> {
    match (&input.did, caller) {
        (None, _) | (Some(_), Some(Credentials { access: Access::Admin, .. })) => Ok(()),
        (Some(did), Some(Credentials { access: Access::Service, did: Some(owner) })) if did == owner => Ok(()),
        (Some(_), _) => {
            let message = "an account with a DID is created with a service token of that DID";
            Err(Error::new(StatusCode::UNAUTHORIZED, "AuthenticationRequired", message))
        }
    }
}

fn sign_up(input: CreateAccount) -> Result<SignUp, Error> {
    if input.plc_op.is_some() {
        return Err(Error::invalid_request("`plcOp` is not supported: create the DID first, and give it as `did`"));
    }
    let password = input.password.ok_or_else(|| Error::named("InvalidPassword", "there is no password"))?;
    let mut wanted = SignUp::new(input.handle);
    wanted.deactivated = input.did.is_some();
    wanted.did = input.did;
    wanted.email = input.email.map(Into::into);
    wanted.password = Some(Password::new(password));
    wanted.recovery_key = input.recovery_key.map(Into::into);
    Ok(wanted)
}
