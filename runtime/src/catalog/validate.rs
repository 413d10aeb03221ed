//! Validation by NSID.

use arobase_lexicon::{
    check::Violation,
    schema::{BodySchema, Endpoint, KeyType, Role, Schema},
};

use super::{Catalog, Unknown};
use crate::data::{
    Error, Map, Value,
    fields::View,
    validate::{Extent, Validator},
};

/// What validation found, where nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// The data keeps all rules of its lexicon.
    Valid,
    /// The lexicon is not in the catalog, which lets such data pass: only the rules of the data
    /// model are known to hold.
    Unknown,
}

impl Validity {
    /// `valid` or `unknown`, as repositories report it (`validationStatus`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Unknown => "unknown",
        }
    }
}

/// All of these take the first fault as their error, with its path. An NSID without a lexicon is
/// one too, or gives [`Validity::Unknown`], as [`Catalog::unknown`] says.
impl Catalog {
    /// Checks data against any definition: `nsid` or `nsid#name` (Lexicon, what makes record data
    /// invalid). Nothing is filled in.
    ///
    /// # Errors
    /// The first fault.
    pub fn validate(&self, type_name: &str, value: &Value) -> Result<Validity, Error> {
        match self.schema(type_name) {
            Some(schema) => self.judge(schema, value, Extent::default()),
            None => self.unknown_data(type_name, value),
        }
    }

    /// Checks a record: its `$type` is there and equal to the NSID, and the rest keeps the rules.
    ///
    /// # Errors
    /// The first fault.
    pub fn validate_record(&self, nsid: &str, value: &Value) -> Result<Validity, Error> {
        self.record(nsid, value, Extent::default())
    }

    /// Checks a record that is about to be created: the rules for new data hold on top (Data
    /// model: integers within 53 bits, blobs and links of the current forms, at most 32 levels).
    ///
    /// # Errors
    /// The first fault.
    pub fn validate_new_record(&self, nsid: &str, value: &Value) -> Result<Validity, Error> {
        let validity = self.record(nsid, value, Extent { new: true, ..Extent::default() })?;
        value.check_creatable()?;
        Ok(validity)
    }

    /// Checks the key of a record.
    ///
    /// # Errors
    /// What is wrong with the key.
    pub fn validate_record_key(&self, nsid: &str, rkey: &str) -> Result<Validity, Error> {
        let (key, validity) = match (self.record_key(nsid), self.schema(nsid)) {
            (Some(key), _) => (key, Validity::Valid),
            (None, None) => (&KeyType::Any, self.unknown_lexicon(nsid)?),
            (None, Some(_)) => return Err(not_a("record", nsid)),
        };
        key.check(rkey)?;
        Ok(validity)
    }

    /// Checks the parameters of a method. A default stands for a parameter that is absent; names
    /// that the schema does not know are passed over.
    ///
    /// # Errors
    /// The first fault.
    pub fn validate_params(&self, nsid: &str, params: &Map) -> Result<Validity, Error> {
        let Some(endpoint) = self.endpoint(nsid) else { return self.unknown_method(nsid, None) };
        let Some(schema) = endpoint.params.and_then(|params| self.get(params)) else { return Ok(Validity::Valid) };
        self.judge(schema, &Value::Map(params.clone()), Extent::PARSE)
    }

    /// Checks the JSON input of a procedure. A default stands for a field that is absent.
    ///
    /// # Errors
    /// The first fault; also where the method takes no JSON.
    pub fn validate_input(&self, nsid: &str, input: &Value) -> Result<Validity, Error> {
        let Some(endpoint) = self.endpoint(nsid) else { return self.unknown_method(nsid, Some(input)) };
        self.body(endpoint.input.as_ref(), "takes", nsid, input, Extent::PARSE)
    }

    /// Checks the JSON output of a method. Nothing is filled in.
    ///
    /// # Errors
    /// The first fault; also where the method gives no JSON.
    pub fn validate_output(&self, nsid: &str, output: &Value) -> Result<Validity, Error> {
        let Some(endpoint) = self.endpoint(nsid) else { return self.unknown_method(nsid, Some(output)) };
        self.body(endpoint.output.as_ref(), "gives", nsid, output, Extent::default())
    }

