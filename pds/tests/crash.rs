//! What survives when the program is killed: clients write, the process gets SIGKILL at a random moment and is started
//! anew, again and again. `AROBASE_CRASHES` says how often; the seed of a run is printed, and `AROBASE_SEED` repeats it.
//!
//! After each start every write that was answered is there, the log goes on without a gap and without a number twice,
//! what a subscriber saw before the crash is in it unchanged, every event follows from the one before it, and the last
//! event of each account is its latest commit. At the end every repository is verified from its CAR file.
#![cfg(unix)]

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use arobase::{
    Client,
    client::Session,
    com::atproto::{
        repo::{self, Client as _, CreateRecord, DescribeRepo, GetRecord, PutRecord},
        server::{Client as _, CreateAccount},
        sync::{self, Client as _, GetLatestCommit, GetRepo},
    },
    crypto::PublicKey,
    data::Value,
    identity::DidDocument,
    repo::import::{self, Item},
    sync::{Event, Message, verify},
    syntax::{Did, Tid},
};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::task::JoinSet;
use tokio_tungstenite::{connect_async, tungstenite};

const ACCOUNTS: usize = 4;
/// Clients of each account.
const WRITERS: usize = 3;

/// A folder that goes with this.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The program, running.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_arobase-pds"))
            .env("AROBASE_PDS_DATA", folder)
            // Sessions are for one server, wherever it listens.
            .env("AROBASE_PDS_URL", "http://localhost:2583")
            .env("AROBASE_PDS_LISTEN", "127.0.0.1:0")
            .env("AROBASE_PDS_PLC_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| panic!("the program said {line:?}")).to_owned();
        Self { child, url }
    }

    fn client(&self, session: &Session) -> Client {
        let client = Client::new(&self.url).unwrap();
        client.resume(session.clone());
        client
    }

    /// No goodbye: SIGKILL.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Random numbers that can be had again (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A write that was answered.
#[derive(Clone, Debug)]
struct Acknowledged {
    did: Did,
    rkey: String,
    cid: String,
    rev: Tid,
}

/// What is known of the log so far.
#[derive(Default)]
struct Log {
    last: Option<i64>,
    /// Revision, commit and tree of each account.
    heads: HashMap<Did, (Tid, String, Option<arobase::data::Cid>)>,
    commits: usize,
}

impl Log {
    /// Takes the next event, which has to follow.
    fn take(&mut self, frame: &Bytes, keys: &HashMap<Did, PublicKey>) {
        let message = Message::from_frame(frame).unwrap();
        let seq = message.seq.unwrap();
        if let Some(last) = self.last {
            assert_eq!(seq, last + 1, "the log has a gap or a number twice");
        }
        self.last = Some(seq);
        let Event::Commit(event) = message.event else { return };
        let key = keys.get(&event.did);
        let verified = key.map(|key| verify::commit(&event, key).unwrap());
        let data = verified.map(|verified| verified.commit().data());
        if let Some((rev, _, tree)) = self.heads.get(&event.did) {
            assert_eq!(event.since.as_ref(), Some(rev), "a commit does not follow the one before");
            assert!(event.rev > *rev);
            if tree.is_some() {
                assert_eq!(event.prev_data, *tree, "a commit does not follow on the tree before");
            }
        }
        self.commits += 1;
        self.heads.insert(event.did.clone(), (event.rev.clone(), event.commit.to_string(), data));
    }
}

