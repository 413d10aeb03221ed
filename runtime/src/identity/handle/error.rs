use std::fmt;

use crate::identity::{DnsError, fetch::FetchError};

/// Why a handle leads to no DID.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum HandleError {
    /// `handle.invalid`, or a handle under a top level that is reserved. Nothing was asked.
    Reserved,
    /// Neither DNS nor the host knows of it.
    NotFound,
    /// DNS names different DIDs.
    Ambiguous,
    /// The DID that it leads to does not claim it.
    NotClaimed,
    /// What DNS or the host says is no DID.
    NotADid,
    /// The host answered with this status, which says neither that there is a DID nor that there is none; another
    /// attempt may.
    Status(u16),
    /// Nobody could say; another attempt may.
    Failed {
        /// Why DNS could not; `None` if it said that there is nothing, or something that is no DID.
        dns: Option<DnsError>,
        /// Why the host could not; `None` as with DNS.
        http: Option<FetchError>,
    },
}

impl HandleError {
    /// Whether the answer is certain: another attempt gives the same until somebody changes something.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Reserved | Self::NotFound | Self::Ambiguous | Self::NotClaimed | Self::NotADid => true,
            Self::Status(_) | Self::Failed { .. } => false,
        }
    }
}

impl fmt::Display for HandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reserved => f.write_str("a handle that no account may have"),
            Self::NotFound => f.write_str("the handle leads to no DID"),
            Self::Ambiguous => f.write_str("the handle leads to different DIDs"),
            Self::NotClaimed => f.write_str("the DID of the handle does not claim it"),
            Self::NotADid => f.write_str("the handle leads to something that is no DID"),
            Self::Status(status) => write!(f, "the host of the handle answered with status {status}"),
            Self::Failed { dns: Some(dns), http: Some(http) } => {
                write!(f, "the handle could not be resolved: {dns}; its host: {http}")
            }
            Self::Failed { dns: Some(dns), http: None } => write!(f, "the handle could not be resolved: {dns}"),
            Self::Failed { dns: None, http: Some(http) } => {
                write!(f, "the handle could not be resolved; its host: {http}")
            }
            Self::Failed { dns: None, http: None } => f.write_str("the handle could not be resolved"),
        }
    }
}

impl std::error::Error for HandleError {}
