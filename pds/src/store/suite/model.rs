//! Random units on both backends: the one in memory is the model.

use std::{fmt::Write, ops::Bound, panic::resume_unwind, sync::Arc};

use arobase::{data::CidLink, repo::mst::Direction};
use proptest::prelude::*;

use super::{
    super::{
        AccountId, BlobRow, BlobState, Range, StoreErrorKind, Usage,
        testing::{
            Ears, NOW, blob, blob_cid, block, commit, did, event, new_account, path, record, remote_blob, rev, session,
            unwritable,
        },
    },
    Fixture, StoreError, Unit, Verdict, View, WriteWork,
};

const NAMES: [&str; 3] = ["alice", "bob", "carol"];
const PATHS: [&str; 4] = ["com.example.a/1", "com.example.a/2", "com.example.a.b/1", "com.example.b/1"];
const TEXTS: [&str; 4] = ["", "one", "two", "three and more"];
const COLLECTIONS: [&str; 2] = ["com.example.a", "com.example.b"];
const URL: &str = "https://example.com/a";

/// What a unit does, to which of the accounts, and with which of the things that there are.
#[derive(Clone, Copy, Debug)]
struct Step {
    what: What,
    who: usize,
    which: usize,
    other: usize,
    number: i64,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Create,
    Rename,
    Delete,
    Purge,
    Commit,
    Usage,
    PutNode,
    DeleteNode,
    PutRecord,
    DeleteRecord,
    Collection,
    PutBlob,
    PutRemote,
    DeleteBlob,
    Link,
    Unlink,
    Doom,
    Forget,
    PutSession,
    DeleteSession,
    DeleteSessions,
    Expire,
    Setting,
    Emit,
    EmitBad,
    Skip,
    Trim,
}

/// How a unit ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// As its steps went.
    AsItWent,
    /// Kept, whatever its steps said.
    Keep,
    Undo,
    Panic,
}

fn step() -> impl Strategy<Value = Step> {
    use What::*;
    let what = prop_oneof![
        4 => prop::sample::select(vec![Create, Commit, Usage, PutNode, PutRecord, PutBlob, Link, Emit]),
        2 => prop::sample::select(vec![DeleteNode, DeleteRecord, Collection, PutRemote, Unlink, PutSession, Setting]),
        1 => prop::sample::select(vec![
            Rename, Delete, Purge, DeleteBlob, Doom, Forget, DeleteSession, DeleteSessions, Expire, EmitBad, Skip, Trim,
        ]),
    ];
    (what, 0..NAMES.len(), 0..4usize, 0..4usize, 0..6i64).prop_map(|(what, who, which, other, number)| Step {
        what,
        who,
        which,
        other,
        number,
    })
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![6 => Just(End::AsItWent), 1 => Just(End::Keep), 1 => Just(End::Undo), 1 => Just(End::Panic)]
}

impl Step {
    fn take(self, unit: &mut dyn Unit) -> Result<(), StoreError> {
        let name = NAMES[self.who];
        // A number that nobody has stands for who is not there.
        let id = unit.account_of_did(&did(name))?.map_or(AccountId(99), |account| account.id);
        match self.what {
            What::Create => unit.create_account(&new_account(name)).map(drop),
            What::Rename => self.rename(unit, id),
            What::Delete => unit.delete_account(id),
            What::Purge => unit.purge(usize::MAX).map(drop),
            What::Doom => unit.doom(TEXTS[self.which], self.number),
            What::Forget => unit.forget_doomed(TEXTS[self.which]),
            What::Setting => unit.put_setting(TEXTS[self.which], TEXTS[self.other].as_bytes()),
            What::Emit => (0..self.number % 3).try_for_each(|_| unit.emit(id, event(name))),
            What::EmitBad => unit.emit(id, unwritable()),
            What::Skip => unit.skip_to_seq(NOW + 7 * self.number),
            What::Trim => unit.trim_events(NOW + self.number, usize::MAX).map(drop),
            What::PutSession => unit.put_session(&session(id, TEXTS[self.which], self.number)),
            What::DeleteSession => unit.delete_session(TEXTS[self.which]),
            What::DeleteSessions => unit.delete_sessions(id),
            What::Expire => unit.delete_expired_sessions(self.number, self.other).map(drop),
            What::PutBlob | What::PutRemote | What::DeleteBlob | What::Link | What::Unlink => self.take_blob(unit, id),
            _ => self.take_repo(unit, id),
        }
    }

