//! The repository engine (Repository): trees, commits, CAR files, imports, exports and writes,
//! without any network and without waiting.

mod blocks;
pub mod car;
pub mod commit;
mod error;
mod export;
pub mod import;
mod index;
mod memory;
pub mod mst;
mod path;
mod repository;
#[cfg(test)]
mod testing;
mod write;

pub use blocks::{Blocks, MemoryBlocks, SourceError};
pub use commit::Commit;
pub use error::Error;
pub use export::{CarPieces, Export, Revs};
pub use import::Import;
pub use index::CarIndex;
pub use memory::MemoryStore;
pub use path::RepoPath;
pub use repository::{Collections, Pending, Repo};
pub use write::{Batch, MAX_EVENT, MAX_RECORD, MAX_WRITES, RepoOp, Swap, Write, Written, blob_refs};
