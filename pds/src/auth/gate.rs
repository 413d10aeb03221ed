//! Finding out who is calling.

use std::{sync::Arc, time::Duration};

use arobase::{
    Context,
    clock::Clock,
    identity::Resolver,
    service_auth::{KeySource, Verifier},
    syntax::Did,
};
use http::StatusCode;

use super::{
    Access, Credentials, Passwords,
    authorization::{self, Presented},
    expired, invalid,
    jwt::{Claims, Fault, Purpose, is_access},
    secrets::same,
    service,
};
use crate::{
    error::Error,
    pds::{Inner, Pds},
    settings::Settings,
    store::{Account, State},
};

/// How long a log-in takes at least, whatever comes of it.
const PATIENCE: Duration = Duration::from_millis(350);

/// What it takes to find out who is calling.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(super) verifier: Verifier,
    pub(crate) passwords: Passwords,
    pub(super) patience: Duration,
}

impl Gate {
    pub(crate) fn new(settings: &Settings, resolver: &Resolver, clock: Arc<dyn Clock>, passwords: Passwords) -> Self {
        let did = settings.did.as_str();
        let keys: Arc<dyn KeySource> = Arc::new(resolver.clone());
        let verifier = Verifier::new([did.to_owned(), format!("{did}#atproto_pds")], keys).clock(clock);
        Self { verifier, passwords, patience: PATIENCE }
    }
}

/// What a method makes of the credentials of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interest {
    /// It has a use for them of its own, or none.
    None,
    /// It gives those more whom it knows; a token that is not for this server is nothing to it.
    Optional,
    /// It takes service tokens besides sessions.
    Service,
    /// It is for those who are known.
    Required,
}

impl Interest {
    fn of(nsid: &str) -> Self {
        match nsid {
            "com.atproto.server.createSession"
            | "com.atproto.server.refreshSession"
            | "com.atproto.server.deleteSession"
            | "com.atproto.server.describeServer"
            | "com.atproto.identity.resolveHandle"
            | "com.atproto.identity.resolveDid"
            | "com.atproto.identity.resolveIdentity" => Self::None,
            "com.atproto.repo.getRecord" | "com.atproto.repo.listRecords" | "com.atproto.repo.describeRepo" => {
                Self::Optional
            }
            "com.atproto.server.createAccount" | "com.atproto.repo.uploadBlob" => Self::Service,
            nsid if nsid.starts_with("com.atproto.sync.") => Self::Optional,
            _ => Self::Required,
        }
    }
}

impl Pds {
    /// Finds out who is calling: the hook of the router. `None` for a request without credentials.
    pub(crate) async fn credentials(&self, cx: &Context) -> Result<Option<Credentials>, Error> {
        if let Some(custom) = &self.inner.authenticate
            && let Some(found) = custom.authenticate(cx).await?
        {
            return Ok(Some(found));
        }
        let interest = Interest::of(cx.nsid());
        if interest == Interest::None {
            return Ok(None);
        }
        match self.inner.presented(cx, interest).await {
            // Who reads with an old token may be the owner, who has to learn of it.
            Err(error) if interest == Interest::Optional && error.name() != "ExpiredToken" => Ok(None),
            found => found,
        }
    }
}

impl Inner {
    async fn presented(&self, cx: &Context, interest: Interest) -> Result<Option<Credentials>, Error> {
        match authorization::read(cx.headers())? {
            None => Ok(None),
            Some(Presented::Basic(name, password)) => self.operator(&name, &password).map(Some),
            Some(Presented::Bearer(token)) if interest == Interest::Service && !is_access(token) => {
                service::credentials(&self.gate.verifier, cx, token).await.map(Some)
            }
            Some(Presented::Bearer(token)) => self.holder(token).await.map(Some),
        }
    }

    fn operator(&self, name: &str, password: &str) -> Result<Credentials, Error> {
        match &self.settings.admin_password {
            Some(known) if !known.is_empty() && name == "admin" && same(password, known) => Ok(Credentials::admin()),
            _ => Err(Error::new(StatusCode::UNAUTHORIZED, "AuthenticationRequired", "this is not an operator")),
        }
    }

    /// Who holds an access token.
    async fn holder(&self, token: &str) -> Result<Credentials, Error> {
        let (did, access) = match self.signing().read(token, self.now_secs()) {
            Ok(Claims { did, purpose: Purpose::Access(access), .. }) => (did, access),
            Ok(_) | Err(Fault::Foreign) => return Err(invalid("this is not an access token of this server")),
            Err(Fault::Expired) => return Err(expired()),
        };
        let wanted = did.clone();
        let found = self.db.read(move |view| view.account_of_did(&wanted)).await?;
        check_standing(found.as_ref(), &did, access)?;
        Ok(Credentials::of(did, access))
    }
}

/// Checks that an account may still be used with an access token.
fn check_standing(account: Option<&Account>, did: &Did, access: Access) -> Result<(), Error> {
    let Some(account) = account else {
        return Err(Error::new(StatusCode::FORBIDDEN, "AccountNotFound", format!("no account {did} is here")));
    };
    match account.state() {
        State::Takendown | State::Suspended if access != Access::Takendown => Err(taken_down()),
        _ => Ok(()),
    }
}

/// The operator switched the account off.
pub(super) fn taken_down() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, "AccountTakedown", "the account was taken down")
}
