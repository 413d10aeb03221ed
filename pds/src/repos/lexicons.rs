//! Where lexicons come from that records are validated against.

use std::{fmt::Display, time::Duration};

use arobase::{
    Catalog,
    catalog::{NetworkCatalog, Unknown, Validity},
    data::Value,
    lexicon::schema::KeyType,
    syntax::Nsid,
};
use tokio::time::{Instant, timeout_at};

use super::Validate;
use crate::error::Error;

/// How long a batch waits for lexicons from the network, in all.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Why a lexicon is not there after that.
const LATE: &str = "its lexicon did not come in time";

/// Where lexicons come from that records are validated against.
pub(crate) enum Lexicons {
    /// Only these.
    Known(Catalog),
    /// These and those of the network.
    Network(NetworkCatalog),
}

/// What a lexicon says of a record that keeps its rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judgement {
    /// Nothing where it was not asked for.
    pub(super) validity: Option<Validity>,
    /// What the record key has to be.
    pub(super) key: KeyType,
}

impl Lexicons {
    /// The official ones, which are built in.
    pub(crate) fn official() -> Self {
        Self::Known(Catalog::official().unknown(Unknown::Pass))
    }

    /// Checks a record that is about to be written. It may wait for the network, until a deadline.
    ///
    /// # Errors
    /// 400: it is not valid, or nobody can say and it has to be.
    pub(super) async fn judge(
        &self,
        collection: &Nsid,
        record: &Value,
        validate: Validate,
        deadline: Instant,
    ) -> Result<Judgement, Error> {
        if validate == Validate::Off {
            return Ok(Judgement { validity: None, key: KeyType::Any });
        }
        let judged = match self.catalog(collection, deadline).await {
            Ok(catalog) => self.judge_by(&catalog, collection, record, deadline).await?,
            Err(reason) => Err(reason),
        };
        match (judged, validate) {
            (Ok(judgement), _) => Ok(judgement),
            (Err(_), Validate::IfKnown | Validate::Off) => {
                Ok(Judgement { validity: Some(Validity::Unknown), key: KeyType::Any })
            }
            (Err(reason), Validate::Required) => {
                Err(Error::invalid_request(format!("{collection} cannot be validated: {reason}")))
            }
        }
    }

    /// A catalog with the lexicon of a collection, or why there is none.
    async fn catalog(&self, collection: &Nsid, deadline: Instant) -> Result<Catalog, String> {
        match self {
            Self::Known(catalog) if catalog.document(collection.as_str()).is_some() => Ok(catalog.clone()),
            Self::Known(_) => Err("its lexicon is not known here".to_owned()),
            Self::Network(network) => match timeout_at(deadline, network.with(collection)).await {
                Ok(catalog) => catalog.map_err(|error| format!("its lexicon: {error}")),
                Err(_) => Err(LATE.to_owned()),
            },
        }
    }

    /// What a lexicon says, or why that cannot be said now.
    async fn judge_by(
        &self,
        catalog: &Catalog,
        collection: &Nsid,
        record: &Value,
        deadline: Instant,
    ) -> Result<Result<Judgement, String>, Error> {
        let Some(key) = catalog.record_key(collection.as_str()) else {
            return Err(Error::invalid_request(format!("{collection} is no collection of records")));
        };
        let invalid = |error: &dyn Display| Error::invalid_request(format!("invalid {collection}: {error}"));
        let validity = match self {
            Self::Known(_) => {
                catalog.validate_new_record(collection.as_str(), record).map_err(|error| invalid(&error))?
            }
            Self::Network(network) => {
                match timeout_at(deadline, network.validate_new_record(collection, record)).await {
                    Err(_) => return Ok(Err(LATE.to_owned())),
                    Ok(Err(error)) if error.is_unknown() => return Ok(Err(error.to_string())),
                    Ok(judged) => judged.map_err(|error| invalid(&error))?,
                }
            }
        };
        Ok(Ok(Judgement { validity: Some(validity), key: key.clone() }))
    }
}
