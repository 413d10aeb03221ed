//! One repository: its commit, its tree, its records, what it takes.

use std::{collections::BTreeSet, ops::Bound};

use arobase::{
    data::{Cid, CidLink},
    repo::{Commit, mst::Direction},
    syntax::Did,
};

use super::{Report, tree::Reached};
use crate::{
    error::Error,
    pds::Inner,
    store::{Account, Range, Record, Usage, View},
};

/// How many records are read at a time, and how many bytes of them.
const PAGE: usize = 1_000;
const PAGE_BYTES: usize = 8 << 20;

/// Looks at a repository; what is wrong goes into the report.
pub(super) fn check(inner: &Inner, view: &dyn View, account: &Account, report: &mut Report) -> Result<(), Error> {
    let did = &account.did;
    let Some(commit) = view.commit(account.id)? else {
        report.fault(Some(did), "there is no commit");
        return Ok(());
    };
    signature(inner, account, &commit, report);
    let reached = Reached::new(view, account.id);
    let mut found = Usage::default();
    let mut collections = BTreeSet::new();
    if let Err(what) = records(view, account, &commit, &reached, &mut found, &mut collections)? {
        report.fault(Some(did), what);
        return Ok(());
    }
    nodes(view, account, &reached, &mut found, report)?;
    usage(did, &view.usage(account.id)?, &found, report);
    let noted: BTreeSet<_> =
        view.collections(account.id, usize::MAX)?.into_iter().map(|name| name.as_str().to_owned()).collect();
    if noted != collections {
        report.fault(Some(did), format!("its collections are {collections:?}, but {noted:?} are noted"));
    }
    report.records += found.records.unsigned_abs();
    report.nodes += found.nodes.unsigned_abs();
    Ok(())
}

fn signature(inner: &Inner, account: &Account, commit: &Commit, report: &mut Report) {
    let did = Some(&account.did);
    if let Err(error) = commit.check_did(&account.did) {
        report.fault(did, format!("the commit: {error}"));
    }
    match inner.keys.open(&account.key) {
        Err(error) => report.fault(did, format!("the key cannot be used: {error}")),
        Ok(signer) => {
            if let Err(error) = commit.verify(&signer.public_key()) {
                report.fault(did, format!("the commit: {error}"));
            }
        }
    }
}

/// What ends the look at one repository.
type Verdict = Result<(), String>;

/// Walks over the tree and the records side by side: both are in the order of their paths.
fn records(
    view: &dyn View,
    account: &Account,
    commit: &Commit,
    reached: &Reached<'_>,
    found: &mut Usage,
    collections: &mut BTreeSet<String>,
) -> Result<Verdict, Error> {
    let repo = arobase::repo::Repo::open(commit.clone());
    let mut walk = repo.tree().walk(reached);
    let mut after: Option<String> = None;
    loop {
        let page = page(view, account, after.as_deref())?;
        for record in &page {
            match walk.next().transpose() {
                Err(error) => return Ok(Err(format!("the tree: {error}"))),
                Ok(entry) => {
                    if let Err(what) = same(entry, record) {
                        return Ok(Err(what));
                    }
                }
            }
            found.records += 1;
            found.record_bytes += length(record.block.len());
            if collections.last().map(String::as_str) != Some(record.path.collection()) {
                collections.insert(record.path.collection().to_owned());
            }
        }
        match page.last() {
            Some(last) => after = Some(last.path.as_str().to_owned()),
            None => break,
        }
    }
    Ok(match walk.next().transpose() {
        Err(error) => Err(format!("the tree: {error}")),
        Ok(Some((key, _))) => Err(format!("the record {} is in the tree, but not there", key.escape_ascii())),
        Ok(None) => Ok(()),
    })
}

fn page(view: &dyn View, account: &Account, after: Option<&str>) -> Result<Vec<Record>, Error> {
    let range = Range {
        from: after.map_or(Bound::Unbounded, Bound::Excluded),
        to: Bound::Unbounded,
        direction: Direction::Up,
        limit: PAGE,
        bytes: PAGE_BYTES,
    };
    Ok(view.records(account.id, range)?)
}

fn same(entry: Option<(Vec<u8>, CidLink)>, record: &Record) -> Verdict {
    let path = &record.path;
    let Some((key, cid)) = entry else { return Err(format!("the record {path} is there, but not in the tree")) };
    match key.as_slice().cmp(path.as_key()) {
        std::cmp::Ordering::Less => {
            return Err(format!("the record {} is in the tree, but not there", key.escape_ascii()));
        }
        std::cmp::Ordering::Greater => return Err(format!("the record {path} is there, but not in the tree")),
        std::cmp::Ordering::Equal => {}
    }
    if cid != record.cid {
        return Err(format!("the record {path} is {}, but {cid} in the tree", record.cid));
    }
    match record.cid.as_cid() {
        Some(cid) if Cid::new(cid.codec(), sha256(&record.block)) != cid => {
            Err(format!("the block of the record {path} is damaged"))
        }
        _ => Ok(()),
    }
}

/// Whether there are nodes that are no part of the tree.
fn nodes(
    view: &dyn View,
    account: &Account,
    reached: &Reached<'_>,
    found: &mut Usage,
    report: &mut Report,
) -> Result<(), Error> {
    (found.nodes, found.node_bytes) = reached.sum();
    let mut after = None;
    loop {
        let page = view.nodes(account.id, after.as_ref(), PAGE)?;
        for cid in page.iter().filter(|cid| !reached.has(cid)) {
            report.fault(Some(&account.did), format!("the node {cid} is no part of the tree"));
        }
        match page.last() {
            Some(last) => after = Some(*last),
            None => return Ok(()),
        }
    }
}

fn usage(did: &Did, noted: &Usage, found: &Usage, report: &mut Report) {
    let sums = [
        ("records", noted.records, found.records),
        ("bytes of records", noted.record_bytes, found.record_bytes),
        ("nodes", noted.nodes, found.nodes),
        ("bytes of nodes", noted.node_bytes, found.node_bytes),
    ];
    for (what, noted, found) in sums {
        if noted != found {
            report.fault(Some(did), format!("it has {found} {what}, but {noted} are noted"));
        }
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
