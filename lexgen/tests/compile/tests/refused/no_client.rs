//! A call through a type that has no client.

use lexgen_compile_tests::fixtures::no_server::com::example::{Client as _, GetThing};

struct App;

fn call(app: &App) {
    app.get_thing(GetThing::new());
}
