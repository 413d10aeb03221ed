//! Bodies of any method, by its descriptor.

use std::borrow::Cow;

use arobase_lexicon::schema::{BodySchema, JSON, Schema};

use super::Content;
use crate::{
    Catalog,
    data::{Error, Lenient, Limits, Strictness, Value, fill_defaults, json, validate::Extent},
    xrpc::{Body, Raw, mime},
};

impl Content {
    /// Reads a body, whose form was matched with the method before. Only a strict run fills no
    /// defaults in, and only a lenient one has issues.
    pub(crate) fn read(
        raw: Raw,
        catalog: &Catalog,
        body: Option<&BodySchema>,
        strictness: Strictness,
        limits: Limits,
    ) -> Result<Lenient<Self>, Error> {
        let json = match raw {
            Raw::Empty => return Ok(Lenient { value: Self::Empty, issues: Vec::new() }),
            Raw::Stream(body) => return Ok(Lenient { value: Self::Body(body), issues: Vec::new() }),
            Raw::Json(json) => json,
        };
        let schema = schema(catalog, body);
        if strictness == Strictness::Lenient {
            let Lenient { value, issues } = read_lenient(&json, catalog, schema, limits)?;
            return Ok(Lenient { value: Self::Json(value), issues });
        }
        let mut value = json::parse_with(&json, limits)?;
        if let Some(schema) = schema {
            if strictness == Strictness::Parse {
                fill_defaults(catalog, schema, &mut value);
            }
            catalog.check(schema, &value, Extent::default())?;
        }
        Ok(Lenient { value: Self::Json(value), issues: Vec::new() })
    }

    /// Writes the body of a method. Without an extent it is not checked against its schema.
    pub(crate) fn write(
        self,
        catalog: &Catalog,
        body: Option<&BodySchema>,
        extent: Option<Extent<'static>>,
    ) -> Result<Raw, Error> {
        match (self, body) {
            (Self::Empty, None) => Ok(Raw::Empty),
            (Self::Body(content), Some(body)) if !body.is_json() => Ok(Raw::Stream(content)),
            (Self::Json(value), Some(body)) if mime::matches(&body.encoding, JSON) => {
                if let (Some(schema), Some(extent)) = (schema(catalog, Some(body)), extent) {
                    catalog.check(schema, &value, extent)?;
                }
                let json = json::to_vec(&value)?;
                Ok(if body.is_json() {
                    Raw::Json(json.into())
                } else {
                    Raw::Stream(Body::new(json).content_type(JSON))
                })
            }
            (content, body) => Err(content.misfit(body)),
        }
    }

    #[cold]
    fn misfit(&self, body: Option<&BodySchema>) -> Error {
        let expected = body.map_or("no body", |body| &*body.encoding);
        let found: Cow<'_, str> = match self {
            Self::Empty => "no body".into(),
            Self::Json(_) => JSON.into(),
            Self::Body(body) => format!("{body:?}").into(),
        };
        Error::model(format!("expected {expected}, found {found}"))
    }
}

fn schema<'c>(catalog: &'c Catalog, body: Option<&BodySchema>) -> Option<&'c Schema> {
    catalog.get(body?.schema?)
}

/// What breaks the data model also breaks the schema; the reader knows better why.
fn read_lenient(
    json: &[u8],
    catalog: &Catalog,
    schema: Option<&Schema>,
    limits: Limits,
) -> Result<Lenient<Value>, Error> {
    let (mut value, mut issues) = json::parse_lenient(json, limits)?;
    if let Some(schema) = schema {
        fill_defaults(catalog, schema, &mut value);
        let known = issues.len();
        for fault in catalog.faults(schema, &value) {
            if !issues.iter().take(known).any(|issue| issue.segments().eq(fault.segments())) {
                issues.push(fault);
            }
        }
    }
    Ok(Lenient { value, issues })
}
