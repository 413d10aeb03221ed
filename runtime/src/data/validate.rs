//! The validator: one loop over descriptor and view, for typed and untyped data alike.

use arobase_lexicon::{
    check::{Found, Violation},
    compile::Catalog,
    schema::{ArraySchema, Field, Role, Schema, Type, UnionSchema},
    syntax::Mode,
};

use super::{
    Blob, Error, Map, Segment, Value,
    defaults::default_of,
    fields::{Fields, View},
    map::key_order,
    scalar::{self, At},
};

/// Checks untyped data against a definition of a catalog (Lexicon, what makes record data
/// invalid); strict, nothing is filled in.
///
/// # Errors
/// The first fault, with its path.
pub fn validate(catalog: &Catalog, schema: &Schema, value: &Value) -> Result<(), Error> {
    Validator::first(catalog, schema, View::Value(value))
}

/// Like [`validate`], but the first faults, 100 at most, in the order in which they stand.
#[must_use]
pub fn validate_all(catalog: &Catalog, schema: &Schema, value: &Value) -> Vec<Error> {
    Validator::all(catalog, schema, View::Value(value))
}

/// One run of the validator.
pub(crate) struct Validator<'c> {
    catalog: &'c Catalog,
    faults: Vec<Error>,
    /// How many faults are enough.
    enough: usize,
    extent: Extent<'c>,
}

/// What a run checks, besides the rules that always hold.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extent<'c> {
    /// The data is new, and must also keep the rules for what is created.
    pub(crate) new: bool,
    /// A default stands for a required field that is absent.
    pub(crate) parse: bool,
    /// What names a type of the catalog is checked against it, also where any type may stand.
    pub(crate) deep: bool,
    /// Keys whose values are not looked at, at any depth.
    pub(crate) ignore: &'c [Box<str>],
}

impl Extent<'static> {
    /// Parameters and input, which servers read with their defaults.
    pub(crate) const PARSE: Self = Self { new: false, parse: true, deep: false, ignore: &[] };
}

/// How many faults a run that wants them all lists.
const MANY: usize = 100;

/// An object, typed or untyped.
#[derive(Clone, Copy)]
pub(crate) enum Object<'a> {
    Typed(&'a dyn Fields),
    Map(&'a Map),
}

impl<'a> Object<'a> {
    /// What is in a field.
    pub(crate) fn field(self, index: usize, field: &Field) -> View<'a> {
        match self {
            Self::Typed(object) => object.view(index),
            Self::Map(map) => map.get(&field.key).map_or(View::Absent, View::Value),
        }
    }

    /// The `$type` that stands in the data itself; typed unions and records compute theirs.
    fn type_name(self) -> Option<&'a Value> {
        match self {
            Self::Typed(object) => object.extra()?.get("$type"),
            Self::Map(map) => map.get("$type"),
        }
    }
}

impl<'c> Validator<'c> {
    pub(crate) fn first(catalog: &'c Catalog, schema: &Schema, view: View<'_>) -> Result<(), Error> {
        Self::first_within(catalog, Extent::default(), schema, view)
    }

    /// Like [`Validator::first`], for new data.
    pub(crate) fn first_new(catalog: &'c Catalog, schema: &Schema, view: View<'_>) -> Result<(), Error> {
        Self::first_within(catalog, Extent { new: true, ..Extent::default() }, schema, view)
    }

    /// Like [`Validator::first`], to another extent.
    pub(crate) fn first_within(
        catalog: &'c Catalog,
        extent: Extent<'c>,
        schema: &Schema,
        view: View<'_>,
    ) -> Result<(), Error> {
        let mut run = Self { extent, ..Self::new(catalog, 1) };
        run.schema(schema, view);
        run.faults.into_iter().next().map_or(Ok(()), Err)
    }

    /// Like [`Validator::first`], for a type without a definition of its own.
    pub(crate) fn first_of(catalog: &'c Catalog, ty: &Type, view: View<'_>) -> Result<(), Error> {
        let mut run = Self::new(catalog, 1);
        run.ty(ty, view);
        run.faults.into_iter().next().map_or(Ok(()), Err)
    }

