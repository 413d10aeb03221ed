/// Brings in what `lexgen::Config::generate` wrote in the build script of the same crate: one
/// module per first segment of the NSIDs.
///
/// What a program does not use of it is no reason for a warning.
#[macro_export]
macro_rules! include_lexicons {
    () => {
        #[allow(dead_code, unreachable_pub, unused_imports, reason = "a schema has more than one program uses")]
        mod __lexicons {
            include!(concat!(env!("OUT_DIR"), "/lexicons.rs"));
        }
        #[allow(unused_imports, reason = "a schema has more than one program uses")]
        pub use __lexicons::*;
    };
}
