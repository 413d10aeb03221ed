//! Tokens are good for one call.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase_lexicon::syntax::Did;
use sha2::{Digest, Sha256};

use crate::xrpc::{BoxFuture, MaybeSend, MaybeSync};

/// How many nonces are remembered by default.
const CAPACITY: usize = 250_000;
/// Which part of all nonces one issuer may have by default.
const SHARE: usize = 16;
/// Tokens that are good for longer than this, in seconds, may have half of the room alone: usual ones are good for a
/// minute, and clocks may differ by another.
const USUAL: u64 = 120;
/// How much longer than necessary a nonce is kept, in seconds: for calls that looked at the clock a little earlier than
/// the one that clears up, and for clocks that are set back a little.
const LONGER: u64 = 10;

/// Remembers nonces (`jti`) until their tokens expire. Servers of several processes share one, in a database for
/// example.
pub trait Nonces: MaybeSend + MaybeSync {
    /// Notes a nonce of an issuer until a time. Of several who note the same at the same time, one alone is told
    /// [`Noted::New`].
    fn note<'a>(&'a self, iss: &'a Did, jti: &'a str, until: SystemTime, now: SystemTime) -> BoxFuture<'a, Noted>;
}

/// What became of a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It was not there, and is now.
    New,
    /// It was there already.
    Seen,
    /// It could not be noted: there is no room, or the store does not answer. The token is refused then, with
    /// [`TokenError::Full`](super::TokenError::Full).
    Full,
}

/// Nonces in memory, up to a number.
///
/// When it is full of nonces of tokens that are still good, it takes no new ones until some expire: to forget one would
/// let its token pass again, and whoever may call at all could bring that about with tokens of their own. So that one
/// issuer cannot keep the others out either, each has a share that it cannot exceed. DIDs cost nothing, so several can
/// fill the rest; but tokens that are good for more than two minutes are taken only while less than half of the room is
/// in use, so that whoever keeps the others out has to go on calling. One nonce takes about 100 bytes, however long it
/// and the DID are; memory grows with use.
pub struct SeenNonces {
    capacity: usize,
    share: usize,
    seen: Mutex<Seen>,
}

/// A digest in place of a text of any length, short enough to keep many and long enough that nobody finds two texts for
/// one that was given.
type Short = [u8; 16];

#[derive(Default)]
struct Seen {
    nonces: HashSet<Short>,
    /// How many of them an issuer has.
    issuers: HashMap<Short, usize>,
    /// Nonces with their issuers, by the second in which they expire.
    expiring: BTreeMap<u64, Vec<(Short, Short)>>,
}

impl SeenNonces {
    /// For up to `capacity` nonces at a time, a sixteenth of which one issuer may have. The default is 250,000, which
    /// is some 4,000 calls a second with tokens that are good for a minute.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, share: capacity.div_ceil(SHARE), seen: Mutex::default() }
    }

    /// With another number of nonces that one issuer may have at a time.
    #[must_use]
    pub fn per_issuer(mut self, share: usize) -> Self {
        self.share = share;
        self
    }

    /// How many nonces there may be before one that is kept for so many seconds.
    fn room(&self, seconds: u64) -> usize {
        if seconds > USUAL { self.capacity.div_ceil(2) } else { self.capacity }
    }

    fn note_now(&self, iss: &Did, jti: &str, until: SystemTime, now: SystemTime) -> Noted {
        let (issuer, until, now) = (digest(&[iss.as_str()]), seconds(until), seconds(now));
        // A DID has no such character, so that no two pairs make one text.
        let nonce = digest(&[iss.as_str(), "\0", jti]);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(now);
        if seen.nonces.contains(&nonce) {
            return Noted::Seen;
        }
        let own = seen.issuers.get(&issuer).copied().unwrap_or_default();
        if seen.nonces.len() >= self.room(until.saturating_sub(now)) || own >= self.share {
            return Noted::Full;
        }
        seen.insert(nonce, issuer, until);
        Noted::New
    }
}

impl Seen {
    fn insert(&mut self, nonce: Short, issuer: Short, until: u64) {
        self.nonces.insert(nonce);
        *self.issuers.entry(issuer).or_default() += 1;
        // Up to the end of that second.
        self.expiring.entry(until.saturating_add(1)).or_default().push((nonce, issuer));
    }

    /// Forgets what has expired.
    fn forget(&mut self, now: u64) {
        while let Some(first) = self.expiring.first_entry()
            && first.key().saturating_add(LONGER) < now
        {
            for (nonce, issuer) in first.remove() {
                self.nonces.remove(&nonce);
                self.leave(issuer);
            }
        }
    }

    fn leave(&mut self, issuer: Short) {
        if let Some(count) = self.issuers.get_mut(&issuer) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.issuers.remove(&issuer);
            }
        }
    }
}

impl Default for SeenNonces {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl Nonces for SeenNonces {
    fn note<'a>(&'a self, iss: &'a Did, jti: &'a str, until: SystemTime, now: SystemTime) -> BoxFuture<'a, Noted> {
        Box::pin(std::future::ready(self.note_now(iss, jti, until, now)))
    }
}

/// Without the nonces.
impl fmt::Debug for SeenNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("SeenNonces")
            .field("capacity", &self.capacity)
            .field("nonces", &seen.nonces.len())
            .finish_non_exhaustive()
    }
}

fn digest(texts: &[&str]) -> Short {
    let mut hasher = Sha256::new();
    texts.iter().for_each(|text| hasher.update(text));
    let whole: [u8; 32] = hasher.finalize().into();
    let mut short = Short::default();
    short.iter_mut().zip(whole).for_each(|(short, byte)| *short = byte);
    short
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
