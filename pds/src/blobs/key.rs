//! Under which keys the objects of blobs are.
//!
//! `blobs/<shard>/<account>/<upload>`: two hexadecimal digits of the hash of the DID, the DID with what file systems
//! dislike escaped, and a name that no other upload has.

use std::fmt::Write;

use arobase::syntax::Did;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Before all keys of blobs.
pub(super) const ROOT: &str = "blobs";
/// The most bytes of the folder of an account; file systems take 255.
const MAX_FOLDER: usize = 200;
/// Digits of a name: of the time, and as many of chance.
const DIGITS: usize = 16;

/// The key of a new upload, which begins at a time (microseconds since 1970).
pub(super) fn new(did: &Did, now: i64) -> Result<Box<str>, Error> {
    let chance = getrandom::u64().map_err(Error::internal)?;
    Ok(format!("{}/{now:016x}{chance:016x}", prefix(did)).into())
}

/// What the keys of an account begin with, without the slash behind it.
pub(super) fn prefix(did: &Did) -> String {
    let digest = Sha256::digest(did.as_str());
    let shard = HEXLOWER.encode(digest.get(..1).unwrap_or_default());
    format!("{ROOT}/{shard}/{}", folder(did.as_str(), &digest))
}

/// When the upload of a key began (microseconds since 1970); none where the key is not one of ours.
pub(super) fn time(key: &str) -> Option<i64> {
    let name = name(key);
    let is_ours = name.len() == 2 * DIGITS && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    name.get(..DIGITS).filter(|_| is_ours).and_then(|time| i64::from_str_radix(time, 16).ok())
}

/// The last part of a key.
pub(super) fn name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// Upper case is escaped because there are file systems to which it is no other name. A DID that is too long for a
/// folder is its hash.
fn folder(did: &str, digest: &[u8]) -> String {
    let mut folder = String::with_capacity(did.len());
    for byte in did.bytes() {
        match byte {
            b':' => folder.push('!'),
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => folder.push(byte.into()),
            // Writing to a string does not fail.
            _ => write!(folder, "({byte:02x}").unwrap_or_default(),
        }
    }
    if folder.len() > MAX_FOLDER || folder.ends_with('.') { HEXLOWER.encode(digest) } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn did(text: &str) -> Did {
        text.parse().unwrap()
    }

    #[test]
    fn a_key_names_its_account_and_its_time() {
        let key = new(&did("did:plc:ewvi7nxzyoun6zhxrhs64oiz"), 1_700_000_000_000_000).unwrap();
        assert!(key.starts_with("blobs/"), "{key}");
        assert!(key.contains("/did!plc!ewvi7nxzyoun6zhxrhs64oiz/"), "{key}");
        assert_eq!(time(&key), Some(1_700_000_000_000_000));
        assert_eq!(time("blobs/00/x/README"), None);
        assert_eq!(time("blobs/00/x/0000060A24181E400000000000000000"), None);
    }

    #[test]
    fn no_two_uploads_have_one_key() {
        let alice = did("did:plc:ewvi7nxzyoun6zhxrhs64oiz");
        assert_ne!(new(&alice, 1).unwrap(), new(&alice, 1).unwrap());
    }

    #[test]
    fn folders_differ_where_dids_do_and_have_no_odd_characters() {
        let long = format!("did:web:{}.example.com", "a".repeat(300));
        let dids = ["did:web:a.example", "did:web:A.example", "did:web:a%3A.example", "did:web:a:.example", &long];
        let mut prefixes: Vec<_> = dids.map(|text| prefix(&did(text)).to_lowercase()).into();
        assert!(prefixes.iter().all(|prefix| prefix.len() < 255 && !prefix.contains([':', '%'])), "{prefixes:?}");
        prefixes.sort();
        prefixes.dedup();
        assert_eq!(prefixes.len(), 5);
    }
}
