use arobase::{
    crypto::{Curve, SigningKey},
    data::{Blob, Cid, CidLink, Value},
    repo::{
        MemoryBlocks, MemoryStore as Blocks, Repo, RepoPath, Revs, SourceError, Write,
        car::{self, CarLimits, CarSlice},
        commit::Unsigned,
        mst::{Op, Tree},
    },
    sync::Event,
    syntax::{Tid, TidGenerator},
};

use super::*;
use crate::{
    accounts::SignUp,
    repos::testing::{
        self, Content, content, create, delete, events, export_of, follow, note, nsid, object, put, rkey, write,
    },
    testing::{builder, pds, settings, with_alice},
};

/// A repository on another server.
struct Elsewhere {
    repo: Repo,
    blocks: Blocks,
    key: SigningKey,
    clock: TidGenerator,
}

impl Elsewhere {
    fn new(did: &Did) -> Self {
        let (key, clock) = (SigningKey::generate(Curve::P256), TidGenerator::random());
        let (repo, written) = Repo::create(did.clone(), &[], &clock, &key).unwrap();
        let mut blocks = Blocks::new();
        blocks.apply(&written);
        Self { repo, blocks, key, clock }
    }

    /// A repository with notes, each of which says its key.
    fn with_notes(did: &Did, keys: impl IntoIterator<Item = String>) -> Self {
        let mut elsewhere = Self::new(did);
        let writes: Vec<Write> = keys.into_iter().map(|key| put_there(&key, &key)).collect();
        writes.chunks(200).for_each(|writes| elsewhere.write(writes));
        elsewhere
    }

    fn write(&mut self, writes: &[Write]) {
        let written = self.repo.write(writes, &self.clock, &self.key, &self.blocks).unwrap().unwrap();
        self.blocks.apply(&written);
    }

    fn add_to(&self, all: &mut MemoryBlocks) {
        for block in self.repo.export(&self.blocks) {
            let block = block.unwrap();
            assert!(all.insert(block.cid, block.bytes));
        }
    }

    fn export(&self) -> Vec<u8> {
        let car: Result<Vec<_>, _> = self.repo.export(&self.blocks).into_car().collect();
        car.unwrap().concat()
    }
}

fn put_there(key: &str, text: &str) -> Write {
    Write::put(path(key), block(text))
}

fn path(key: &str) -> RepoPath {
    format!("{}/{key}", testing::NOTE).parse().unwrap()
}

/// A note as it is written here.
fn block(text: &str) -> Vec<u8> {
    object([("$type", testing::NOTE.into()), ("text", text.into())]).to_cbor().unwrap()
}

fn numbers(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("n{n:05}"))
}

/// An account that waits for its repository.
async fn newcomer() -> (Pds, Did) {
    let pds = pds().await;
    let mut wanted = SignUp::new("bob.test".parse().unwrap());
    wanted.did = Some("did:web:bob.test".parse().unwrap());
    wanted.deactivated = true;
    let did = pds.create_account(wanted).await.unwrap().did;
    (pds, did)
}

async fn import(pds: &Pds, did: &Did, car: Vec<u8>) -> Result<(), Error> {
    pds.import_repo(did, Body::new(car)).await
}

/// Why a file is refused, which changes nothing.
async fn refusal(pds: &Pds, did: &Did, car: Vec<u8>) -> Error {
    let (before, log) = (content(pds, did).await, events(pds).await.len());
    let error = import(pds, did, car).await.unwrap_err();
    assert_eq!(content(pds, did).await, before);
    assert_eq!(events(pds).await.len(), log);
    error
}

/// Another file with the same blocks.
fn rewritten(file: &[u8], change: impl FnOnce(&mut Vec<CidLink>, &mut Vec<(CidLink, Vec<u8>)>)) -> Vec<u8> {
    let slice = CarSlice::new(file, CarLimits::DEFAULT).unwrap();
    let mut roots = slice.roots().to_vec();
    let mut blocks: Vec<_> =
        slice.blocks().map(|block| block.map(|block| (block.cid, block.bytes.to_vec())).unwrap()).collect();
    change(&mut roots, &mut blocks);
    let roots: Vec<Cid> = roots.iter().map(|root| root.as_cid().unwrap()).collect();
    let mut out = car::header(&roots).to_vec();
    blocks.iter().for_each(|(cid, bytes)| car::put_block(&mut out, cid, bytes));
    out
}

/// A file of a repository that consists of these blocks.
fn forged(did: &Did, rev: &Tid, data: Cid, blocks: &[(CidLink, Vec<u8>)]) -> Vec<u8> {
    let key = SigningKey::generate(Curve::K256);
    let commit = Unsigned { did: did.clone(), rev: rev.clone(), data, prev: None }.sign(&key).unwrap();
    let mut out = car::header(&[commit.cid()]).to_vec();
    car::put_block(&mut out, &commit.cid().into(), commit.bytes());
    blocks.iter().for_each(|(cid, bytes)| car::put_block(&mut out, cid, bytes));
    out
}

