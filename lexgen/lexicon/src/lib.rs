//! The Lexicon language of the AT Protocol.
//!
//! - [`document`]: the model of a Lexicon file, and [`load`]: how JSON text becomes one.
//! - [`syntax`]: the eleven string formats as types.
//! - [`schema`]: descriptors, the compiled form of a definition that decoders and validators walk.
//! - [`check`]: the constraint checks, as plain functions; [`text`]: what to do with a text that is too long.
//!
//! The crate does no I/O. Without its default feature `std` it needs only `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod check;
pub mod compile;
pub mod document;
pub mod json;
pub mod load;
mod print;
pub mod schema;
pub mod syntax;
pub mod text;
