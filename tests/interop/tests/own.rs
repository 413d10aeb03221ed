//! What is asked of other people's servers holds for ours too.

mod support;

use arobase_interop::start;

#[tokio::test(flavor = "multi_thread")]
async fn our_client_calls_our_server() {
    let address = format!("http://{}", start().await);
    support::methods(&address).await;
    support::uploads(&address).await;
    support::downloads(&address).await;
    support::messages(&address).await;
    support::dynamic(&address).await;
}
