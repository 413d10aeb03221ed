use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use futures_util::{FutureExt, future::Shared};
use http::{HeaderMap, header::AUTHORIZATION};

use super::{
    Auth, Client, Session,
    auth::{Answer, Attempt, AuthError, bearer},
    login::{self, CREATE_ACCOUNT, CREATE_SESSION, DELETE_SESSION, REFRESH_SESSION},
};
use crate::xrpc::{BoxFuture, EndpointKind, MaybeSend, MaybeSync, XrpcError};

/// The procedures that take tokens which come by mail, beside those of `com.atproto.identity`.
const BY_MAIL: [&str; 4] = [
    "com.atproto.server.confirmEmail",
    "com.atproto.server.deleteAccount",
    "com.atproto.server.resetPassword",
    "com.atproto.server.updateEmail",
];

/// Authorisation by a session: the access token for calls, and a new one when it is stale.
///
/// A refresh runs once however many calls need it: it belongs to the session and not to the call
/// that started it. A call that is dropped leaves it where it is, and the next one takes it up.
#[derive(Default)]
pub(super) struct SessionAuth {
    state: Mutex<State>,
    listener: Mutex<Option<Arc<dyn Listener>>>,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    refresh: Option<Refresh>,
    /// Counts the logins, so that the end of one is not taken for the end of the next.
    login: u64,
    /// The login that is being ended.
    leaving: Option<u64>,
}

/// A refresh that is under way.
type Refresh = Shared<BoxFuture<'static, ()>>;

/// Hears of a new session, or of its end.
pub(super) trait Listener: Fn(Option<&Session>) + MaybeSend + MaybeSync {}
impl<F: Fn(Option<&Session>) + MaybeSend + MaybeSync> Listener for F {}

impl SessionAuth {
    pub(super) fn new(session: Session) -> Self {
        Self { state: Mutex::new(State { session: Some(session), ..State::default() }), listener: Mutex::default() }
    }

    pub(super) fn session(&self) -> Option<Session> {
        self.state().session.clone()
    }

    /// Sets the session without a word to the listener.
    pub(super) fn set(&self, session: Option<Session>) {
        let mut state = self.state();
        *state = State { session, refresh: None, login: state.login.wrapping_add(1), leaving: state.leaving };
    }

    /// Which login the session comes from; refreshes do not change it.
    pub(super) fn login(&self) -> u64 {
        self.state().login
    }

    pub(super) fn listen(&self, listener: Arc<dyn Listener>) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// Forgets the session, if there is one and it is still of that login.
    pub(super) fn forget(&self, login: u64) {
        let mut state = self.state();
        if state.login != login {
            return;
        }
        let had = state.session.take().is_some();
        state.refresh = None;
        drop(state);
        if had {
            self.report(None);
        }
    }

    /// Forgets the session that the last `deleteSession` was sent for.
    fn left(&self) {
        let leaving = self.state().leaving;
        if let Some(login) = leaving {
            self.forget(login);
        }
    }

    /// The session for a request; of one that ends it, its login is noted.
    fn session_for(&self, nsid: &str) -> Option<Session> {
        let mut state = self.state();
        if nsid == DELETE_SESSION {
            state.leaving = Some(state.login);
        }
        state.session.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn adopt(&self, session: &Session) {
        self.set(Some(session.clone()));
        self.report(Some(session));
    }

    /// Takes a newer session of the same login.
    fn adopt_refreshed(&self, session: &Session) {
        let mut state = self.state();
        state.session = Some(session.clone());
        state.refresh = None;
        drop(state);
        self.report(Some(session));
    }

    /// Without a lock, so that the listener may use the client.
    fn report(&self, session: Option<&Session>) {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listener) = listener {
            listener(session);
        }
    }

    /// What helps a request that was refused. Decided under one lock with [`SessionAuth::renewed`]:
    /// otherwise a refresh that ends in between would be followed by another one.
    fn remedy(self: &Arc<Self>, client: &Client, sent: &HeaderMap) -> Remedy {
        let mut state = self.state();
        if let Some(refresh) = &state.refresh {
            return Remedy::Wait(refresh.clone());
        }
        let Some(session) = state.session.clone() else { return Remedy::None };
        if is_newer(&session, sent) {
            return Remedy::Newer;
        }
        let work: BoxFuture<'static, ()> = Box::pin(renew(Arc::downgrade(self), client.plain(), session));
        Remedy::Wait(state.refresh.insert(work.shared()).clone())
    }

    /// Waits for the refresh that is under way, if there is one.
    async fn settle(&self) {
        let refresh = self.state().refresh.clone();
        if let Some(refresh) = refresh {
            refresh.await;
        }
    }

