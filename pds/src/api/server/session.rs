//! Sessions.

use std::time::Duration;

use arobase::{
    Context,
    com::atproto::server::{CreateSession, create_session, get_session, refresh_session},
    data::Value,
    identity::Freshness,
    syntax::{Did, Handle},
};
use http::StatusCode;

use crate::{
    accounts::{Password, find},
    auth::{self, Login, STANDARD, Session},
    error::Error,
    pds::{Inner, Pds},
    store::Account,
};

/// How long an answer waits for the DID document, which it can do without.
const PATIENCE: Duration = Duration::from_secs(3);

/// Fills in what all answers about a session say of its account. Each has a type of its own.
macro_rules! describe {
    ($output:ident, $pds:ident, $account:ident) => {
        $output.did_doc = $pds.inner.did_doc(&$account.did).await;
        $output.email = $account.email.as_deref().map(str::to_owned);
        $output.email_confirmed = Some($account.email_confirmed_at.is_some());
        $output.email_auth_factor = Some(false);
        $output.active = Some($account.state().is_active());
        $output.status = $account.state().status().map(|status| status.as_str().into());
    };
}

pub(super) async fn create(pds: &Pds, input: CreateSession) -> Result<create_session::Output, Error> {
    let login = Login {
        identifier: input.identifier,
        password: Password::new(input.password),
        allow_takendown: input.allow_takendown == Some(true),
    };
    let Session { account, tokens } = pds.inner.log_in(login).await?;
    let mut output =
        create_session::Output::new(tokens.access, tokens.refresh, shown_handle(&account), account.did.clone());
    describe!(output, pds, account);
    Ok(output)
}

pub(super) async fn refresh(pds: &Pds, cx: &Context) -> Result<refresh_session::Output, Error> {
    let Session { account, tokens } = pds.inner.refresh_session(token(cx)?).await?;
    let mut output =
        refresh_session::Output::new(tokens.access, tokens.refresh, shown_handle(&account), account.did.clone());
    describe!(output, pds, account);
    Ok(output)
}

pub(super) async fn delete(pds: &Pds, cx: &Context) -> Result<(), Error> {
    pds.inner.end_session(token(cx)?).await
}

pub(super) async fn get(pds: &Pds, cx: &Context) -> Result<get_session::Output, Error> {
    let (did, _) = auth::account(cx, STANDARD)?;
    let who = did.clone().into();
    let account = pds.inner.db.read(move |view| find(view, &who)).await?;
    let mut output = get_session::Output::new(shown_handle(&account), account.did.clone());
    describe!(output, pds, account);
    Ok(output)
}

/// The refresh token of a request.
fn token(cx: &Context) -> Result<&str, Error> {
    auth::bearer(cx)?.ok_or_else(|| Error::new(StatusCode::UNAUTHORIZED, "AuthMissing", "there is no refresh token"))
}

/// What answers say that have to have a handle.
pub(super) fn shown_handle(account: &Account) -> Handle {
    account.handle.clone().unwrap_or_else(|| Handle::from_unchecked("handle.invalid"))
}

impl Inner {
    /// The published document of a DID, if it can be had soon.
    pub(super) async fn did_doc(&self, did: &Did) -> Option<Value> {
        let asking = tokio::time::timeout(PATIENCE, self.resolver.document(did, Freshness::Cached));
        let document = asking.await.ok()?.ok()?;
        Value::from_json(&document.to_json()).ok()
    }
}
