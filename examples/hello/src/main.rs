//! Serves a method of a lexicon of its own, and calls it.
#![expect(clippy::print_stdout, reason = "a program that shows what it does")]

mod lexicons {
    //! What the build script made of `lexicons/`.
    arobase::include_lexicons!();
}

use std::{error::Error, sync::Arc};

use arobase::{Client, Context, Failure};
use lexicons::com::example::{self, Client as _, Greet, greet};
use tokio::net::TcpListener;

struct Greeter;

impl example::Server for Greeter {
    async fn greet(&self, _: Context, query: Greet) -> Result<greet::Output, Failure> {
        Ok(greet::Output::new(format!("Hello, {}!", query.name)))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = Client::new(format!("http://{}", listener.local_addr()?))?;
    let app = example::router(Arc::new(Greeter)).into_axum();
    tokio::spawn(axum::serve(listener, app).into_future());

    println!("{}", client.greet(Greet::new("world")).await?.greeting);
    Ok(())
}
