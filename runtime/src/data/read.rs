//! The typed decoder: one loop over descriptor, input and place, for JSON, DAG-CBOR and
//! untyped data, strict and lenient, with validation in the same pass.

mod message;

use arobase_lexicon::{
    check::{Found, Violation},
    compile::Catalog,
    schema::{ArraySchema, Field, Role, Schema, StringSchema, Type, UnionSchema},
    syntax::Mode,
};

use super::{
    Blob, Error, ErrorKind, Map, Segment, Value,
    fields::{Fields, Items, Members, Place, Text, View},
    map::key_order,
    scalar::{self, At},
    source::{Kind, Source},
    validate::{Validator, check_type},
};

/// How strictly data is read (Lexicon, modes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Every rule holds and nothing is filled in: records, and all data whose bytes are kept.
    #[default]
    Strict,
    /// Strict, but an absent required field takes its default: request bodies and parameters.
    Parse,
    /// What does not fit is kept and listed: answers of other servers, old records.
    Lenient,
}

/// How many faults a lenient run lists. Data with more is not worth a message for each, and the
/// list must not outgrow the data.
const MAX_ISSUES: usize = 100;

/// Where the type of an object stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TypeAt {
    /// In its own `$type`: records always have one, others may.
    Inside,
    /// In its own `$type`, from which the member of a union was found.
    Member,
    /// In the header of a frame; its own `$type` may be there.
    Header,
}

/// One run of the decoder.
pub(crate) struct Decoder<'c> {
    catalog: &'c Catalog,
    strictness: Strictness,
    /// What did not fit, in lenient mode.
    issues: Vec<Error>,
    habits: Habits,
    /// Whether an element of the list at hand was left out.
    left_out: bool,
}

/// In which order the other side writes fields: which one came last time after which. A guess
/// that is right, as nearly all are, saves the search.
struct Habits([u16; 256]);

impl Habits {
    /// The field of a key, where the last field was `last` (counted from 1; 0 at the beginning).
    fn find(&mut self, fields: &[Field], key: &str, last: usize) -> Option<usize> {
        let place = (fields.as_ptr().addr() >> 4) ^ (last * 31);
        let habit = &mut self.0[place % 256];
        let guess = usize::from(*habit);
        if fields.get(guess).is_some_and(|field| *field.key == *key) {
            return Some(guess);
        }
        let found = fields.binary_search_by(|field| key_order(&field.key, key)).ok()?;
        *habit = u16::try_from(found).unwrap_or(0);
        Some(found)
    }
}

impl<'c> Decoder<'c> {
    pub(crate) fn new(catalog: &'c Catalog, strictness: Strictness) -> Self {
        Self { catalog, strictness, issues: Vec::new(), habits: Habits([0; 256]), left_out: false }
    }

    pub(crate) fn into_issues(self) -> Vec<Error> {
        self.issues
    }

    /// Lists a fault of a lenient run. What goes beyond the limit is kept, but not listed.
    fn note(&mut self, issue: Error) {
        if self.issues.len() < MAX_ISSUES {
            self.issues.push(issue);
        }
    }

    fn lenient(&self) -> bool {
        self.strictness == Strictness::Lenient
    }

    /// Reads one value of a type into its place.
    pub(crate) fn read<S: Source>(&mut self, source: &mut S, ty: &Type, place: Place<'_>) -> Result<(), Error> {
        match (ty, place) {
            (ty, Place::Nullable(place)) => {
                if source.kind()? == Kind::Null {
                    source.null()?;
                    place.set_null();
                    return Ok(());
                }
                self.read(source, ty, place.set_value())
            }
            (ty, Place::Optional(place)) => {
                let result = self.read(source, ty, place.fill());
                if result.is_err() {
                    place.clear();
                }
                result
            }
            (Type::Ref(reference), place) => {
                let Some(schema) = self.catalog.get(*reference) else {
                    return Err(Violation::UnknownSchema(self.catalog.name(*reference).into()).into());
                };
                self.read_schema(source, schema, place)
            }
            (Type::String(schema), Place::Text(place)) => self.read_text(source, schema, place),
            (Type::Integer(schema), Place::Int(place)) => {
                expect(source, Kind::Int)?;
                *place = source.int()?;
                self.judge(scalar::integer(schema, *place))
            }
            (Type::Boolean(schema), Place::Bool(place)) => {
                expect(source, Kind::Bool)?;
                *place = source.bool()?;
                self.judge(scalar::boolean(*schema, *place))
            }
            (Type::Bytes(lengths), Place::Bytes(place)) => {
                expect(source, Kind::Bytes)?;
                let bytes = source.bytes()?;
                let judged = scalar::bytes(*lengths, bytes.len());
                *place = bytes.into();
                self.judge(judged)
            }
            (Type::CidLink, Place::Link(place)) => {
                expect(source, Kind::Link)?;
                *place = source.link()?;
                Ok(())
            }
            (Type::Blob(schema), Place::Blob(place)) => {
                expect(source, Kind::Map)?;
                let blob = Blob::from_value(&source.value()?)?;
                let judged = scalar::blob(schema, &blob, self.lenient());
                *place = blob;
                self.judge(judged)
            }
            (Type::Unknown, Place::Value(place)) => {
                expect(source, Kind::Map)?;
                *place = self.value(source)?;
                Ok(scalar::unknown(place)?)
            }
            (Type::Any, Place::Value(place)) => {
                *place = self.value(source)?;
                Ok(())
            }
            (Type::Array(schema), Place::List(place)) => self.read_list(source, schema, place),
            // Data that stays untyped where the schema says more is checked by the validator.
            (ty, Place::Value(place)) => {
                *place = self.value(source)?;
                match Validator::first_of(self.catalog, ty, View::Value(place)) {
                    Ok(()) => Ok(()),
                    Err(error) => self.fault(error),
                }
            }
            _ => Err(mismatch()),
        }
    }

