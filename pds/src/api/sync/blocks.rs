//! Single records and blocks (`getRecord`, `getBlocks`).

use std::collections::HashSet;

use arobase::{
    Context,
    data::CidLink,
    repo::{Blocks, Commit, RepoPath, car},
    syntax::{CidString, Did},
    xrpc::Body,
};
use bytes::Bytes;

use crate::{
    accounts::find_readable,
    auth::{self, Credentials},
    error::Error,
    pds::Pds,
    repos::{self, RepoBlocks},
    store::View,
};

use super::stream::Outlet;

/// The most blocks that can be asked for at a time.
const MOST: usize = 1_000;
/// A piece goes out once it has so many bytes.
const PIECE: usize = 64 << 10;

/// A record with its proof, or the proof that there is none.
pub(super) async fn record(pds: &Pds, did: Did, path: RepoPath, reader: Option<Credentials>) -> Result<Body, Error> {
    let read = move |view: &dyn View| {
        let account = find_readable(view, &did.into(), reader.as_ref())?;
        let repo = repos::open(view, &account)?;
        Ok::<_, Error>(repo.proof_car(&path, &RepoBlocks { view, id: account.id })?)
    };
    Ok(Body::new(pds.inner.db.read(read).await?))
}

/// Blocks of one account: its commit, its nodes, its records. A file without roots.
pub(super) async fn blocks(pds: &Pds, cx: &Context, did: Did, cids: Vec<CidString>) -> Result<Body, Error> {
    let (cids, reader) = (wanted(&cids)?, auth::caller(cx).cloned());
    let send = move |view: &dyn View, outlet: &mut Outlet<()>| {
        let account = find_readable(view, &did.clone().into(), reader.as_ref())?;
        let repo = repos::open(view, &account)?;
        let source = Source { commit: repo.commit(), blocks: RepoBlocks { view, id: account.id } };
        for cid in &cids {
            source.get(cid)?;
        }
        outlet.begin(())?;
        source.send(&cids, outlet)
    };
    let ((), body) = pds.inner.exports.stream(&pds.inner.db, cx.client_ip(), send).await?;
    Ok(body)
}

/// Each block once, in the order in which they were asked for.
fn wanted(cids: &[CidString]) -> Result<Vec<CidLink>, Error> {
    if cids.len() > MOST {
        return Err(Error::invalid_request(format!("more than {MOST} blocks at a time")));
    }
    let mut seen = HashSet::new();
    let mut wanted = Vec::new();
    for cid in cids {
        let cid: CidLink = cid.as_str().parse().map_err(|_| not_found(cid.as_str()))?;
        if seen.insert(cid.clone()) {
            wanted.push(cid);
        }
    }
    Ok(wanted)
}

/// The blocks of an account.
struct Source<'a> {
    commit: &'a Commit,
    blocks: RepoBlocks<'a>,
}

impl Source<'_> {
    fn get(&self, cid: &CidLink) -> Result<Bytes, Error> {
        let found = match cid.as_cid() {
            Some(cid) if cid == self.commit.cid() => Some(self.commit.bytes().clone()),
            Some(cid) => self.blocks.get(&cid).map_err(Error::internal)?,
            None => self.blocks.view.record_block(self.blocks.id, cid)?,
        };
        found.ok_or_else(|| not_found(&cid.to_string()))
    }

    fn send(&self, cids: &[CidLink], outlet: &mut Outlet<()>) -> Result<(), Error> {
        let mut piece = car::header(&[]).to_vec();
        for cid in cids {
            car::put_block(&mut piece, cid, &self.get(cid)?);
            if piece.len() >= PIECE {
                outlet.send(std::mem::take(&mut piece).into())?;
            }
        }
        outlet.send(piece.into())
    }
}

fn not_found(cid: &str) -> Error {
    Error::named("BlockNotFound", format!("there is no block {cid}"))
}
