//! The least of a client: one connection, one request at a time. It costs less than the server that it measures.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Fallible;

/// An account with a session.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) did: String,
    token: String,
}

impl Account {
    pub(crate) fn of(session: &[u8]) -> Fallible<Self> {
        let session: Value = serde_json::from_slice(session)?;
        let text = |name: &str| session.get(name).and_then(Value::as_str).map(str::to_owned).ok_or("no session");
        Ok(Self { did: text("did")?, token: text("accessJwt")? })
    }
}

/// A connection to a server.
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    /// What was read and not yet used.
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(url: &str) -> Fallible<Self> {
        let host = url.strip_prefix("http://").ok_or("plain http is measured")?.to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host, read: Vec::new() })
    }

    /// Calls a procedure; its answer.
    pub(crate) async fn post(&mut self, method: &str, account: Option<&Account>, body: &Value) -> Fallible<Vec<u8>> {
        let body = serde_json::to_vec(body)?;
        let token = account.map(|account| format!("authorization: Bearer {}\r\n", account.token)).unwrap_or_default();
        let head = format!(
            "POST /xrpc/{method} HTTP/1.1\r\nhost: {}\r\n{token}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), &body].concat()).await?;
        let mut answer = Vec::new();
        self.answer(&mut |bytes| answer.extend_from_slice(bytes))
            .await
            .map_err(|error| format!("{method}: {error}: {}", String::from_utf8_lossy(&answer)).into())
            .map(|()| answer)
    }

    /// Gets something; how many bytes it has.
    pub(crate) async fn get(&mut self, path: &str) -> Fallible<usize> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
        self.stream.write_all(head.as_bytes()).await?;
        let mut len = 0;
        self.answer(&mut |bytes| len += bytes.len()).await?;
        Ok(len)
    }

    async fn answer(&mut self, take: &mut impl FnMut(&[u8])) -> Fallible<()> {
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head: Vec<u8> = self.read.drain(..end + 4).collect();
                break String::from_utf8(head)?.to_lowercase();
            }
            self.more().await?;
        };
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        match field("content-length:") {
            Some(len) => self.take(len.parse()?, take).await?,
            None if field("transfer-encoding:") == Some("chunked") => self.chunks(take).await?,
            None => return Err("an answer without an end".into()),
        }
        match head.contains(" 200 ") {
            true => Ok(()),
            false => Err(head.lines().next().unwrap_or_default().into()),
        }
    }

    async fn chunks(&mut self, take: &mut impl FnMut(&[u8])) -> Fallible<()> {
        loop {
            let end = loop {
                match self.read.windows(2).position(|bytes| bytes == b"\r\n") {
                    Some(end) => break end,
                    None => self.more().await?,
                }
            };
            let line: Vec<u8> = self.read.drain(..end + 2).collect();
            let len = usize::from_str_radix(std::str::from_utf8(&line)?.trim(), 16)?;
            self.take(len, take).await?;
            self.take(2, &mut |_| {}).await?;
            if len == 0 {
                return Ok(());
            }
        }
    }

    async fn take(&mut self, mut len: usize, take: &mut impl FnMut(&[u8])) -> Fallible<()> {
        while len > 0 {
            if self.read.is_empty() {
                self.more().await?;
            }
            let now = len.min(self.read.len());
            take(self.read.get(..now).unwrap_or_default());
            self.read.drain(..now);
            len -= now;
        }
        Ok(())
    }

    async fn more(&mut self) -> Fallible<()> {
        self.read.reserve(64 << 10);
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err("the connection was closed".into()),
            _ => Ok(()),
        }
    }
}
