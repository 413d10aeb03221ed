//! DID documents of accounts, and what they have to say.

use std::sync::Arc;

use arobase::{
    crypto::{PublicKey, Signer},
    identity::{
        DidDocument, Freshness, IdentityError,
        plc::{Content, Operation, PlcData},
    },
    syntax::{Did, DidMethod, Handle},
};
use http::StatusCode;

use super::new_did::from_plc;
use crate::{
    error::Error,
    pds::{Inner, Pds},
    store::{Account, State},
};

impl Pds {
    /// The document that an account should have, as far as this server can say it: its handle, its signing key, and this
    /// server. What is published for the DID may say more.
    ///
    /// # Errors
    /// Its key cannot be opened.
    pub fn document_of(&self, account: &Account) -> Result<DidDocument, Error> {
        let key = self.inner.signer_of(account)?.public_key().to_did_key();
        let mut data = PlcData::default();
        data.set_signing_key(key);
        data.set_pds(&self.inner.settings.url);
        if let Some(handle) = &account.handle {
            data.set_handle(handle.as_str());
        }
        Ok(data.document(&account.did))
    }

    /// The DID of the account whose handle is a host under one of the server's domains, for
    /// `/.well-known/atproto-did`. The host may have a port. Accounts that the operator switched off have none.
    ///
    /// # Errors
    /// The store failed.
    pub async fn account_of_host(&self, host: &str) -> Result<Option<Did>, Error> {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let Ok(handle) = name.to_ascii_lowercase().parse::<Handle>() else { return Ok(None) };
        if self.inner.settings.hosted_name(&handle).is_none() {
            return Ok(None);
        }
        self.did_of_hosted(handle).await
    }

    /// The DID of a handle that an account here has, unless the operator switched it off.
    pub(crate) async fn did_of_hosted(&self, handle: Handle) -> Result<Option<Did>, Error> {
        let found = self.inner.db.read(move |view| view.account_of_handle(&handle.normalize())).await?;
        Ok(found.filter(|account| matches!(account.state(), State::Active | State::Deactivated)).map(|found| found.did))
    }
}

impl Inner {
    /// The key that signs for an account.
    pub(crate) fn signer_of(&self, account: &Account) -> Result<Arc<dyn Signer>, Error> {
        self.keys.open(&account.key).map_err(Error::internal)
    }

    /// Checks that a DID is ready for its account to be active here: its document names this server and the key; and as
    /// long as this is a did:plc, our rotation key may change it.
    pub(crate) async fn check_ready(&self, account: &Account) -> Result<(), Error> {
        let key = self.signer_of(account)?.public_key();
        self.check_document(&account.did, &key).await?;
        if account.did.check_method() == Ok(DidMethod::Plc) {
            let own = self.secrets.rotation.public_key().to_did_key();
            let data = self.plc.data(&account.did).await.map_err(from_plc)?;
            if !data.rotation_keys.contains(&own) {
                return Err(incompatible("the rotation keys of the DID do not have that of this server"));
            }
        }
        Ok(())
    }

    /// Whether the document of a DID names this server and a key, as of now.
    pub(crate) async fn check_document(&self, did: &Did, key: &PublicKey) -> Result<(), Error> {
        let document = self.published(did).await.map_err(|error| unresolved(&error))?;
        if document.pds() != Some(&*self.settings.url) {
            return Err(incompatible("the DID document names another server"));
        }
        match document.signing_key() {
            Some(found) if found == *key => Ok(()),
            _ => Err(incompatible("the DID document has another signing key")),
        }
    }

    /// The document of a DID, as of now. The PLC directory is one of the operator's, and may be asked at any time.
    async fn published(&self, did: &Did) -> Result<Arc<DidDocument>, IdentityError> {
        match did.check_method() {
            Ok(DidMethod::Plc) => self.plc.document(did).await.map(Arc::new),
            _ => self.resolver.document(did, Freshness::Fresh).await,
        }
    }

    /// Checks the first operation of a DID that its owner made; the DID that it makes.
    pub(super) fn check_operation(
        &self,
        operation: &Operation,
        handle: Option<&Handle>,
        key: &dyn Signer,
    ) -> Result<Did, Error> {
        let (Some(did), Content::Update { data, .. }) = (operation.did(), operation.content()) else {
            return Err(Error::invalid_request("this is not the first operation of a DID"));
        };
        operation.check_new().map_err(|error| Error::invalid_request(error.to_string()))?;
        let document = data.document(&did);
        if document.pds() != Some(&*self.settings.url) {
            return Err(incompatible("the operation names another server"));
        }
        if document.signing_key() != Some(key.public_key()) {
            return Err(incompatible("the operation has another signing key"));
        }
        if document.handle().as_ref() != handle {
            return Err(incompatible("the operation has another handle"));
        }
        Ok(did)
    }
}

/// Why a DID says nothing.
pub(crate) fn unresolved(error: &IdentityError) -> Error {
    match error.is_permanent() {
        true => Error::named("UnresolvableDid", error.to_string()),
        false => Error::new(StatusCode::BAD_GATEWAY, "UpstreamFailure", error.to_string()),
    }
}

fn incompatible(message: &'static str) -> Error {
    Error::named("IncompatibleDidDoc", message)
}
