//! A call through a type that has no client, by the path of the method.

use lexgen_compile_tests::fixtures::no_server::com::example::{Client, GetThing};

struct App;

fn call(app: &App) {
    drop(Client::get_thing(app, GetThing::new()));
}