#[tokio::test]
async fn a_repository_moves_in_with_a_commit_of_our_own_and_without_a_word() {
    let (pds, bob) = newcomer().await;
    let (before, log) = (content(&pds, &bob).await, events(&pds).await.len());
    let elsewhere = Elsewhere::with_notes(&bob, numbers(500));
    import(&pds, &bob, elsewhere.export()).await.unwrap();
    let Content { commit, records, .. } = content(&pds, &bob).await;
    assert_eq!(records.len(), 500);
    assert_eq!(*records["com.example.note/n00007"], *block("n00007"));
    assert_eq!(commit.data(), elsewhere.repo.commit().data());
    assert_ne!(commit.cid(), elsewhere.repo.commit().cid());
    assert!(commit.rev() > elsewhere.repo.commit().rev() && commit.rev() > before.commit.rev());
    assert_eq!(events(&pds).await.len(), log);
}

#[tokio::test]
async fn an_active_account_announces_what_it_has_become() {
    let (pds, alice) = with_alice().await;
    let mut elsewhere = Elsewhere::with_notes(&alice, numbers(20));
    import(&pds, &alice, elsewhere.export()).await.unwrap();
    let last = events(&pds).await.pop().unwrap();
    assert!(matches!(last, Event::Sync(event) if event.rev == *content(&pds, &alice).await.commit.rev()));
    write(&pds, &alice, vec![put("later", "1"), delete("n00003")]).await;
    follow(&pds, &alice).await;
    // The same again, and with another record.
    elsewhere.write(&[put_there("n00021", "x")]);
    import(&pds, &alice, elsewhere.export()).await.unwrap();
    follow(&pds, &alice).await;
    assert_eq!(content(&pds, &alice).await.records.len(), 21);
}

#[tokio::test]
async fn the_repository_that_was_here_is_replaced() {
    let (pds, alice) = with_alice().await;
    let other = crate::repos::Change::put(nsid("com.example.other"), rkey("a"), note("goes"));
    write(&pds, &alice, vec![put("n00000", "n00000"), put("n00001", "changes"), put("a", "goes"), other]).await;
    let elsewhere = Elsewhere::with_notes(&alice, numbers(3));
    import(&pds, &alice, elsewhere.export()).await.unwrap();
    let records = content(&pds, &alice).await.records;
    assert!(
        records.keys().map(String::as_str).eq(["n00000", "n00001", "n00002"].map(path).iter().map(RepoPath::as_str))
    );
    assert_eq!(*records["com.example.note/n00001"], *block("n00001"));
}

#[tokio::test]
async fn an_empty_repository_empties_the_one_that_was_here() {
    let (pds, alice) = with_alice().await;
    write(&pds, &alice, vec![put("a", "1")]).await;
    import(&pds, &alice, Elsewhere::new(&alice).export()).await.unwrap();
    assert!(content(&pds, &alice).await.records.is_empty());
    follow(&pds, &alice).await;
}

#[tokio::test]
async fn blocks_may_come_in_any_order_more_than_once_and_with_others() {
    let (pds, bob) = newcomer().await;
    let file = rewritten(&Elsewhere::with_notes(&bob, numbers(50)).export(), |roots, blocks| {
        blocks.reverse();
        blocks.extend(blocks.clone());
        blocks.insert(0, (Cid::of_raw(b"stray").into(), b"stray".to_vec()));
        roots.push(Cid::of_raw(b"stray").into());
    });
    import(&pds, &bob, file).await.unwrap();
    assert_eq!(content(&pds, &bob).await.records.len(), 50);
}

#[tokio::test]
async fn what_is_no_whole_repository_changes_nothing() {
    let (pds, alice) = with_alice().await;
    write(&pds, &alice, vec![put("a", "1")]).await;
    let whole = Elsewhere::with_notes(&alice, numbers(40)).export();
    let without = |at: usize| rewritten(&whole, |_, blocks| drop(blocks.remove(at)));
    let count = CarSlice::new(&whole, CarLimits::DEFAULT).unwrap().blocks().count();
    let mut files: Vec<Vec<u8>> = (0..count).map(without).collect();
    files.push(Vec::new());
    files.push(b"no CAR file".to_vec());
    files.push(whole[..whole.len() - 1].to_vec());
    files.push(rewritten(&whole, |roots, _| roots.clear()));
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    files.push(damaged);
    for file in files {
        let error = refusal(&pds, &alice, file).await;
        assert_eq!((error.status().as_u16(), error.name()), (400, "InvalidRequest"));
    }
}

