//! A server of all kinds of methods, and other people's programs to try it with.

mod folder;
mod peer;
mod server;

/// What the build script made of `lexicons/`.
pub mod lexicons {
    arobase::include_lexicons!();
}

pub use folder::Folder;
pub use peer::{Peer, node, python};
pub use server::{Interop, start};
