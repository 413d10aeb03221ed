//! Requests byte by byte.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The error name of the envelope.
    pub(crate) fn error(&self) -> String {
        let body = arobase::data::Value::from_json(&self.body).expect("a JSON body");
        body.get("error").and_then(|name| name.as_str()).expect("an error name").to_owned()
    }

    /// Status and error name.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.error())
    }
}

/// Opens a connection.
pub(crate) async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("a connection")
}

/// Sends bytes on a connection of their own and reads the answer.
pub(crate) async fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    exchange(&mut connect(address).await, request).await
}

/// Sends bytes and reads one answer; the connection stays open.
pub(crate) async fn exchange(stream: &mut TcpStream, request: impl AsRef<[u8]>) -> Answer {
    stream.write_all(request.as_ref()).await.expect("the request goes out");
    read(stream).await.expect("an answer")
}

/// Reads one answer; `None` where the other side closes before one.
pub(crate) async fn read(stream: &mut TcpStream) -> Option<Answer> {
    timeout(Duration::from_secs(20), read_one(stream)).await.expect("an answer in time")
}

async fn read_one(stream: &mut TcpStream) -> Option<Answer> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("a head of text").to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Answer { status, head, body })
}

/// A GET of a method.
pub(crate) fn get(path: &str) -> String {
    format!("GET /xrpc/com.example.interop.{path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A POST of JSON.
pub(crate) fn post(method: &str, body: &str) -> String {
    post_as(method, "application/json", body)
}

/// A POST of some type.
pub(crate) fn post_as(method: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /xrpc/com.example.interop.{method} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}
