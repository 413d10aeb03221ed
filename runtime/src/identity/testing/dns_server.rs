//! A name server on a port of this machine, over UDP and TCP.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use hickory_proto::{
    op::{Message, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{CNAME, TXT},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
    task::AbortHandle,
};

use crate::identity::SystemDns;

/// A question that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// In lower case, without the dot at its end.
    pub(crate) name: String,
    pub(crate) kind: RecordType,
    pub(crate) over_tcp: bool,
    /// How many questions for the same records, over the same protocol, came before.
    pub(crate) before: usize,
}

/// What the server says.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These records.
    Records(Vec<Record>),
    /// No such name.
    NoSuchName,
    /// An error of the server.
    Code(ResponseCode),
    /// Nothing.
    Silence,
    /// Nothing, and the mark that the answer was cut short.
    Truncated,
    /// These records, as the answer to a question that was not asked.
    Elsewhere(Vec<Record>),
    /// These bytes, behind the number of the question.
    Garbage(Vec<u8>),
}

impl Question {
    /// A TXT record of the name that was asked for, in these parts.
    pub(crate) fn txt(&self, parts: &[&str]) -> Record {
        txt(&self.name, parts)
    }

    /// An address of the name that was asked for.
    pub(crate) fn address(&self, address: &str) -> Record {
        record(&self.name, RData::from(address.parse::<IpAddr>().unwrap()))
    }

    /// Sends the name that was asked for on to another.
    pub(crate) fn cname(&self, to: &str) -> Record {
        record(&self.name, RData::CNAME(CNAME(name(to))))
    }
}

/// A TXT record of any name.
pub(crate) fn txt(owner: &str, parts: &[&str]) -> Record {
    record(owner, RData::TXT(TXT::from_bytes(parts.iter().map(|part| part.as_bytes()).collect())))
}

/// Any record.
pub(crate) fn record(owner: &str, data: RData) -> Record {
    Record::from_rdata(name(owner), 3600, data)
}

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

type Script = dyn Fn(&Question) -> Reply + Send + Sync;

/// A name server. It ends with the value.
pub(crate) struct DnsServer {
    address: SocketAddr,
    state: Arc<State>,
    tasks: [AbortHandle; 2],
}

struct State {
    script: Box<Script>,
    asked: Mutex<Vec<Question>>,
}

impl DnsServer {
    pub(crate) async fn start(script: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> Self {
        let (udp, tcp) = sockets().await;
        let address = tcp.local_addr().unwrap();
        let state = Arc::new(State { script: Box::new(script), asked: Mutex::default() });
        let tasks = [
            tokio::spawn(over_udp(udp, Arc::clone(&state))).abort_handle(),
            tokio::spawn(over_tcp(tcp, Arc::clone(&state))).abort_handle(),
        ];
        Self { address, state, tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What asks this server.
    pub(crate) fn dns(&self, timeout: Duration) -> SystemDns {
        SystemDns::with_servers(&[self.address], timeout).unwrap()
    }

    /// The questions that came.
    pub(crate) fn asked(&self) -> Vec<Question> {
        self.state.asked.lock().unwrap().clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Both protocols on one port, which may take some attempts.
async fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

async fn over_udp(socket: UdpSocket, state: Arc<State>) {
    let mut bytes = vec![0; 4096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut bytes).await else { continue };
        if let Some(answer) = state.answer(&bytes[..length], false) {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn over_tcp(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        let state = Arc::clone(&state);
        tokio::spawn(async move { stream(socket, &state).await });
    }
}

async fn stream(mut socket: TcpStream, state: &State) -> io::Result<()> {
    loop {
        let mut bytes = vec![0; usize::from(socket.read_u16().await?)];
        socket.read_exact(&mut bytes).await?;
        if let Some(answer) = state.answer(&bytes, true) {
            socket.write_u16(u16::try_from(answer.len()).unwrap()).await?;
            socket.write_all(&answer).await?;
        }
    }
}

impl State {
    fn answer(&self, bytes: &[u8], over_tcp: bool) -> Option<Vec<u8>> {
        let message = Message::from_vec(bytes).ok()?;
        let query = message.queries.first()?.clone();
        let question = self.note(&query, over_tcp);
        let mut answer = Message::response(message.id, OpCode::Query);
        answer.metadata.recursion_available = true;
        answer.add_query(query);
        match (self.script)(&question) {
            Reply::Records(records) => answer.insert_answers(records),
            Reply::NoSuchName => answer.metadata.response_code = ResponseCode::NXDomain,
            Reply::Code(code) => answer.metadata.response_code = code,
            Reply::Silence => return None,
            Reply::Truncated => answer.metadata.truncation = true,
            Reply::Elsewhere(records) => {
                answer.queries = vec![Query::query(name("elsewhere.example"), question.kind)];
                answer.insert_answers(records);
            }
            Reply::Garbage(rest) => return Some([&message.id.to_be_bytes()[..], &rest].concat()),
        }
        answer.to_vec().ok()
    }

    fn note(&self, query: &Query, over_tcp: bool) -> Question {
        let name = query.name().to_ascii().to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
        let mut question = Question { name, kind: query.query_type(), over_tcp, before: 0 };
        let mut asked = self.asked.lock().unwrap();
        question.before = asked
            .iter()
            .filter(|other| other.name == question.name && other.kind == question.kind && other.over_tcp == over_tcp)
            .count();
        asked.push(question.clone());
        question
    }
}
