use arobase_lexicon::{
    check::{Found, Violation},
    schema::{
        ArraySchema, BooleanSchema, Field, IntegerSchema, Lengths, List, Name, Role, Schema, Shared, StringSchema, Type,
    },
};

use crate::{
    Catalog,
    data::{Error, Map, Value, fields::View},
    xrpc::params::{self, UnknownParams},
};

/// The parameters of a call: texts, integers, booleans, and lists of one of these. `()` is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(pub(super) Map);

impl From<()> for Params {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<Map> for Params {
    fn from(map: Map) -> Self {
        Self(map)
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Params {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Of several pairs with one name the last one stays.
impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// The query string of a method; without a schema it takes no parameters.
pub(super) fn encode(
    catalog: &Catalog,
    schema: Option<&Schema>,
    params: Map,
    unknown: UnknownParams,
) -> Result<String, Error> {
    let none = schema_of(List::Static(&[]));
    let schema = schema.unwrap_or(&none);
    let is_known = |name: &str| schema.fields().iter().any(|field| *field.key == *name);
    let params: Map = match unknown {
        UnknownParams::Refuse => params,
        UnknownParams::Ignore => params.into_iter().filter(|(name, _)| is_known(name)).collect(),
    };
    params::encode(catalog, schema, View::Value(&Value::Map(params)))
}

/// The query string of a method without a lexicon: the values say what they are.
pub(super) fn encode_any(params: Map) -> Result<String, Error> {
    let fields = params.iter().map(|(name, value)| {
        let ty = type_of(value).map_err(|violation| Error::from(violation).in_key(name))?;
        Ok(Field { key: Name::from(name), required: false, nullable: false, ty })
    });
    let fields: Vec<Field> = fields.collect::<Result<_, Error>>()?;
    let schema = schema_of(fields.into_iter().collect());
    params::encode(&Catalog::new(), &schema, View::Value(&Value::Map(params)))
}

fn schema_of(fields: List<Field>) -> Schema {
    Schema { id: Name::Static(""), role: Role::Params, ty: Type::Object(fields) }
}

/// A list is of the type of its first element.
fn type_of(value: &Value) -> Result<Type, Violation> {
    match value {
        Value::List(items) => {
            let items = items.first().map_or(Ok(Type::String(StringSchema::ANY)), scalar_type)?;
            Ok(Type::Array(ArraySchema { items: Shared::Owned(items.into()), length: Lengths::ANY }))
        }
        value => scalar_type(value),
    }
}

fn scalar_type(value: &Value) -> Result<Type, Violation> {
    let found = match value {
        Value::String(_) => return Ok(Type::String(StringSchema::ANY)),
        Value::Int(_) => return Ok(Type::Integer(IntegerSchema::ANY)),
        Value::Bool(_) => return Ok(Type::Boolean(BooleanSchema::ANY)),
        Value::Null => Found::Null,
        Value::Bytes(_) => Found::Bytes,
        Value::Link(_) => Found::CidLink,
        Value::List(_) => Found::Array,
        Value::Map(_) => Found::Object,
        Value::Invalid(_) => Found::Invalid,
    };
    Err(Violation::WrongType { expected: Found::String, found })
}
