//! The official npm packages against ours, both ways.

mod support;

use arobase_interop::{node, start};

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_calls_our_server() {
    let Some(node) = node() else { return };
    let address = start().await;
    node.run("client.js", format!("http://{address}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_calls_the_official_server() {
    let Some(node) = node() else { return };
    let server = node.start("server.js");
    support::methods(&server.address).await;
    support::uploads(&server.address).await;
    support::downloads(&server.address).await;
    support::messages(&server.address).await;
    support::dynamic(&server.address).await;
}
