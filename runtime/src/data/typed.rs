//! [`Data`]: what every generated type can do.

use arobase_lexicon::{compile::Catalog, schema::Schema};

use super::{
    Error, Limits, Value,
    cbor::{CborReader, CborWriter},
    fields::{Place, Slot, View},
    json::{JsonReader, JsonWriter},
    read::{Decoder, Strictness},
    source::Source,
    truncate::truncate,
    validate::Validator,
    value_sink::ValueWriter,
    value_source::ValueReader,
    write::Encoder,
};

/// Typed code needs no catalog: its references are static.
static NO_CATALOG: Catalog = Catalog::new();

/// A typed value and what did not fit its schema (see [`Data::from_json_lenient`]).
#[derive(Debug)]
pub struct Lenient<T> {
    /// The value.
    pub value: T,
    /// The faults, each with its path; 100 at most, what is beyond is kept but not listed.
    pub issues: Vec<Error>,
}

/// A type with a descriptor: objects, unions, parameters, bodies.
///
/// What is read and written back keeps its CID: fields that the schema does not know, union
/// members that it does not list, and the spelling of datetimes survive.
pub trait Data: Slot {
    /// Its descriptor.
    const SCHEMA: &'static Schema;

    /// Reads JSON; every rule of the data model and of the schema must hold.
    ///
    /// # Errors
    /// The first fault, with its path and its place in the input.
    fn from_json(json: &[u8]) -> Result<Self, Error> {
        Ok(Self::read_json(json, Strictness::Strict, Limits::DEFAULT)?.value)
    }

    /// Reads JSON the way servers read requests: an absent required field takes its default.
    ///
    /// # Errors
    /// The first fault, with its path and its place in the input.
    fn parse_json(json: &[u8]) -> Result<Self, Error> {
        Ok(Self::read_json(json, Strictness::Parse, Limits::DEFAULT)?.value)
    }

    /// Reads JSON as strictly and within such limits as is wanted. Only a lenient run has issues.
    ///
    /// # Errors
    /// As the strictness has it.
    fn read_json(json: &[u8], strictness: Strictness, limits: Limits) -> Result<Lenient<Self>, Error> {
        let mut value = Self::blank();
        let issues = read_json(json, Self::SCHEMA, value.place(), strictness, limits)?;
        Ok(Lenient { value, issues })
    }

    /// Reads canonical DAG-CBOR; see [`Data::read_json`].
    ///
    /// # Errors
    /// As the strictness has it.
    fn read_cbor(cbor: &[u8], strictness: Strictness, limits: Limits) -> Result<Lenient<Self>, Error> {
        let mut value = Self::blank();
        let issues = read_cbor(cbor, Self::SCHEMA, value.place(), strictness, limits)?;
        Ok(Lenient { value, issues })
    }

    /// Reads JSON that others made: what does not fit is kept as far as it can be held, and
    /// listed. A text that breaks its format or its lengths stays where it is; a field of the
    /// wrong type goes blank and stands in `extra` under its own key; so does a list with an element
    /// of the wrong type, and the field has the other elements. Such a value is refused by the strict
    /// writers; [`Data::to_json_lenient`] gives back what was read. Who sets such a field anew takes
    /// its key out of `extra`.
    ///
    /// # Errors
    /// Only input that is no JSON, exceeds the limits, is of another kind altogether, or has a key
    /// twice.
    fn from_json_lenient(json: &[u8]) -> Result<Lenient<Self>, Error> {
        Self::read_json(json, Strictness::Lenient, Limits::DEFAULT)
    }

    /// Reads canonical DAG-CBOR; every rule must hold.
    ///
    /// # Errors
    /// The first fault, with its path and its place in the input.
    fn from_cbor(cbor: &[u8]) -> Result<Self, Error> {
        Ok(Self::read_cbor(cbor, Strictness::Strict, Limits::DEFAULT)?.value)
    }

    /// Reads canonical DAG-CBOR that others made; see [`Data::from_json_lenient`].
    ///
    /// # Errors
    /// Only input that is no canonical DAG-CBOR, exceeds the limits, or is of another kind.
    fn from_cbor_lenient(cbor: &[u8]) -> Result<Lenient<Self>, Error> {
        Self::read_cbor(cbor, Strictness::Lenient, Limits::DEFAULT)
    }

    /// Reads untyped data, an `unknown` field for example; every rule must hold.
    ///
    /// # Errors
    /// The first fault, with its path.
    fn from_value(value: &Value) -> Result<Self, Error> {
        let mut blank = Self::blank();
        read_value(value, Self::SCHEMA, blank.place(), Strictness::Strict)?;
        Ok(blank)
    }

    /// Reads untyped data that others made; see [`Data::from_json_lenient`].
    ///
    /// # Errors
    /// Only data of another kind altogether.
    fn from_value_lenient(value: &Value) -> Result<Lenient<Self>, Error> {
        let mut blank = Self::blank();
        let issues = read_value(value, Self::SCHEMA, blank.place(), Strictness::Lenient)?;
        Ok(Lenient { value: blank, issues })
    }

