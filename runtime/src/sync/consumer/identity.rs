//! Whose events these are, and who signed them.

use arobase_lexicon::syntax::Did;

use super::{Consumer, ConsumerError, Rejected, Source};
use crate::{
    crypto::PublicKey,
    repo::Commit,
    sync::{directory::Identity, invalid::Invalid},
};

/// An identity that may speak here.
pub(super) struct Speaker {
    key: PublicKey,
    /// Whether it was looked up just now.
    fresh: bool,
}

impl Consumer {
    /// The identity of an account, if it may speak here: it has a key, and its host is the source. Where that is
    /// not so it is looked up once more.
    pub(super) async fn identify(&self, did: &Did) -> Result<Result<Speaker, Rejected>, ConsumerError> {
        let known = self.resolve(did, false).await?;
        if let Ok(key) = self.admit(known) {
            return Ok(Ok(Speaker { key, fresh: false }));
        }
        let fresh = self.resolve(did, true).await?;
        Ok(self.admit(fresh).map(|key| Speaker { key, fresh: true }))
    }

    /// Whether the account signed the commit, by what is known of it or else by a fresh look.
    pub(super) async fn check_signer(
        &self,
        commit: &Commit,
        speaker: Speaker,
    ) -> Result<Result<(), Rejected>, ConsumerError> {
        let refused = || Err(Rejected::from(Invalid::Signature));
        if commit.verify(&speaker.key).is_ok() {
            return Ok(Ok(()));
        }
        if speaker.fresh {
            return Ok(refused());
        }
        let fresh = self.resolve(commit.did(), true).await?;
        Ok(match self.admit(fresh) {
            Ok(key) if key != speaker.key && commit.verify(&key).is_ok() => Ok(()),
            Ok(_) => refused(),
            Err(reason) => Err(reason),
        })
    }

    fn admit(&self, identity: Option<Identity>) -> Result<PublicKey, Rejected> {
        let Identity { key, host } = identity.ok_or(Rejected::Unresolved)?;
        match &self.source {
            Source::Pds(source) if !source.eq_ignore_ascii_case(&host) => Err(Rejected::Host { of_account: host }),
            _ => Ok(key),
        }
    }

    async fn resolve(&self, did: &Did, fresh: bool) -> Result<Option<Identity>, ConsumerError> {
        self.directory.resolve(did, fresh).await.map_err(ConsumerError::directory)
    }
}
