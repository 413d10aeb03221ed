//! Turns Lexicon JSON into typed Rust.
//!
//! In a build script:
//!
//! ```no_run
//! lexgen::Config::new().lexicons("lexicons").generate();
//! ```
//!
//! and in the code `arobase::include_lexicons!();`. The command `lexgen` (feature `cli`) does the
//! same from a terminal, and checks, lints, compares and imports lexicons.
//!
//! Inside, data flows one way: [`source`] reads, [`resolve`] parses and collects, [`check`] judges
//! the set, `lower` makes the intermediate representation [`ir`], `emit` makes tokens of it,
//! `output` writes. Each phase reports everything that it finds to [`diagnostic`]; the next one
//! begins only if there was no error.

pub mod check;
mod compact;
mod config;
pub mod diagnostic;
mod emit;
#[cfg(feature = "cli")]
pub mod evolve;
#[cfg(feature = "cli")]
pub mod facts;
mod family;
mod graph;
#[cfg(feature = "cli")]
pub mod import;
pub mod ir;
mod layout;
#[cfg(feature = "cli")]
pub mod lint;
pub mod locate;
mod lower;
mod name;
mod output;
mod print;
#[cfg(feature = "cli")]
pub mod progress;
#[cfg(feature = "pull")]
pub mod pull;
pub mod resolve;
mod select;
pub mod source;
mod walk;
mod words;

pub use config::{Config, Report};
pub use family::Families;
