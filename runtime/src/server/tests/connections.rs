//! `serve`: what happens to connections.

use tokio::{sync::oneshot, time::sleep};

use super::*;
use crate::server::Serve;

const SHORT: Duration = Duration::from_millis(100);

/// A server with a switch to stop it.
async fn stoppable(
    app: axum::Router,
    change: fn(Serve) -> Serve,
) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel();
    let server = change(serve(listener, app)).shutdown(async { drop(stopped.await) });
    (address, stop, tokio::spawn(server.into_future()))
}

/// A method that answers after a while.
fn slow(while_: Duration) -> axum::Router {
    let route = method("com.example.list", move |_, _, _| async move {
        sleep(while_).await;
        Ok(answer(json_of(Map::new())))
    });
    Router::new().route(route).into_axum()
}

const GET: &[u8] = b"GET /xrpc/com.example.list HTTP/1.1\r\nhost: a\r\n\r\n";

async fn reads_status(stream: &mut TcpStream) -> String {
    let mut start = [0; 12];
    timeout(LONG, stream.read_exact(&mut start)).await.expect("in time").expect("an answer");
    String::from_utf8(start.to_vec()).expect("text")
}

#[tokio::test]
async fn headers_that_do_not_come_are_not_waited_for() {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, echoing().into_axum()).header_timeout(SHORT).into_future());
    for start in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET /xrpc/com.example.list HTTP/1.1\r\nhost:"] {
        let mut stream = connect(address).await;
        stream.write_all(start).await.expect("writable");
        read_all(&mut stream).await;
    }
}

#[tokio::test]
async fn headers_that_drip_are_not_waited_for() {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, echoing().into_axum()).header_timeout(SHORT).into_future());
    let mut stream = connect(address).await;
    let drip = async {
        while stream.write_all(b"a").await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, drip).await.expect("the connection is closed");
}

#[tokio::test]
async fn a_slow_handler_is_not_taken_for_slow_headers() {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, slow(SHORT * 3)).header_timeout(SHORT).into_future());
    assert_eq!(ask(address, "GET /xrpc/com.example.list", &[]).await.status, 200);
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let mut stream = connect(start(echoing()).await).await;
    for _ in 0..3 {
        stream.write_all(GET).await.expect("writable");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n{}") {
            let read = timeout(LONG, stream.read_buf(&mut answer)).await.expect("in time").expect("readable");
            assert_ne!(read, 0);
        }
    }
}

#[tokio::test]
async fn who_closed_its_side_still_gets_the_answer() {
    let mut stream = connect(start_axum(slow(SHORT)).await).await;
    stream.write_all(GET).await.expect("writable");
    stream.shutdown().await.expect("half-closed");
    assert_eq!(Reply::parse(&read_all(&mut stream).await).status, 200);
}

#[tokio::test]
async fn a_body_that_breaks_off_does_no_harm() {
    let server = start(echoing()).await;
    for method in ["com.example.put", "com.example.upload"] {
        let mut stream = connect(server).await;
        let headers = ["content-type: application/json", "content-length: 10"];
        stream.write_all(&request(&format!("POST /xrpc/{method}"), &headers, b"{}")).await.expect("writable");
        stream.shutdown().await.expect("half-closed");
        let answer = read_all(&mut stream).await;
        assert!(answer.is_empty() || Reply::parse(&answer).status == 400, "{answer:?}");
    }
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &[]).await.status, 200);
}

#[tokio::test]
async fn further_connections_wait() {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, echoing().into_axum()).max_connections(1).into_future());
    let mut first = connect(address).await;
    first.write_all(GET).await.expect("writable");
    assert_eq!(reads_status(&mut first).await, "HTTP/1.1 200");
    let mut second = connect(address).await;
    second.write_all(GET).await.expect("writable");
    assert!(timeout(SHORT, second.readable()).await.is_err());
    drop(first);
    assert_eq!(reads_status(&mut second).await, "HTTP/1.1 200");
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_server_stops() {
    let (address, stop, server) = stoppable(slow(SHORT * 3), |server| server).await;
    let mut idle = connect(address).await;
    let mut busy = connect(address).await;
    busy.write_all(GET).await.expect("writable");
    sleep(SHORT).await;
    stop.send(()).expect("a server");
    assert!(read_all(&mut idle).await.is_empty());
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(Reply::parse(&read_all(&mut busy).await).status, 200);
    timeout(LONG, server).await.expect("in time").expect("no panic");
}

#[tokio::test]
async fn what_takes_too_long_is_broken_off_when_the_server_stops() {
    let (address, stop, server) = stoppable(slow(LONG * 10), |server| server.grace(SHORT)).await;
    let mut stream = connect(address).await;
    stream.write_all(GET).await.expect("writable");
    sleep(SHORT).await;
    stop.send(()).expect("a server");
    timeout(LONG, server).await.expect("in time").expect("no panic");
    assert!(read_all(&mut stream).await.is_empty());
}

#[tokio::test]
async fn http_2_is_spoken() {
    let mut stream = connect(start(echoing()).await).await;
    // The preface and empty settings; a SETTINGS frame comes back.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("writable");
    let mut frame = [0; 9];
    timeout(LONG, stream.read_exact(&mut frame)).await.expect("in time").expect("a frame");
    assert_eq!(frame[3], 4);
}
