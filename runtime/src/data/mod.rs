//! The data model: [`Value`], [`Cid`], [`CidLink`], [`Blob`], [`Bytes`], and the strict readers
//! and writers of JSON and DAG-CBOR.

mod blob;
mod bytes;
pub mod cbor;
mod check;
mod cid;
mod cid_error;
mod cid_link;
pub(crate) mod defaults;
mod encoding;
mod error;
pub mod fields;
#[cfg(feature = "ipld")]
mod ipld;
pub mod json;
mod limits;
pub(crate) mod map;
mod nullable;
pub(crate) mod read;
pub mod same;
pub(crate) mod scalar;
pub(crate) mod sha256;
pub(crate) mod sink;
pub(crate) mod source;
#[cfg(test)]
mod source_tests;
mod truncate;
mod typed;
mod untyped;
pub(crate) mod validate;
mod value;
#[cfg(feature = "serde")]
pub mod value_serde;
mod value_sink;
mod value_source;
pub(crate) mod write;

pub use blob::Blob;
pub use bytes::Bytes;
pub use cid::{Cid, Codec};
pub use cid_error::CidError;
pub use cid_link::{CidLink, GeneralCid};
pub use defaults::fill_defaults;
pub use error::{Error, ErrorKind, Segment};
pub use fields::Extra;
pub use limits::Limits;
pub use map::{Map, MapIter};
pub use nullable::Nullable;
pub use read::Strictness;
pub use truncate::truncate;
pub use typed::{Data, Lenient};
pub use validate::{validate, validate_all};
pub use value::{Value, is_safe_integer};