    pub(crate) fn all(catalog: &'c Catalog, schema: &Schema, view: View<'_>) -> Vec<Error> {
        Self::all_within(catalog, Extent::default(), schema, view)
    }

    /// Like [`Validator::all`], to another extent.
    pub(crate) fn all_within(catalog: &'c Catalog, extent: Extent<'c>, schema: &Schema, view: View<'_>) -> Vec<Error> {
        let mut run = Self { extent, ..Self::new(catalog, MANY) };
        run.schema(schema, view);
        run.faults
    }

    fn new(catalog: &'c Catalog, enough: usize) -> Self {
        Self { catalog, faults: Vec::new(), enough, extent: Extent::default() }
    }

    fn done(&self) -> bool {
        self.faults.len() >= self.enough
    }

    fn note(&mut self, error: impl Into<Error>) {
        if !self.done() {
            self.faults.push(error.into());
        }
    }

    fn judge(&mut self, result: Result<(), Violation>) {
        if let Err(violation) = result {
            self.note(violation);
        }
    }

    /// Checks a part and puts its place in front of the faults found in it.
    fn inside(&mut self, part: impl FnOnce(&mut Self), segment: impl Fn() -> Segment) {
        let before = self.faults.len();
        part(self);
        for fault in self.faults.iter_mut().skip(before) {
            fault.prepend(segment());
        }
    }

    fn schema(&mut self, schema: &Schema, view: View<'_>) {
        match (&schema.ty, view) {
            (Type::Object(_), View::Object(object)) => self.object(schema, Object::Typed(object), false),
            (Type::Object(_), View::Value(Value::Map(map))) => self.object(schema, Object::Map(map), false),
            (Type::Object(_), view) => self.wrong(Found::Object, view),
            (Type::Union(union), view) => self.union(union, view),
            (ty, view) => self.ty(ty, view),
        }
    }

    fn ty(&mut self, ty: &Type, view: View<'_>) {
        let view = scalar_view(view);
        match (ty, view) {
            (Type::Ref(reference), view) => match self.catalog.get(*reference) {
                Some(schema) => self.schema(schema, view),
                None => self.note(Violation::UnknownSchema(self.catalog.name(*reference).into())),
            },
            (Type::String(schema), View::Text(text)) => self.judge(scalar::text(schema, text, Mode::Strict)),
            (Type::Integer(schema), View::Int(value)) => self.judge(scalar::integer(schema, value)),
            (Type::Boolean(schema), View::Bool(value)) => self.judge(scalar::boolean(*schema, value)),
            (Type::Bytes(lengths), View::Bytes(bytes)) => self.judge(scalar::bytes(*lengths, bytes.len())),
            (Type::Any, View::Value(value)) => self.model(value),
            (Type::CidLink, View::Link(_)) | (Type::Any, _) => {}
            (Type::Blob(schema), View::Blob(blob)) => self.judge(scalar::blob(schema, blob, false)),
            (Type::Blob(schema), View::Value(value)) => match Blob::from_value(value) {
                Ok(blob) => self.judge(scalar::blob(schema, &blob, false)),
                Err(error) => self.note(error),
            },
            (Type::Unknown, View::Value(value)) => self.unknown(value),
            (Type::Array(schema), View::List(items)) => {
                self.array(schema, items.count(), |index| items.at(index));
            }
            (Type::Array(schema), View::Value(Value::List(items))) => {
                self.array(schema, items.len(), |index| items.get(index).map_or(View::Absent, View::Value));
            }
            (ty, view) => self.wrong(found_type(ty), view),
        }
    }

    fn unknown(&mut self, value: &Value) {
        self.judge(scalar::unknown(value));
        match (value, value.type_name().and_then(|name| self.known(name))) {
            (Value::Map(map), Some(schema)) => self.object(schema, Object::Map(map), true),
            _ => self.model(value),
        }
    }

