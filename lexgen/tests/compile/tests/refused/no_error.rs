//! `?` in a handler from something that is no error.

use lexgen_compile_tests::{
    arobase::{Context, Failure},
    fixtures::no_client::com::example::{GetThing, Server, get_thing},
};

struct App;

impl Server for App {
    async fn get_thing(&self, _: Context, _: GetThing) -> Result<get_thing::Output, Failure<get_thing::Error>> {
        Err("not found")?
    }
}