    fn rename(self, unit: &mut dyn Unit, id: AccountId) -> Result<(), StoreError> {
        let Some(mut account) = unit.account(id)? else { return Ok(()) };
        account.handle = (self.which > 0).then(|| format!("{}.example.com", NAMES[self.which - 1]).parse().unwrap());
        account.email = (self.other > 0).then(|| format!("{}@example.com", NAMES[self.other - 1]).into());
        account.suspended_at = Some(self.number);
        unit.update_account(&account)
    }

    fn take_repo(self, unit: &mut dyn Unit, id: AccountId) -> Result<(), StoreError> {
        let (cid, bytes) = block(TEXTS[self.which]);
        let written = self.number.unsigned_abs();
        match self.what {
            What::Commit => unit.put_commit(id, &commit(NAMES[self.who], written)),
            What::Usage => unit.add_usage(id, Usage { records: self.number, blobs: -self.number, ..Usage::default() }),
            What::PutNode => unit.put_node(id, &cid, &rev(written), &bytes),
            What::DeleteNode => unit.delete_node(id, &cid).map(drop),
            What::PutRecord => unit.put_record(id, &record(PATHS[self.other], TEXTS[self.which], written)),
            What::DeleteRecord => unit.delete_record(id, &path(PATHS[self.other])),
            _ => unit.note_collection(id, COLLECTIONS[self.which % 2], self.other > 0),
        }
    }

    fn take_blob(self, unit: &mut dyn Unit, id: AccountId) -> Result<(), StoreError> {
        let state = if self.other == 0 { BlobState::Temporary } else { BlobState::Permanent };
        let change = |blob: BlobRow| BlobRow { state, created_at: self.number, ..blob };
        let (text, at) = (TEXTS[self.which], path(PATHS[self.other]));
        match self.what {
            What::PutBlob => unit.put_blob(&change(blob(id, text))),
            What::PutRemote => unit.put_blob(&change(remote_blob(id, text, URL))),
            What::DeleteBlob => unit.delete_blob(id, &blob_cid(text)),
            What::Link => unit.link_blob(id, &blob_cid(text), &at, &rev(self.number.unsigned_abs())),
            _ => unit.unlink_blob(id, &blob_cid(text), &at),
        }
    }
}

fn work(steps: Vec<Step>, end: End) -> WriteWork {
    Box::new(move |unit| {
        let went = steps.iter().try_for_each(|step| step.take(unit));
        match (end, went) {
            (End::Panic, _) => resume_unwind(Box::new("as the test wants it")),
            (End::Keep, _) | (End::AsItWent, Ok(())) => Verdict::Keep,
            _ => Verdict::Undo,
        }
    })
}

