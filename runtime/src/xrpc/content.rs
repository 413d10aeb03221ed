#[cfg(any(feature = "client", feature = "server"))]
mod codec;

use super::Body;
use crate::data::{Map, Value};

/// A body of a method that is known only at run time.
#[derive(Debug, Default)]
pub enum Content {
    /// There is none.
    #[default]
    Empty,
    /// JSON.
    Json(Value),
    /// Anything else.
    Body(Body),
}

impl Content {
    /// The JSON, where it is JSON.
    #[must_use]
    pub fn as_json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The JSON, where it is JSON.
    #[must_use]
    pub fn into_json(self) -> Option<Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The body, where it is neither JSON nor nothing.
    #[must_use]
    pub fn into_body(self) -> Option<Body> {
        match self {
            Self::Body(body) => Some(body),
            _ => None,
        }
    }
}

impl From<()> for Content {
    fn from((): ()) -> Self {
        Self::Empty
    }
}

impl From<Value> for Content {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl From<Map> for Content {
    fn from(map: Map) -> Self {
        Self::Json(map.into())
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        Self::Body(body)
    }
}
