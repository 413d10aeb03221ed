//! Brings feeds into the network: each author of a feed gets an account on a PDS that is part of this program, and each
//! item becomes a post. Pictures stay where they are.
//!
//! ```console
//! $ cargo run -p bridge                                          # a feed of its own, to look at
//! $ cargo run -p bridge -- --feed https://example.com/feed.json  # a JSON Feed
//! ```
#![expect(clippy::print_stdout, reason = "a program that shows what it does")]

mod bridge;
mod demo;
mod feed;
mod follow;
mod house_rules;
mod pages;

use std::{error::Error, sync::Arc, time::Duration};

use arobase::{
    identity::{AddressPolicy, PublicTransport, Resolver, SystemDns, plc::PlcClient},
    server::serve,
};
use arobase_pds::{Pds, Settings, store::MemoryStore};
use arobase_plc::{Directory, DirectoryTransport};
use tokio::net::TcpListener;

use bridge::Bridge;
use house_rules::HouseRules;

/// How often the feed is looked at.
const INTERVAL: Duration = Duration::from_secs(60);

/// What was asked for.
#[derive(Default)]
struct Options {
    feed: Option<String>,
    once: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    let dns = Arc::new(SystemDns::new()?);
    let web = Arc::new(PublicTransport::new(dns.clone(), AddressPolicy::Any)?);
    let pds = pds(&url, dns, web.clone()).await?;
    pds.start();
    println!("the server: {url}");

    follow::print_events(&pds)?;
    let feed = match options.feed {
        Some(feed) => feed,
        None => demo::serve_feed().await?,
    };
    let serving = serve(listener, pages::router(&pds)).subscribers(pds.subscribers());
    let bridge = Bridge::new(&pds, web);
    let working = async {
        loop {
            if let Err(error) = bridge.carry_over(&feed).await {
                println!("the feed was not carried over: {error}");
            }
            if options.once {
                return;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    };
    tokio::select! {
        () = working => {}
        () = serving.into_future() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    pds.close().await;
    Ok(())
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--once" => options.once = true,
            "--feed" => options.feed = Some(arguments.next().ok_or("--feed needs a URL")?),
            other => return Err(format!("what is {other}? --feed URL and --once are known")),
        }
    }
    Ok(options)
}

/// A server in memory with a PLC directory of its own. A bridge for everybody would have a `SqliteStore` in place of the
/// `MemoryStore`, an object store, `https://plc.directory`, and `AddressPolicy::Public`.
async fn pds(url: &str, dns: Arc<SystemDns>, web: Arc<PublicTransport>) -> Result<Pds, Box<dyn Error>> {
    let mut settings = Settings::new(url)?;
    settings.development = true;
    settings.handle_domains = vec![".bridge.test".into()];
    settings.resolve_lexicons = false;
    let plc = Arc::new(DirectoryTransport::new(&Directory::new(arobase_plc::MemoryStore::new())?));
    let resolver = Resolver::builder(dns, web, plc.clone()).plc_url("http://plc.test").development(true);
    let builder = Pds::builder(MemoryStore::new(), settings)
        .plc(PlcClient::new("http://plc.test", plc)?)
        .resolver(resolver.build()?)
        .hooks(HouseRules);
    Ok(builder.build().await?)
}
