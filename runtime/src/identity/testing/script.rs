//! What a scripted web server is asked and says.

use std::time::Duration;

/// The head of a request, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer: bytes as they go over the wire, and waits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer(pub(super) Vec<Step>);

#[derive(Clone, Debug)]
pub(super) enum Step {
    Bytes(Vec<u8>),
    Wait(Duration),
    /// The connection stays open, and nothing more comes.
    Stall,
    /// The same again and again, until the other side goes.
    Endless(Vec<u8>),
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads the head, without the empty line at its end.
    pub(super) fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        Some(Self { method, path, headers: lines.filter_map(header).collect(), body: Vec::new() })
    }
}

impl Answer {
    /// Bytes, head and all.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Step::Bytes(bytes.into())])
    }

    /// A status and a body of plain text.
    pub(crate) fn text(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::body(status, "text/plain", body)
    }

    pub(crate) fn body(status: u16, mime_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: {mime_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        Self::raw([head.as_bytes(), body].concat())
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        let rest = "Content-Length: 0\r\nConnection: close\r\n\r\n";
        Self::raw(format!("HTTP/1.1 {status} There\r\nLocation: {location}\r\n{rest}"))
    }

    /// A good head without a length, with this type.
    pub(crate) fn head(mime_type: &str) -> Self {
        Self::raw(format!("HTTP/1.1 200 OK\r\nContent-Type: {mime_type}\r\nConnection: close\r\n\r\n"))
    }

    /// Nothing.
    pub(crate) fn silence() -> Self {
        Self(Vec::new()).then_stall()
    }

    pub(crate) fn then(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push(Step::Bytes(bytes.into()));
        self
    }

    pub(crate) fn then_wait(mut self, time: Duration) -> Self {
        self.0.push(Step::Wait(time));
        self
    }

    /// Nothing more, though the connection stays open.
    pub(crate) fn then_stall(mut self) -> Self {
        self.0.push(Step::Stall);
        self
    }

    pub(crate) fn then_endless(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push(Step::Endless(bytes.into()));
        self
    }
}
