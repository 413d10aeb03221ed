//! The official AT Protocol lexicons as facts: names, types, fields and constraints, without
//! their prose. `manifest.json` says where each comes from.

mod documents;

pub use documents::DOCUMENTS;
