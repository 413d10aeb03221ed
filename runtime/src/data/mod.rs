//! The data model: [`Value`], [`Cid`], [`CidLink`], [`Blob`], [`Bytes`], and the strict readers
//! and writers of JSON and DAG-CBOR.

mod blob;
mod bytes;
pub mod cbor;
mod check;
mod cid;
mod cid_error;
mod cid_link;
mod encoding;
mod error;
#[cfg(feature = "ipld")]
mod ipld;
pub mod json;
mod limits;
mod map;
mod sink;
mod source;
#[cfg(test)]
mod source_tests;
mod untyped;
mod value;
mod value_sink;
mod value_source;

pub use blob::Blob;
pub use bytes::Bytes;
pub use cid::{Cid, Codec};
pub use cid_error::CidError;
pub use cid_link::{CidLink, GeneralCid};
pub use error::{Error, ErrorKind, Segment};
pub use limits::Limits;
pub use map::{Iter, Map};
pub use value::{Value, is_safe_integer};
