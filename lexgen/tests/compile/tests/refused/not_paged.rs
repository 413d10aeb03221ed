//! The pages of a query that has none.

use lexgen_compile_tests::{arobase::xrpc::Paged, fixtures::paged::com::example::ListOnce};

fn pages(_: impl Paged) {}

fn call() {
    pages(ListOnce::new());
}
