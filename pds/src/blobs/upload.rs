//! Taking in a blob.

use arobase::{
    data::Blob,
    syntax::Did,
    xrpc::{Body, BodyError},
};
use futures_util::StreamExt;
use http::StatusCode;
use object_store::path::Path;

use super::{
    depot::{self, Depot},
    folders,
    measure::{Measure, Measured},
    mime, row,
    underway::Begun,
    writing::Writing,
};
use crate::{
    error::Error,
    store::{Account, BlobPlace, BlobRow, BlobState, State, Unit, View},
};

/// How many bytes are taken at a time. Between larger chunks others have their turn.
const PIECE: usize = 64 * 1024;

/// Bytes that are in the object store, and of which the database does not know yet.
struct Arrived {
    blob: Measured,
    mime_type: Box<str>,
    key: Box<str>,
    /// The object of the same bytes that should be there, and is not.
    lost: Option<Box<str>>,
}

/// Takes in a blob.
pub(super) async fn upload(depot: &Depot, did: &Did, body: Body) -> Result<Blob, Error> {
    let account = receiver(depot, did).await?;
    if body.size().is_some_and(|size| size > depot.limit) {
        return Err(too_large(depot.limit));
    }
    let declared = body.mime_type().map(str::to_owned);
    let begun = depot.blobs.underway.begin(super::key::new(did, depot.now())?);
    let blob = receive(depot, begun.key(), body).await?;
    let mime_type = mime::of(&blob.head, declared.as_deref());
    let lost = lost(depot, &account, &blob).await?;
    let arrived = Arrived { mime_type, key: begun.key().into(), lost, blob };
    note(depot.clone(), did.clone(), arrived, begun).await
}

/// The account, if it may upload: deactivated ones may, so that they can be brought here.
pub(super) async fn receiver(depot: &Depot, did: &Did) -> Result<Account, Error> {
    let account = depot.account(did).await?;
    check_state(&account)?;
    Ok(account)
}

pub(super) fn check_state(account: &Account) -> Result<(), Error> {
    match account.state() {
        State::Active | State::Deactivated => Ok(()),
        state @ (State::Suspended | State::Takendown) => Err(Error::inactive(&account.did, state)),
    }
}

/// Writes the bytes to their object as they come.
async fn receive(depot: &Depot, key: &str, mut body: Body) -> Result<Measured, Error> {
    let announced = body.size();
    let path = Path::parse(key).map_err(Error::internal)?;
    let mut writing = Writing::new(depot.blobs.objects.clone(), path);
    let mut measure = Measure::new(mime::HEAD);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error, depot.limit))?;
        if measure.size() + chunk.len() as u64 > depot.limit {
            return Err(too_large(depot.limit));
        }
        for piece in chunk.chunks(PIECE) {
            measure.push(piece);
            writing.push(piece).await.map_err(super::objects_failed)?;
            if chunk.len() > PIECE {
                tokio::task::yield_now().await;
            }
        }
    }
    if announced.is_some_and(|announced| announced != measure.size()) {
        return Err(Error::invalid_request("the body has not as many bytes as it was said to have"));
    }
    writing.finish().await.map_err(super::objects_failed)?;
    Ok(measure.finish())
}

/// Whether these bytes are known to be here and are not, so that they can take their place.
async fn lost(depot: &Depot, account: &Account, blob: &Measured) -> Result<Option<Box<str>>, Error> {
    let (id, cid) = (account.id, blob.cid);
    let known = depot.db.read(move |view| Ok::<_, Error>(view.blob(id, &cid)?)).await?;
    let Some(BlobRow { place: BlobPlace::Object(key), .. }) = known else { return Ok(None) };
    // One that cannot be looked at now is not lost.
    let is_lost = matches!(folders::look(&*depot.blobs.objects, &key).await, Ok(None));
    Ok(is_lost.then_some(key))
}

/// Lets the database know. The upload counts as under way until that is done, also if nobody waits for it any more.
async fn note(depot: Depot, did: Did, arrived: Arrived, begun: Begun) -> Result<Blob, Error> {
    let noting = tokio::spawn(async move {
        let now = depot.now();
        let noted = depot.db.write(move |unit| admit(unit, &did, &arrived, now)).await;
        drop(begun);
        noted
    });
    noting.await.map_err(Error::internal)??
}

/// Decides what becomes of an upload. An object that is not needed is doomed in the same unit; so a refusal is not the
/// failure of the unit.
fn admit(unit: &mut dyn Unit, did: &Did, arrived: &Arrived, now: i64) -> Result<Result<Blob, Error>, Error> {
    let (account, known) = match standing(unit, did, arrived) {
        Ok(standing) => standing,
        Err(refusal) => {
            unit.doom(&arrived.key, now)?;
            return Ok(Err(refusal));
        }
    };
    let mut blob = match &known {
        Some(known) => known.clone(),
        None => new_row(unit, &account, arrived, now)?,
    };
    if blob.state == BlobState::Temporary {
        blob.created_at = blob.created_at.max(now);
    }
    match &blob.place {
        BlobPlace::Object(key) if known.is_some() && arrived.lost.as_deref() != Some(key) => {
            unit.doom(&arrived.key, now)?;
        }
        _ => blob.place = BlobPlace::Object(arrived.key.clone()),
    }
    row::keep(unit, known.as_ref(), &blob, now)?;
    Ok(Ok(Blob::new(blob.cid.into(), blob.mime_type, blob.size)))
}

/// Whose upload it is, and what is known of the same bytes.
fn standing(view: &dyn View, did: &Did, arrived: &Arrived) -> Result<(Account, Option<BlobRow>), Error> {
    let account = depot::account(view, did)?;
    check_state(&account)?;
    let known = view.blob(account.id, &arrived.blob.cid)?;
    if known.as_ref().is_some_and(|known| known.takedown.is_some()) {
        return Err(Error::invalid_request("the blob was taken down"));
    }
    Ok((account, known))
}

/// What to note of bytes that were not known. Records may refer to them already: they were imported before them.
fn new_row(view: &dyn View, account: &Account, arrived: &Arrived, now: i64) -> Result<BlobRow, Error> {
    let is_linked = view.is_linked(account.id, &arrived.blob.cid)?;
    Ok(BlobRow {
        account: account.id,
        cid: arrived.blob.cid,
        mime_type: arrived.mime_type.clone(),
        size: arrived.blob.size,
        state: if is_linked { BlobState::Permanent } else { BlobState::Temporary },
        place: BlobPlace::Object(arrived.key.clone()),
        created_at: now,
        takedown: None,
    })
}

pub(super) fn too_large(limit: u64) -> Error {
    let message = format!("the blob has more than {limit} bytes");
    Error::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", message)
}

fn unreadable(error: &BodyError, limit: u64) -> Error {
    match error {
        BodyError::TooLarge { limit: other } => too_large(limit.min(*other)),
        _ => Error::invalid_request("the body could not be read to its end"),
    }
}