#[tokio::test]
async fn the_repository_of_somebody_else_is_refused() {
    let (pds, alice) = with_alice().await;
    let other = Elsewhere::with_notes(&"did:web:bob.test".parse().unwrap(), numbers(3));
    assert_eq!(refusal(&pds, &alice, other.export()).await.name(), "InvalidRequest");
}

#[tokio::test]
async fn a_revision_is_not_from_the_future() {
    let (pds, alice) = with_alice().await;
    let now = u64::try_from(pds.inner.now()).unwrap();
    let empty = [(Tree::empty_root().into(), b"\xa2\x61e\x80\x61l\xf6".to_vec())];
    let with_rev = |micros| forged(&alice, &Tid::from_parts(micros, 0), Tree::empty_root(), &empty);
    assert_eq!(refusal(&pds, &alice, with_rev(now + 360_000_000)).await.name(), "InvalidRequest");
    import(&pds, &alice, with_rev(now + 240_000_000)).await.unwrap();
    let rev = content(&pds, &alice).await.commit.rev().clone();
    assert!(rev > Tid::from_parts(now + 240_000_000, 0));
    write(&pds, &alice, vec![put("a", "1")]).await;
    follow(&pds, &alice).await;
}

#[tokio::test]
async fn records_are_objects_of_the_data_model_under_cids_that_records_have() {
    let (pds, alice) = with_alice().await;
    let now = Tid::from_parts(u64::try_from(pds.inner.now()).unwrap(), 0);
    let with_record = |cid: Cid, bytes: &[u8]| {
        let mut tree = Tree::new();
        let change = tree.apply(&[Op::create(path("a").as_key(), cid)], &()).unwrap();
        let mut blocks: Vec<_> = change.created().map(|node| (node.cid.into(), node.bytes.to_vec())).collect();
        blocks.push((cid.into(), bytes.to_vec()));
        forged(&alice, &now, tree.root(), &blocks)
    };
    for bytes in [&b"\x80"[..], b"\xf6", b"\xfb\x3f\xf8\0\0\0\0\0\0", b"\xff", b""] {
        let error = refusal(&pds, &alice, with_record(Cid::of_cbor(bytes), bytes)).await;
        assert!(error.message().starts_with("the record com.example.note/a: "), "{error}");
    }
    assert_eq!(
        refusal(&pds, &alice, with_record(Cid::of_raw(&block("x")), &block("x"))).await.name(),
        "InvalidRequest"
    );
    import(&pds, &alice, with_record(Cid::of_cbor(&block("x")), &block("x"))).await.unwrap();
    assert_eq!(content(&pds, &alice).await.records.len(), 1);
}

/// What came into a repository with which revision: all of these blocks with one, everything else before.
struct Newer<'a>(&'a Repo, &'a Repo, &'a MemoryBlocks, Tid);

impl Revs for Newer<'_> {
    fn node_rev(&self, node: &Cid) -> Result<Option<Tid>, SourceError> {
        let created = self.0.tree().diff(self.1.tree(), self.2, self.2)?;
        let is_new = created.created().any(|block| block.cid == *node);
        Ok(Some(if is_new { self.3.clone() } else { Tid::from_parts(0, 0) }))
    }

    fn record_rev(&self, key: &[u8], _: &CidLink) -> Result<Option<Tid>, SourceError> {
        let changed = self.0.tree().diff(self.1.tree(), self.2, self.2)?;
        let is_new = changed.records.iter().any(|record| record.key == key);
        Ok(Some(if is_new { self.3.clone() } else { Tid::from_parts(0, 0) }))
    }
}

#[tokio::test]
async fn what_changed_since_a_revision_that_is_here_is_enough() {
    let (pds, bob) = newcomer().await;
    let mut elsewhere = Elsewhere::with_notes(&bob, numbers(300));
    let (before, mut all) = (elsewhere.repo.clone(), MemoryBlocks::new());
    elsewhere.add_to(&mut all);
    import(&pds, &bob, elsewhere.export()).await.unwrap();
    elsewhere.write(&[put_there("new", "new"), put_there("n00100", "changed"), Write::delete(path("n00200"))]);
    elsewhere.add_to(&mut all);
    let rev = elsewhere.repo.commit().rev().clone();
    let revs = Newer(&before, &elsewhere.repo, &all, rev);
    let since = elsewhere.repo.export_since(before.commit().rev(), &revs, &all);
    let file: Result<Vec<_>, _> = since.into_car().collect();
    let file = file.unwrap().concat();
    assert!(file.len() < elsewhere.export().len() / 4);
    import(&pds, &bob, file).await.unwrap();
    let Content { commit, records, .. } = content(&pds, &bob).await;
    assert_eq!(commit.data(), elsewhere.repo.commit().data());
    assert_eq!((records.len(), &*records["com.example.note/n00100"]), (300, &*block("changed")));
}

