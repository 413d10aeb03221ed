//! Keys that have to be paths of records.

use crate::repo::path::{PathError, RepoPath};

/// The most bytes of a record key.
const MAX_RKEY: usize = 512;

/// Checks keys. Neighbours are mostly in one collection, which is looked at once.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// A collection and the slash behind it.
    collection: Vec<u8>,
}

impl Paths {
    /// Checks a key of which so many bytes are those of the key before in its node, which was checked.
    pub(super) fn check(&mut self, key: &[u8], shared: usize) -> Result<(), PathError> {
        let known = self.collection.len();
        // The key before may be of another collection than the last one that was looked at, in a node below.
        if known > 0
            && let Some(rkey) = key.strip_prefix(&*self.collection)
            && let Some(new) = key.get(shared.max(known)..)
            && is_rkey(rkey, new)
        {
            return Ok(());
        }
        let path = RepoPath::from_key(key)?;
        self.collection.clear();
        self.collection.extend_from_slice(path.collection().as_bytes());
        self.collection.push(b'/');
        Ok(())
    }
}

/// Whether it is a record key, if all but its end is known to be of the right characters.
fn is_rkey(rkey: &[u8], end: &[u8]) -> bool {
    let right = end.iter().all(|byte| RKEY[usize::from(*byte)]);
    right && (1..=MAX_RKEY).contains(&rkey.len()) && !matches!(rkey, b"." | b"..")
}

/// The characters of record keys.
static RKEY: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        set[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'~' | b'.' | b':' | b'-');
        byte += 1;
    }
    set
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_does_not_depend_on_what_came_before() {
        let long = [&b"com.example.note/"[..], &[b'a'; 512]].concat();
        let longer = [&long[..], b"a"].concat();
        let keys: [&[u8]; 13] = [
            b"com.example.note/a",
            b"com.example.note/b:~",
            b"com.example.note/",
            b"com.example.note/.",
            b"com.example.note/..",
            b"com.example.note/...",
            b"com.example.note/a/b",
            b"com.example.noted/a",
            b"com.example.note/a b",
            b"com.example.note/\xff",
            b"com.example",
            &long,
            &longer,
        ];
        for before in keys.iter().filter(|key| RepoPath::from_key(key).is_ok()) {
            for key in keys {
                let mut paths = Paths::default();
                assert_eq!(paths.check(before, 0), Ok(()));
                let shared = before.iter().zip(key).take_while(|(a, b)| a == b).count();
                let expected = RepoPath::from_key(key).map(drop);
                assert_eq!(
                    paths.check(key, shared),
                    expected,
                    "{} after {}",
                    key.escape_ascii(),
                    before.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn the_characters_of_a_record_key_are_known() {
        for byte in 0..=u8::MAX {
            let key = [&b"com.example.note/a"[..], &[byte]].concat();
            let mut paths = Paths::default();
            assert_eq!(paths.check(b"com.example.note/a", 0), Ok(()));
            assert_eq!(paths.check(&key, 18).is_ok(), RepoPath::from_key(&key).is_ok(), "{byte}");
        }
    }
}
