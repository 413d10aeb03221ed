//! Every record type, every body and every message with random content: what is read is written back
//! to the byte, and what typed code refuses is what the validator refuses.

#[path = "support/catalog.rs"]
mod catalog;
#[path = "support/codecs.rs"]
mod codecs;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/mutation.rs"]
mod mutation;
#[path = "support/texts.rs"]
mod texts;
#[path = "support/types.rs"]
mod types;
#[path = "support/values.rs"]
mod values;

use std::collections::BTreeSet;

use arobase::{
    __codegen::{Role, Schema, Type},
    data::{Cid, Error, Value, json, validate, validate_all},
};
use codecs::{Boxed, Codec};
use dice::{Dice, rolls};
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};

/// Runs a property over random values of each type.
fn for_each(types: &[Codec], cases: u32, property: fn(&Codec, &Value, &mut Dice) -> Result<(), TestCaseError>) {
    for codec in types {
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let result = runner.run(&rolls(), |rolls| {
            let mut dice = Dice::new(rolls);
            let value = values::valid(codec.schema, &mut dice);
            let in_value = |error| TestCaseError::fail(format!("{error}\nin {value:?}"));
            property(codec, &value, &mut dice).map_err(in_value)
        });
        // The numbers that were rolled say nothing.
        if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = result {
            panic!("{}: {reason}", codec.id());
        }
    }
}

/// The descriptor that the catalog has of a type.
fn compiled(codec: &Codec) -> &'static Schema {
    catalog::catalog().find(&catalog::name(codec.schema)).expect("a compiled descriptor")
}

fn path(error: &Error) -> String {
    error.path().to_string()
}

/// A valid value passes every reader, and every writer gives back what was read.
fn survives(codec: &Codec, value: &Value, _: &mut Dice) -> Result<(), TestCaseError> {
    let refused = |what: &'static str| move |error: Error| TestCaseError::fail(format!("{what}: {error}"));
    validate(catalog::catalog(), compiled(codec), value).map_err(refused("the validator"))?;
    let (json, cbor) = (value.to_json().map_err(refused("JSON"))?, value.to_cbor().map_err(refused("CBOR"))?);
    let read = [
        (codec.from_json)(&json).map_err(refused("from JSON"))?,
        (codec.from_cbor)(&cbor).map_err(refused("from CBOR"))?,
        (codec.from_value)(value).map_err(refused("from a value"))?,
    ];
    for typed in &read {
        typed.check().map_err(refused("typed validation"))?;
        let written = typed.cbor().map_err(refused("to CBOR"))?;
        prop_assert_eq!(Cid::of_cbor(&written), Cid::of_cbor(&cbor));
        prop_assert_eq!(written, cbor.clone());
        let written = typed.json().map_err(refused("to JSON"))?;
        prop_assert_eq!(Value::from_json(&written).map_err(refused("JSON again"))?, value.clone());
        prop_assert_eq!(typed.value().map_err(refused("to a value"))?, value.clone());
        prop_assert!(typed.equals(&*read[0]));
    }
    let lenient = (codec.lenient)(&json).map_err(refused("from JSON, leniently"))?;
    prop_assert!(lenient.issues.is_empty(), "{:?}", lenient.issues);
    prop_assert_eq!(lenient.value.cbor().map_err(refused("to CBOR"))?, cbor);
    Ok(())
}