#[tokio::test]
async fn a_record_that_is_new_comes_with_the_file_also_if_another_path_has_it() {
    let (pds, alice) = with_alice().await;
    write(&pds, &alice, vec![put("here", "same")]).await;
    let elsewhere = Elsewhere::with_notes(&alice, ["same".to_owned()]);
    let file = rewritten(&elsewhere.export(), |_, blocks| {
        blocks.retain(|(cid, _)| *cid != Cid::of_cbor(&block("same")).into());
    });
    assert_eq!(refusal(&pds, &alice, file).await.message(), "the record com.example.note/same is not in the file");
}

#[tokio::test]
async fn a_file_is_not_longer_than_the_settings_say() {
    let mut settings = settings();
    settings.import_limit = 2_000;
    let mut builder = builder(crate::store::MemoryStore::new());
    builder.settings = settings;
    let pds = builder.build().await.unwrap();
    let alice = crate::testing::account(&pds, "alice.test").await.did;
    let long = Elsewhere::with_notes(&alice, numbers(50)).export();
    assert_eq!(refusal(&pds, &alice, long).await.status().as_u16(), 413);
    import(&pds, &alice, Elsewhere::with_notes(&alice, numbers(2)).export()).await.unwrap();
}

#[tokio::test]
async fn blobs_need_not_be_here_yet() {
    let (pds, bob) = newcomer().await;
    let blob = Blob::new(Cid::of_raw(b"later").into(), "image/png", 5);
    let record = object([("$type", testing::NOTE.into()), ("image", Value::from(blob))]).to_cbor().unwrap();
    let mut elsewhere = Elsewhere::new(&bob);
    elsewhere.write(&[Write::create(path("a"), record.clone()), Write::create(path("b"), record)]);
    import(&pds, &bob, elsewhere.export()).await.unwrap();
    let missing = async || {
        let bob = bob.clone();
        let read = pds.inner.db.read(move |view| {
            let account = view.account_of_did(&bob)?.unwrap();
            view.missing_blobs(account.id, None, 10)
        });
        read.await.unwrap()
    };
    assert_eq!(missing().await.iter().map(|(cid, _)| *cid).collect::<Vec<_>>(), [Cid::of_raw(b"later")]);
    elsewhere.write(&[Write::delete(path("a")), Write::delete(path("b"))]);
    import(&pds, &bob, elsewhere.export()).await.unwrap();
    assert_eq!(missing().await, []);
}

#[tokio::test]
async fn what_was_planned_for_another_commit_is_not_carried_out() {
    let (pds, alice) = with_alice().await;
    let file = Elsewhere::with_notes(&alice, numbers(3)).export();
    let spool = Arc::new(Spool::fill(Body::new(file), 1 << 20).await.unwrap());
    let plan = pds.plan(&alice, &spool).await.unwrap();
    write(&pds, &alice, vec![create("a", "1")]).await;
    let before = content(&pds, &alice).await;
    let inner = Arc::clone(&pds.inner);
    assert!(!pds.inner.db.write(move |unit| apply::apply(&inner, unit, &plan)).await.unwrap());
    assert_eq!(content(&pds, &alice).await, before);
}

#[tokio::test]
async fn a_failure_while_it_is_carried_out_leaves_the_repository_as_it_was() {
    let (pds, alice) = with_alice().await;
    write(&pds, &alice, vec![put("a", "1")]).await;
    let file = Elsewhere::with_notes(&alice, numbers(100)).export();
    let spool = Arc::new(Spool::fill(Body::new(file), 1 << 20).await.unwrap());
    let plan = pds.plan(&alice, &spool).await.unwrap();
    let (before, log) = (content(&pds, &alice).await, events(&pds).await.len());
    plan.truncate(3_000);
    let inner = Arc::clone(&pds.inner);
    assert!(pds.inner.db.write(move |unit| apply::apply(&inner, unit, &plan)).await.is_err());
    assert_eq!(content(&pds, &alice).await, before);
    assert_eq!(events(&pds).await.len(), log);
}

#[tokio::test]
async fn who_was_switched_off_by_the_operator_brings_nothing() {
    let (pds, alice) = with_alice().await;
    let file = export_of(&pds, &alice).await;
    let did = alice.clone();
    let taking_down = pds.inner.db.write(move |unit| {
        let mut account = unit.account_of_did(&did)?.unwrap();
        account.takedown = Some("1".into());
        Ok::<_, Error>(unit.update_account(&account)?)
    });
    taking_down.await.unwrap();
    assert_eq!(refusal(&pds, &alice, file.clone()).await.name(), "RepoTakendown");
    let nobody = "did:web:nobody.test".parse().unwrap();
    assert_eq!(import(&pds, &nobody, file).await.unwrap_err().name(), "RepoNotFound");
}
