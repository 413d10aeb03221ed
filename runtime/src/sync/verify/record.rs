//! Proofs of single records (Repository, `sync.getRecord`).

use arobase_lexicon::syntax::Did;
use bytes::Bytes;

use super::{blocks::FileBlocks, check_signature};
use crate::{
    crypto::PublicKey,
    data::CidLink,
    repo::{Commit, RepoPath, mst::Tree},
    sync::invalid::Invalid,
};

/// What a proof says about a path, if its commit is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordProof {
    /// The commit.
    pub commit: Commit,
    /// The record; `None` if there is none under the path.
    pub cid: Option<CidLink>,
    /// The block of the record, if it came along.
    pub record: Option<Bytes>,
}

/// Verifies the answer of `sync.getRecord`, a CAR file: gives the record under a path with its block, if that came
/// along, or `None` if it is proven that there is none.
///
/// # Errors
/// What is wrong with it.
pub fn record_proof(
    file: &Bytes,
    did: &Did,
    path: &RepoPath,
    key: &PublicKey,
) -> Result<Option<(CidLink, Option<Bytes>)>, Invalid> {
    let proof = read_record_proof(file, did, path)?;
    proof.check_signature(key)?;
    Ok(proof.cid.map(|cid| (cid, proof.record)))
}

/// The same without a look at the signature, which can be tried with one key after another.
///
/// # Errors
/// What is wrong so far.
pub fn read_record_proof(file: &Bytes, did: &Did, path: &RepoPath) -> Result<RecordProof, Invalid> {
    let blocks = FileBlocks::read(file)?;
    let commit = blocks.commit()?;
    if commit.did() != did {
        return Err(Invalid::Did { expected: did.clone(), found: commit.did().clone() });
    }
    let cid = Tree::at(commit.data()).get(path.as_key(), &blocks.nodes).map_err(Invalid::Tree)?;
    let record = cid.as_ref().and_then(|cid| blocks.block(cid)).cloned();
    Ok(RecordProof { commit, cid, record })
}

impl RecordProof {
    /// Checks the signature of the commit.
    ///
    /// # Errors
    /// [`Invalid::Signature`]; it may be tried with another key.
    pub fn check_signature(&self, key: &PublicKey) -> Result<(), Invalid> {
        check_signature(&self.commit, key)
    }
}