/// After one change, typed and dynamic code agree on whether the value is valid, and where not.
/// A change may make several faults; which of them is met first follows the order of the input.
fn is_judged_alike(codec: &Codec, value: &Value, dice: &mut Dice) -> Result<(), TestCaseError> {
    let (before, original, mut value) = ((codec.from_value)(value), value, value.clone());
    mutation::mutate(&mut value, dice);
    let faults: Vec<String> = validate_all(catalog::catalog(), compiled(codec), &value).iter().map(path).collect();
    let first = validate(catalog::catalog(), compiled(codec), &value).err();
    prop_assert_eq!(first.as_ref().map(path), faults.first().cloned());
    let typed = (codec.from_value)(&value);
    let json = json::to_string_lenient(&value).expect("JSON").into_bytes();
    let from_json = (codec.from_json)(&json);
    is_read_leniently(codec, &json, &typed)?;
    if let (Ok(before), Ok(after)) = (&before, &typed) {
        prop_assert_eq!(before.equals(&**after), *original == value);
    }
    // What is outside the data model is for the readers alone.
    let Ok(cbor) = value.to_cbor() else {
        prop_assert!(value.check().is_err() && typed.is_err() && from_json.is_err());
        return Ok(());
    };
    let from_cbor = (codec.from_cbor)(&cbor);
    for refusal in [typed.err(), from_json.err(), from_cbor.err()] {
        prop_assert_eq!(refusal.is_none(), faults.is_empty(), "{:?}: {:?}", refusal, first);
        prop_assert!(refusal.iter().all(|error| faults.contains(&path(error))), "{:?}: {:?}", refusal, first);
    }
    Ok(())
}

/// The lenient reader lists what the strict one refuses, and keeps all that can be kept.
fn is_read_leniently(codec: &Codec, json: &[u8], strict: &Result<Boxed, Error>) -> Result<(), TestCaseError> {
    let Ok(lenient) = (codec.lenient)(json) else {
        prop_assert!(strict.is_err());
        return Ok(());
    };
    if strict.is_ok() {
        prop_assert!(lenient.issues.is_empty(), "{:?}", lenient.issues);
    }
    // Some old forms are no fault to a lenient reader.
    let written = lenient.value.json_lenient().map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(parsed(&written), parsed(json), "{:?}", lenient.issues);
    Ok(())
}

fn parsed(json: &[u8]) -> serde_json::Value {
    serde_json::from_slice(json).expect("JSON")
}

/// The descriptors of a role, aliases followed.
fn listed(role: impl Fn(&Role) -> bool) -> BTreeSet<*const Schema> {
    let schemas = arobase::SCHEMAS.iter().copied().flatten().copied().filter(|schema| role(&schema.role));
    schemas
        .map(|schema| match schema.ty {
            Type::Ref(reference) => std::ptr::from_ref(values::target(reference)),
            _ => std::ptr::from_ref(schema),
        })
        .collect()
}

fn tested(types: &[Codec]) -> BTreeSet<*const Schema> {
    types.iter().map(|codec| std::ptr::from_ref(codec.schema)).collect()
}

#[test]
fn every_record_type_is_tested() {
    assert_eq!(tested(&types::records()), listed(|role| matches!(role, Role::Record(_))));
}

#[test]
fn every_body_is_tested() {
    assert_eq!(tested(&types::outputs()), listed(|role| *role == Role::Output));
    assert_eq!(tested(&types::inputs()), listed(|role| *role == Role::Input));
    assert_eq!(tested(&types::messages()), listed(|role| *role == Role::Message));
}

#[test]
fn a_record_keeps_its_cid() {
    for_each(&types::records(), 96, survives);
}

#[test]
fn a_response_survives() {
    for_each(&types::outputs(), 12, survives);
}

#[test]
fn a_request_survives() {
    for_each(&types::inputs(), 12, survives);
}

#[test]
fn a_message_survives() {
    for_each(&types::messages(), 48, survives);
}

#[test]
fn a_faulty_record_is_judged_alike() {
    for_each(&types::records(), 192, is_judged_alike);
}

#[test]
fn a_faulty_response_is_judged_alike() {
    for_each(&types::outputs(), 24, is_judged_alike);
}

#[test]
fn a_faulty_request_is_judged_alike() {
    for_each(&types::inputs(), 24, is_judged_alike);
}

#[test]
fn a_faulty_message_is_judged_alike() {
    for_each(&types::messages(), 96, is_judged_alike);
}
