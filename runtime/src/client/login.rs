//! Sessions: the calls that begin, renew and end them. The wire is untyped here, so that no
//! generated type is needed.

use std::sync::Arc;

use arobase_lexicon::schema::{BodySchema, JSON, Shared};

use super::{
    Bearer, Client, Error, Session,
    options::Options,
    request::{self, Failed, Outgoing, Received},
    session_auth::Listener,
};
use crate::{
    data::{self, Map, Value, json},
    xrpc::{Endpoint, EndpointKind, MaybeSend, MaybeSync, Raw},
};

pub(super) const CREATE_SESSION: &str = "com.atproto.server.createSession";
pub(super) const CREATE_ACCOUNT: &str = "com.atproto.server.createAccount";
pub(super) const REFRESH_SESSION: &str = "com.atproto.server.refreshSession";
pub(super) const DELETE_SESSION: &str = "com.atproto.server.deleteSession";

const BODY: Option<BodySchema> = Some(BodySchema { encoding: Shared::Static(JSON), schema: None });

static CREATE: Endpoint = procedure(CREATE_SESSION, BODY, BODY);
static REFRESH: Endpoint = procedure(REFRESH_SESSION, None, BODY);
static DELETE: Endpoint = procedure(DELETE_SESSION, None, None);

const fn procedure(nsid: &'static str, input: Option<BodySchema>, output: Option<BodySchema>) -> Endpoint {
    Endpoint { nsid: Shared::Static(nsid), kind: EndpointKind::Procedure, params: None, input, output, message: None }
}

/// What became of a refresh.
pub(super) enum Renewal {
    /// There is a new session.
    New(Session),
    /// The service does not take the token any more.
    Refused,
    /// The service was not reached, or could not tell.
    Unknown,
}

impl Client {
    /// Begins a session with a handle, a DID or a mail address and a password, best an app
    /// password; all clones have it then. An account with a second factor is for
    /// `com.atproto.server.createSession` itself, whose answers are taken in the same way.
    ///
    /// # Errors
    /// Those of the call; `AuthenticationRequired` for a wrong name or password.
    pub async fn login(&self, identifier: impl Into<String>, password: impl Into<String>) -> Result<Session, Error> {
        let body: Map = [("identifier", identifier.into()), ("password", password.into())].into_iter().collect();
        let body = json::to_vec(&Value::Map(body)).map(|json| Raw::Json(json.into()));
        let received = request::send(self.unproxied(), call(&CREATE, body)).await?;
        session(&received).ok_or_else(|| Error::Answer(data::Error::model("the answer is no session")))
    }

    /// Goes on with a session that was kept; all clones have it then. Nothing is sent, and the
    /// callback hears nothing.
    pub fn resume(&self, session: Session) {
        self.sessions().0.set(Some(session));
    }

    /// Ends the session. It is forgotten here whatever the service says, unless another login took
    /// its place meanwhile.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn logout(&self) -> Result<(), Error> {
        let login = self.sessions().0.login();
        let sent = request::send(self.unproxied(), call(&DELETE, Ok(Raw::Empty))).await;
        self.sessions().0.forget(login);
        sent.map(drop)
    }

    /// The session, where there is one.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        self.sessions().0.session()
    }

    /// Has a function called with each new session, after a login or a refresh, and with `None`
    /// after its end. There is one such function for all clones; a second one replaces the first.
    /// It should be quick: the call that led to it waits.
    pub fn on_session_change(&self, callback: impl Fn(Option<&Session>) + MaybeSend + MaybeSync + 'static) {
        let listener: Arc<dyn Listener> = Arc::new(callback);
        self.sessions().0.listen(listener);
    }
}

/// Asks for a new session in exchange for an old one. `client` has nothing of the old one. The call
/// may be repeated: the token that it carries has no other use left.
pub(super) async fn renew(client: Client, old: &Session) -> Renewal {
    let Ok(token) = Bearer::new(&old.refresh_jwt) else { return Renewal::Refused };
    let mut outgoing = call(&REFRESH, Ok(Raw::Empty));
    outgoing.options.idempotent();
    match request::send(client.with_auth(token), outgoing).await {
        Ok(received) => match session(&received).filter(|new| new.did == old.did) {
            Some(new) => Renewal::New(new),
            None => Renewal::Unknown,
        },
        Err(error) if is_refusal(&error) => Renewal::Refused,
        Err(_) => Renewal::Unknown,
    }
}

/// Whether the service said no to the token or the account. A service that is busy or broken, and
/// whatever stands before it, has said nothing about these.
fn is_refusal(error: &Failed) -> bool {
    let Error::Xrpc(error) = error else { return false };
    let status = error.status().as_u16();
    match error.name() {
        "ExpiredToken" | "InvalidToken" | "AccountTakedown" | "AccountDeactivated" => matches!(status, 400 | 401 | 403),
        "AuthenticationRequired" => status == 401,
        _ => false,
    }
}

fn call(endpoint: &'static Endpoint, body: Result<Raw, data::Error>) -> Outgoing {
    Outgoing { endpoint: Shared::Static(endpoint), query: Ok(String::new()), body, options: Options::default() }
}

fn session(received: &Received) -> Option<Session> {
    match &received.body {
        Raw::Json(json) => Session::from_json(json),
        _ => None,
    }
}
