use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::{FutureExt, future::Shared};
use http::{HeaderMap, header::AUTHORIZATION};

use super::{
    Auth, Client, Session,
    auth::{Answer, Attempt, AuthError, bearer},
    login::{self, CREATE_ACCOUNT, CREATE_SESSION, DELETE_SESSION, REFRESH_SESSION},
};
use crate::xrpc::{BoxFuture, EndpointKind, MaybeSend, MaybeSync, XrpcError};

/// The errors after which a new access token may help.
const STALE: [&str; 5] = ["ExpiredToken", "InvalidToken", "AuthenticationRequired", "TokenRequired", "AccountNotFound"];

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
}

/// A refresh that is under way.
type Refresh = Shared<BoxFuture<'static, ()>>;

/// Hears of a new session, or of its end.
pub(super) trait Listener: Fn(Option<&Session>) + MaybeSend + MaybeSync {}
impl<F: Fn(Option<&Session>) + MaybeSend + MaybeSync> Listener for F {}

impl SessionAuth {
    pub(super) fn new(session: Session) -> Self {
        Self { state: Mutex::new(State { session: Some(session), refresh: None }), listener: Mutex::default() }
    }

    pub(super) fn session(&self) -> Option<Session> {
        self.state().session.clone()
    }

    /// Sets the session without a word to the listener.
    pub(super) fn set(&self, session: Option<Session>) {
        *self.state() = State { session, refresh: None };
    }

    pub(super) fn listen(&self, listener: Arc<dyn Listener>) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// Forgets the session, if there is one.
    pub(super) fn forget(&self) {
        let had = std::mem::take(&mut *self.state()).session.is_some();
        if had {
            self.report(None);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn adopt(&self, session: &Session) {
        self.set(Some(session.clone()));
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
        *state = State { session: session.clone(), refresh: None };
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
                return Ok(());
            }
            self.0.settle().await;
            let Some(session) = self.0.session() else { return Ok(()) };
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
                    self.0.adopt(&session);
                }
            }
            DELETE_SESSION => self.0.forget(),
            _ => {}
        }
    }

    fn recover<'a>(&'a self, attempt: Attempt<'a>, sent: &'a HeaderMap, error: &'a XrpcError) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            if !STALE.contains(&error.name()) || !is_renewable(attempt) {
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

/// Whether a refusal can be about the access token. The procedures of `com.atproto.identity` take
/// tokens of their own, which come by mail, and complain of them by the same names.
fn is_renewable(Attempt { endpoint, .. }: Attempt<'_>) -> bool {
    let nsid = &*endpoint.nsid;
    let by_mail = endpoint.kind == EndpointKind::Procedure && nsid.starts_with("com.atproto.identity.");
    !by_mail && !matches!(nsid, CREATE_SESSION | CREATE_ACCOUNT | REFRESH_SESSION | DELETE_SESSION)
}
