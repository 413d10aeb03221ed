//! Serves a method of a lexicon of its own, and calls it.
#![expect(clippy::print_stdout, reason = "a program that shows what it does")]

mod lexicons {
    //! What the build script made of `lexicons/`.
    arobase::include_lexicons!();
}

use std::{error::Error, sync::Arc};

use arobase::{Client, Context, Failure};
use lexicons::com::example::{self, Client as _, Greet, greet};

struct Greeter;

impl example::Server for Greeter {
    async fn greet(&self, _: Context, query: Greet) -> Result<greet::Output, Failure> {
        Ok(greet::Output::new(format!("Hello, {}!", query.name)))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let client = Client::new(format!("http://{}", listener.local_addr()?))?;
    tokio::spawn(axum::serve(listener, example::router(Arc::new(Greeter)).into_axum()).into_future());
    println!("{}", client.greet(Greet::new("world")).await?.greeting);
    Ok(())
}
