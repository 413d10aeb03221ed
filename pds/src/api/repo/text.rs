//! Values as texts, and texts as values.

use arobase::{
    com::atproto::repo::defs::CommitMeta,
    data::{Cid, CidLink},
    repo::RepoPath,
    syntax::{AtUri, CidString, Did, Nsid, RecordKey, Tid},
};

use crate::error::Error;

/// The address of a record.
pub(super) fn uri(did: &Did, collection: &Nsid, rkey: &RecordKey) -> AtUri {
    AtUri::record(&did.clone().into(), collection, rkey)
}

/// The address of a record by its path.
pub(super) fn uri_of_path(did: &Did, path: &RepoPath) -> AtUri {
    AtUri::from_unchecked(&format!("at://{did}/{path}"))
}

/// A CID as text.
pub(super) fn cid(cid: &CidLink) -> CidString {
    CidString::from_unchecked(&cid.to_string())
}

/// What a text says of a CID.
///
/// # Errors
/// 400: it is none of those that a repository has.
pub(super) fn link(text: &CidString) -> Result<CidLink, Error> {
    text.as_str().parse().map_err(|_| Error::invalid_request(format!("{text} is no CID of a repository")))
}

/// The commit of an answer.
pub(super) fn commit((cid, rev): (Cid, Tid)) -> CommitMeta {
    CommitMeta::new(CidString::from_unchecked(&cid.to_string()), rev)
}