    /// Writes JSON.
    ///
    /// # Errors
    /// The first fault: what breaks the schema is not written.
    fn to_json(&self) -> Result<Vec<u8>, Error> {
        write_json(Self::SCHEMA, self.view(), false)
    }

    /// Writes JSON, and writes the faults that a lenient reader kept back as they were.
    ///
    /// # Errors
    /// Only data that has no form in JSON.
    fn to_json_lenient(&self) -> Result<Vec<u8>, Error> {
        write_json(Self::SCHEMA, self.view(), true)
    }

    /// Writes canonical DAG-CBOR.
    ///
    /// # Errors
    /// The first fault: what breaks the schema is not written.
    fn to_cbor(&self) -> Result<Vec<u8>, Error> {
        write_cbor(Self::SCHEMA, self.view(), false)
    }

    /// Writes canonical DAG-CBOR, and writes the faults that a lenient reader kept back as they
    /// were.
    ///
    /// # Errors
    /// Only data that has no form in DAG-CBOR.
    fn to_cbor_lenient(&self) -> Result<Vec<u8>, Error> {
        write_cbor(Self::SCHEMA, self.view(), true)
    }

    /// Writes untyped data.
    ///
    /// # Errors
    /// The first fault: what breaks the schema is not written.
    fn to_value(&self) -> Result<Value, Error> {
        write_value(Self::SCHEMA, self.view(), false)
    }

    /// The same with its texts shortened to what the schema allows; see [`truncate`].
    ///
    /// # Errors
    /// The first fault that shortening does not mend.
    fn truncated(&self) -> Result<Self, Error> {
        let mut value = write_value(Self::SCHEMA, self.view(), true)?;
        truncate(&NO_CATALOG, Self::SCHEMA, &mut value);
        Self::from_value(&value)
    }

    /// Checks it against its schema.
    ///
    /// # Errors
    /// The first fault, with its path.
    fn validate(&self) -> Result<(), Error> {
        Validator::first(&NO_CATALOG, Self::SCHEMA, self.view())
    }

    /// Checks the rules for new data on top of the schema: integers within 53 bits, blobs and links
    /// of the current forms (see [`Value::check_creatable`]), unknown union members named by an NSID. The writers do not ask for this, because
    /// what was read has to be written back as it was; whoever creates a record or sends one does.
    ///
    /// # Errors
    /// The first fault, with its path.
    fn check_creatable(&self) -> Result<(), Error> {
        Validator::first_new(&NO_CATALOG, Self::SCHEMA, self.view())?;
        self.to_value()?.check_creatable()
    }

    /// Checks it against its schema and reports the places that are at fault, 100 at most, each with
    /// its first fault.
    fn validate_all(&self) -> Vec<Error> {
        Validator::all(&NO_CATALOG, Self::SCHEMA, self.view())
    }
}

fn decode<S: Source>(
    source: &mut S,
    schema: &Schema,
    place: Place<'_>,
    strictness: Strictness,
) -> Result<Vec<Error>, Error> {
    let mut decoder = Decoder::new(&NO_CATALOG, strictness);
    decoder.read_schema(source, schema, place)?;
    Ok(decoder.into_issues())
}

fn read_json(
    json: &[u8],
    schema: &Schema,
    place: Place<'_>,
    strictness: Strictness,
    limits: Limits,
) -> Result<Vec<Error>, Error> {
    let mut reader = JsonReader::new(json, limits).lenient(strictness == Strictness::Lenient);
    let issues = decode(&mut reader, schema, place, strictness).map_err(|error| reader.locate(error))?;
    reader.finish()?;
    Ok(issues)
}

fn read_cbor(
    cbor: &[u8],
    schema: &Schema,
    place: Place<'_>,
    strictness: Strictness,
    limits: Limits,
) -> Result<Vec<Error>, Error> {
    let mut reader = CborReader::new(cbor, limits);
    let issues = decode(&mut reader, schema, place, strictness).map_err(|error| reader.locate(error))?;
    reader.finish()?;
    Ok(issues)
}

fn read_value(value: &Value, schema: &Schema, place: Place<'_>, strictness: Strictness) -> Result<Vec<Error>, Error> {
    let mut reader = ValueReader::new(value).lenient(strictness == Strictness::Lenient);
    decode(&mut reader, schema, place, strictness)
}

fn write_json(schema: &Schema, view: View<'_>, lenient: bool) -> Result<Vec<u8>, Error> {
    let mut writer = JsonWriter::new();
    Encoder::new(&NO_CATALOG, lenient).write_schema(&mut writer, schema, view)?;
    Ok(writer.into_bytes())
}

fn write_cbor(schema: &Schema, view: View<'_>, lenient: bool) -> Result<Vec<u8>, Error> {
    let mut writer = CborWriter::new();
    Encoder::new(&NO_CATALOG, lenient).write_schema(&mut writer, schema, view)?;
    Ok(writer.into_bytes())
}

fn write_value(schema: &Schema, view: View<'_>, lenient: bool) -> Result<Value, Error> {
    let mut writer = ValueWriter::new();
    Encoder::new(&NO_CATALOG, lenient).write_schema(&mut writer, schema, view)?;
    Ok(writer.into_value())
}
