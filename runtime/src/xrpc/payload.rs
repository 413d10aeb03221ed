//! What goes over the wire as a body.

use std::fmt;

use arobase_lexicon::schema::Schema;
use bytes::Bytes;

use super::Body;
use crate::data::{Data, Error, Lenient, Limits, Strictness, Value, json};

/// What a body is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// There is none.
    Empty,
    /// JSON, read whole.
    Json,
    /// Anything else, streamed.
    Stream,
}

/// A body between the wire and its type.
#[derive(Default)]
pub enum Raw {
    /// There is none.
    #[default]
    Empty,
    /// JSON.
    Json(Bytes),
    /// Anything else.
    Stream(Body),
}

/// A type of request and response bodies: generated types and [`Value`] are JSON, [`Body`] is
/// anything else, `()` is no body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the body of a request or an answer",
    label = "not a body",
    note = "bodies are generated types, `Value` for JSON without a schema, `Body` for other encodings, and `()`"
)]
pub trait Payload: Sized + Send + 'static {
    /// What it is on the wire.
    const FORM: Form;
    /// What it looks like, where it has a schema.
    const SCHEMA: Option<&'static Schema>;

    /// Reads it. Only a lenient run has issues.
    ///
    /// # Errors
    /// As the strictness has it; JSON where there is none.
    fn decode(raw: Raw, strictness: Strictness, limits: Limits) -> Result<Lenient<Self>, Error>;

    /// Writes it; `checked` refuses what breaks the schema.
    ///
    /// # Errors
    /// The first fault.
    fn encode(self, checked: bool) -> Result<Raw, Error>;
}

impl Payload for () {
    const FORM: Form = Form::Empty;
    const SCHEMA: Option<&'static Schema> = None;

    fn decode(_: Raw, _: Strictness, _: Limits) -> Result<Lenient<Self>, Error> {
        Ok(Lenient { value: (), issues: Vec::new() })
    }

    fn encode(self, _: bool) -> Result<Raw, Error> {
        Ok(Raw::Empty)
    }
}

impl Payload for Body {
    const FORM: Form = Form::Stream;
    const SCHEMA: Option<&'static Schema> = None;

    fn decode(raw: Raw, _: Strictness, _: Limits) -> Result<Lenient<Self>, Error> {
        let value = match raw {
            Raw::Empty => Self::default(),
            Raw::Json(json) => Self::new(json).content_type(arobase_lexicon::schema::JSON),
            Raw::Stream(body) => body,
        };
        Ok(Lenient { value, issues: Vec::new() })
    }

    fn encode(self, _: bool) -> Result<Raw, Error> {
        Ok(Raw::Stream(self))
    }
}

impl Payload for Value {
    const FORM: Form = Form::Json;
    const SCHEMA: Option<&'static Schema> = None;

    fn decode(raw: Raw, strictness: Strictness, limits: Limits) -> Result<Lenient<Self>, Error> {
        let json = raw.json();
        if strictness == Strictness::Lenient {
            let (value, issues) = json::parse_lenient(&json, limits)?;
            return Ok(Lenient { value, issues });
        }
        Ok(Lenient { value: json::parse_with(&json, limits)?, issues: Vec::new() })
    }

    fn encode(self, checked: bool) -> Result<Raw, Error> {
        let json = if checked { json::to_vec(&self)? } else { json::to_string_lenient(&self)?.into_bytes() };
        Ok(Raw::Json(json.into()))
    }
}

impl<T: Data + Send + 'static> Payload for T {
    const FORM: Form = Form::Json;
    const SCHEMA: Option<&'static Schema> = Some(T::SCHEMA);

    fn decode(raw: Raw, strictness: Strictness, limits: Limits) -> Result<Lenient<Self>, Error> {
        T::read_json(&raw.json(), strictness, limits)
    }

    fn encode(self, checked: bool) -> Result<Raw, Error> {
        let json = if checked { self.to_json()? } else { self.to_json_lenient()? };
        Ok(Raw::Json(json.into()))
    }
}

/// How long it is, and nothing of what it says.
impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Json(json) => write!(f, "Json({} bytes)", json.len()),
            Self::Stream(body) => match body.size() {
                Some(size) => write!(f, "Stream({size} bytes)"),
                None => f.write_str("Stream"),
            },
        }
    }
}

impl Raw {
    /// The JSON; where there is something else, no JSON.
    fn json(self) -> Bytes {
        match self {
            Self::Json(json) => json,
            _ => Bytes::new(),
        }
    }
}
