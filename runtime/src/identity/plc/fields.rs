//! From fields to the forms that have them.

use std::collections::BTreeMap;

use super::{
    Content, LegacyCreate, Operation, OperationError, PlcData, PlcService,
    names::{
        ALSO_KNOWN_AS, CREATE, DID, HANDLE, OPERATION, PREV, RECOVERY_KEY, ROTATION_KEYS, SERVICE, SERVICES, SIG,
        SIGNING_KEY, TOMBSTONE, TYPE, VERIFICATION_METHODS,
    },
    signature,
};
use crate::data::{Cid, CidError, Codec};

/// The most rotation keys that are read. Directories have taken so many, and each may cost a verification.
const MAX_ROTATION_KEYS: usize = 10;

/// The fields of all forms, as far as they were there.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) kind: Option<String>,
    pub(super) rotation_keys: Option<Vec<String>>,
    pub(super) verification_methods: Option<BTreeMap<String, String>>,
    pub(super) also_known_as: Option<Vec<String>>,
    pub(super) services: Option<BTreeMap<String, PlcService>>,
    pub(super) prev: Option<Option<String>>,
    pub(super) sig: Option<String>,
    pub(super) did: Option<String>,
    pub(super) signing_key: Option<String>,
    pub(super) recovery_key: Option<String>,
    pub(super) handle: Option<String>,
    pub(super) service: Option<String>,
}

impl Fields {
    /// The operation that has exactly these fields.
    pub(super) fn into_operation(mut self) -> Result<Operation, OperationError> {
        let content = match take(&mut self.kind, TYPE)?.as_str() {
            OPERATION => Content::Update { data: self.data()?, prev: self.prev()? },
            TOMBSTONE => self.tombstone()?,
            CREATE => self.legacy()?,
            _ => return Err(OperationError::Field(TYPE.into(), "no type of operation")),
        };
        let signature = signature::from_text(&take(&mut self.sig, SIG)?)?;
        self.finish()?;
        Ok(content.signed_with(signature))
    }

    /// The state that has exactly these fields, and the DID that it says it is of.
    pub(super) fn into_state(mut self) -> Result<(String, PlcData), OperationError> {
        let state = (take(&mut self.did, DID)?, self.data()?);
        self.finish()?;
        Ok(state)
    }

    fn data(&mut self) -> Result<PlcData, OperationError> {
        let rotation_keys = take(&mut self.rotation_keys, ROTATION_KEYS)?;
        if rotation_keys.len() > MAX_ROTATION_KEYS {
            return Err(OperationError::Field(ROTATION_KEYS.into(), "more than 10"));
        }
        Ok(PlcData {
            rotation_keys,
            verification_methods: take(&mut self.verification_methods, VERIFICATION_METHODS)?,
            also_known_as: take(&mut self.also_known_as, ALSO_KNOWN_AS)?,
            services: take(&mut self.services, SERVICES)?,
        })
    }

    fn tombstone(&mut self) -> Result<Content, OperationError> {
        let prev = self.prev()?.ok_or_else(|| OperationError::Field(PREV.into(), "null in a tombstone"))?;
        Ok(Content::Tombstone { prev })
    }

    fn legacy(&mut self) -> Result<Content, OperationError> {
        if take(&mut self.prev, PREV)?.is_some() {
            return Err(OperationError::Field(PREV.into(), "not null in a genesis of the old form"));
        }
        Ok(Content::Create(LegacyCreate {
            signing_key: take(&mut self.signing_key, SIGNING_KEY)?,
            recovery_key: take(&mut self.recovery_key, RECOVERY_KEY)?,
            handle: take(&mut self.handle, HANDLE)?,
            service: take(&mut self.service, SERVICE)?,
        }))
    }

    fn prev(&mut self) -> Result<Option<Cid>, OperationError> {
        take(&mut self.prev, PREV)?.map(|text| cid(&text)).transpose()
    }

    /// Checks that the form took all there was.
    fn finish(&self) -> Result<(), OperationError> {
        let left = [
            (TYPE, self.kind.is_some()),
            (ROTATION_KEYS, self.rotation_keys.is_some()),
            (VERIFICATION_METHODS, self.verification_methods.is_some()),
            (ALSO_KNOWN_AS, self.also_known_as.is_some()),
            (SERVICES, self.services.is_some()),
            (PREV, self.prev.is_some()),
            (SIG, self.sig.is_some()),
            (DID, self.did.is_some()),
            (SIGNING_KEY, self.signing_key.is_some()),
            (RECOVERY_KEY, self.recovery_key.is_some()),
            (HANDLE, self.handle.is_some()),
            (SERVICE, self.service.is_some()),
        ];
        match left.into_iter().find(|(_, is_left)| *is_left) {
            None => Ok(()),
            Some((name, _)) => Err(OperationError::Field(name.into(), "not a field of this form")),
        }
    }
}

fn take<T>(slot: &mut Option<T>, name: &str) -> Result<T, OperationError> {
    slot.take().ok_or_else(|| OperationError::Field(name.into(), "missing"))
}

/// Operations are DAG-CBOR, so that a CID of other bytes names none.
fn cid(text: &str) -> Result<Cid, OperationError> {
    let cid: Cid = text.parse().map_err(OperationError::Prev)?;
    match cid.codec() {
        Codec::DagCbor => Ok(cid),
        other => Err(OperationError::Prev(CidError::Codec(other.number().into()))),
    }
}
