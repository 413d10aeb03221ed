//! Nothing of its own: `cargo build` compiles what a build script over lexgen needs.

fn main() {}
