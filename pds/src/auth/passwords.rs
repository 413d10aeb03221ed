//! Hashes of passwords: scrypt with N = 16,384, r = 8, p = 1, as `salt:hash`, the salt 32 hexadecimal digits (which are
//! hashed as they stand), the hash 128. The official PDS keeps them in the same form.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use scrypt::{Params, scrypt};
use subtle::ConstantTimeEq;
use tokio::{sync::Semaphore, task::spawn_blocking};
use zeroize::Zeroizing;

use super::secrets::random;
use crate::{accounts::Password, error::Error};

/// How many characters new passwords have at most, and those that are looked at.
const MAX_NEW: usize = 256;
const MAX: usize = 512;
/// How many are hashed at a time: each takes 16 MiB, and a processor for 50 ms.
const AT_ONCE: usize = 4;
const LOG_N: u8 = 14;

/// Hashes passwords, where blocking is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    log_n: u8,
    permits: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self::with_cost(LOG_N)
    }

    /// With another cost, for tests.
    pub(crate) fn with_cost(log_n: u8) -> Self {
        Self { log_n, permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The hash of a new password. 400 `InvalidPassword` if it is too long, or none.
    pub(crate) async fn hash(&self, password: &Password) -> Result<Box<str>, Error> {
        let (given, least) = (password.as_str().chars().count(), 1);
        if !(least..=MAX_NEW).contains(&given) {
            return Err(Error::named("InvalidPassword", "a password has 1 to 256 characters"));
        }
        let salt = HEXLOWER.encode(&random::<16>()?);
        let hash = self.run(password.clone(), salt.clone()).await?;
        Ok(format!("{salt}:{}", HEXLOWER.encode(&*hash)).into())
    }

    /// Whether a password has a hash. Without one, and with a password that is too long, it takes as long, and has not.
    pub(super) async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, Error> {
        let fits = password.as_str().chars().nth(MAX).is_none();
        let parts = hash.filter(|_| fits).and_then(|hash| hash.split_once(':'));
        let password = if fits { password.clone() } else { Password::new("") };
        let Some((salt, hash)) = parts else {
            self.run(password, String::new()).await?;
            return Ok(false);
        };
        let found = self.run(password, salt.to_owned()).await?;
        Ok(HEXLOWER.encode(&*found).as_bytes().ct_eq(hash.as_bytes()).into())
    }

    async fn run(&self, password: Password, salt: String) -> Result<Zeroizing<[u8; 64]>, Error> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        let log_n = self.log_n;
        let hashing = spawn_blocking(move || {
            let _permit = permit;
            let mut hash = Zeroizing::new([0; 64]);
            let params = Params::new(log_n, 8, 1).map_err(Error::internal)?;
            scrypt(password.as_str().as_bytes(), salt.as_bytes(), &params, &mut *hash).map_err(Error::internal)?;
            Ok(hash)
        });
        hashing.await.map_err(Error::internal)?
    }
}
