//! Writing records (Repository, write API).

use arobase::{
    Context,
    com::atproto::repo::{
        ApplyWrites, CreateRecord, DeleteRecord, PutRecord,
        apply_writes::{self, CreateResult, DeleteResult, OutputResultsItem, UpdateResult, WritesItem},
        create_record, delete_record, put_record,
    },
    data::{CidLink, Nullable},
    repo::Swap,
    syntax::{AtIdentifier, AtUri, CidString, Did},
};
use http::StatusCode;

use super::text;
use crate::{
    accounts,
    auth::{self, Access},
    error::Error,
    pds::Pds,
    repos::{Change, Outcome, Validate, WriteOptions, WriteResult},
};

pub(super) async fn create(pds: &Pds, cx: &Context, input: CreateRecord) -> Result<create_record::Output, Error> {
    let did = target(pds, cx, &input.repo).await?;
    let options = options(input.validate, input.swap_commit.as_ref())?;
    let change = Change::Create { collection: input.collection, rkey: input.rkey, record: input.record };
    let outcome = pds.write(&did, vec![change], options).await?;
    let (result, commit) = single(outcome)?;
    let (uri, cid) = names(&did, &result)?;
    let mut output = create_record::Output::new(uri, cid);
    output.commit = commit.map(text::commit);
    output.validation_status = result.validity.map(|validity| validity.as_str().into());
    Ok(output)
}

pub(super) async fn put(pds: &Pds, cx: &Context, input: PutRecord) -> Result<put_record::Output, Error> {
    let did = target(pds, cx, &input.repo).await?;
    let options = options(input.validate, input.swap_commit.as_ref())?;
    let swap = match input.swap_record {
        None => Swap::Any,
        Some(Nullable::Null) => Swap::Absent,
        Some(Nullable::Value(cid)) => Swap::Is(text::link(&cid)?),
    };
    let change = Change::Put { collection: input.collection, rkey: input.rkey, record: input.record, swap };
    let outcome = pds.write(&did, vec![change], options).await?;
    let (result, commit) = single(outcome)?;
    let (uri, cid) = names(&did, &result)?;
    let mut output = put_record::Output::new(uri, cid);
    output.commit = commit.map(text::commit);
    output.validation_status = result.validity.map(|validity| validity.as_str().into());
    Ok(output)
}

pub(super) async fn delete(pds: &Pds, cx: &Context, input: DeleteRecord) -> Result<delete_record::Output, Error> {
    let did = target(pds, cx, &input.repo).await?;
    let options = options(None, input.swap_commit.as_ref())?;
    let swap = input.swap_record.as_ref().map_or(Ok(Swap::Any), |cid| text::link(cid).map(Swap::Is))?;
    let change = Change::Delete { collection: input.collection, rkey: input.rkey, swap };
    let outcome = pds.write(&did, vec![change], options).await?;
    let mut output = delete_record::Output::new();
    output.commit = outcome.commit.map(text::commit);
    Ok(output)
}

pub(super) async fn apply(pds: &Pds, cx: &Context, input: ApplyWrites) -> Result<apply_writes::Output, Error> {
    let did = target(pds, cx, &input.repo).await?;
    let options = options(input.validate, input.swap_commit.as_ref())?;
    let kinds: Vec<Kind> = input.writes.iter().map(Kind::of).collect();
    let changes = input.writes.into_iter().map(change).collect();
    let outcome = pds.write(&did, changes, options).await?;
    let results = kinds.iter().zip(&outcome.results).map(|(kind, result)| item(*kind, &did, result));
    let mut output = apply_writes::Output::new();
    output.results = Some(results.collect::<Result<_, _>>()?);
    output.commit = outcome.commit.map(text::commit);
    Ok(output)
}

/// Whose repository is written to: that of the caller, or for operators, any.
async fn target(pds: &Pds, cx: &Context, repo: &AtIdentifier) -> Result<Did, Error> {
    let caller = auth::writer(cx)?;
    if caller.access == Access::Service {
        return Err(Error::named("InvalidToken", "records are not written with service tokens"));
    }
    let did = match repo {
        AtIdentifier::Did(did) => did.clone(),
        AtIdentifier::Handle(_) => {
            let repo = repo.clone();
            pds.inner.db.read(move |view| accounts::find(view, &repo)).await?.did
        }
    };
    match caller.access == Access::Admin || caller.did.as_ref() == Some(&did) {
        true => Ok(did),
        false => Err(Error::new(StatusCode::FORBIDDEN, "Forbidden", "this is the repository of somebody else")),
    }
}

fn options(validate: Option<bool>, swap_commit: Option<&CidString>) -> Result<WriteOptions, Error> {
    let validate = match validate {
        None => Validate::IfKnown,
        Some(true) => Validate::Required,
        Some(false) => Validate::Off,
    };
    let commit = swap_commit.map(text::link).transpose()?.map(|link| link.as_cid().ok_or(link)).transpose();
    let commit =
        commit.map_err(|link: CidLink| Error::named("InvalidSwap", format!("{link} is no CID of a commit")))?;
    Ok(WriteOptions::default().validate(validate).swap_commit(commit))
}

/// What came of the only write.
fn single(outcome: Outcome) -> Result<(WriteResult, Option<(arobase::data::Cid, arobase::syntax::Tid)>), Error> {
    let result = outcome.results.into_iter().next().ok_or_else(|| Error::internal("a write without a result"))?;
    Ok((result, outcome.commit))
}

/// The address and the CID of a record that was written.
fn names(did: &Did, result: &WriteResult) -> Result<(AtUri, CidString), Error> {
    let cid = result.cid.as_ref().ok_or_else(|| Error::internal("a record without a CID"))?;
    Ok((text::uri(did, &result.collection, &result.rkey), text::cid(cid)))
}

/// What kind of write it was, which its result says again.
#[derive(Clone, Copy)]
enum Kind {
    Create,
    Update,
    Delete,
}

impl Kind {
    fn of(write: &WritesItem) -> Self {
        match write {
            WritesItem::Create(_) => Self::Create,
            WritesItem::Update(_) => Self::Update,
            WritesItem::Delete(_) => Self::Delete,
        }
    }
}

fn change(write: WritesItem) -> Change {
    match write {
        WritesItem::Create(create) => {
            Change::Create { collection: create.collection, rkey: create.rkey, record: create.value }
        }
        WritesItem::Update(update) => {
            let swap = Swap::Present;
            Change::Put { collection: update.collection, rkey: update.rkey, record: update.value, swap }
        }
        WritesItem::Delete(delete) => {
            Change::Delete { collection: delete.collection, rkey: delete.rkey, swap: Swap::Present }
        }
    }
}

fn item(kind: Kind, did: &Did, result: &WriteResult) -> Result<OutputResultsItem, Error> {
    let status = result.validity.map(arobase::catalog::Validity::as_str);
    Ok(match kind {
        Kind::Create => {
            let (uri, cid) = names(did, result)?;
            let mut created = CreateResult::new(uri, cid);
            created.validation_status = status.map(Into::into);
            OutputResultsItem::CreateResult(created.into())
        }
        Kind::Update => {
            let (uri, cid) = names(did, result)?;
            let mut updated = UpdateResult::new(uri, cid);
            updated.validation_status = status.map(Into::into);
            OutputResultsItem::UpdateResult(updated.into())
        }
        Kind::Delete => OutputResultsItem::DeleteResult(DeleteResult::new().into()),
    })
}
