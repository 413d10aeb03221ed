//! What operations say.

use std::collections::BTreeMap;

use arobase_lexicon::syntax::Did;

use super::{Operation, OperationError, read, write};
use crate::{
    crypto::{SignError, Signature, Signer},
    data::{
        Cid,
        cbor::CborWriter,
        json::{JsonReader, JsonWriter},
    },
    identity::DidDocument,
};

/// The names and types of the protocol (Identity, did:plc).
const ATPROTO: &str = "atproto";
const ATPROTO_PDS: &str = "atproto_pds";
const PDS_TYPE: &str = "AtprotoPersonalDataServer";
const AT: &str = "at://";

/// The state of a did:plc: what its document is made of.
///
/// To change an account, change a copy of its state and sign that: whatever is not touched stays.
///
/// ```
/// use arobase_runtime::identity::plc::PlcData;
///
/// let key = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV".to_owned();
/// let mut data = PlcData::account(vec![key.clone()], key, "alice.example.com", "https://pds.example.com/");
/// data.also_known_as.push("https://alice.example.com".to_owned());
/// data.set_handle("bob.example.com");
/// assert_eq!(data.also_known_as, ["at://bob.example.com", "https://alice.example.com"]);
/// assert_eq!(data.services["atproto_pds"].endpoint, "https://pds.example.com");
/// assert!(data.check().is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlcData {
    /// The keys that may change it, `did:key`s, the strongest first; 1 to 5.
    pub rotation_keys: Vec<String>,
    /// Its keys by name without `#`, `did:key`s; at most 10.
    pub verification_methods: BTreeMap<String, String>,
    /// Its other names, such as `at://alice.example.com`; at most 10.
    pub also_known_as: Vec<String>,
    /// Its services by name without `#`; at most 10.
    pub services: BTreeMap<String, PlcService>,
}

/// A service of a did:plc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcService {
    /// Its type, such as `AtprotoPersonalDataServer`.
    pub kind: String,
    /// Its endpoint.
    pub endpoint: String,
}

/// What an operation says, all but its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Sets the state (`plc_operation`); without `prev` it is a genesis.
    Update {
        /// The state.
        data: PlcData,
        /// The operation that this one follows.
        prev: Option<Cid>,
    },
    /// Gives the DID up (`plc_tombstone`).
    Tombstone {
        /// The operation that this one follows.
        prev: Cid,
    },
    /// The old form of a genesis (`create`), which is verified and never made.
    Create(LegacyCreate),
}

/// The old form of a genesis. Its CID and its DID are those of this form, not of what it is translated to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyCreate {
    /// The signing key, a `did:key`.
    pub signing_key: String,
    /// The recovery key, a `did:key`.
    pub recovery_key: String,
    /// The handle.
    pub handle: String,
    /// The address of the PDS.
    pub service: String,
}

impl PlcData {
    /// The state of an account: its rotation keys, its signing key, its handle and its PDS, keys as `did:key`s.
    #[must_use]
    pub fn account(rotation_keys: Vec<String>, signing_key: String, handle: &str, pds: &str) -> Self {
        let mut data = Self { rotation_keys, ..Self::default() };
        data.set_signing_key(signing_key);
        data.set_handle(handle);
        data.set_pds(pds);
        data
    }

    /// Sets the handle: it takes the place of the first name that begins with `at://`, or stands before all others if
    /// none does. The other names stay.
    pub fn set_handle(&mut self, handle: &str) {
        let name = format!("{AT}{handle}");
        let place = self.also_known_as.iter().position(|other| other.starts_with(AT));
        if let Some(place) = place {
            self.also_known_as.remove(place);
        }
        let place = place.unwrap_or(0);
        // A name stands once.
        let before = self.also_known_as.iter().take(place).filter(|other| **other == name).count();
        self.also_known_as.retain(|other| *other != name);
        self.also_known_as.insert(place - before, name);
    }

    /// Sets the key that signs the repository, a `did:key`. The other keys stay.
    pub fn set_signing_key(&mut self, key: impl Into<String>) {
        self.verification_methods.insert(ATPROTO.to_owned(), key.into());
    }

    /// Sets the address of the PDS; a slash at its end is left out. The other services stay.
    pub fn set_pds(&mut self, endpoint: &str) {
        let endpoint = endpoint.strip_suffix('/').unwrap_or(endpoint).to_owned();
        self.services.insert(ATPROTO_PDS.to_owned(), PlcService { kind: PDS_TYPE.to_owned(), endpoint });
    }

