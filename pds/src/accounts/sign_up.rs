//! What is wanted of a new account.

use std::{fmt, sync::Arc};

use arobase::{
    crypto::SigningKey,
    identity::plc::Operation,
    syntax::{Did, Handle},
};

/// A password in the clear, which is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Box<str>);

impl Password {
    /// From what was typed.
    #[must_use]
    pub fn new(password: impl Into<Box<str>>) -> Self {
        Self(password.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// An account that is wanted. Nothing is required: an account without a DID gets a did:plc, one without a password
/// cannot log in.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SignUp {
    /// Its handle. Under one of the server's domains it is one label of 3 to 18 characters before the domain, and not a
    /// reserved name; any other handle has to lead to the DID, which must be given then.
    pub handle: Option<Handle>,
    /// Its e-mail address.
    pub email: Option<Box<str>>,
    /// Its password, of 1 to 256 characters.
    pub password: Option<Password>,
    /// Its DID, if it has one: a did:web, or one that comes from elsewhere. If the account is to be active at once, the
    /// document has to name this server and the key.
    pub did: Option<Did>,
    /// Its signing key, if there is one that its DID document names already.
    pub key: Option<Arc<SigningKey>>,
    /// A did:key that its owner keeps, which may overrule ours in the PLC directory.
    pub recovery_key: Option<Box<str>>,
    /// The first operation of its DID, where the owner made it. It names the key, the handle and this server; what is
    /// in it besides is the owner's affair. If this server's rotation key is not in it, handles are changed by the owner
    /// in the directory.
    pub operation: Option<Operation>,
    /// Whether it begins switched off, and without events: a repository is to be brought here.
    pub deactivated: bool,
    /// Whether the caller vouches for handle and DID: a handle is then whatever the syntax allows, nothing is resolved,
    /// and neither the DID document nor where the handle leads is looked at. For accounts that another system makes, in
    /// great numbers for example. A given DID is believed to name this server.
    pub vouched: bool,
}

impl SignUp {
    /// An account with a handle.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self { handle: Some(handle), ..Self::default() }
    }
}
