//! Names the generator, so that it is linked.

fn main() {
    let _ = lexgen::Config::new();
    println!("cargo::rerun-if-changed=build.rs");
}
