//! The network of a test.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use arobase_lexicon::syntax::{Did, Nsid, Tid, TidGenerator};
use bytes::Bytes;

use crate::{
    Catalog,
    catalog::{LexiconResolver, NetworkCatalog},
    clock::Clock,
    crypto::{Curve, Signer, SigningKey},
    data::{Cid, CidLink, Value},
    identity::{
        AddressPolicy, DidDocument, PublicTransport, Resolver,
        testing::{Answer, Asked, Names, WebServer},
    },
    repo::{Commit, MemoryStore, Repo, RepoPath, Write, car, commit::Unsigned},
};

const COLLECTION: &str = "com.atproto.lexicon.schema";

/// An NSID.
pub(super) fn nsid(text: &str) -> Nsid {
    text.parse().unwrap()
}

/// A lexicon with this main definition, as it is published.
pub(super) fn lexicon(id: &str, main: &str) -> String {
    format!(r#"{{ "$type": "{COLLECTION}", "lexicon": 1, "id": "{id}", "defs": {{ "main": {main} }} }}"#)
}

/// A lexicon of nothing.
pub(super) fn token(id: &str) -> String {
    lexicon(id, r#"{ "type": "token" }"#)
}

/// A lexicon of a record with a text, and fields `r0`, `r1` ... that refer to others.
pub(super) fn record(id: &str, references: &[&str]) -> String {
    let fields = references.iter().enumerate();
    let fields: String = fields.map(|(n, to)| format!(r#", "r{n}": {{ "type": "ref", "ref": "{to}" }}"#)).collect();
    let object = format!(r#"{{ "type": "object", "properties": {{ "text": {{ "type": "string" }}{fields} }} }}"#);
    lexicon(id, &format!(r#"{{ "type": "record", "key": "tid", "record": {object} }}"#))
}

/// A time that a test sets.
#[derive(Clone)]
pub(super) struct Time(Arc<Mutex<SystemTime>>);

impl Clock for Time {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// Names, a directory, hosts.
pub(super) struct World {
    pub(super) names: Names,
    pub(super) server: WebServer,
    accounts: Arc<Mutex<BTreeMap<String, Account>>>,
    time: Time,
    tids: TidGenerator,
}

/// The request, and the body of the answer that is true.
type Script = Box<dyn Fn(&Asked, Bytes) -> Answer + Send>;

/// A repository and its host.
struct Account {
    repo: Repo,
    store: MemoryStore,
    signer: SigningKey,
    document: DidDocument,
    /// Changes what the host says.
    script: Option<Script>,
}

/// An answer after a while.
pub(super) fn after(time: Duration, body: &[u8]) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    Answer::default().then_wait(time).then([head.as_bytes(), body].concat())
}

/// The DID of an authority with a number.
pub(super) fn did(number: u8) -> Did {
    format!("did:plc:{}", char::from(b'a' + number).to_string().repeat(24)).parse().unwrap()
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(Curve::K256, &[number + 1; 32]).unwrap()
}

impl World {
    pub(super) async fn new() -> Self {
        let accounts = Arc::new(Mutex::new(BTreeMap::new()));
        let shared = Arc::clone(&accounts);
        let server = WebServer::http(move |asked| answer(&shared, asked)).await;
        let time = Time(Arc::new(Mutex::new(SystemTime::now())));
        Self { names: Names::new(), server, accounts, time, tids: TidGenerator::new(1) }
    }

    /// An authority for a domain name, with these lexicons.
    pub(super) fn authority(&self, domain: &str, number: u8, lexicons: &[String]) -> &Self {
        self.claims(domain, &[&format!("did={}", did(number))]);
        let (repo, written) = Repo::create(did(number), &writes(lexicons), &self.tids, &key(number)).unwrap();
        let mut store = MemoryStore::new();
        store.apply(&written);
        let document = self.document(number, number);
        let account = Account { repo, store, signer: key(number), document, script: None };
        self.accounts.lock().unwrap().insert(did(number).into_string(), account);
        self
    }

    /// What DNS says of a domain name.
    pub(super) fn claims(&self, domain: &str, records: &[&str]) {
        let _ = self.names.clone().txt(&format!("_lexicon.{domain}"), records);
    }

    /// The document of an authority with the key of another.
    pub(super) fn document(&self, number: u8, of: u8) -> DidDocument {
        let pds = format!("http://{}", self.server.address());
        DidDocument::new(did(number)).with_key("atproto", &key(of).public_key().to_did_key()).with_service(
            "atproto_pds",
            "AtprotoPersonalDataServer",
            &pds,
        )
    }

    fn account<T>(&self, number: u8, change: impl FnOnce(&mut Account) -> T) -> T {
        change(self.accounts.lock().unwrap().get_mut(did(number).as_str()).unwrap())
    }

    /// Publishes lexicons, also in the place of others.
    pub(super) fn publish(&self, number: u8, lexicons: &[String]) {
        self.write(number, &writes(lexicons));
    }

    /// Takes a lexicon back.
    pub(super) fn withdraw(&self, number: u8, id: &str) {
        self.write(number, &[Write::delete(path(id))]);
    }

    pub(super) fn write(&self, number: u8, writes: &[Write]) {
        self.account(number, |account| {
            let written = account.repo.write(writes, &self.tids, &account.signer, &account.store).unwrap();
            account.store.apply(&written.unwrap());
        });
    }

    /// Signs with the key of another from now on, and signs what there is anew; the document may say so too.
    pub(super) fn rotate(&self, number: u8, to: u8, in_document: bool) {
        self.account(number, |account| {
            account.signer = key(to);
            let written = account.repo.recommit(&self.tids, &account.signer).unwrap();
            account.store.apply(&written);
            if in_document {
                account.document = self.document(number, to);
            }
        });
    }

    /// Changes what the host of an authority says.
    pub(super) fn lie(&self, number: u8, script: impl Fn(&Asked, Bytes) -> Answer + Send + 'static) {
        self.account(number, |account| account.script = Some(Box::new(script)));
    }

    /// Lets the host of an authority say what is true again.
    pub(super) fn be_honest(&self, number: u8) {
        self.account(number, |account| account.script = None);
    }

    /// Changes the document of an authority.
    pub(super) fn describe(&self, number: u8, document: DidDocument) {
        self.account(number, |account| account.document = document);
    }

    /// What the host of an authority says of a lexicon.
    pub(super) fn proof(&self, number: u8, id: &str) -> Bytes {
        self.account(number, |account| account.proof(&path(id)))
    }

    /// The same with another block, or none, in the place of the record.
    pub(super) fn proof_with(&self, number: u8, id: &str, record: Option<&Bytes>) -> Bytes {
        self.account(number, |account| {
            let (commit, path) = (account.repo.commit(), path(id));
            let mut file = account.nodes(commit, &path);
            if let Some(record) = record {
                car::put_block(&mut file, &account.repo.get(&path, &account.store).unwrap().unwrap(), record);
            }
            file.into()
        })
    }

    pub(super) fn rev(&self, number: u8) -> Tid {
        self.account(number, |account| account.repo.commit().rev().clone())
    }

    /// The proof of a commit that says something else, signed all the same.
    pub(super) fn forged(&self, number: u8, id: &str, change: impl FnOnce(&mut Unsigned)) -> Bytes {
        self.account(number, |account| {
            let commit = account.repo.commit();
            let (did, rev) = (commit.did().clone(), commit.rev().clone());
            let mut unsigned = Unsigned { did, rev, data: commit.data(), prev: None };
            change(&mut unsigned);
            let commit = unsigned.sign(&account.signer).unwrap();
            account.proof_under(&commit, &path(id))
        })
    }

    pub(super) fn pass(&self, time: Duration) {
        *self.time.0.lock().unwrap() += time;
    }

    pub(super) fn go_back(&self, time: Duration) {
        *self.time.0.lock().unwrap() -= time;
    }

    pub(super) fn resolver(&self) -> LexiconResolver {
        let dns = Arc::new(self.names.clone());
        let transport = Arc::new(PublicTransport::new(dns.clone(), AddressPolicy::Any).unwrap());
        let identities = Resolver::builder(dns.clone(), transport.clone(), transport.clone())
            .plc_url(&format!("http://{}", self.server.address()))
            .clock(Arc::new(self.time.clone()))
            .timeout(Duration::from_secs(2))
            .development(true)
            .build()
            .unwrap();
        let resolver = LexiconResolver::new(dns, identities, transport).clock(Arc::new(self.time.clone()));
        resolver.development(true).timeout(Duration::from_secs(2))
    }

    pub(super) fn catalog(&self) -> NetworkCatalog {
        NetworkCatalog::new(Catalog::new(), self.resolver())
    }

    /// How often the hosts were asked for a lexicon.
    pub(super) fn asked(&self, id: &str) -> usize {
        let key = format!("&rkey={id}");
        self.server.asked().iter().filter(|asked| asked.path.ends_with(&key)).count()
    }

    /// How often the documents of an authority were asked for.
    pub(super) fn documents_asked(&self, number: u8) -> usize {
        let path = format!("/{}", did(number));
        self.server.asked().iter().filter(|asked| asked.path == path).count()
    }
}

impl Account {
    fn proof(&self, path: &RepoPath) -> Bytes {
        self.proof_under(self.repo.commit(), path)
    }

    fn proof_under(&self, commit: &Commit, path: &RepoPath) -> Bytes {
        let mut file = self.nodes(commit, path);
        if let Some(cid) = self.repo.get(path, &self.store).unwrap() {
            car::put_block(&mut file, &cid, &self.block(&cid));
        }
        file.into()
    }

    fn nodes(&self, commit: &Commit, path: &RepoPath) -> Vec<u8> {
        let mut file = car::header(&[commit.cid()]).to_vec();
        car::put_block(&mut file, &CidLink::from(commit.cid()), commit.bytes());
        for block in self.repo.tree().proof(&[path.as_key()], &self.store).unwrap() {
            car::put_block(&mut file, &CidLink::from(block.cid), &block.bytes);
        }
        file
    }

    fn block(&self, cid: &CidLink) -> Bytes {
        crate::repo::Blocks::get(&self.store, &cid.as_cid().unwrap()).unwrap().unwrap()
    }
}

pub(super) fn path(id: &str) -> RepoPath {
    format!("{COLLECTION}/{id}").parse().unwrap()
}

/// A block of a record, from JSON.
pub(super) fn block(json: &str) -> Bytes {
    Value::from_json(json.as_bytes()).unwrap().to_cbor().unwrap().into()
}

fn writes(lexicons: &[String]) -> Vec<Write> {
    let id = |json: &String| Value::from_json(json.as_bytes()).unwrap().get("id").unwrap().as_str().unwrap().to_owned();
    lexicons.iter().map(|json| Write::put(path(&id(json)), block(json))).collect()
}

/// The CID of a lexicon.
pub(super) fn cid(json: &str) -> Cid {
    Cid::of_cbor(&block(json))
}

fn answer(accounts: &Mutex<BTreeMap<String, Account>>, asked: &Asked) -> Answer {
    let accounts = accounts.lock().unwrap();
    if let Some(account) = accounts.get(asked.path.trim_start_matches('/')) {
        return Answer::body(200, "application/did+ld+json", account.document.to_json());
    }
    let parameter = |name: &str| {
        let query = asked.path.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    match (parameter("did").or(parameter("repo")).and_then(|did| accounts.get(&did)), parameter("rkey")) {
        (Some(account), rkey) => {
            let (mime_type, honest) = match rkey {
                Some(rkey) => ("application/vnd.ipld.car", account.proof(&path(&rkey))),
                None => ("application/json", list(account, parameter("cursor").as_deref())),
            };
            match &account.script {
                Some(script) => script(asked, honest),
                None => Answer::body(200, mime_type, honest),
            }
        }
        (None, _) => Answer::body(404, "application/json", r#"{ "error": "RepoNotFound" }"#),
    }
}

/// A page of a list, of two records.
fn list(account: &Account, cursor: Option<&str>) -> Bytes {
    let from: usize = cursor.map_or(0, |cursor| cursor.strip_prefix("at%26").map_or(0, |at| at.parse().unwrap()));
    let walk = account.repo.list(COLLECTION, crate::repo::mst::Direction::Up, &account.store);
    let names: Vec<String> = walk.map(|entry| String::from_utf8(entry.unwrap().0).unwrap()).collect();
    let uri = |name: &String| format!(r#"{{ "uri": "at://{}/{name}" }}"#, account.repo.commit().did());
    let page: Vec<String> = names.iter().skip(from).take(2).map(uri).collect();
    let next = if names.len() > from + 2 { format!(r#", "cursor": "at&{}""#, from + 2) } else { String::new() };
    format!(r#"{{ "records": [{}]{next} }}"#, page.join(",")).into()
}
