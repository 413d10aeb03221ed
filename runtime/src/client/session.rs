use std::fmt;

use arobase_lexicon::syntax::{Did, Handle};

use super::auth::bearer;
use crate::data::{Value, json};

/// A session with a PDS (legacy sessions): whose it is, and two tokens. Keep it to
/// [`resume`](super::Client::resume) it later; both tokens are secrets, and `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The account.
    pub did: Did,
    /// Its handle at the time; `handle.invalid` if that did not lead back to the account.
    pub handle: Handle,
    /// The token for calls, good for minutes to hours.
    pub access_jwt: String,
    /// The token for a new session, good for weeks, and once.
    pub refresh_jwt: String,
}

impl Session {
    /// Reads what `createSession`, `refreshSession` and `createAccount` answer; `None` if that is no
    /// session.
    pub(super) fn from_json(json: &[u8]) -> Option<Self> {
        let (value, _) = json::parse_lenient(json, crate::data::Limits::DEFAULT).ok()?;
        let text = |key| value.get(key).and_then(Value::as_str);
        let token = |key| text(key).filter(|token| bearer(token).is_ok()).map(str::to_owned);
        Some(Self {
            did: text("did")?.parse().ok()?,
            handle: text("handle").and_then(|handle| handle.parse().ok()).or_else(|| "handle.invalid".parse().ok())?,
            access_jwt: token("accessJwt")?,
            refresh_jwt: token("refreshJwt")?,
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("did", &self.did.as_str())
            .field("handle", &self.handle.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_from_an_answer_and_shows_no_tokens() {
        let json =
            r#"{"did":"did:web:a.example","handle":"a.example","accessJwt":"AAA","refreshJwt":"RRR","active":true}"#;
        let session = Session::from_json(json.as_bytes()).unwrap();
        assert_eq!((session.access_jwt.as_str(), session.refresh_jwt.as_str()), ("AAA", "RRR"));
        let shown = format!("{session:?}");
        assert!(shown.contains("did:web:a.example") && !shown.contains("AAA") && !shown.contains("RRR"), "{shown}");
    }

    #[test]
    fn a_bad_handle_is_no_reason_to_lose_a_session() {
        let json = r#"{"did":"did:web:a.example","handle":"!","accessJwt":"AAA","refreshJwt":"RRR"}"#;
        assert_eq!(Session::from_json(json.as_bytes()).unwrap().handle.as_str(), "handle.invalid");
    }

    #[test]
    fn an_answer_without_did_or_tokens_is_no_session() {
        for json in [
            "",
            "{}",
            r#"{"did":"x","handle":"a.example","accessJwt":"AAA","refreshJwt":"RRR"}"#,
            r#"{"did":"did:web:a.example","accessJwt":"","refreshJwt":"RRR"}"#,
            r#"{"did":"did:web:a.example","accessJwt":"A A","refreshJwt":"RRR"}"#,
        ] {
            assert_eq!(Session::from_json(json.as_bytes()), None, "{json}");
        }
    }
}