    /// Reads one value of a definition into its place.
    pub(crate) fn read_schema<S: Source>(
        &mut self,
        source: &mut S,
        schema: &Schema,
        place: Place<'_>,
    ) -> Result<(), Error> {
        match (&schema.ty, place) {
            (Type::Object(_), Place::Object(place)) => self.read_object(source, schema, place, TypeAt::Inside),
            (Type::Union(union), Place::Union(place)) => self.read_union(source, union, place),
            (ty, place) => self.read(source, ty, place),
        }
    }

    fn value<S: Source>(&mut self, source: &mut S) -> Result<Value, Error> {
        let value = source.value()?;
        if self.lenient() {
            source.take_issues().into_iter().for_each(|issue| self.note(issue));
        }
        Ok(value)
    }

    fn read_text<S: Source>(
        &mut self,
        source: &mut S,
        schema: &StringSchema,
        place: &mut dyn Text,
    ) -> Result<(), Error> {
        expect(source, Kind::Text)?;
        let text = source.text()?;
        let judged = scalar::text(schema, text, if self.lenient() { Mode::Lenient } else { Mode::Strict });
        if !place.set(text) {
            return Err(judged.err().map_or_else(mismatch, Error::from));
        }
        self.judge(judged)
    }

    fn read_list<S: Source>(
        &mut self,
        source: &mut S,
        schema: &ArraySchema,
        list: &mut dyn Items,
    ) -> Result<(), Error> {
        expect(source, Kind::List)?;
        source.enter_list()?;
        let mut index = 0;
        while source.next_item()? {
            let (before, mark) = (self.issues.len(), source.mark());
            if let Err(error) = self.read(source, &schema.items, list.push()) {
                if !self.lenient() || !error.is_about_data() {
                    return Err(error.at_index(index));
                }
                list.pop();
                source.reset(mark);
                source.value()?;
                source.take_issues();
                self.note(error);
                self.left_out = true;
            }
            self.locate(before, || Segment::Index(index));
            index += 1;
        }
        self.judge(scalar::list(schema.length, index))
    }

    /// A broken constraint is an error; in lenient mode the value stays and the fault is listed.
    fn judge(&mut self, result: Result<(), Violation>) -> Result<(), Error> {
        match result {
            Ok(()) => Ok(()),
            Err(violation) => self.fault(violation.into()),
        }
    }

    /// Puts the place of a value in front of the issues that were found in it.
    fn locate(&mut self, before: usize, segment: impl Fn() -> Segment) {
        for issue in self.issues.iter_mut().skip(before) {
            issue.prepend(segment());
        }
    }

    fn read_union<S: Source>(
        &mut self,
        source: &mut S,
        schema: &UnionSchema,
        place: &mut dyn Members,
    ) -> Result<(), Error> {
        expect(source, Kind::Map)?;
        let Some(name) = source.find_type()? else {
            refuse_special(source)?;
            if !self.lenient() || schema.closed {
                return Err(Violation::Missing.at("$type"));
            }
            self.note(Violation::Missing.at("$type"));
            return self.read_unknown_member(source, place);
        };
        match self.member(schema, name) {
            Some((index, member)) => match place.select(Some(index)) {
                Place::Object(object) => self.read_object(source, member, object, TypeAt::Member),
                _ => Err(mismatch()),
            },
            None if schema.closed => Err(Violation::UnknownMember(name.into()).into()),
            None => {
                if name == "blob" {
                    self.fault(Violation::WrongType { expected: Found::Object, found: Found::Blob }.into())?;
                }
                self.read_unknown_member(source, place)
            }
        }
    }

