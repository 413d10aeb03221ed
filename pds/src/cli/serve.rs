//! Being a server.

use std::{net::SocketAddr, sync::Arc};

use arobase::server::serve;
use arobase_pds::{Config, config::Assembled};
use arobase_plc::Directory;
use tokio::{net::TcpListener, sync::watch};

use super::{failure::Failure, log, say, signals};

/// Serves until it is asked to end.
pub(crate) fn run(config: &Config) -> Result<(), Failure> {
    log::install(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve_all(config));
    // What still runs was told to end, and has had its time.
    runtime.shutdown_timeout(config.grace);
    served
}

async fn serve_all(config: &Config) -> Result<(), Failure> {
    let listener = bind(config.listen).await?;
    let address = listener.local_addr()?;
    let server = Arc::new(config.assemble(address.port()).await?);
    let plc = match &server.directory {
        Some(directory) => listen_for(directory, config).await?,
        None => None,
    };
    // Before the address is told: whoever waits for it may end the program at once.
    let signal = signals::signal()?;
    #[cfg(unix)]
    let socket = super::socket::listen(&config.data, &server);
    server.pds.start();
    announce(config, &server, address, plc.as_ref().map(|(address, _)| *address)).await?;
    let (stop, stopped) = watch::channel(false);
    let serving = serve(listener, server.pds.router())
        .max_connections(config.connections)
        .subscribers(server.pds.subscribers())
        .grace(config.grace)
        .shutdown(ended(stopped.clone()));
    let serving_plc = serve_directory(&server, plc.map(|(_, listener)| listener), config, stopped);
    let waiting = async {
        signal.await;
        tracing::info!("the server ends");
        stop.send_replace(true);
    };
    tokio::join!(serving.into_future(), serving_plc, waiting);
    #[cfg(unix)]
    drop(socket);
    server.close().await;
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| Failure::Failed(format!("{address}: {error}")))
}

/// Where the embedded directory listens, if it does.
async fn listen_for(_: &Directory, config: &Config) -> Result<Option<(SocketAddr, TcpListener)>, Failure> {
    let Some(address) = config.plc_listen() else { return Ok(None) };
    let listener = bind(address).await.map_err(|error| Failure::Failed(format!("plc.listen: {error}")))?;
    Ok(Some((listener.local_addr()?, listener)))
}

async fn serve_directory(
    server: &Assembled,
    listener: Option<TcpListener>,
    config: &Config,
    stopped: watch::Receiver<bool>,
) {
    let (Some(directory), Some(listener)) = (server.directory.clone(), listener) else { return };
    let closing = directory.clone();
    let stop = async move {
        ended(stopped).await;
        // Those who follow it hear of the end.
        closing.close().await;
    };
    serve(listener, arobase_plc::router(directory)).shutdown(stop).grace(config.grace).await;
}

async fn ended(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is the end too.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// Tells where the server is, first of all lines.
async fn announce(
    config: &Config,
    server: &Assembled,
    address: SocketAddr,
    plc: Option<SocketAddr>,
) -> Result<(), Failure> {
    say(&format!("http://{address}\n"))?;
    let settings = server.pds.settings();
    tracing::info!(url = &*settings.url, did = settings.did.as_str(), data = %config.data.display(), "the server is up");
    if let Some(plc) = plc {
        tracing::info!("its PLC directory is at http://{plc}");
    }
    if !settings.development && settings.crawlers.is_empty() {
        tracing::warn!("no relay is told of this server: relays.urls is empty");
    }
    let accounts = server.pds.database().read::<_, arobase_pds::Error, _>(|view| Ok(view.count_accounts()?)).await?;
    if accounts == 0 {
        let domain = settings.handle_domains.first().map_or(".example.com", |domain| domain);
        tracing::info!("there are no accounts yet; this makes one: arobase-pds account create alice{domain}");
    }
    Ok(())
}
