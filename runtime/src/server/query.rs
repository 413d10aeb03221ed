//! The parameters of a call, read before anything else is done with it.

use std::any::Any;

use arobase_lexicon::schema::{Endpoint, Name, Role, Schema, Shared, Type};

use super::refusal::{Refusal, internal};
use crate::{
    Catalog,
    data::{Data, Error, Map, Value, validate::Extent},
    xrpc::params::{self, UnknownParams},
};

/// The parameters of methods that take none.
static NO_PARAMS: Schema =
    Schema { id: Name::Static("params"), role: Role::Params, ty: Type::Object(Shared::Static(&[])) };

/// Parameters that were checked: what the [`Take`] of the route makes of them.
pub(crate) type Params = Box<dyn Any + Send>;

/// Checks parameters, whose types are right and whose defaults are filled in.
pub(crate) type Take = fn(&Catalog, &Schema, Value) -> Result<Params, Error>;

/// As they are, for handlers without types.
pub(crate) fn as_map(catalog: &Catalog, schema: &Schema, params: Value) -> Result<Params, Error> {
    catalog.check(schema, &params, Extent::default())?;
    Ok(Box::new(match params {
        Value::Map(map) => map,
        _ => Map::new(),
    }))
}

/// As a request struct, which is checked while it is made.
#[expect(clippy::needless_pass_by_value, reason = "the signature of a `Take`")]
pub(crate) fn as_request<E: Data + Send + 'static>(_: &Catalog, _: &Schema, params: Value) -> Result<Params, Error> {
    Ok(Box::new(E::from_value(&params)?))
}

/// Not at all: the method takes none.
pub(crate) fn as_nothing(_: &Catalog, _: &Schema, _: Value) -> Result<Params, Error> {
    Ok(Box::new(()))
}

/// Reads the parameters of a call.
pub(super) fn read(
    take: Take,
    endpoint: &Endpoint,
    catalog: &Catalog,
    query: Option<&str>,
    unknown: UnknownParams,
) -> Result<Params, Refusal> {
    let schema = match endpoint.params {
        None => Some(&NO_PARAMS),
        Some(reference) => catalog.get(reference),
    };
    let Some(schema) = schema else {
        tracing::error!(nsid = &*endpoint.nsid, "the catalog lacks the parameters of a method");
        return Err(Refusal(internal()));
    };
    let params = match query {
        None if schema.fields().is_empty() => Ok(Value::Map(Map::new())),
        query => params::read(catalog, schema, query.unwrap_or_default(), unknown),
    };
    params.and_then(|params| take(catalog, schema, params)).map_err(|error| Refusal::invalid("parameters", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalog_that_ignores_a_key_ignores_it_in_parameters() {
        let catalog = Catalog::from_json(
            r#"{ "lexicon": 1, "id": "com.example.get", "defs": { "main": { "type": "query", "parameters": {
                "type": "params", "properties": { "limit": { "type": "integer", "maximum": 1 } } } } } }"#,
        )
        .unwrap();
        let read = |catalog: &Catalog| {
            let endpoint = catalog.endpoint("com.example.get").unwrap();
            read(as_map, endpoint, catalog, Some("limit=2"), UnknownParams::default())
        };
        assert!(read(&catalog).is_err());
        assert!(read(&catalog.clone().ignore(["limit"])).is_ok());
    }
}
