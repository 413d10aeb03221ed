//! `com.atproto.sync`: what everybody may read of repositories (Repository, endpoints).

mod ahead;
mod blob;
mod blocks;
mod export;
mod list;
mod policy;
mod shares;
mod stream;
mod tag;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use arobase::{
    Context, Events, Failure,
    com::atproto::sync::{
        GetBlob, GetBlocks, GetCheckout, GetHead, GetLatestCommit, GetRecord, GetRepo, GetRepoStatus, ListBlobs,
        ListRepos, ListReposByCollection, Server, SubscribeRepos, get_blob, get_blocks, get_head, get_latest_commit,
        get_record, get_repo, get_repo_status, list_blobs, list_repos, list_repos_by_collection, subscribe_repos,
    },
    repo::{Commit, RepoPath},
    syntax::Did,
    xrpc::Body,
};

use crate::{
    auth::{self, Credentials},
    error::Error,
    pds::Pds,
    repos,
    store::View,
};

use super::answer;
pub(crate) use stream::Exports;

impl Server for Pds {
    async fn get_repo(&self, cx: Context, query: GetRepo) -> Result<Body, Failure<get_repo::Error>> {
        export::export(self, &cx, query.did, query.since).await
    }

    async fn get_checkout(&self, cx: Context, query: GetCheckout) -> Result<Body, Failure<Infallible>> {
        export::export(self, &cx, query.did, None).await
    }

    async fn get_head(&self, cx: Context, query: GetHead) -> Result<get_head::Output, Failure<get_head::Error>> {
        let head = self.latest(&cx, query.did).await.and_then(|commit| list::text(&commit.cid()));
        answer(head.map(get_head::Output::new).map_err(|error| match error.name() {
            "RepoNotFound" => Error::named("HeadNotFound", error.message()),
            _ => error,
        }))
    }

    async fn get_latest_commit(
        &self,
        cx: Context,
        query: GetLatestCommit,
    ) -> Result<get_latest_commit::Output, Failure<get_latest_commit::Error>> {
        let commit = self.latest(&cx, query.did).await;
        answer(
            commit.and_then(|commit| {
                Ok(get_latest_commit::Output::new(list::text(&commit.cid())?, commit.rev().clone()))
            }),
        )
    }

    async fn get_record(&self, cx: Context, query: GetRecord) -> Result<Body, Failure<get_record::Error>> {
        let path = RepoPath::new(&query.collection, &query.rkey);
        let path = answer(path.map_err(|error| Error::invalid_request(error.to_string())))?;
        answer(blocks::record(self, query.did, path, reader(&cx)).await)
    }

    async fn get_blocks(&self, cx: Context, query: GetBlocks) -> Result<Body, Failure<get_blocks::Error>> {
        answer(blocks::blocks(self, &cx, query.did, query.cids).await)
    }

    async fn get_blob(&self, cx: Context, query: GetBlob) -> Result<Body, Failure<get_blob::Error>> {
        blob::blob(self, &cx, query.did, query.cid).await
    }

    async fn get_repo_status(
        &self,
        _: Context,
        query: GetRepoStatus,
    ) -> Result<get_repo_status::Output, Failure<get_repo_status::Error>> {
        answer(self.look(|view| list::status(view, query)).await)
    }

    async fn list_repos(&self, _: Context, query: ListRepos) -> Result<list_repos::Output, Failure<Infallible>> {
        answer(self.look(move |view| list::repos(view, &query)).await)
    }

    async fn list_repos_by_collection(
        &self,
        _: Context,
        query: ListReposByCollection,
    ) -> Result<list_repos_by_collection::Output, Failure<Infallible>> {
        // What is not served is not listed either.
        if !repos::is_served(&self.inner, &query.collection) {
            return Ok(list_repos_by_collection::Output::new(Vec::new()));
        }
        answer(self.look(move |view| list::repos_by_collection(view, &query)).await)
    }

    async fn list_blobs(
        &self,
        cx: Context,
        query: ListBlobs,
    ) -> Result<list_blobs::Output, Failure<list_blobs::Error>> {
        let reader = reader(&cx);
        answer(self.look(move |view| list::blobs(view, &query, reader.as_ref())).await)
    }

    async fn subscribe_repos(
        &self,
        _: Context,
        params: SubscribeRepos,
    ) -> Result<Events<SubscribeRepos>, Failure<subscribe_repos::Error>> {
        self.firehose().subscribe(params.cursor)
    }
}

impl Pds {
    async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn View) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.inner.db.read(work).await
    }

    async fn latest(&self, cx: &Context, did: Did) -> Result<Commit, Error> {
        let reader = reader(cx);
        self.look(move |view| list::latest(view, did, reader.as_ref())).await
    }
}

/// Who is calling, if that is known.
fn reader(cx: &Context) -> Option<Credentials> {
    auth::caller(cx).cloned()
}