/// All that can be read, in words.
fn everything(view: &dyn View) -> Result<String, StoreError> {
    let mut text = String::new();
    let mut say = |what: &dyn std::fmt::Debug| writeln!(text, "{what:?}").unwrap();
    say(&(view.accounts(None, 99)?, view.accounts(Some(AccountId(1)), 1)?, view.count_accounts()?));
    say(&(view.total_usage()?, view.doomed(99)?, view.doomed(1)?, view.temporary_blobs(3, 2)?));
    say(&(view.blobs(None, 99)?, view.blobs(Some((AccountId(1), &blob_cid("one"))), 3)?));
    say(&(view.head_seq()?, view.oldest_seq()?, view.events(0, 999, usize::MAX)?, view.events(NOW + 2, 3, 200)?));
    for name in NAMES {
        let handle = format!("{name}.example.com").parse().unwrap();
        say(&(view.account_of_did(&did(name))?, view.account_of_handle(&handle)?));
        say(&view.account_of_email(&format!("{name}@example.com"))?);
    }
    for text in TEXTS {
        say(&(view.session(text)?, view.setting(text)?));
    }
    for collection in COLLECTIONS.map(|collection| collection.parse().unwrap()) {
        say(&(view.accounts_with(&collection, None, 99)?, view.accounts_with(&collection, Some(AccountId(2)), 1)?));
    }
    for id in (0..20).map(AccountId) {
        say(&(id, view.account(id)?, view.commit(id)?, view.usage(id)?, view.collections(id, usize::MAX)?));
        say(&of_repo(view, id)?);
        say(&of_blobs(view, id)?);
    }
    Ok(text)
}

fn of_repo(view: &dyn View, id: AccountId) -> Result<String, StoreError> {
    let range = |direction, limit, bytes| Range {
        from: Bound::Excluded(PATHS[0]),
        to: Bound::Unbounded,
        direction,
        limit,
        bytes,
    };
    let mut text = format!("{:?} {:?}", view.nodes(id, None, 99)?, view.nodes(id, Some(&block("two").0), 1)?);
    for range in [range(Direction::Up, 9, usize::MAX), range(Direction::Down, 2, 9), range(Direction::Up, 9, 4)] {
        write!(text, "{:?}", view.records(id, range)?).unwrap();
    }
    for (cid, _) in TEXTS.map(block) {
        write!(text, "{:?} {:?}", view.node(id, &cid)?, view.record_block(id, &CidLink::from(cid))?).unwrap();
    }
    for at in PATHS.map(path) {
        write!(text, "{:?}", view.record(id, &at)?).unwrap();
    }
    Ok(text)
}

fn of_blobs(view: &dyn View, id: AccountId) -> Result<String, StoreError> {
    let after = blob_cid("one").to_string();
    let mut text = format!("{:?}", view.blob_of_url(id, URL)?);
    for (since, after) in [(None, None), (Some(rev(2)), None), (None, Some(&*after))] {
        write!(text, "{:?}", view.linked_blobs(id, since.as_ref(), after, 2)?).unwrap();
        write!(text, "{:?}", view.missing_blobs(id, after, 2)?).unwrap();
    }
    for cid in TEXTS.map(blob_cid) {
        write!(text, "{:?} {}", view.blob(id, &cid)?, view.is_linked(id, &cid)?).unwrap();
    }
    Ok(text)
}

fn kinds(results: Vec<Result<(), StoreError>>) -> Vec<Result<(), StoreErrorKind>> {
    results.into_iter().map(|result| result.map_err(|error| error.kind())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn both_backends_hold_the_same_after_any_units(
        batches in prop::collection::vec(
            (0..5i64, prop::collection::vec((prop::collection::vec(step(), 0..12), end()), 1..7)),
            1..10,
        )
    ) {
        let stores = [Fixture::memory(), Fixture::sqlite()];
        let ears = [(); 2].map(|()| Arc::new(Ears::default()));
        for (store, ears) in stores.iter().zip(&ears) {
            store.inner().listen(Arc::clone(ears) as _);
        }
        for (time, units) in batches {
            let results = stores.each_ref().map(|store| {
                store.clock.set(NOW + time);
                kinds(store.together(units.iter().map(|(steps, end)| work(steps.clone(), *end)).collect()))
            });
            prop_assert_eq!(&results[0], &results[1]);
            let [memory, sqlite] = stores.each_ref().map(|store| store.read(everything));
            for (memory, sqlite) in memory.lines().zip(sqlite.lines()) {
                prop_assert_eq!(memory, sqlite);
            }
            prop_assert_eq!(ears[0].heard(), ears[1].heard());
        }
    }
}
