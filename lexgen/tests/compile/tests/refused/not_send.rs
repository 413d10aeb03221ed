//! A handler keeps something that stays on its thread while it waits.

use std::rc::Rc;

use lexgen_compile_tests::{
    arobase::{Context, Failure},
    fixtures::no_client::com::example::{GetThing, Server, get_thing},
};

struct App;

impl Server for App {
    async fn get_thing(&self, _: Context, _: GetThing) -> Result<get_thing::Output, Failure<get_thing::Error>> {
        let name = Rc::new("thing");
        std::future::ready(()).await;
        drop(name);
        Ok(get_thing::Output::new())
    }
}
