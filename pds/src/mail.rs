//! Mail to the owners of accounts.

use std::fmt;

use arobase::xrpc::BoxFuture;

/// A message to the owner of an account.
#[derive(Clone)]
pub struct Mail {
    /// The address.
    pub to: Box<str>,
    /// What it is about.
    pub subject: Box<str>,
    /// What it says, as plain text. It may hold a code that works like a password.
    pub text: Box<str>,
}

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Hands a message on.
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<(), MailError>>;
}

/// Why a message was not handed on.
#[derive(Debug)]
pub struct MailError(pub Box<dyn std::error::Error + Send + Sync>);

/// Writes mail to the log, for development: codes in it are for everybody to see who sees the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct MailLog;

impl Mailer for MailLog {
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<(), MailError>> {
        tracing::info!(to = &*mail.to, subject = &*mail.subject, "mail: {}", mail.text);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail could not be sent: {}", self.0)
    }
}

impl std::error::Error for MailError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Without the text.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}