    /// The object or record that a `$type` names where any may stand, if such are looked at.
    fn known(&self, type_name: &str) -> Option<&'c Schema> {
        let catalog = self.catalog;
        let schema = self.extent.deep.then(|| catalog.find_type(type_name))??;
        (matches!(schema.ty, Type::Object(_)) && schema.type_name() == Some(type_name)).then_some(schema)
    }

    /// What no schema describes must be a value of the data model all the same.
    fn model(&mut self, value: &Value) {
        if let Err(error) = value.check() {
            self.note(error);
        }
    }

    fn array<'a>(&mut self, schema: &ArraySchema, count: usize, at: impl Fn(usize) -> View<'a>) {
        self.judge(scalar::list(schema.length, count));
        for index in 0..count {
            if self.done() {
                return;
            }
            self.inside(|run| run.ty(&schema.items, at(index)), || Segment::Index(index));
        }
    }

    fn union(&mut self, union: &UnionSchema, view: View<'_>) {
        match view {
            View::Union(members) => match members.current() {
                (Some(index), View::Object(object)) => {
                    match union.members.get(index).and_then(|member| self.catalog.get(*member)) {
                        Some(schema) => self.object(schema, Object::Typed(object), true),
                        None => self.note(Violation::UnknownSchema(String::new())),
                    }
                }
                (_, View::Value(Value::Map(map))) => self.member(union, map),
                (_, view) => self.wrong(Found::Object, view),
            },
            View::Value(Value::Map(map)) => self.member(union, map),
            view => self.wrong(Found::Object, view),
        }
    }

    /// Untyped data in the place of a union.
    fn member(&mut self, union: &UnionSchema, map: &Map) {
        let name = match map.get("$type") {
            Some(Value::String(name)) if !name.is_empty() => name,
            Some(found) if !matches!(found, Value::String(_)) => {
                let fault = Violation::WrongType { expected: Found::String, found: found_value(found) };
                return self.note(fault.at("$type"));
            }
            _ => return self.note(Violation::Missing.at("$type")),
        };
        if name == "blob" {
            return self.note(Violation::WrongType { expected: Found::Object, found: Found::Blob });
        }
        match union.members.iter().find(|member| self.catalog.name(**member) == name) {
            Some(member) => match self.catalog.get(*member) {
                Some(schema) => self.object(schema, Object::Map(map), true),
                None => self.note(Violation::UnknownSchema(name.clone())),
            },
            None if union.closed => self.note(Violation::UnknownMember(name.clone())),
            None => {
                if let Some(schema) = self.known(name) {
                    return self.object(schema, Object::Map(map), true);
                }
                if let Err(violation) = scalar::type_name(name)
                    && self.extent.new
                {
                    self.note(violation.at("$type"));
                }
                self.each_model(map, &[]);
            }
        }
    }

    fn object(&mut self, schema: &Schema, object: Object<'_>, member: bool) {
        self.check_type_name(schema, object, member);
        for (index, field) in schema.fields().iter().enumerate() {
            if self.done() {
                return;
            }
            if self.ignored(&field.key) {
                continue;
            }
            match object.field(index, field) {
                View::Absent if !field.required => {}
                View::Absent if self.extent.parse && default_of(self.catalog, &field.ty).is_some() => {}
                View::Absent => self.note(Violation::Missing.at(&field.key)),
                View::Null | View::Value(Value::Null) if field.nullable => {}
                View::Null | View::Value(Value::Null) => self.note(Violation::Null.at(&field.key)),
                view => self.inside(|run| run.ty(&field.ty, view), || Segment::Key((&*field.key).into())),
            }
        }
        match object {
            Object::Typed(object) => self.check_extra(schema, object),
            Object::Map(map) => self.each_model(map, schema.fields()),
        }
    }

    fn ignored(&self, key: &str) -> bool {
        self.extent.ignore.iter().any(|ignored| **ignored == *key)
    }

    fn check_type_name(&mut self, schema: &Schema, object: Object<'_>, member: bool) {
        let computed = matches!(object, Object::Typed(_)) && (member || matches!(schema.role, Role::Record(_)));
        let result = match object.type_name() {
            Some(found) => check_type(found, schema),
            None if !computed && matches!(schema.role, Role::Record(_)) => Err(Violation::Missing),
            None => Ok(()),
        };
        if let Err(violation) = result {
            self.note(violation.at("$type"));
        }
    }

    /// A key that the schema knows must not stand among those that it does not know.
    fn check_extra(&mut self, schema: &Schema, object: &dyn Fields) {
        let Some(extra) = object.extra().filter(|extra| !extra.is_empty()) else { return };
        for field in schema.fields() {
            if let Some(kept) = extra.get(&field.key) {
                self.note(shadowed(kept).at(&field.key));
            }
        }
        self.each_model(extra.map(), &[]);
    }

    /// The data model, for the values of a map whose keys are none of the fields.
    fn each_model(&mut self, map: &Map, fields: &[Field]) {
        for (key, value) in map {
            if fields.binary_search_by(|field| key_order(&field.key, key)).is_err()
                && !self.ignored(key)
                && let Err(error) = value.check()
            {
                self.note(error.in_key(key));
            }
        }
    }

    fn wrong(&mut self, expected: Found, found: View<'_>) {
        self.note(Violation::WrongType { expected, found: found_view(found) });
    }
}

