//! Tokens that lack a signature.

use std::fmt;

use arobase_lexicon::json::Json;
use data_encoding::BASE64URL_NOPAD;

use crate::crypto::Signature;

/// A token that lacks its signature, for keys that answer later, such as one in another service.
///
/// ```
/// use arobase_runtime::{
///     clock::SystemClock,
///     crypto::{Curve, Signer, SigningKey},
///     service_auth::Claims,
/// };
///
/// let key = SigningKey::generate(Curve::K256);
/// let iss = "did:plc:abcdefghijklmnopqrstuvwx".parse()?;
/// let claims = Claims::new(iss, "did:web:api.example.com#svc", "com.example.getThing".parse()?);
/// let draft = claims.draft(Curve::K256, &SystemClock)?;
/// let signature = key.sign(draft.signing_bytes())?;
/// let token = draft.signed_with(&signature);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Draft(String);

impl Draft {
    pub(super) fn new(header: &Json, payload: &Json) -> Self {
        let mut text = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        text.push('.');
        BASE64URL_NOPAD.encode_append(payload.to_string().as_bytes(), &mut text);
        Self(text)
    }

    /// What is signed, over its SHA-256 digest.
    #[must_use]
    pub fn signing_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The token with its signature. Whose that is, is not looked at.
    #[must_use]
    pub fn signed_with(self, signature: &Signature) -> String {
        let mut token = self.0;
        token.push('.');
        BASE64URL_NOPAD.encode_append(signature.as_bytes(), &mut token);
        token
    }
}

/// Without the text, which is half a secret.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draft(..)")
    }
}
