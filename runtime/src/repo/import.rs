//! Imports: a CAR file becomes a verified repository, in one pass where its order allows it.

mod error;
mod held;
mod item;
mod limits;
mod machine;
mod open;
mod paths;
mod source;
#[cfg(test)]
mod tests;
mod walk;

use std::io::Read;

pub use error::Error;
pub use item::Item;
pub use limits::ImportLimits;
pub use machine::Import;

use super::{
    blocks::Blocks,
    car::{CarSlice, Stream},
    commit::Commit,
};

/// Imports a file in memory. Beside the file it needs memory for one path of the tree, and if the file
/// is not in the order of the protocol, for 16 bytes a block.
///
/// What the file lacks is looked for in `blocks`; `&()` has nothing.
///
/// # Errors
/// See [`Error`].
pub fn from_slice(
    file: &[u8],
    limits: ImportLimits,
    blocks: &dyn Blocks,
    found: &mut dyn FnMut(Item<'_>),
) -> Result<Commit, Error> {
    let car = CarSlice::new(file, limits.car)?;
    let mut import = Import::new(car.roots(), limits)?;
    // What is not taken is found again, if something needs it.
    car.blocks().each(|block| import.offer(&block.cid, block.bytes, block.verified(), found).map(drop))?;
    if import.is_over() {
        return import.finish(blocks, found);
    }
    import.finish_from(&source::Slice::new(car.blocks(), blocks), found)
}

/// Imports a file as it is read, to its end. In the order of the protocol it needs memory for one path
/// of the tree; in another order it holds blocks until their turn, as [`ImportLimits::held`] says.
///
/// What the file lacks is looked for in `blocks`. A writer that writes no block twice leaves out the
/// second of two equal records; so `blocks` should be the store that takes what is found. For a file on
/// disk, a [`CarIndex`](super::CarIndex) does without.
///
/// # Errors
/// See [`Error`].
pub fn from_reader(
    mut file: impl Read,
    limits: ImportLimits,
    blocks: &dyn Blocks,
    found: &mut dyn FnMut(Item<'_>),
) -> Result<Commit, Error> {
    from_stream(&mut file, limits, blocks, found)
}

fn from_stream(
    file: &mut dyn Read,
    limits: ImportLimits,
    blocks: &dyn Blocks,
    found: &mut dyn FnMut(Item<'_>),
) -> Result<Commit, Error> {
    let (roots, stream) = Stream::new(file, limits.car)?;
    let mut import = Import::new(&roots, limits)?;
    stream.each(|_, block| import.push(block, found))?;
    import.finish(blocks, found)
}
