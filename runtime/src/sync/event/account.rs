use std::fmt;

use arobase_lexicon::syntax::Did;
use bytes::Bytes;

use super::{Stamp, decode, encode};
use crate::data::{Error, cbor::CborReader, sink::Sink, source::Source};

/// `#account`: whether a host has an account for the world, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// The account.
    pub did: Did,
    /// Whether the account can be seen. This decides; the status explains.
    pub active: bool,
    /// Why it is not active, or in what way it is.
    pub status: Option<AccountStatus>,
}

/// Why an account is not active. Hosts may have reasons that are not known here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountStatus {
    /// Taken down by the host.
    Takendown,
    /// Suspended by the host for some time.
    Suspended,
    /// Deleted.
    Deleted,
    /// Deactivated by its owner.
    Deactivated,
    /// The host lost track of the repository.
    Desynchronized,
    /// The host slows it down.
    Throttled,
    /// Something else.
    Other(Box<str>),
}

impl AccountStatus {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Takendown => "takendown",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Deactivated => "deactivated",
            Self::Desynchronized => "desynchronized",
            Self::Throttled => "throttled",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for AccountStatus {
    fn from(name: &str) -> Self {
        let known =
            [Self::Takendown, Self::Suspended, Self::Deleted, Self::Deactivated, Self::Desynchronized, Self::Throttled];
        known.into_iter().find(|status| status.as_str() == name).unwrap_or_else(|| Self::Other(name.into()))
    }
}

impl fmt::Display for AccountStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AccountEvent {
    /// The event of an account that is active.
    #[must_use]
    pub fn active(did: Did) -> Self {
        Self { did, active: true, status: None }
    }

    /// The event of an account that is not active any more.
    #[must_use]
    pub fn inactive(did: Did, status: AccountStatus) -> Self {
        Self { did, active: false, status: Some(status) }
    }

    /// Writes the frame.
    ///
    /// # Errors
    /// The number is none, or a text breaks its syntax.
    pub fn to_frame(&self, stamp: &Stamp) -> Result<Bytes, Error> {
        let mut writer = encode::begin("#account", 4 + usize::from(self.status.is_some()), 256);
        encode::did(&mut writer, "did", &self.did)?;
        encode::seq(&mut writer, stamp)?;
        encode::time(&mut writer, &stamp.time)?;
        writer.key("active");
        writer.bool(self.active);
        if let Some(status) = &self.status {
            writer.key("status");
            writer.text(status.as_str());
        }
        encode::finish(writer)
    }

    pub(super) fn read(payload: &Bytes) -> Result<(Stamp, Self), Error> {
        let (mut did, mut seq, mut time, mut active, mut status) = (None, None, None, None, None);
        decode::map(payload, |reader: &mut CborReader<'_>| {
            loop {
                match reader.next_key()? {
                    None => return Ok(()),
                    Some("did") => did = Some(decode::format(reader, "did")?),
                    Some("seq") => seq = Some(decode::seq(reader)?),
                    Some("time") => time = Some(decode::format(reader, "time")?),
                    Some("active") => active = Some(decode::bool(reader, "active")?),
                    Some("status") => status = Some(AccountStatus::from(&*decode::text(reader, "status")?)),
                    Some(_) => reader.pass()?,
                }
            }
        })?;
        let event = Self { did: decode::required(did, "did")?, active: decode::required(active, "active")?, status };
        Ok((decode::stamp(seq, time)?, event))
    }
}