    /// Checks a message of a subscription, which has its `$type`.
    ///
    /// # Errors
    /// The first fault; also where the method is no subscription.
    pub fn validate_message(&self, nsid: &str, message: &Value) -> Result<Validity, Error> {
        let Some(endpoint) = self.endpoint(nsid) else { return self.unknown_method(nsid, Some(message)) };
        match endpoint.message.and_then(|union| self.get(union)) {
            Some(schema) => self.judge(schema, message, Extent::default()),
            None => Err(not_a("subscription", nsid)),
        }
    }

    /// The descriptor of a method.
    ///
    /// # Errors
    /// An NSID that the catalog does not know, or that means something else.
    pub fn method(&self, nsid: &str) -> Result<&Endpoint, Error> {
        match self.endpoint(nsid) {
            Some(endpoint) => Ok(endpoint),
            None if self.document(nsid).is_some() => Err(not_a("method", nsid)),
            None => Err(Violation::UnknownSchema(nsid.into()).into()),
        }
    }

    /// Checks data as the settings of this catalog have it.
    pub(crate) fn check(&self, schema: &Schema, value: &Value, extent: Extent<'static>) -> Result<(), Error> {
        Validator::first_within(self.compiled(), self.extent(extent), schema, View::Value(value))
    }

    /// Like [`Catalog::check`], with all faults that a run lists.
    #[cfg(any(feature = "client", feature = "server"))]
    pub(crate) fn faults(&self, schema: &Schema, value: &Value) -> Vec<Error> {
        Validator::all_within(self.compiled(), self.extent(Extent::default()), schema, View::Value(value))
    }

    fn extent(&self, extent: Extent<'static>) -> Extent<'_> {
        Extent { deep: self.deep, ignore: &self.ignore, ..extent }
    }

    fn judge(&self, schema: &Schema, value: &Value, extent: Extent<'static>) -> Result<Validity, Error> {
        self.check(schema, value, extent)?;
        Ok(Validity::Valid)
    }

    fn record(&self, nsid: &str, value: &Value, extent: Extent<'static>) -> Result<Validity, Error> {
        match self.schema(nsid) {
            Some(schema) if matches!(schema.role, Role::Record(_)) => self.judge(schema, value, extent),
            Some(_) => Err(not_a("record", nsid)),
            None => {
                let validity = self.unknown_data(nsid, value)?;
                check_type_name(nsid, value)?;
                Ok(validity)
            }
        }
    }

    fn body(
        &self,
        body: Option<&BodySchema>,
        verb: &str,
        nsid: &str,
        value: &Value,
        extent: Extent<'static>,
    ) -> Result<Validity, Error> {
        match body.filter(|body| body.is_json()).and_then(|body| self.get(body.schema?)) {
            Some(schema) => self.judge(schema, value, extent),
            None => Err(Error::model(format!("{nsid} {verb} no JSON"))),
        }
    }

    /// A method without a descriptor; an NSID that means something else is no method.
    fn unknown_method(&self, nsid: &str, value: Option<&Value>) -> Result<Validity, Error> {
        if self.document(nsid).is_some() {
            return Err(not_a("method", nsid));
        }
        value.map_or_else(|| self.unknown_lexicon(nsid), |value| self.unknown_data(nsid, value))
    }

    fn unknown_data(&self, type_name: &str, value: &Value) -> Result<Validity, Error> {
        let validity = self.unknown_lexicon(type_name)?;
        value.check()?;
        Ok(validity)
    }

    fn unknown_lexicon(&self, name: &str) -> Result<Validity, Error> {
        match self.unknown {
            Unknown::Pass => Ok(Validity::Unknown),
            Unknown::Refuse => Err(Violation::UnknownSchema(name.into()).into()),
        }
    }
}

/// An NSID that means something else than it should.
pub(crate) fn not_a(what: &str, nsid: &str) -> Error {
    Error::model(format!("{nsid} is no {what}"))
}

/// The `$type` of a record, which holds whether its lexicon is known or not.
fn check_type_name(nsid: &str, value: &Value) -> Result<(), Error> {
    match value.type_name() {
        Some(found) if found == nsid => Ok(()),
        Some(found) => {
            let violation = Violation::TypeMismatch { expected: nsid.into(), found: found.into() };
            Err(Error::from(violation).in_key("$type"))
        }
        None => Err(Error::from(Violation::Missing).in_key("$type")),
    }
}
