//! A host on a socket, which answers what it is told to.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What comes after the bytes of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Close,
    /// The same bytes, without an end.
    Endless,
    /// Nothing, and the connection stays open.
    Silence,
}

#[derive(Clone)]
pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    pub(super) then: Then,
}

#[derive(Clone)]
pub(super) struct Host {
    address: String,
    shared: Arc<Mutex<(Answer, u32)>>,
}

impl Host {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let none = Answer { head: "404 Not Found".into(), body: Vec::new(), then: Then::Close };
        let host = Self { address, shared: Arc::new(Mutex::new((none, 0))) };
        let serving = host.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(socket));
            }
        });
        host
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// From now on this is what is here: status, type, bytes.
    pub(super) fn has(&self, mime_type: &str, body: impl AsRef<[u8]>) {
        self.set(&format!("200 OK\r\ncontent-type: {mime_type}"), body, Then::Close);
    }

    pub(super) fn says(&self, status: &str) {
        self.set(status, b"no", Then::Close);
    }

    pub(super) fn set(&self, head: &str, body: impl AsRef<[u8]>, then: Then) {
        let mut head = head.to_owned();
        if then == Then::Close && !head.contains("content-length") {
            head = format!("{head}\r\ncontent-length: {}", body.as_ref().len());
        }
        self.shared.lock().unwrap().0 = Answer { head, body: body.as_ref().to_vec(), then };
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> u32 {
        self.shared.lock().unwrap().1
    }

    async fn answer(self, mut socket: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match socket.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => return,
            }
        }
        let answer = {
            let mut shared = self.shared.lock().unwrap();
            shared.1 += 1;
            shared.0.clone()
        };
        let head = format!("HTTP/1.1 {}\r\nconnection: close\r\n\r\n", answer.head);
        // The other side may hang up at any time.
        let mut sent = socket.write_all(head.as_bytes()).await.is_ok() && socket.write_all(&answer.body).await.is_ok();
        while sent && answer.then == Then::Endless {
            sent = socket.write_all(&answer.body).await.is_ok();
        }
        if answer.then == Then::Silence {
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
    }
}
