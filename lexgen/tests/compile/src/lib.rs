//! Whatever lexgen generates compiles without a warning, and its docs build without one.

#![deny(warnings, missing_docs)]

pub use arobase;
pub use arobase::__codegen as runtime;

/// What the fixture `extern-path` expects to exist already.
pub mod elsewhere {
    include!(concat!(env!("OUT_DIR"), "/elsewhere.rs"));
}

/// The fixtures.
pub mod fixtures {
    include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
}

/// Lexicons that are hard to name, to document or to compile.
pub mod torture {
    include!(concat!(env!("OUT_DIR"), "/torture/mod.rs"));
}
