//! lexrpc against ours, both ways.

mod support;

use arobase_interop::{python, start};

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_lexrpc_calls_our_server() {
    let Some(python) = python() else { return };
    let address = start().await;
    python.run("client.py", format!("http://{address}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_calls_the_server_of_lexrpc() {
    let Some(python) = python() else { return };
    let server = python.start("server.py");
    support::methods(&server.address).await;
    support::messages(&server.address).await;
    support::dynamic(&server.address).await;
}
