//! Writes `generated/`, the library of this package, out of `lexicons/`.

fn main() {
    lexgen::Config::new()
        .lexicons("lexicons")
        .official(false)
        .out_dir("generated")
        .runtime_path("crate::__codegen")
        .library("arobase_runtime")
        .generate();
}
