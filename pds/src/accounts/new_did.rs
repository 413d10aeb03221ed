//! The DID that a new account gets, or has.

use arobase::{
    crypto::{PublicKey, Signer},
    identity::plc::{Operation, PlcData, PlcError},
    syntax::{Did, Handle},
};
use http::StatusCode;

use crate::{error::Error, pds::Inner};

/// Where the DID of a new account comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// It is there, and stays what it is.
    Given(Did),
    /// It is to be made from this state.
    New(Box<PlcData>),
    /// Its owner made the first operation, which is to be submitted.
    Brought(Did, Box<Operation>),
}

/// A DID, and whether the server made it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) did: Did,
    pub(super) made: bool,
}

impl Inner {
    /// The state of a new DID: our rotation key, behind that of the owner if there is one, because the first is the
    /// strongest.
    pub(crate) fn genesis(
        &self,
        handle: Option<&Handle>,
        key: &dyn Signer,
        recovery: Option<&str>,
    ) -> Result<PlcData, Error> {
        let mut keys = Vec::with_capacity(2);
        if let Some(recovery) = recovery {
            PublicKey::from_did_key(recovery).map_err(|_| Error::invalid_request("the recovery key is no did:key"))?;
            keys.push(recovery.to_owned());
        }
        let own = self.secrets.rotation.public_key().to_did_key();
        if !keys.contains(&own) {
            keys.push(own);
        }
        let mut data = PlcData { rotation_keys: keys, ..PlcData::default() };
        data.set_signing_key(key.public_key().to_did_key());
        data.set_pds(&self.settings.url);
        if let Some(handle) = handle {
            data.set_handle(handle.as_str());
        }
        Ok(data)
    }

    /// Makes sure that the DID exists.
    pub(super) async fn find_or_make(&self, origin: Origin) -> Result<Found, Error> {
        match origin {
            Origin::Given(did) => Ok(Found { did, made: false }),
            Origin::New(data) => {
                let did = self.plc.create(*data, &*self.secrets.rotation).await.map_err(from_plc)?;
                Ok(Found { did, made: true })
            }
            Origin::Brought(did, operation) => {
                self.plc.submit(&did, &operation).await.map_err(from_plc)?;
                Ok(Found { did, made: false })
            }
        }
    }

    /// Gives up a DID that was made for an account which could not be created. If that fails, the DID stays in the
    /// directory and is of no use to anybody: nothing here refers to it, and its handle is free.
    pub(super) async fn give_up(&self, did: &Did) {
        if let Err(error) = self.plc.tombstone(did, &*self.secrets.rotation).await {
            tracing::warn!(%did, "a new DID could not be given up: {error}");
        }
    }
}

/// What a directory said, for the caller.
pub(super) fn from_plc(error: PlcError) -> Error {
    match error {
        PlcError::Operation(_) | PlcError::Log(_) | PlcError::Did => Error::invalid_request(error.to_string()),
        PlcError::NotFound | PlcError::Tombstoned => Error::named("UnresolvableDid", error.to_string()),
        PlcError::Sign(error) => Error::internal(error),
        error => Error::new(StatusCode::BAD_GATEWAY, "UpstreamFailure", error.to_string()),
    }
}
