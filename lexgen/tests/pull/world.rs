//! A network of authorities on this machine, and a directory to pull into.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Command, Output},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use arobase_lexicon::json::Json;
use arobase_runtime::{
    crypto::{Curve, Signer, SigningKey},
    data::{Cid, CidLink, Value},
    identity::DidDocument,
    repo::{Blocks, MemoryStore, Repo, RepoPath, Write, car, mst::Direction},
    syntax::{Did, TidGenerator},
};

use super::dns::{self, Zone};

const COLLECTION: &str = "com.atproto.lexicon.schema";

type Accounts = Arc<Mutex<BTreeMap<String, Account>>>;

/// A repository, and what its host says instead of the truth.
struct Account {
    repo: Repo,
    store: MemoryStore,
    signer: SigningKey,
    document: Vec<u8>,
    lie: Option<Vec<u8>>,
}

/// A network, and a directory that is removed at the end of the test.
pub(crate) struct World {
    zone: Zone,
    accounts: Accounts,
    dns: SocketAddr,
    http: SocketAddr,
    tids: TidGenerator,
    directory: PathBuf,
}

impl World {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("lexgen-pull-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let (zone, accounts) = (Zone::default(), Accounts::default());
        let (dns, http) = (dns::serve(Arc::clone(&zone)), serve(Arc::clone(&accounts)));
        Self { zone, accounts, dns, http, tids: TidGenerator::new(1), directory }
    }

    /// An authority for a domain name, with these lexicons.
    pub(crate) fn authority(&self, domain: &str, number: u8, lexicons: &[String]) {
        self.claim(domain, &[&format!("did={}", did(number))]);
        let key = SigningKey::from_bytes(Curve::K256, &[number + 1; 32]).unwrap();
        let (repo, written) = Repo::create(did(number), &writes(lexicons), &self.tids, &key).unwrap();
        let mut store = MemoryStore::new();
        store.apply(&written);
        let document = DidDocument::new(did(number))
            .with_key("atproto", &key.public_key().to_did_key())
            .with_service("atproto_pds", "AtprotoPersonalDataServer", &format!("http://{}", self.http))
            .to_json();
        let account = Account { repo, store, signer: key, document, lie: None };
        self.accounts.lock().unwrap().insert(did(number).into_string(), account);
    }

    /// What DNS says of a domain name; nothing makes it fail.
    pub(crate) fn claim(&self, domain: &str, records: &[&str]) {
        let records = records.iter().map(ToString::to_string).collect();
        self.zone.lock().unwrap().insert(format!("_lexicon.{domain}"), records);
    }

    pub(crate) fn publish(&self, number: u8, lexicons: &[String]) {
        self.account(number, |account| {
            let written = account.repo.write(&writes(lexicons), &self.tids, &account.signer, &account.store).unwrap();
            account.store.apply(&written.unwrap());
        });
    }

    /// What the host of an authority says of a lexicon.
    pub(crate) fn proof(&self, number: u8, id: &str) -> Vec<u8> {
        self.account(number, |account| account.proof(&path(id)))
    }

    /// Lets the host of an authority say this, or the truth.
    pub(crate) fn lie(&self, number: u8, lie: Option<Vec<u8>>) {
        self.account(number, |account| account.lie = lie);
    }

    pub(crate) fn rev(&self, number: u8) -> String {
        self.account(number, |account| account.repo.commit().rev().to_string())
    }

    fn account<T>(&self, number: u8, change: impl FnOnce(&mut Account) -> T) -> T {
        change(self.accounts.lock().unwrap().get_mut(did(number).as_str()).unwrap())
    }

    /// Runs the command in the directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lexgen"));
        command.args(arguments).current_dir(&self.directory).output().unwrap()
    }

    /// Runs `lexgen pull` in this network.
    pub(crate) fn pull(&self, arguments: &[&str]) -> Output {
        let (plc, dns) = (format!("http://{}", self.http), self.dns.to_string());
        self.run(&[&["pull", "--development", "--plc", &plc, "--dns", &dns], arguments].concat())
    }

    pub(crate) fn file(&self, name: &str, text: &str) {
        let path = self.directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.directory.join(name).exists()
    }

    /// What the manifest says of a lexicon.
    pub(crate) fn entry(&self, id: &str, key: &str) -> String {
        let manifest = Json::parse(&self.read("lexicons/manifest.json")).unwrap();
        let entry = manifest.get("lexicons").and_then(|lexicons| lexicons.get(id)).unwrap();
        entry.get(key).and_then(Json::as_str).unwrap().to_owned()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Account {
    fn proof(&self, path: &RepoPath) -> Vec<u8> {
        let mut file = car::header(&[self.repo.commit().cid()]).to_vec();
        for block in self.repo.proof(path, &self.store).unwrap() {
            car::put_block(&mut file, &CidLink::from(block.cid), &block.bytes);
        }
        if let Some(cid) = self.repo.get(path, &self.store).unwrap() {
            let block = self.store.get(&cid.as_cid().unwrap()).unwrap().unwrap();
            car::put_block(&mut file, &cid, &block);
        }
        file
    }

    fn list(&self) -> Vec<u8> {
        let names = self.repo.list(COLLECTION, Direction::Up, &self.store);
        let uri = |name: Vec<u8>| format!("at://{}/{}", self.repo.commit().did(), String::from_utf8(name).unwrap());
        let records: Vec<String> = names.map(|entry| format!(r#"{{ "uri": "{}" }}"#, uri(entry.unwrap().0))).collect();
        format!(r#"{{ "records": [{}] }}"#, records.join(",")).into_bytes()
    }
}

/// The DID of an authority with a number.
pub(crate) fn did(number: u8) -> Did {
    format!("did:plc:{}", char::from(b'a' + number).to_string().repeat(24)).parse().unwrap()
}

/// The hash of a lexicon as it is published, in hex.
pub(crate) fn sha256(lexicon: &str) -> String {
    Cid::of_cbor(&block(lexicon)).digest().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn path(id: &str) -> RepoPath {
    format!("{COLLECTION}/{id}").parse().unwrap()
}

fn block(json: &str) -> Vec<u8> {
    Value::from_json(json.as_bytes()).unwrap().to_cbor().unwrap()
}

fn writes(lexicons: &[String]) -> Vec<Write> {
    let id = |json: &String| Value::from_json(json.as_bytes()).unwrap().get("id").unwrap().as_str().unwrap().to_owned();
    lexicons.iter().map(|json| Write::put(path(&id(json)), block(json))).collect()
}

/// Serves the PLC directory and all repositories.
fn serve(accounts: Accounts) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let accounts = Arc::clone(&accounts);
            thread::spawn(move || answer(stream, &accounts));
        }
    });
    address
}

fn answer(mut stream: TcpStream, accounts: &Accounts) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, body) = said(path, accounts).map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn said(asked: &str, accounts: &Accounts) -> Option<Vec<u8>> {
    let accounts = accounts.lock().unwrap();
    let Some((_, query)) = asked.split_once('?') else {
        return Some(accounts.get(asked.trim_start_matches('/'))?.document.clone());
    };
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let account = accounts.get(parameter("did").or(parameter("repo"))?)?;
    match (&account.lie, parameter("rkey")) {
        (Some(lie), _) => Some(lie.clone()),
        (None, Some(rkey)) => Some(account.proof(&path(rkey))),
        (None, None) => Some(account.list()),
    }
}