    /// The document of a DID in this state.
    #[must_use]
    pub fn document(&self, did: &Did) -> DidDocument {
        let document = self
            .also_known_as
            .iter()
            .fold(DidDocument::new(did.clone()), |document, name| document.with_also_known_as(name.as_str()));
        let document =
            self.verification_methods.iter().fold(document, |document, (name, key)| document.with_key(name, key));
        self.services
            .iter()
            .fold(document, |document, (name, service)| document.with_service(name, &service.kind, &service.endpoint))
    }

    /// The form in which a directory answers `/data`: the state as JSON, with the DID.
    #[must_use]
    pub fn to_json(&self, did: &Did) -> Vec<u8> {
        let mut writer = JsonWriter::new();
        write::state(did.as_str(), self, &mut writer);
        writer.into_bytes()
    }

    /// Reads that form: exactly its fields, so that nothing is lost when the state is signed anew, in at most
    /// [`Operation::MAX_JSON_BYTES`].
    ///
    /// # Errors
    /// What is wrong with it; also if it is of another DID.
    pub fn from_json(did: &Did, json: &[u8]) -> Result<Self, OperationError> {
        let mut reader = JsonReader::new(read::bounded(json, Operation::MAX_JSON_BYTES)?, read::LIMITS);
        let fields = read::fields(&mut reader)?;
        reader.finish().map_err(|error| read::syntax(&error))?;
        let (found, data) = fields.into_state()?;
        if found != did.as_str() {
            return Err(OperationError::Field("did".into(), "another DID"));
        }
        Ok(data)
    }
}

impl Content {
    /// A genesis.
    #[must_use]
    pub fn genesis(data: PlcData) -> Self {
        Self::Update { data, prev: None }
    }

    /// The bytes that are signed: DAG-CBOR without `sig`.
    #[must_use]
    pub fn signing_bytes(&self) -> Vec<u8> {
        let mut writer = CborWriter::new();
        write::operation(self, None, &mut writer);
        writer.into_bytes()
    }

    /// Signs it.
    ///
    /// # Errors
    /// The key could not be used.
    pub fn sign(self, signer: &dyn Signer) -> Result<Operation, SignError> {
        let signature = signer.sign(&self.signing_bytes())?;
        Ok(self.signed_with(signature))
    }

    /// With a signature that was made elsewhere. Whether it is of one of the rotation keys is for the log to check.
    #[must_use]
    pub fn signed_with(self, signature: Signature) -> Operation {
        Operation::new(self, signature)
    }

    /// The operation that it follows; `None` for a genesis.
    #[must_use]
    pub fn prev(&self) -> Option<Cid> {
        match self {
            Self::Update { prev, .. } => *prev,
            Self::Tombstone { prev } => Some(*prev),
            Self::Create(_) => None,
        }
    }

    /// The state that it sets, the old form translated; `None` for a tombstone.
    #[must_use]
    pub fn data(&self) -> Option<PlcData> {
        match self {
            Self::Update { data, .. } => Some(data.clone()),
            Self::Tombstone { .. } => None,
            Self::Create(create) => Some(create.data()),
        }
    }
}

impl LegacyCreate {
    /// The state that it means. The recovery key is the stronger one.
    #[must_use]
    pub fn data(&self) -> PlcData {
        let rotation_keys = Vec::from([self.recovery_key.clone(), self.signing_key.clone()]);
        let has_scheme = ["http://", "https://"].iter().any(|scheme| self.service.starts_with(scheme));
        let endpoint = if has_scheme { self.service.clone() } else { format!("https://{}", self.service) };
        PlcData {
            rotation_keys,
            verification_methods: BTreeMap::from([(ATPROTO.to_owned(), self.signing_key.clone())]),
            also_known_as: Vec::from([self.name()]),
            services: BTreeMap::from([(ATPROTO_PDS.to_owned(), PlcService { kind: PDS_TYPE.to_owned(), endpoint })]),
        }
    }

    fn name(&self) -> String {
        if self.handle.starts_with(AT) {
            return self.handle.clone();
        }
        let handle = self.handle.strip_prefix("http://").unwrap_or(&self.handle);
        format!("{AT}{}", handle.strip_prefix("https://").unwrap_or(handle))
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
