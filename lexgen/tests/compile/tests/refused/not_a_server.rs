//! A router of a type that serves nothing.

use std::sync::Arc;

use lexgen_compile_tests::{arobase::server::Router, fixtures::no_client::com::example::router};

struct App;

fn app() -> Router {
    router(Arc::new(App))
}
