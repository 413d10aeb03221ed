//! Lexicons from the network (Lexicon, authority and resolution).

mod authority;
mod bounded;
mod entry;
mod error;
mod gather;
mod list;
mod lookup;
mod on_demand;
mod proof;
mod record;
mod references;
mod resolve;

pub use error::LexiconError;
pub use on_demand::{NetworkCatalog, NetworkCatalogBuilder, RecordError};
pub use resolve::{LexiconResolver, ResolvedLexicon};
#[cfg(all(test, feature = "dns"))]
mod tests;
