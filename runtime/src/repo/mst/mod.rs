//! The Merkle search tree (Repository, MST).
//!
//! A [`Tree`] holds its nodes as their canonical blocks, shared between snapshots. Nothing here
//! waits or does input and output: operations take a source of [`Blocks`](super::Blocks), or say
//! beforehand what they need ([`Tree::missing`]).

mod apply;
mod builder;
mod cursor;
pub(crate) mod decode;
mod diff;
#[cfg(test)]
mod diff_tests;
mod encode;
mod error;
mod evict;
#[cfg(test)]
mod evict_tests;
#[cfg(test)]
mod exhaustive_tests;
#[cfg(test)]
pub(crate) mod forged;
#[cfg(test)]
mod forged_tests;
mod frame;
mod invert;
mod key;
mod missing;
#[cfg(test)]
mod missing_apply_tests;
#[cfg(test)]
mod missing_tests;
#[cfg(test)]
pub(crate) mod model;
pub(crate) mod node;
mod op;
mod pair;
pub(crate) mod preorder;
#[cfg(test)]
mod preorder_tests;
mod proof;
#[cfg(test)]
mod proof_tests;
mod reach;
mod same;
#[cfg(test)]
mod sharing_tests;
mod tree;
mod walk;
#[cfg(test)]
mod walk_tests;

pub use builder::Builder;
pub use decode::MAX_READ_ENTRIES;
pub use diff::{Diff, Difference, RecordChange};
pub use encode::MAX_WRITTEN_ENTRIES;
pub use error::{Error, Fault};
pub use invert::{Inverse, invert};
pub use key::{MAX_KEY, is_key, key_layer};
pub use node::Node;
pub use op::{Block, Change, Expect, Op};
pub use tree::Tree;
pub use walk::{Direction, Walk};
