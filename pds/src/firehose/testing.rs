//! Accounts of tests that write to a store by themselves.

use std::sync::Arc;

use arobase::{
    crypto::{Curve, PublicKey, Signer, SigningKey},
    data::Value,
    repo::{Repo, RepoPath, Write, Written},
    sync::{AccountEvent, CommitEvent, Event},
    syntax::{Did, TidGenerator},
};
use bytes::Bytes;

use crate::{
    error::Error,
    keys::{Keys, LocalKeys},
    repos::RepoBlocks,
    store::{Account, AccountId, Database, MemoryStore, NewAccount, Record, Unit},
};

/// A database in memory.
pub(crate) fn database() -> Database {
    Database::new(Arc::new(MemoryStore::new()))
}

/// Somebody who writes.
pub(crate) struct Author {
    pub(crate) id: AccountId,
    pub(crate) did: Did,
    key: Arc<SigningKey>,
    clock: Arc<TidGenerator>,
    pub(crate) repo: Repo,
}

impl Author {
    /// A new account with an empty repository. Its first commit is the first event.
    pub(crate) async fn new(db: &Database, name: &str) -> Self {
        let did: Did = format!("did:web:{name}.example.com").parse().unwrap();
        let (key, clock) = (Arc::new(SigningKey::generate(Curve::K256)), Arc::new(TidGenerator::random()));
        let account = NewAccount {
            did: did.clone(),
            handle: None,
            email: None,
            password: None,
            key: LocalKeys::plain().seal(&key).unwrap(),
            created_at: 0,
            deactivated_at: None,
        };
        let (repo, written) = Repo::create(did.clone(), &[], &clock, &*key).unwrap();
        let create = move |unit: &mut dyn Unit| {
            let id = unit.create_account(&account)?;
            keep(unit, id, &written)?;
            Ok::<_, Error>(id)
        };
        let id = db.write(create).await.unwrap();
        Self { id, did, key, clock, repo }
    }

    /// Writes with one commit; nothing if nothing changes.
    pub(crate) async fn write(&mut self, db: &Database, writes: Vec<Write>) -> Option<Written> {
        let (id, mut repo) = (self.id, self.repo.clone());
        let (key, clock) = (Arc::clone(&self.key), Arc::clone(&self.clock));
        let write = move |unit: &mut dyn Unit| {
            let written = repo.write(&writes, &clock, &*key, &RepoBlocks { view: unit, id })?;
            written.iter().try_for_each(|written| keep(unit, id, written))?;
            Ok::<_, Error>((repo, written))
        };
        let (repo, written) = db.write(write).await.unwrap();
        self.repo = repo;
        written
    }

    /// Emits an event that changes nothing.
    pub(crate) async fn emit(&self, db: &Database) {
        let (id, event) = (self.id, Event::from(AccountEvent::active(self.did.clone())));
        db.write(move |unit| unit.emit(id, event)).await.unwrap();
    }

    /// Changes the account.
    pub(crate) async fn change(&self, db: &Database, change: impl FnOnce(&mut Account) + Send + 'static) {
        let id = self.id;
        let change = move |unit: &mut dyn Unit| {
            let mut account = unit.account(id)?.unwrap();
            change(&mut account);
            unit.update_account(&account)
        };
        db.write(change).await.unwrap();
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }
}

/// A path of notes.
pub(crate) fn path(rkey: &str) -> RepoPath {
    format!("com.example.note/{rkey}").parse().unwrap()
}

/// A note of about so many bytes.
pub(crate) fn note(text: &str, bytes: usize) -> Bytes {
    let text = format!("{text}{}", "x".repeat(bytes.saturating_sub(text.len())));
    let fields = [("$type", Value::from("com.example.note")), ("text", Value::from(text))];
    let map = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Value::Map(map).to_cbor().unwrap().into()
}

fn keep(unit: &mut dyn Unit, id: AccountId, written: &Written) -> Result<(), Error> {
    let rev = written.commit.rev();
    for node in &written.nodes {
        unit.put_node(id, &node.cid, rev, &node.bytes)?;
    }
    for cid in &written.retired {
        unit.delete_node(id, cid)?;
    }
    for op in &written.ops {
        match &op.cid {
            Some(cid) => {
                let block = written.records.iter().find(|block| *cid == block.cid.into()).unwrap().bytes.clone();
                unit.put_record(id, &Record { path: op.path.clone(), cid: cid.clone(), rev: rev.clone(), block })?;
                unit.note_collection(id, op.path.collection(), true)?;
            }
            None => unit.delete_record(id, &op.path)?,
        }
    }
    unit.put_commit(id, &written.commit)?;
    let event = CommitEvent::of(written).map_err(Error::internal)?;
    Ok(unit.emit(id, event.into())?)
}