/// Checks a `$type` that stands in the data of a definition. The mark of a missing one, which a
/// lenient reader leaves, is empty and invalid.
pub(crate) fn check_type(found: &Value, schema: &Schema) -> Result<(), Violation> {
    match (found, schema.type_name()) {
        (Value::String(text), _) if text.is_empty() => Err(Violation::Missing),
        (Value::Invalid(text), _) if text.is_empty() => Err(Violation::Missing),
        (Value::String(found), Some(expected)) if found != expected => {
            Err(Violation::TypeMismatch { expected: expected.into(), found: found.as_str().into() })
        }
        (Value::String(found), None) if found == "blob" => {
            Err(Violation::WrongType { expected: Found::Object, found: Found::Blob })
        }
        (Value::String(_), _) => Ok(()),
        _ => Err(Violation::WrongType { expected: Found::String, found: found_value(found) }),
    }
}

/// What is wrong with a field whose key stands in `extra` too.
pub(crate) fn shadowed(kept: &Value) -> Violation {
    match kept {
        Value::Invalid(text) if text.is_empty() => Violation::Missing,
        _ => Violation::Shadowed,
    }
}

/// Untyped scalars look like typed ones.
pub(crate) fn scalar_view(view: View<'_>) -> View<'_> {
    match view {
        View::Value(Value::String(text)) => View::Text(text),
        View::Value(Value::Int(value)) => View::Int(*value),
        View::Value(Value::Bool(value)) => View::Bool(*value),
        View::Value(Value::Bytes(bytes)) => View::Bytes(bytes),
        View::Value(Value::Link(link)) => View::Link(link),
        view => view,
    }
}

fn found_type(ty: &Type) -> Found {
    match ty {
        Type::Boolean(_) => Found::Boolean,
        Type::Integer(_) => Found::Integer,
        Type::String(_) => Found::String,
        Type::Bytes(_) => Found::Bytes,
        Type::CidLink => Found::CidLink,
        Type::Blob(_) => Found::Blob,
        Type::Array(_) => Found::Array,
        Type::Unknown | Type::Any | Type::Object(_) | Type::Union(_) | Type::Ref(_) => Found::Object,
    }
}

fn found_value(value: &Value) -> Found {
    match value {
        Value::Null => Found::Null,
        Value::Bool(_) => Found::Boolean,
        Value::Int(_) => Found::Integer,
        Value::String(_) => Found::String,
        Value::Bytes(_) => Found::Bytes,
        Value::Link(_) => Found::CidLink,
        Value::List(_) => Found::Array,
        Value::Map(_) => Found::Object,
        Value::Invalid(_) => Found::Invalid,
    }
}

fn found_view(view: View<'_>) -> Found {
    match view {
        View::Absent => Found::Nothing,
        View::Null => Found::Null,
        View::Bool(_) => Found::Boolean,
        View::Int(_) => Found::Integer,
        View::Text(_) => Found::String,
        View::Bytes(_) => Found::Bytes,
        View::Link(_) => Found::CidLink,
        View::Blob(_) => Found::Blob,
        View::Value(value) => found_value(value),
        View::Object(_) | View::Union(_) | View::Extra(_) => Found::Object,
        View::List(_) => Found::Array,
    }
}