fn note(text: &str) -> Value {
    Value::from_json(format!(r#"{{"$type":"com.example.note","text":"{text}"}}"#).as_bytes()).unwrap()
}

/// Writes until the server is gone; what was answered.
async fn write(client: Client, did: Did, writer: usize, acknowledged: Arc<Mutex<Vec<Acknowledged>>>) {
    for number in 0.. {
        // Every third write goes to one record that all clients of the account fight for.
        let collection = "com.example.note".parse().unwrap();
        let done = if number % 3 == 2 {
            let text = format!("{writer} {number}");
            let put = PutRecord::new(did.clone().into(), collection, "shared".parse().unwrap(), note(&text));
            // It may be overwritten before anybody looks.
            client.put_record(put).await.map(|_| None).map_err(drop)
        } else {
            let create = CreateRecord::new(did.clone().into(), collection, note(&format!("{writer} {number}")));
            client
                .create_record(create)
                .await
                .map(|made| {
                    let rkey = made.uri.as_str().rsplit('/').next().unwrap().to_owned();
                    let rev = made.commit.unwrap().rev;
                    Some(Acknowledged { did: did.clone(), rkey, cid: made.cid.to_string(), rev })
                })
                .map_err(drop)
        };
        match done {
            Ok(Some(done)) => acknowledged.lock().unwrap().push(done),
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

/// Keeps the frames that come, until the server is gone.
async fn listen(url: String, after: i64, frames: Arc<Mutex<Vec<Bytes>>>) {
    let address = format!("{}/xrpc/com.atproto.sync.subscribeRepos?cursor={after}", url.replacen("http", "ws", 1));
    let Ok((mut socket, _)) = connect_async(address).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        if let tungstenite::Message::Binary(frame) = message {
            frames.lock().unwrap().push(frame);
        }
    }
}

/// The frames behind a number, up to one.
async fn replay(url: &str, after: i64, head: i64) -> Vec<Bytes> {
    let frames = Arc::default();
    let listening = tokio::spawn(listen(url.to_owned(), after, Arc::clone(&frames)));
    let reached = |frames: &Mutex<Vec<Bytes>>| {
        let frames = frames.lock().unwrap();
        frames.last().is_some_and(|frame| Message::from_frame(frame).unwrap().seq >= Some(head))
    };
    for _ in 0..2_000 {
        if after >= head || reached(&frames) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    listening.abort();
    std::mem::take(&mut *frames.lock().unwrap())
}

/// The number of the newest event: that of a write made for it.
async fn mark(running: &Running, session: &Session, after: i64) -> (i64, Vec<Bytes>) {
    let client = running.client(session);
    let collection = "com.example.note".parse().unwrap();
    let made =
        client.create_record(CreateRecord::new(session.did.clone().into(), collection, note("mark"))).await.unwrap();
    let commit = made.commit.unwrap().cid.to_string();
    let frames = Arc::default();
    let listening = tokio::spawn(listen(running.url.clone(), after, Arc::clone(&frames)));
    let found = |frame: &Bytes| match Message::from_frame(frame).unwrap() {
        Message { seq: Some(seq), event: Event::Commit(event), .. } => {
            (event.commit.to_string() == commit).then_some(seq)
        }
        _ => None,
    };
    for _ in 0..4_000 {
        let so_far: Vec<Bytes> = frames.lock().unwrap().clone();
        if let Some(seq) = so_far.iter().rev().find_map(found) {
            listening.abort();
            return (seq, so_far);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the event of a commit that was answered never came");
}

async fn check_acknowledged(running: &Running, session: &Session, acknowledged: &[Acknowledged]) {
    let client = running.client(session);
    for write in acknowledged {
        let collection = "com.example.note".parse().unwrap();
        let query = GetRecord::new(write.did.clone().into(), collection, write.rkey.parse().unwrap());
        let found = repo::Client::get_record(&client, query)
            .await
            .unwrap_or_else(|error| panic!("{write:?} was lost: {error}"));
        assert_eq!(found.cid.map(|cid| cid.to_string()), Some(write.cid.clone()));
    }
}

async fn check_heads(running: &Running, session: &Session, log: &Log) {
    let client = running.client(session);
    for (did, (rev, commit, _)) in &log.heads {
        let latest = client.get_latest_commit(GetLatestCommit::new(did.clone())).await.unwrap();
        assert_eq!((latest.rev.as_str(), latest.cid.to_string()), (rev.as_str(), commit.clone()), "{did}");
    }
}

async fn check_repositories(running: &Running, sessions: &[Session], keys: &HashMap<Did, PublicKey>) -> usize {
    let mut records = 0;
    for session in sessions {
        let client = running.client(session);
        let car = sync::Client::get_repo(&client, GetRepo::new(session.did.clone())).await.unwrap();
        let car = car.collect(1 << 30).await.unwrap();
        let mut found = |item: Item<'_>| {
            if let Item::Record { .. } = item {
                records += 1;
            }
        };
        let commit = import::from_slice(&car, Default::default(), &(), &mut found).unwrap();
        commit.verify(&keys[&session.did]).unwrap();
    }
    records
}

async fn sign_up(running: &Running, number: usize) -> (Session, PublicKey) {
    let handle = format!("crash{number}.test");
    let client = Client::new(&running.url).unwrap();
    let account =
        CreateAccount::new(handle.parse().unwrap()).email(format!("{handle}@example.com")).password("correct horse");
    client.create_account(account).await.unwrap();
    let session = client.login(handle, "correct horse").await.unwrap();
    let described = client.describe_repo(DescribeRepo::new(session.did.clone().into())).await.unwrap();
    let document = Value::to_json(&described.did_doc).unwrap();
    let key = DidDocument::from_json(&session.did, &document).unwrap().signing_key().unwrap();
    (session, key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_answered_is_lost_and_nothing_is_made_up() {
    let crashes: usize = std::env::var("AROBASE_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let seed =
        std::env::var("AROBASE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(u64::from(std::process::id()));
    eprintln!("{crashes} crashes, seed {seed}");
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let folder = Folder(std::env::temp_dir().join(format!("arobase-crash-{}", std::process::id())));
    fs::create_dir_all(&folder.0).unwrap();

    let mut running = Running::start(&folder.0);
    let (mut sessions, mut keys) = (Vec::new(), HashMap::new());
    for number in 0..ACCOUNTS {
        let (session, key) = sign_up(&running, number).await;
        keys.insert(session.did.clone(), key);
        sessions.push(session);
    }
    let (mut log, mut all) = (Log::default(), Vec::new());
    let (_, frames) = mark(&running, &sessions[0], 0).await;
    frames.iter().for_each(|frame| log.take(frame, &keys));

    for crash in 0..crashes {
        let after = log.last.unwrap();
        let acknowledged = Arc::default();
        let seen: Arc<Mutex<Vec<Bytes>>> = Arc::default();
        let mut clients = JoinSet::new();
        clients.spawn(listen(running.url.clone(), after, Arc::clone(&seen)));
        for (number, session) in sessions.iter().enumerate() {
            for writer in 0..WRITERS {
                let client = running.client(session);
                clients.spawn(write(client, session.did.clone(), number * WRITERS + writer, Arc::clone(&acknowledged)));
            }
        }
        tokio::time::sleep(Duration::from_micros(5_000 + random.below(400_000))).await;
        running.kill();
        clients.join_all().await;
        running = Running::start(&folder.0);

        let acknowledged: Vec<Acknowledged> = std::mem::take(&mut *acknowledged.lock().unwrap());
        check_acknowledged(&running, &sessions[0], &acknowledged).await;
        let (head, frames) = mark(&running, &sessions[0], after).await;
        frames.iter().for_each(|frame| log.take(frame, &keys));
        assert_eq!(log.last, Some(head));
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        assert!(frames.starts_with(&seen), "a subscriber saw what is not in the log ({crash})");
        for write in &acknowledged {
            assert!(log.heads[&write.did].0 >= write.rev, "a commit that was answered has no event");
        }
        check_heads(&running, &sessions[0], &log).await;
        all.extend(acknowledged);
    }
    check_acknowledged(&running, &sessions[0], &all).await;
    let records = check_repositories(&running, &sessions, &keys).await;
    assert!(records >= all.len());
    let frames = replay(&running.url, 0, log.last.unwrap()).await;
    assert!(frames.len() >= log.commits);
    eprintln!(
        "{} writes were answered, {} commits are in the log, {records} records in the repositories",
        all.len(),
        log.commits
    );
}
