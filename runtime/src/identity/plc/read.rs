//! Reading operations and states: the same walk reads JSON and DAG-CBOR. Objects are strict: all fields of a form, and
//! no others, each once.

use std::collections::BTreeMap;

use super::{
    Operation, OperationError, PlcService,
    error::shown,
    fields::Fields,
    names::{
        ALSO_KNOWN_AS, DID, ENDPOINT, HANDLE, PREV, RECOVERY_KEY, ROTATION_KEYS, SERVICE, SERVICES, SIG, SIGNING_KEY,
        TYPE, VERIFICATION_METHODS,
    },
};
use crate::data::{
    Error, Limits,
    source::{Kind, Source},
};

/// What is read of a document before it is known to be one. An operation is small; a log has many.
pub(super) const LIMITS: Limits =
    Limits { max_depth: 16, max_items: 16_384, max_values: 1_000_000, max_key: Operation::MAX_BYTES };

/// The input, unless it is larger than what is looked at.
pub(super) fn bounded(input: &[u8], max: usize) -> Result<&[u8], OperationError> {
    let bytes = input.len();
    if bytes > max { Err(OperationError::InputTooLarge { bytes, max }) } else { Ok(input) }
}

/// Reads the fields of an operation or a state, whatever its form.
pub(super) fn fields<S: Source>(source: &mut S) -> Result<Fields, OperationError> {
    let mut fields = Fields::default();
    source.enter_map().map_err(|error| fault(&error, "operation", "not an object"))?;
    while let Some(key) = next_key(source)? {
        field(&key, &mut fields, source)?;
    }
    Ok(fields)
}

fn field<S: Source>(key: &str, fields: &mut Fields, source: &mut S) -> Result<(), OperationError> {
    match key {
        TYPE => put(&mut fields.kind, TYPE, text(source, TYPE)?),
        ROTATION_KEYS => put(&mut fields.rotation_keys, ROTATION_KEYS, list(source, ROTATION_KEYS)?),
        VERIFICATION_METHODS => put(&mut fields.verification_methods, VERIFICATION_METHODS, keys(source)?),
        ALSO_KNOWN_AS => put(&mut fields.also_known_as, ALSO_KNOWN_AS, list(source, ALSO_KNOWN_AS)?),
        SERVICES => put(&mut fields.services, SERVICES, services(source)?),
        PREV => put(&mut fields.prev, PREV, null_or_text(source, PREV)?),
        SIG => put(&mut fields.sig, SIG, text(source, SIG)?),
        DID => put(&mut fields.did, DID, text(source, DID)?),
        SIGNING_KEY => put(&mut fields.signing_key, SIGNING_KEY, text(source, SIGNING_KEY)?),
        RECOVERY_KEY => put(&mut fields.recovery_key, RECOVERY_KEY, text(source, RECOVERY_KEY)?),
        HANDLE => put(&mut fields.handle, HANDLE, text(source, HANDLE)?),
        SERVICE => put(&mut fields.service, SERVICE, text(source, SERVICE)?),
        _ => Err(OperationError::Field(shown(key).into(), "no such field")),
    }
}

/// Fills a place that has to be empty still.
pub(super) fn put<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), OperationError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(OperationError::Repeated(name.into())),
    }
}

pub(super) fn next_key<S: Source>(source: &mut S) -> Result<Option<String>, OperationError> {
    source.next_key().map(|key| key.map(str::to_owned)).map_err(|error| syntax(&error))
}

pub(super) fn text<S: Source>(source: &mut S, place: &str) -> Result<String, OperationError> {
    source.text().map(str::to_owned).map_err(|error| fault(&error, place, "not text"))
}

fn null_or_text<S: Source>(source: &mut S, place: &str) -> Result<Option<String>, OperationError> {
    if source.kind().map_err(|error| syntax(&error))? == Kind::Null {
        return source.null().map(|()| None).map_err(|error| syntax(&error));
    }
    match source.text() {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(error) => Err(fault(&error, place, "neither text nor null")),
    }
}

fn list<S: Source>(source: &mut S, place: &str) -> Result<Vec<String>, OperationError> {
    let mut items = Vec::new();
    source.enter_list().map_err(|error| fault(&error, place, "not a list"))?;
    while source.next_item().map_err(|error| syntax(&error))? {
        items.push(text(source, &format!("{place}[{}]", items.len()))?);
    }
    Ok(items)
}

fn keys<S: Source>(source: &mut S) -> Result<BTreeMap<String, String>, OperationError> {
    by_name(source, VERIFICATION_METHODS, text)
}

fn services<S: Source>(source: &mut S) -> Result<BTreeMap<String, PlcService>, OperationError> {
    by_name(source, SERVICES, service)
}

fn by_name<S: Source, T>(
    source: &mut S,
    place: &str,
    read: impl Fn(&mut S, &str) -> Result<T, OperationError>,
) -> Result<BTreeMap<String, T>, OperationError> {
    let mut entries = BTreeMap::new();
    source.enter_map().map_err(|error| fault(&error, place, "not an object"))?;
    while let Some(name) = next_key(source)? {
        let place = format!("{place}.{}", shown(&name));
        let value = read(source, &place)?;
        if entries.insert(name, value).is_some() {
            return Err(OperationError::Repeated(place.into()));
        }
    }
    Ok(entries)
}

fn service<S: Source>(source: &mut S, place: &str) -> Result<PlcService, OperationError> {
    let (mut kind, mut endpoint) = (None, None);
    source.enter_map().map_err(|error| fault(&error, place, "not an object"))?;
    while let Some(key) = next_key(source)? {
        let place = format!("{place}.{}", shown(&key));
        match key.as_str() {
            TYPE => put(&mut kind, &place, text(source, &place)?)?,
            ENDPOINT => put(&mut endpoint, &place, text(source, &place)?)?,
            _ => return Err(OperationError::Field(place.into(), "no such field")),
        }
    }
    let missing = |name| OperationError::Field(format!("{place}.{name}").into(), "missing");
    Ok(PlcService { kind: kind.ok_or_else(|| missing(TYPE))?, endpoint: endpoint.ok_or_else(|| missing(ENDPOINT))? })
}

/// The fault of a value: of its type if it can be read at all.
pub(super) fn fault(error: &Error, place: &str, reason: &'static str) -> OperationError {
    if error.is_model() { OperationError::Field(place.into(), reason) } else { syntax(error) }
}

pub(super) fn syntax(error: &Error) -> OperationError {
    OperationError::Syntax(error.to_string().into())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