    /// The member of a union that has a type, and its index.
    fn member(&self, union: &UnionSchema, name: &str) -> Option<(usize, &'c Schema)> {
        let catalog = self.catalog;
        let index = union.members.iter().position(|member| catalog.name(*member) == name)?;
        Some((index, catalog.get(*union.members.get(index)?)?))
    }

    fn read_unknown_member<S: Source>(&mut self, source: &mut S, place: &mut dyn Members) -> Result<(), Error> {
        match place.select(None) {
            Place::Value(value) => {
                *value = self.value(source)?;
                Ok(())
            }
            _ => Err(mismatch()),
        }
    }

    fn read_object<S: Source>(
        &mut self,
        source: &mut S,
        schema: &Schema,
        object: &mut dyn Fields,
        type_at: TypeAt,
    ) -> Result<(), Error> {
        expect(source, Kind::Map)?;
        source.enter_map()?;
        let fields = schema.fields();
        let mut seen = Seen::new(fields.len());
        let mut rest = Rest::new();
        let mut typed = false;
        let mut last = 0;
        while let Some(key) = source.next_key()? {
            if let Some(index) = self.habits.find(fields, key, last) {
                last = index + 1;
                if !seen.insert(index) {
                    return Err(duplicate(key));
                }
                let Some(field) = fields.get(index) else { return Err(mismatch()) };
                self.read_field(source, field, object.place(index), &mut rest)?;
            } else if key == "$type" {
                if std::mem::replace(&mut typed, true) {
                    return Err(duplicate(key));
                }
                self.read_type(source, schema, type_at, &mut rest)?;
            } else if let Some(found) = special(key).filter(|_| S::MAPS_ONLY) {
                return Err(Violation::WrongType { expected: Found::Object, found }.into());
            } else {
                let key = key.to_owned();
                let before = self.issues.len();
                let value = self.value(source).map_err(|error| error.in_key(&key))?;
                self.locate(before, || Segment::Key(key.as_str().into()));
                rest.push((key, value));
            }
        }
        if !typed && type_at != TypeAt::Header && matches!(schema.role, Role::Record(_)) {
            self.missing("$type", &mut rest)?;
        }
        self.fill(fields, &seen, object, &mut rest)?;
        if rest.is_empty() {
            return Ok(());
        }
        let rest = Map::from_unsorted(rest).map_err(|key| duplicate(&key))?;
        if let Some(extra) = object.extra_mut() {
            *extra = rest.into();
        }
        Ok(())
    }

    fn read_field<S: Source>(
        &mut self,
        source: &mut S,
        field: &Field,
        place: Place<'_>,
        rest: &mut Rest,
    ) -> Result<(), Error> {
        let (before, mark) = (self.issues.len(), source.mark());
        let outside = std::mem::take(&mut self.left_out);
        let result = self.read_value(source, field, place);
        let left_out = std::mem::replace(&mut self.left_out, outside);
        match result {
            Ok(()) if !left_out => {}
            Ok(()) => keep_fault(source, mark, &field.key, rest)?,
            Err(error) if self.lenient() && error.is_about_data() => {
                keep_fault(source, mark, &field.key, rest)?;
                self.issues.truncate(before);
                self.note(error);
            }
            Err(error) => return Err(error.in_key(&field.key)),
        }
        self.locate(before, || Segment::Key((&*field.key).into()));
        Ok(())
    }

    fn read_value<S: Source>(&mut self, source: &mut S, field: &Field, place: Place<'_>) -> Result<(), Error> {
        match source.kind()? {
            Kind::Null if !field.nullable => Err(Violation::Null.into()),
            _ => self.read(source, &field.ty, place),
        }
    }

    fn read_type<S: Source>(
        &mut self,
        source: &mut S,
        schema: &Schema,
        type_at: TypeAt,
        rest: &mut Rest,
    ) -> Result<(), Error> {
        let mark = source.mark();
        let found = match expect(source, Kind::Text).and_then(|()| source.text()) {
            Ok(found) => found,
            Err(error) => {
                let about_data = error.is_about_data();
                let error = error.in_key("$type");
                if !about_data {
                    return Err(error);
                }
                self.fault(error)?;
                return keep_fault(source, mark, "$type", rest);
            }
        };
        let computed = type_at != TypeAt::Inside || matches!(schema.role, Role::Record(_));
        if computed && schema.type_name() == Some(found) {
            return Ok(());
        }
        let kept = Value::String(found.to_owned());
        if let Err(violation) = check_type(&kept, schema) {
            self.fault(violation.at("$type"))?;
        }
        // It need not be there; what is written back must have it all the same.
        rest.push(("$type".to_owned(), kept));
        Ok(())
    }

    /// An error, or in lenient mode an issue.
    fn fault(&mut self, error: Error) -> Result<(), Error> {
        if !self.lenient() {
            return Err(error);
        }
        self.note(error);
        Ok(())
    }