    /// Takes the outcome of a refresh, unless the session was changed meanwhile.
    fn renewed(&self, old: &Session, outcome: login::Renewal) {
        let mut state = self.state();
        if state.session.as_ref() != Some(old) {
            return;
        }
        let session = match outcome {
            login::Renewal::New(session) => Some(session),
            login::Renewal::Refused => None,
            login::Renewal::Unknown => {
                state.refresh = None;
                return;
            }
        };
        state.session.clone_from(&session);
        state.refresh = None;
        drop(state);
        self.report(session.as_ref());
    }
}

/// What helps a request that was refused.
enum Remedy {
    /// There is a newer token already.
    Newer,
    /// A refresh may bring one.
    Wait(Refresh),
    /// Nothing: there is no session.
    None,
}

/// Whether the token of a session is another than the one that a request was sent with.
fn is_newer(session: &Session, sent: &HeaderMap) -> bool {
    bearer(&session.access_jwt).is_ok_and(|current| sent.get(AUTHORIZATION) != Some(&current))
}

/// Asks for a new session. It keeps the old one only as long as somebody has the client.
async fn renew(auth: Weak<SessionAuth>, client: Client, old: Session) {
    let outcome = login::renew(client, &old).await;
    if let Some(auth) = auth.upgrade() {
        auth.renewed(&old, outcome);
    }
}

/// What authorises the calls of one client and its clones.
#[derive(Clone, Default)]
pub(super) struct SharedSession(pub(super) Arc<SessionAuth>);

impl Auth for SharedSession {
    fn authorize<'a>(
        &'a self,
        attempt: Attempt<'a>,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async move {
            let nsid = &*attempt.endpoint.nsid;
            if matches!(nsid, CREATE_SESSION | CREATE_ACCOUNT) {
                return confidential(attempt);
            }
            self.0.settle().await;
            let Some(session) = self.0.session_for(nsid) else { return Ok(()) };
            confidential(attempt)?;
            let token = match nsid {
                REFRESH_SESSION | DELETE_SESSION => &session.refresh_jwt,
                _ => &session.access_jwt,
            };
            headers.insert(AUTHORIZATION, bearer(token)?);
            Ok(())
        })
    }

    fn answered(&self, attempt: Attempt<'_>, answer: Answer<'_>) {
        if !answer.status.is_success() {
            return;
        }
        let session = || answer.json.and_then(|json| Session::from_json(json));
        match &*attempt.endpoint.nsid {
            CREATE_SESSION | CREATE_ACCOUNT => {
                if let Some(session) = session() {
                    self.0.adopt(&session);
                }
            }
            REFRESH_SESSION => {
                let did = self.0.session().map(|session| session.did);
                if let Some(session) = session().filter(|session| did.as_ref() == Some(&session.did)) {
                    self.0.adopt_refreshed(&session);
                }
            }
            DELETE_SESSION => self.0.left(),
            _ => {}
        }
    }

    fn recover<'a>(&'a self, attempt: Attempt<'a>, sent: &'a HeaderMap, error: &'a XrpcError) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            if !is_stale(error) || !is_renewable(attempt) {
                return false;
            }
            match self.0.remedy(attempt.client, sent) {
                Remedy::Newer => return true,
                Remedy::None => return false,
                Remedy::Wait(refresh) => refresh.await,
            }
            self.0.session().is_some_and(|session| is_newer(&session, sent))
        })
    }
}

/// Whether a new access token may help after an error. The names that are no more than a hint count
/// only with a status that is about who asks: as 400 they are about what was asked for.
fn is_stale(error: &XrpcError) -> bool {
    match error.name() {
        "ExpiredToken" | "InvalidToken" | "AuthenticationRequired" => true,
        "TokenRequired" | "AccountNotFound" => matches!(error.status().as_u16(), 401 | 403),
        _ => false,
    }
}

/// Refuses what would send a password or a token in the clear through a network.
fn confidential(Attempt { client, url, .. }: Attempt<'_>) -> Result<(), AuthError> {
    let in_the_clear = matches!(url.scheme_str(), Some("http" | "ws"));
    if in_the_clear && !client.config().plain_http && !is_loopback(url.host().unwrap_or_default()) {
        return Err(AuthError::new(
            "a session is not for plain HTTP: use an https address, or allow it with `Client::with_plain_http`",
        ));
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a refusal can be about the access token. Some procedures take tokens of their own, which
/// come by mail, and complain of them by the same names.
fn is_renewable(Attempt { endpoint, .. }: Attempt<'_>) -> bool {
    let nsid = &*endpoint.nsid;
    let is_identity = endpoint.kind == EndpointKind::Procedure && nsid.starts_with("com.atproto.identity.");
    let by_mail = is_identity || BY_MAIL.contains(&nsid);
    !by_mail && !matches!(nsid, CREATE_SESSION | CREATE_ACCOUNT | REFRESH_SESSION | DELETE_SESSION)
}
