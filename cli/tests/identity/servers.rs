//! A PLC directory and a name server on ports of this machine, that say what a test wants.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    thread,
};

/// A web server, which lasts as long as the tests.
pub(crate) struct Web(SocketAddr);

/// A name server for TXT, which lasts as long as the tests.
pub(crate) struct Names(SocketAddr);

impl Web {
    /// With these paths, each with a status and a body. Others are not found.
    pub(crate) fn new(paths: impl IntoIterator<Item = (String, (u16, Vec<u8>))>) -> Self {
        Self::with_port(|_| paths)
    }

    /// With paths that depend on the port.
    pub(crate) fn with_port<P>(paths: impl FnOnce(u16) -> P) -> Self
    where
        P: IntoIterator<Item = (String, (u16, Vec<u8>))>,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let paths: HashMap<_, _> = paths(address.port()).into_iter().collect();
        thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap(), &paths)));
        Self(address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port()
    }

    /// A directory without an answer.
    pub(crate) fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || listener.incoming().for_each(drop));
        Self(address)
    }

    /// The option that says to ask it.
    pub(crate) fn option(&self) -> String {
        format!("--plc http://{}", self.0)
    }
}

fn answer(mut stream: TcpStream, paths: &HashMap<String, (u16, Vec<u8>)>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.find(String::is_empty);
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, body) = paths.get(path).cloned().unwrap_or((404, Vec::new()));
    let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Who asked may have gone.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

impl Names {
    /// With these names, each with the text of its record. Others do not exist.
    pub(crate) fn new(names: &[(&str, &str)]) -> Self {
        let names: HashMap<_, _> = names.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((len, from)) = socket.recv_from(&mut question) {
                socket.send_to(&reply(&question[..len], &names), from).unwrap();
            }
        });
        Self(address)
    }

    /// The option that says to ask it.
    pub(crate) fn option(&self) -> String {
        format!("--dns {}", self.0)
    }
}

fn reply(question: &[u8], names: &HashMap<String, String>) -> Vec<u8> {
    let mut labels = Vec::new();
    let mut at = 12;
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8(question[at + 1..end].to_ascii_lowercase()).unwrap());
        at = end;
    }
    let (is_txt, end) = (question[at + 1..at + 3] == [0, 16], at + 5);
    let text = names.get(&labels.join(".")).filter(|_| is_txt);
    let (code, answers) = if text.is_some() { (0, 1) } else { (3, 0) };
    let mut reply = question[..2].to_vec();
    reply.extend([0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0]);
    reply.extend(&question[12..end]);
    if let Some(text) = text {
        let len = u8::try_from(text.len()).unwrap();
        // The name of the question, TXT, IN, a minute.
        reply.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, len + 1, len]);
        reply.extend(text.as_bytes());
    }
    reply
}
