//! `com.atproto.repo`.

mod describe;
mod reads;
#[cfg(test)]
mod tests;
mod text;
mod writes;

use std::convert::Infallible;

use arobase::{
    Context, Failure,
    com::atproto::repo::{
        ApplyWrites, CreateRecord, DeleteRecord, DescribeRepo, GetRecord, ImportRepo, ListMissingBlobs, ListRecords,
        PutRecord, Server, UploadBlob, apply_writes, create_record, delete_record, describe_repo, get_record,
        list_missing_blobs, list_records, put_record, upload_blob,
    },
    xrpc::Body,
};

use super::answer;
use crate::{
    auth::{self, Access},
    error::Error,
    pds::Pds,
};

impl Server for Pds {
    async fn apply_writes(
        &self,
        cx: Context,
        input: ApplyWrites,
    ) -> Result<apply_writes::Output, Failure<apply_writes::Error>> {
        answer(writes::apply(self, &cx, input).await)
    }

    async fn create_record(
        &self,
        cx: Context,
        input: CreateRecord,
    ) -> Result<create_record::Output, Failure<create_record::Error>> {
        answer(writes::create(self, &cx, input).await)
    }

    async fn delete_record(
        &self,
        cx: Context,
        input: DeleteRecord,
    ) -> Result<delete_record::Output, Failure<delete_record::Error>> {
        answer(writes::delete(self, &cx, input).await)
    }

    async fn describe_repo(
        &self,
        cx: Context,
        query: DescribeRepo,
    ) -> Result<describe_repo::Output, Failure<Infallible>> {
        answer(describe::describe(self, &cx, query).await)
    }

    async fn get_record(
        &self,
        cx: Context,
        query: GetRecord,
    ) -> Result<get_record::Output, Failure<get_record::Error>> {
        answer(reads::get(self, &cx, query).await)
    }

    async fn import_repo(&self, cx: Context, _: ImportRepo, body: Body) -> Result<(), Failure<Infallible>> {
        answer(import(self, &cx, body).await)
    }

    async fn list_missing_blobs(
        &self,
        cx: Context,
        query: ListMissingBlobs,
    ) -> Result<list_missing_blobs::Output, Failure<Infallible>> {
        answer(reads::missing_blobs(self, &cx, query).await)
    }

    async fn list_records(&self, cx: Context, query: ListRecords) -> Result<list_records::Output, Failure<Infallible>> {
        answer(reads::list(self, &cx, query).await)
    }

    async fn put_record(
        &self,
        cx: Context,
        input: PutRecord,
    ) -> Result<put_record::Output, Failure<put_record::Error>> {
        answer(writes::put(self, &cx, input).await)
    }

    async fn upload_blob(
        &self,
        cx: Context,
        _: UploadBlob,
        body: Body,
    ) -> Result<upload_blob::Output, Failure<Infallible>> {
        answer(upload(self, &cx, body).await)
    }
}

/// A repository is brought by its owner, and by nobody to whom an app password was given.
async fn import(pds: &Pds, cx: &Context, body: Body) -> Result<(), Error> {
    let (did, _) = auth::account(cx, &[Access::Full])?;
    pds.import_repo(did, body).await
}

/// Blobs may also come by service token, from services that make them.
async fn upload(pds: &Pds, cx: &Context, body: Body) -> Result<upload_blob::Output, Error> {
    let did = auth::writer(cx)?.did.as_ref().ok_or_else(|| Error::invalid_request("operators have no blobs"))?;
    Ok(upload_blob::Output::new(pds.upload_blob(did, body).await?))
}
