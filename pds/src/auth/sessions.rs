//! Sessions (XRPC, sessions): a refresh token that is used once gives the next one, and access tokens in between.
//!
//! What is stored is the SHA-256 digest of a token's ID, so that who reads the store has no session. The ID of the next
//! token follows from that of the one before, by the secret of the server: who uses a token twice, because an answer got
//! lost or two did so at once, gets the same one twice.

use arobase::syntax::Did;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::{
    Access, expired,
    gate::taken_down,
    invalid,
    jwt::{Claims, Fault, Purpose, Signing},
    secrets::random,
};
use crate::{
    error::Error,
    pds::Inner,
    store::{Account, SessionRow, State, Unit},
};

/// How long tokens are good, in seconds: 2 hours, and 90 days.
const ACCESS: i64 = 2 * 60 * 60;
const REFRESH: i64 = 90 * 24 * 60 * 60;
/// How long a refresh token that was used is good once more, in seconds.
const GRACE: i64 = 2 * 60 * 60;
const MICROS: i64 = 1_000_000;
/// How many old sessions are cleared away with each refresh.
const CLEARED: usize = 100;
/// How far a chain of tokens is followed when it ends. There are two within the grace, rarely three.
const CHAIN: usize = 16;

/// A session as its client gets it.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) account: Account,
    pub(crate) tokens: Tokens,
}

/// The tokens of a session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// A refresh token that is one of ours.
struct Refresh {
    did: Did,
    /// The names of its session and of the one that follows, as they are stored.
    row: Box<str>,
    next: Box<str>,
    /// The ID of the next token.
    next_id: Box<str>,
}

impl Inner {
    pub(super) fn signing(&self) -> Signing<'_> {
        Signing { secret: &self.secrets.session, audience: &self.settings.did }
    }

    pub(super) fn now_secs(&self) -> i64 {
        self.now() / MICROS
    }

    /// Begins a session. One of an account that was taken down cannot be refreshed: nothing is stored of it.
    pub(crate) async fn begin_session(&self, account: Account, access: Access) -> Result<Session, Error> {
        let id = BASE64URL_NOPAD.encode(&random::<32>()?).into_boxed_str();
        let expires = self.now_secs().saturating_add(REFRESH);
        if access != Access::Takendown {
            let row = row(stored(&id), &account, expires, None);
            self.db.write(move |unit| unit.put_session(&row).map_err(Error::from)).await?;
        }
        let tokens = self.tokens(&account.did, access, id, expires)?;
        Ok(Session { account, tokens })
    }

    /// The next tokens for a refresh token. 400 `InvalidToken` or `ExpiredToken`, 401 `AccountTakedown`.
    pub(crate) async fn refresh_session(&self, token: &str) -> Result<Session, Error> {
        let claims = self.signing().read(token, self.now_secs()).map_err(refused)?;
        let used = self.refresh(claims)?;
        let (now, next_id) = (self.now(), used.next_id.clone());
        let (account, next) = self.db.write(move |unit| rotate(unit, &used, now)).await?;
        let access = if next.app_password.is_some() { Access::AppPassword } else { Access::Full };
        let tokens = self.tokens(&account.did, access, next_id, next.expires_at / MICROS)?;
        Ok(Session { account, tokens })
    }

    /// Ends the session of a refresh token, which may have expired. 400 `InvalidToken`.
    pub(crate) async fn end_session(&self, token: &str) -> Result<(), Error> {
        let claims = self.signing().read_old(token).map_err(refused)?;
        let used = self.refresh(claims)?;
        self.db.write(move |unit| end(unit, used.row)).await
    }

    fn refresh(&self, claims: Claims) -> Result<Refresh, Error> {
        let Purpose::Refresh(id) = claims.purpose else { return Err(invalid("this is not a refresh token")) };
        let next_id = self.successor(&id);
        Ok(Refresh { did: claims.did, row: stored(&id), next: stored(&next_id), next_id })
    }

    /// The ID of the token that follows on one.
    fn successor(&self, id: &str) -> Box<str> {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&*self.secrets.session);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        // No token is signed that begins like this.
        mac.update(b"successor:");
        mac.update(id.as_bytes());
        BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()).into()
    }

    fn tokens(&self, did: &Did, access: Access, id: Box<str>, expires: i64) -> Result<Tokens, Error> {
        let now = self.now_secs();
        let sign = |purpose, issued, expires| {
            let claims = Claims { did: did.clone(), purpose, issued, expires };
            self.signing().sign(&claims).ok_or_else(|| Error::internal("there are no tokens for this access"))
        };
        Ok(Tokens {
            access: sign(Purpose::Access(access), now, now.saturating_add(ACCESS))?,
            refresh: sign(Purpose::Refresh(id), expires.saturating_sub(REFRESH), expires)?,
        })
    }
}

fn refused(fault: Fault) -> Error {
    match fault {
        Fault::Foreign => invalid("this is not a refresh token of this server"),
        Fault::Expired => expired(),
    }
}

/// How the ID of a token is stored.
pub(super) fn stored(id: &str) -> Box<str> {
    HEXLOWER.encode(&Sha256::digest(id)).into()
}

fn row(id: Box<str>, account: &Account, expires: i64, app_password: Option<Box<str>>) -> SessionRow {
    SessionRow { id, account: account.id, expires_at: expires.saturating_mul(MICROS), next: None, app_password }
}

/// The session that follows on one that was used.
fn rotate(unit: &mut dyn Unit, used: &Refresh, now: i64) -> Result<(Account, SessionRow), Error> {
    unit.delete_expired_sessions(now, CLEARED)?;
    let Some(mut old) = unit.session(&used.row)?.filter(|row| row.expires_at > now) else { return Err(expired()) };
    let account = unit.account(old.account)?.ok_or_else(expired)?;
    if account.did != used.did {
        return Err(invalid("the token is of another account"));
    }
    if matches!(account.state(), State::Takendown | State::Suspended) {
        return Err(taken_down());
    }
    if old.next.is_some() {
        // If the next one is gone, the session was ended.
        let next = unit.session(&used.next)?.ok_or_else(expired)?;
        return Ok((account, next));
    }
    let expires = (now / MICROS).saturating_add(REFRESH);
    let next = row(used.next.clone(), &account, expires, old.app_password.clone());
    unit.put_session(&next)?;
    old.next = Some(used.next.clone());
    old.expires_at = old.expires_at.min(now.saturating_add(GRACE.saturating_mul(MICROS)));
    unit.put_session(&old)?;
    Ok((account, next))
}

/// Ends a session and those that follow on it.
fn end(unit: &mut dyn Unit, first: Box<str>) -> Result<(), Error> {
    let mut next = Some(first);
    for _ in 0..CHAIN {
        let Some(id) = next else { break };
        next = unit.session(&id)?.and_then(|row| row.next);
        unit.delete_session(&id)?;
    }
    Ok(())
}
