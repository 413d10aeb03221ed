//! `?` from the errors of one method to those of another.

use lexgen_compile_tests::{
    arobase::{Client, Error},
    fixtures::no_server::com::example::{Client as _, GetThing},
    fixtures::procedure::com::example::create_thing,
};

async fn call(client: &Client) -> Result<(), Error<create_thing::Error>> {
    client.get_thing(GetThing::new()).await?;
    Ok(())
}
