use std::{collections::BTreeMap, fs, path::Path};

use arobase::{
    sync::{AccountStatus, Event},
    syntax::{Did, Tid},
    xrpc::Body,
};

use super::{
    testing::{Folder, Server, directory},
    *,
};
use crate::{
    pds::Pds,
    progress::Progress,
    repos::testing::{content, delete, nsid, object, put, rkey, write},
    store::Logged,
    testing,
};

async fn back_up(server: &Server, folder: &Path) -> Manifest {
    let backup = Backup::new(&server.pds, server.store.clone());
    backup.objects().make(folder, &Progress::silent()).await.unwrap()
}

async fn restore(backup: &Path, data: &Path) -> Result<Restored, BackupError> {
    fs::create_dir_all(data).unwrap();
    Restore::into_folder(backup, data).restore(data, &Progress::silent()).await
}

/// The events behind a number.
async fn events(pds: &Pds, after: i64) -> Vec<Logged> {
    pds.database().read(move |view| view.events(after, 10_000, usize::MAX)).await.unwrap()
}

async fn rev(pds: &Pds, did: &Did) -> Tid {
    content(pds, did).await.commit.rev().clone()
}

async fn is_well(pds: &Pds) {
    let report = pds.check(&Progress::silent()).await.unwrap();
    assert!(report.is_well(), "{:#?}", report.faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_after_a_backup_is_never_given_again() {
    let (folder, plc) = (Folder::new(), directory());
    let server = Server::open(&folder.path("data"), &plc).await;
    let (alice, bob) = two_accounts(&server.pds).await;
    let writer = keep_writing(&server.pds, &alice);
    while rev_count(&server.pds, &alice).await < 5 {
        tokio::task::yield_now().await;
    }
    let manifest = back_up(&server, &folder.path("backup")).await;
    writer.abort();
    drop(writer.await);
    // Of this the backup knows nothing.
    for n in 0..5 {
        write(&server.pds, &alice, vec![put(&format!("lost-{n}"), "lost")]).await;
    }
    server.pds.deactivate(&bob, None).await.unwrap();
    let (lost, lost_rev) = (events(&server.pds, manifest.head).await, rev(&server.pds, &alice).await);
    assert!(lost.len() > 5 && lost_rev > rev(&server.pds, &bob).await);
    server.close().await;

    let restored = restore(&folder.path("backup"), &folder.path("new")).await.unwrap();
    let last_lost = lost.last().unwrap().seq;
    assert!(restored.seq >= last_lost.max(manifest.head + 1_000_000));
    let server = Server::open(&folder.path("new"), &plc).await;
    let early = write(&server.pds, &alice, vec![put("early", "before its fresh commit")]).await;
    assert!(early.commit.unwrap().1 > lost_rev);
    server.pds.finish_restoration(&Progress::silent()).await.unwrap();
    assert!(rev(&server.pds, &alice).await > lost_rev);
    let heard = heard(&events(&server.pds, manifest.head).await);
    assert!(heard.iter().all(|(seq, _)| *seq > last_lost));
    assert_healed(&heard, &alice, &rev(&server.pds, &alice).await);
    assert_healed(&heard, &bob, &rev(&server.pds, &bob).await);
    is_well(&server.pds).await;
    server.close().await;
}

async fn two_accounts(pds: &Pds) -> (Did, Did) {
    (testing::account(pds, "alice.test").await.did, testing::account(pds, "bobby.test").await.did)
}

fn keep_writing(pds: &Pds, did: &Did) -> tokio::task::JoinHandle<()> {
    let (pds, did) = (pds.clone(), did.clone());
    tokio::spawn(async move {
        for n in 0.. {
            write(&pds, &did, vec![put(&format!("n{n}"), "under load")]).await;
        }
    })
}

async fn rev_count(pds: &Pds, did: &Did) -> i64 {
    content(pds, did).await.usage.records
}

fn heard(events: &[Logged]) -> Vec<(i64, Event)> {
    events.iter().map(|event| (event.seq, event.message().unwrap().event)).collect()
}

/// Relays learn that the account is active, and then where its repository is.
fn assert_healed(heard: &[(i64, Event)], did: &Did, rev: &Tid) {
    let active = heard.iter().find_map(|(seq, event)| match event {
        Event::Account(account) if account.did == *did => Some((*seq, account.active)),
        _ => None,
    });
    let synced = heard.iter().find_map(|(seq, event)| match event {
        Event::Sync(sync) if sync.did == *did => Some((*seq, sync.rev.clone())),
        _ => None,
    });
    let ((told, active), (synced, at)) = (active.unwrap(), synced.unwrap());
    assert!(active && told < synced && at == *rev, "{did}: {heard:#?}");
}

#[tokio::test]
async fn a_restoration_that_was_broken_off_goes_on_where_it_was() {
    let (folder, plc) = (Folder::new(), directory());
    let server = Server::open(&folder.path("data"), &plc).await;
    for n in 0..45 {
        testing::account(&server.pds, &format!("user{n}.test")).await;
    }
    let off = testing::account(&server.pds, "switched.test").await.did;
    server.pds.deactivate(&off, None).await.unwrap();
    let manifest = back_up(&server, &folder.path("backup")).await;
    assert_eq!(manifest.accounts, 46);
    server.close().await;
    restore(&folder.path("backup"), &folder.path("new")).await.unwrap();
    let server = Server::open(&folder.path("new"), &plc).await;
    assert!(heal(&server.pds).await.unwrap());
    server.close().await;
    let server = Server::open(&folder.path("new"), &plc).await;
    server.pds.finish_restoration(&Progress::silent()).await.unwrap();
    assert!(!heal(&server.pds).await.unwrap());
    let mut syncs: BTreeMap<String, usize> = BTreeMap::new();
    let mut status = None;
    for (_, event) in heard(&events(&server.pds, manifest.head).await) {
        match event {
            Event::Sync(sync) => *syncs.entry(sync.did.to_string()).or_default() += 1,
            Event::Account(account) if account.did == off => status = account.status,
            _ => {}
        }
    }
    assert_eq!((syncs.len(), syncs.values().max()), (45, Some(&1)));
    assert_eq!(status, Some(AccountStatus::Deactivated));
    is_well(&server.pds).await;
    server.close().await;
}

#[tokio::test]
async fn blobs_come_back_even_if_they_were_deleted_after_the_backup() {
    let (folder, plc) = (Folder::new(), directory());
    let server = Server::open(&folder.path("data"), &plc).await;
    let alice = testing::account(&server.pds, "alice.test").await.did;
    let cid = with_blob(&server.pds, &alice).await;
    let manifest = back_up(&server, &folder.path("backup")).await;
    assert_eq!((manifest.blobs, manifest.missing), ((1, 5), 0));
    write(&server.pds, &alice, vec![delete("picture")]).await;
    assert_eq!(server.pds.collect_blobs().await.unwrap(), 1);
    server.close().await;
    let restored = restore(&folder.path("backup"), &folder.path("new")).await.unwrap();
    assert_eq!(restored.missing, 0);
    let server = Server::open(&folder.path("new"), &plc).await;
    server.pds.read_blob(&alice, &cid, None).await.unwrap();
    server.pds.finish_restoration(&Progress::silent()).await.unwrap();
    is_well(&server.pds).await;
    server.close().await;
}

#[tokio::test]
async fn a_blob_of_which_a_broken_off_restoration_left_a_part_comes_back_whole() {
    let (folder, plc) = (Folder::new(), directory());
    let server = Server::open(&folder.path("data"), &plc).await;
    let alice = testing::account(&server.pds, "alice.test").await.did;
    with_blob(&server.pds, &alice).await;
    back_up(&server, &folder.path("backup")).await;
    server.close().await;
    let kept = file_of(&folder.path("backup").join(OBJECTS));
    let part = folder.path("new").join(kept.strip_prefix(folder.path("backup").join(OBJECTS)).unwrap());
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    fs::write(&part, "byt").unwrap();
    restore(&folder.path("backup"), &folder.path("new")).await.unwrap();
    assert_eq!(fs::read(&part).unwrap(), b"bytes");
}

async fn with_blob(pds: &Pds, did: &Did) -> arobase::data::Cid {
    let blob = pds.upload_blob(did, Body::new("bytes").content_type("text/plain")).await.unwrap();
    let cid = blob.cid().as_cid().unwrap();
    let record = object([("file", blob.into())]);
    write(pds, did, vec![crate::Change::put(nsid("com.example.note"), rkey("picture"), record)]).await;
    cid
}

#[tokio::test]
async fn nothing_is_deleted_while_objects_are_copied() {
    let pds = testing::pds().await;
    let held = pds.inner.worker.hold_objects().await;
    let mut collecting = Box::pin(pds.collect_blobs());
    assert!(futures_util::poll!(&mut collecting).is_pending());
    drop(held);
    assert_eq!(collecting.await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_damaged_is_not_restored() {
    let (folder, plc) = (Folder::new(), directory());
    let server = Server::open(&folder.path("data"), &plc).await;
    let alice = testing::account(&server.pds, "alice.test").await.did;
    with_blob(&server.pds, &alice).await;
    let backup = folder.path("backup");
    back_up(&server, &backup).await;
    server.close().await;
    for name in [DATABASE, INVENTORY, OBJECTS] {
        let file = file_of(&backup.join(name));
        let whole = fs::read(&file).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        // Not in place: the live object is the same file under another name.
        fs::remove_file(&file).unwrap();
        fs::write(&file, damaged).unwrap();
        let refused = restore(&backup, &folder.path("new")).await.unwrap_err().to_string();
        assert!(refused.contains("damaged"), "{name}: {refused}");
        assert_eq!(fs::read_dir(folder.path("new")).unwrap().count(), 0, "{name}");
        fs::write(&file, whole).unwrap();
    }
    restore(&backup, &folder.path("new")).await.unwrap();
    let again = restore(&backup, &folder.path("new")).await.unwrap_err().to_string();
    assert!(again.contains("there is a database already"), "{again}");
}

/// The first file in a folder, however deep.
fn file_of(path: &Path) -> std::path::PathBuf {
    match path.is_dir() {
        true => file_of(&fs::read_dir(path).unwrap().next().unwrap().unwrap().path()),
        false => path.to_owned(),
    }
}

#[tokio::test]
async fn a_folder_without_a_manifest_is_no_backup_and_a_full_one_gets_none() {
    let (folder, plc) = (Folder::new(), directory());
    let server = Server::open(&folder.path("data"), &plc).await;
    fs::create_dir_all(folder.path("full/of")).unwrap();
    let backup = Backup::new(&server.pds, server.store.clone());
    let refused = backup.make(&folder.path("full"), &Progress::silent()).await.unwrap_err().to_string();
    assert!(refused.ends_with("the folder is not empty"), "{refused}");
    assert!(restore(&folder.path("full"), &folder.path("new")).await.is_err());
    server.close().await;
}

#[tokio::test]
async fn a_key_that_leads_out_of_the_folder_is_refused() {
    let folder = Folder::new();
    let list = folder.path("blobs.jsonl");
    let cid = arobase::data::Cid::of_raw(b"bytes");
    for (key, is_fine) in
        [("blobs/a", true), ("../a", false), ("/etc/a", false), ("a//b", false), ("a/../../b", false), ("", false)]
    {
        fs::write(&list, format!("{{\"cid\":\"{cid}\",\"size\":5,\"key\":{key:?}}}\n")).unwrap();
        assert_eq!(inventory::read(&list, |_| Ok(())).is_ok(), is_fine, "{key}");
    }
}

#[tokio::test]
async fn a_repository_goes_into_a_file_and_back() {
    let folder = Folder::new();
    let (pds, alice) = testing::with_alice().await;
    write(&pds, &alice, vec![put("one", "first")]).await;
    let before = content(&pds, &alice).await;
    let file = folder.path("alice.car");
    let bytes = pds.export_repo(&alice, &file).await.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len(), bytes);
    assert!(pds.export_repo(&alice, &file).await.is_err(), "a file is not overwritten");
    write(&pds, &alice, vec![delete("one"), put("two", "second")]).await;
    pds.import_repo_file(&alice, &file).await.unwrap();
    let after = content(&pds, &alice).await;
    assert_eq!(after.records, before.records);
    assert!(after.commit.rev() > before.commit.rev());
}
