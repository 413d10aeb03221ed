//! A repository: its latest commit and its tree.

mod collections;
mod pending;
mod read;
#[cfg(test)]
mod tests;

pub use collections::Collections;
pub use pending::Pending;

use arobase_lexicon::syntax::{Did, TidGenerator};

use crate::{
    crypto::{PublicKey, Signature, Signer},
    data::{self, Cid},
};

use super::{
    blocks::Blocks,
    commit::{self, Commit},
    error::Error,
    mst::Tree,
    write::{Batch, Write, Written},
};

/// A repository: its latest commit and its tree (Repository). Cloning it takes a snapshot.
///
/// It holds no records and, but for what it loaded of the tree, no blocks: these are the store's, which
/// keeps what [`Written`] says.
///
/// ```
/// use arobase_runtime::{
///     crypto::{Curve, SigningKey},
///     data::{Map, Value},
///     repo::{MemoryStore, Repo, Write},
///     syntax::TidGenerator,
/// };
///
/// let (key, clock) = (SigningKey::generate(Curve::K256), TidGenerator::random());
/// let mut store = MemoryStore::new();
/// let (mut repo, written) = Repo::create("did:web:example.com".parse()?, &[], &clock, &key)?;
/// store.apply(&written);
///
/// let note: Map = [("$type".to_owned(), Value::from("com.example.note"))].into_iter().collect();
/// let write = Write::create("com.example.note/first".parse()?, Value::from(note).to_cbor()?);
/// if let Some(written) = repo.write(&[write], &clock, &key, &store)? {
///     store.apply(&written);
/// }
/// assert!(repo.get(&"com.example.note/first".parse()?, &store)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Repo {
    commit: Commit,
    tree: Tree,
}

impl Repo {
    /// Creates a repository with its first commit, which may hold records.
    ///
    /// # Errors
    /// As [`Repo::write`]; a DID that is none.
    pub fn create(
        did: Did,
        writes: &[Write],
        clock: &TidGenerator,
        signer: &dyn Signer,
    ) -> Result<(Self, Written), Error> {
        Self::prepare_create(did, writes, clock)?.sign(signer)
    }

    /// The repository whose latest commit this is; nothing is loaded.
    #[must_use]
    pub fn open(commit: Commit) -> Self {
        let tree = Tree::at(commit.data());
        Self { commit, tree }
    }

    /// Carries out a batch of writes with one commit, all or none. `None` if nothing changes: updates
    /// to what is there already are left out.
    ///
    /// What the commit must be before (`swapCommit`) is for [`Repo::check_commit`] to say.
    ///
    /// # Errors
    /// See [`Error`]; then the repository is as it was.
    pub fn write(
        &mut self,
        writes: &[Write],
        clock: &TidGenerator,
        signer: &dyn Signer,
        blocks: &dyn Blocks,
    ) -> Result<Option<Written>, Error> {
        let Some(pending) = self.prepare(writes, clock, blocks)? else { return Ok(None) };
        Ok(Some(self.take(pending.sign(signer)?)))
    }

    /// Makes a commit that changes nothing but the revision and the signature, as a new key needs it.
    ///
    /// # Errors
    /// The key did not sign, or there is no greater revision.
    pub fn recommit(&mut self, clock: &TidGenerator, signer: &dyn Signer) -> Result<Written, Error> {
        let signed = self.prepare_recommit(clock)?.sign(signer)?;
        Ok(self.take(signed))
    }

    /// Prepares a batch of writes for a key that signs later: sign [`Pending::unsigned`], then [`Repo::finish`].
    /// Until then the repository stays as it is. `None` if nothing changes.
    ///
    /// # Errors
    /// As [`Repo::write`].
    pub fn prepare(
        &self,
        writes: &[Write],
        clock: &TidGenerator,
        blocks: &dyn Blocks,
    ) -> Result<Option<Pending>, Error> {
        self.prepare_batch(Batch::check(writes)?, clock, blocks)
    }

    /// Prepares a batch that was checked before.
    ///
    /// # Errors
    /// As [`Repo::write`].
    pub fn prepare_batch(
        &self,
        batch: Batch<'_>,
        clock: &TidGenerator,
        blocks: &dyn Blocks,
    ) -> Result<Option<Pending>, Error> {
        Pending::of_writes(self, batch, clock, blocks)
    }

    /// Prepares the first commit of a repository for a key that signs later; [`Repo::finish_create`] goes on.
    ///
    /// # Errors
    /// As [`Repo::create`].
    pub fn prepare_create(did: Did, writes: &[Write], clock: &TidGenerator) -> Result<Pending, Error> {
        if !did.is_valid() {
            return Err(commit::Error::from(data::Error::model("not a DID").in_key("did")).into());
        }
        Pending::of_first(did, writes, clock)
    }

    /// Prepares a commit as [`Repo::recommit`] makes it, for a key that signs later.
    ///
    /// # Errors
    /// There is no greater revision.
    pub fn prepare_recommit(&self, clock: &TidGenerator) -> Result<Pending, Error> {
        Pending::of_nothing(self, clock)
    }

    /// Signs what was prepared, after a look at it or with [another revision](Pending::with_rev).
    ///
    /// # Errors
    /// The repository has another commit than when it was prepared ([`Error::Swap`]), or the key did not sign; then the
    /// repository is as it was.
    pub fn sign(&mut self, pending: Pending, signer: &dyn Signer) -> Result<Written, Error> {
        pending.check_base(Some(self.commit.cid()))?;
        Ok(self.take(pending.sign(signer)?))
    }

    /// Signs the first commit of a repository.
    ///
    /// # Errors
    /// The key did not sign, or this is not the first commit.
    pub fn sign_create(pending: Pending, signer: &dyn Signer) -> Result<(Self, Written), Error> {
        pending.check_base(None)?;
        pending.sign(signer)
    }

    /// Finishes what was prepared, with the signature of the given key.
    ///
    /// # Errors
    /// The repository has another commit than when it was prepared ([`Error::Swap`]), or the signature is not valid;
    /// then the repository is as it was.
    pub fn finish(&mut self, pending: Pending, signature: &Signature, key: &PublicKey) -> Result<Written, Error> {
        pending.check_base(Some(self.commit.cid()))?;
        Ok(self.take(pending.signed(signature, key)?))
    }

    /// Finishes the first commit of a repository, with the signature of the given key.
    ///
    /// # Errors
    /// The signature is not valid, or this is not the first commit.
    pub fn finish_create(pending: Pending, signature: &Signature, key: &PublicKey) -> Result<(Self, Written), Error> {
        pending.check_base(None)?;
        pending.signed(signature, key)
    }

    /// Goes on as what was signed.
    fn take(&mut self, (repo, written): (Self, Written)) -> Written {
        *self = repo;
        written
    }

    /// Checks that the latest commit is the expected one (`swapCommit`).
    ///
    /// # Errors
    /// It is another.
    pub fn check_commit(&self, expected: &Cid) -> Result<(), Error> {
        match self.commit.cid() == *expected {
            true => Ok(()),
            false => Err(Error::Swap { path: None, found: Some(self.commit.cid().into()) }),
        }
    }

    /// The latest commit.
    #[must_use]
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }
}
