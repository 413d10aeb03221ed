//! `serve`: what happens to connections.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::stream;
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
        Ok(json_of(Map::new()))
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

/// Turns true when it is dropped.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

async fn until(flag: &AtomicBool) {
    let set = async {
        while !flag.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, set).await.expect("in time");
}

#[tokio::test]
async fn a_handler_whose_caller_is_gone_is_dropped() {
    let (begun, dropped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let flags = (Arc::clone(&begun), Arc::clone(&dropped));
    let endless = method("com.example.list", move |_, _, _| {
        flags.0.store(true, Ordering::SeqCst);
        let guard = Guard(Arc::clone(&flags.1));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Ok(Raw::Empty)
        }
    });
    let mut stream = connect(start(Router::new().route(endless)).await).await;
    stream.write_all(GET).await.expect("writable");
    until(&begun).await;
    drop(stream);
    until(&dropped).await;
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let dropped = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&dropped);
    let flood = constant("com.example.export", move || {
        let guard = Guard(Arc::clone(&own));
        Raw::Stream(Body::from_stream(stream::repeat_with(move || {
            let _ = &guard;
            Ok(Bytes::from_static(&[0; 65536]))
        })))
    });
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, Router::new().route(flood).into_axum()).write_timeout(SHORT).into_future());
    let mut stream = connect(address).await;
    stream.write_all(&request("GET /xrpc/com.example.export", &[], b"")).await.expect("writable");
    until(&dropped).await;
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_is_not() {
    let long = constant("com.example.export", || Raw::Stream(Body::new(vec![0; 8 << 20])));
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, Router::new().route(long).into_axum()).write_timeout(SHORT * 5).into_future());
    let mut stream = connect(address).await;
    stream.write_all(&request("GET /xrpc/com.example.export", &[], b"")).await.expect("writable");
    let (mut read, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        match timeout(LONG, stream.read(&mut buffer)).await.expect("in time").expect("readable") {
            0 => break,
            more => read += more,
        }
        sleep(SHORT / 2).await;
    }
    assert!(read > 8 << 20, "{read}");
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

/// A request by HTTP/2: the preface, empty settings, and the headers of a GET in stream 1.
fn http_2(path: &str) -> Vec<u8> {
    let mut all = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    // GET and http by their numbers, then :path and :authority by the numbers of their names.
    let mut fields = vec![0x82, 0x86, 0x04, path.len() as u8];
    fields.extend_from_slice(path.as_bytes());
    fields.extend_from_slice(b"\x01\x01a");
    all.extend_from_slice(&[0, 0, fields.len() as u8, 1, 5, 0, 0, 0, 1]);
    all.extend_from_slice(&fields);
    all
}

#[tokio::test]
async fn an_idle_connection_of_http_2_is_closed() {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, echoing().into_axum()).header_timeout(SHORT).into_future());
    let mut stream = connect(address).await;
    stream.write_all(&http_2("/xrpc/com.example.list")).await.expect("writable");
    let mut all = Vec::new();
    let goodbye = async {
        // A frame of the type GOAWAY without flags, in stream 0.
        while !all.windows(6).any(|six| six == [7, 0, 0, 0, 0, 0]) {
            assert_ne!(stream.read_buf(&mut all).await.expect("readable"), 0);
        }
    };
    timeout(LONG, goodbye).await.expect("in time");
    assert!(all.windows(2).any(|two| two == b"{}"), "the answer came before: {all:?}");
}

#[tokio::test]
async fn a_busy_connection_of_http_2_is_not() {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, slow(SHORT * 5)).header_timeout(SHORT).into_future());
    let mut stream = connect(address).await;
    stream.write_all(&http_2("/xrpc/com.example.list")).await.expect("writable");
    let mut all = Vec::new();
    let answered = async {
        while !all.ends_with(b"{}") {
            assert_ne!(stream.read_buf(&mut all).await.expect("readable"), 0);
            assert!(!all.windows(6).any(|six| six == [7, 0, 0, 0, 0, 0]), "{all:?}");
        }
    };
    timeout(LONG, answered).await.expect("in time");
}