    /// Looks after the fields that were not there.
    fn fill(&mut self, fields: &[Field], seen: &Seen, object: &mut dyn Fields, rest: &mut Rest) -> Result<(), Error> {
        for (index, field) in fields.iter().enumerate() {
            if !field.required || seen.contains(index) {
                continue;
            }
            if self.strictness == Strictness::Parse && self.place_default(&field.ty, object.place(index)) {
                continue;
            }
            self.missing(&field.key, rest)?;
        }
        Ok(())
    }

    /// Lenient mode: a mark in place of what is missing, so that it is missing again when written.
    fn missing(&mut self, key: &str, rest: &mut Rest) -> Result<(), Error> {
        self.fault(Violation::Missing.at(key))?;
        rest.push((key.to_owned(), Value::Invalid("".into())));
        Ok(())
    }

    fn place_default(&self, ty: &Type, place: Place<'_>) -> bool {
        match (ty, place) {
            (Type::Ref(reference), place) => {
                self.catalog.get(*reference).is_some_and(|schema| self.place_default(&schema.ty, place))
            }
            (ty, Place::Nullable(place)) => self.place_default(ty, place.set_value()),
            (ty, Place::Optional(place)) => self.place_default(ty, place.fill()),
            (Type::Boolean(schema), Place::Bool(place)) => schema.default.is_some_and(|default| {
                *place = default;
                true
            }),
            (Type::Integer(schema), Place::Int(place)) => schema.default.is_some_and(|default| {
                *place = default;
                true
            }),
            (Type::String(schema), Place::Text(place)) => {
                schema.default.as_ref().is_some_and(|default| place.set(default))
            }
            _ => false,
        }
    }
}

/// What goes into `extra`, in the order of the input. Sorted once, at the end: one by one would cost
/// the square of their number.
type Rest = Vec<(String, Value)>;

/// Lenient mode: what stood in a field that cannot hold it goes beside it, under its own key.
fn keep_fault<S: Source>(source: &mut S, mark: S::Mark, key: &str, rest: &mut Rest) -> Result<(), Error> {
    source.reset(mark);
    let value = source.value()?;
    source.take_issues();
    rest.push((key.to_owned(), value));
    Ok(())
}

/// Which fields were there; any number of them.
struct Seen {
    first: u64,
    rest: Vec<u64>,
}

impl Seen {
    fn new(fields: usize) -> Self {
        Self { first: 0, rest: if fields > 64 { vec![0; fields.div_ceil(64) - 1] } else { Vec::new() } }
    }

    fn word(&mut self, index: usize) -> Option<&mut u64> {
        match index / 64 {
            0 => Some(&mut self.first),
            word => self.rest.get_mut(word - 1),
        }
    }

    /// `false` if it was there before.
    fn insert(&mut self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        self.word(index).is_some_and(|word| {
            let new = *word & bit == 0;
            *word |= bit;
            new
        })
    }

    fn contains(&self, index: usize) -> bool {
        let word = if index < 64 { Some(&self.first) } else { self.rest.get(index / 64 - 1) };
        word.is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}

/// Compares the kind that stands next. JSON shows links and bytes as maps.
fn expect<S: Source>(source: &mut S, expected: Kind) -> Result<(), Error> {
    let found = source.kind()?;
    let fits =
        found == expected || (S::MAPS_ONLY && found == Kind::Map && matches!(expected, Kind::Bytes | Kind::Link));
    if fits { Ok(()) } else { Err(Violation::WrongType { expected: expected.found(), found: found.found() }.into()) }
}

/// What a map with this key stands for in JSON.
fn special(key: &str) -> Option<Found> {
    match key {
        "$link" => Some(Found::CidLink),
        "$bytes" => Some(Found::Bytes),
        _ => None,
    }
}

/// Refuses the map that stands next if it stands for a link or bytes.
fn refuse_special<S: Source>(source: &mut S) -> Result<(), Error> {
    if !S::MAPS_ONLY {
        return Ok(());
    }
    let mark = source.mark();
    source.enter_map()?;
    let found = source.next_key()?.and_then(special);
    source.reset(mark);
    match found {
        Some(found) => Err(Violation::WrongType { expected: Found::Object, found }.into()),
        None => Ok(()),
    }
}

impl Kind {
    fn found(self) -> Found {
        match self {
            Self::Null => Found::Null,
            Self::Bool => Found::Boolean,
            Self::Int => Found::Integer,
            Self::Text => Found::String,
            Self::Bytes => Found::Bytes,
            Self::Link => Found::CidLink,
            Self::List => Found::Array,
            Self::Map => Found::Object,
        }
    }
}

#[cold]
fn duplicate(key: &str) -> Error {
    Error::model("the key stands twice").in_key(key)
}

/// The descriptor and the Rust type do not fit together. Generated code cannot do this.
#[cold]
fn mismatch() -> Error {
    Error::new(ErrorKind::Mismatch)
}
