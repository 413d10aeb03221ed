//! The secrets of a server, and comparing secrets.

use std::sync::Arc;

use arobase::crypto::Signer;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    error::Error,
    keys::{Keys, SealedKey},
    store::{Database, Unit},
};

/// The secrets of a server: the key of its session tokens and the rotation key of its accounts.
pub(crate) struct Secrets {
    pub(crate) session: Zeroizing<[u8; 32]>,
    pub(crate) rotation: Arc<dyn Signer>,
}

impl Secrets {
    /// Those of a store; new ones if it has none.
    pub(crate) async fn load(db: &Database, keys: &Arc<dyn Keys>) -> Result<Self, Error> {
        let keys = Arc::clone(keys);
        let loading = db.write(move |unit| {
            Ok(Self { session: session_secret(unit, &*keys)?, rotation: rotation_key(unit, &*keys)? })
        });
        loading.await
    }
}

fn session_secret(unit: &mut dyn Unit, keys: &dyn Keys) -> Result<Zeroizing<[u8; 32]>, Error> {
    const NAME: &str = "session-secret";
    if let Some(sealed) = unit.setting(NAME)? {
        let secret = keys.open_secret(&sealed).map_err(Error::internal)?;
        let secret = <[u8; 32]>::try_from(secret.as_slice());
        return secret.map(Zeroizing::new).map_err(|_| Error::internal("the secret of sessions is damaged"));
    }
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).map_err(Error::internal)?;
    unit.put_setting(NAME, &keys.seal_secret(&*secret).map_err(Error::internal)?)?;
    Ok(secret)
}

fn rotation_key(unit: &mut dyn Unit, keys: &dyn Keys) -> Result<Arc<dyn Signer>, Error> {
    const NAME: &str = "rotation-key";
    if let Some(key) = unit.setting(NAME)? {
        return keys.open(&SealedKey::from_bytes(&*key)).map_err(Error::internal);
    }
    let (key, signer) = keys.generate().map_err(Error::internal)?;
    unit.put_setting(NAME, key.as_bytes())?;
    Ok(signer)
}

/// Whether two secrets are the same. The time that it takes tells nothing about the second one, not even its length.
pub(super) fn same(one: &str, other: &str) -> bool {
    Sha256::digest(one).ct_eq(&Sha256::digest(other)).into()
}

/// So many random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}
