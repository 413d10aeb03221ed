//! A handler answers with the errors of another method.

use lexgen_compile_tests::{
    arobase::{Context, Failure},
    fixtures::{
        no_client::com::example::{GetThing, Server, get_thing::Output},
        procedure::com::example::create_thing,
    },
};

struct App;

impl Server for App {
    async fn get_thing(&self, _: Context, _: GetThing) -> Result<Output, Failure<create_thing::Error>> {
        Ok(Output::new())
    }
}
