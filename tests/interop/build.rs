//! Turns `lexicons/` into Rust.

fn main() {
    lexgen::Config::new().lexicons("lexicons").generate();
}
