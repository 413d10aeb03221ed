//! Backups of a running server, and coming back from one without giving a number or a revision again.
//!
//! A backup is a folder: a snapshot of the database, one of the embedded PLC directory if there is one, the inventory
//! of the blobs and, if wanted, the blobs; and a manifest, which is written last. A restored server does not know what
//! happened after the backup, but others do. So its log goes on far ahead of all numbers that it can have given, no
//! revision is before the time of the restoration, and every repository gets a fresh commit and says so.

mod account;
mod error;
mod files;
mod heal;
mod inventory;
mod make;
mod manifest;
mod objects;
mod restore;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use error::BackupError;
#[cfg(feature = "cli")]
pub(crate) use files::make_private;
pub(crate) use heal::heal;
pub use make::Backup;
pub use manifest::{FileEntry, Manifest};
pub use restore::{Restore, Restored};

/// The snapshot of the database, in a backup and in a data folder.
const DATABASE: &str = "pds.sqlite";
/// The snapshot of the embedded PLC directory, in a backup and in a data folder.
const DIRECTORY: &str = "plc.sqlite";
/// The inventory of the blobs.
const INVENTORY: &str = "blobs.jsonl";
/// The folder of the blobs.
const OBJECTS: &str = "objects";
/// What makes a folder a backup.
const MANIFEST: &str = "manifest.json";
