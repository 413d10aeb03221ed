//! The traits of groups of methods, as people use them.

use std::sync::Arc;

use arobase::{
    Client, Context, Failure,
    client::{Call, Caller, Subscribe},
    data::Value,
    server::{Events, Router},
    xrpc::Body,
};
use lexgen_compile_tests::{
    fixtures::{groups, no_client, no_server, no_stubs},
    torture,
};

/// An application's own type that calls and serves.
struct App {
    client: Client,
}

impl Caller for App {
    fn client(&self) -> &Client {
        &self.client
    }
}

#[test]
fn a_client_trait_has_the_methods_of_its_group() {
    use groups::com::example::{self, Thing, news, thing};
    let _: fn(&Client, Thing) -> Call<Thing> = example::Client::thing;
    let _: fn(&App, Thing) -> Call<Thing> = example::Client::thing;
    let _: fn(&Arc<App>, thing::rename::Rename, thing::Renamed) -> Call<thing::rename::Rename> = thing::Client::rename;
    let _: fn(&Client, thing::Type, i64) -> Call<thing::Type> = thing::Client::r#type;
    let _: fn(&Client, news::Watch) -> Subscribe<news::Watch> = news::Client::watch;
}

#[test]
fn a_client_trait_is_imported_without_a_name() {
    use no_stubs::com::example::{Client as _, GetThing, SendThing};
    let _ = |app: &App| app.get_thing(GetThing::new());
    let _ = |app: &App| app.send_thing(SendThing::new(), b"bytes".to_vec());
    let _ = |app: &App| app.send_thing(SendThing::new(), Body::new("bytes").content_type("video/mp4"));
}

impl groups::com::example::thing::Server for App {
    async fn r#type(
        &self,
        cx: Context,
        _params: groups::com::example::thing::Type,
        input: Value,
    ) -> Result<(), Failure> {
        let nsid = cx.nsid().to_owned();
        std::future::ready((nsid, input)).await;
        Ok(())
    }
}

#[test]
fn a_server_writes_what_it_has() {
    use groups::com::example::thing;
    let _: fn(Arc<App>) -> Router = thing::router;
}

impl no_stubs::com::example::Server for App {
    async fn get_thing(
        &self,
        _cx: Context,
        _query: no_stubs::com::example::GetThing,
    ) -> Result<no_stubs::com::example::get_thing::Output, Failure<no_stubs::com::example::get_thing::Error>> {
        Err(std::io::Error::other("the disk is gone"))?
    }

    async fn send_thing(
        &self,
        _cx: Context,
        _params: no_stubs::com::example::SendThing,
        body: Body,
    ) -> Result<(), Failure> {
        body.collect(1000).await?;
        Ok(())
    }

    async fn watch_things(
        &self,
        _cx: Context,
        _params: no_stubs::com::example::WatchThings,
    ) -> Result<Events<no_stubs::com::example::WatchThings>, Failure> {
        Err(Failure::not_implemented())
    }
}

#[test]
fn a_server_without_stubs_writes_everything() {
    let _: fn(Arc<App>) -> Router = no_stubs::com::example::router;
}

#[test]
fn each_side_can_be_left_out() {
    use no_client::com::example::{self as served};
    use no_server::com::example::{self as called};
    struct Nothing;
    impl served::Server for Nothing {}
    let _: fn(Arc<Nothing>) -> Router = served::router;
    let _: fn(&Client, called::GetThing) -> Call<called::GetThing> = called::Client::get_thing;
}

#[test]
fn a_method_is_called_like_its_module() {
    use torture::com::group::queries::{self, Async, Call as CallMethod, New, Self_};
    let _: fn(&Client, Async) -> Call<Async> = queries::Client::r#async;
    let _: fn(&Client, Self_) -> Call<Self_> = queries::Client::self_;
    let _: fn(&Client, New) -> Call<New> = queries::Client::new;
    let _: fn(&Client, CallMethod) -> Call<CallMethod> = queries::Client::call;
}

#[test]
fn what_a_type_has_already_is_called_by_its_path() {
    use torture::com::group::queries::{self, client, server};
    let _: fn(&Client, client::Client_) -> Call<client::Client_> = queries::Client::client;
    let _: fn(&Client, server::Server_) -> Call<server::Server_> = queries::Client::server;
    let _: fn(&Client, queries::Clone) -> Call<queries::Clone> = queries::Client::clone;
}

#[test]
fn a_group_may_be_a_method_itself() {
    use torture::com::group::{self, Outer, outer};
    let _: fn(&Client, Outer) -> Call<Outer> = group::Client::outer;
    let _: fn(&Client, outer::inner::Inner) -> Call<outer::inner::Inner> = outer::Client::inner;
    let _: fn(&Client, outer::router::Router) -> Call<outer::router::Router> = outer::Client::router;
}

#[test]
fn hyphens_are_underscores_in_groups() {
    use torture::io::exa_mple::{self, GetThing};
    let _: fn(&Client, GetThing) -> Call<GetThing> = exa_mple::Client::get_thing;
}
