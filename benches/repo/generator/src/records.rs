//! Keys and records as a repository of a person has them.

use arobase_bench_repo_workload::random::{Random, tid};

use crate::cbor;
use crate::hash::{cid, cid_text};

/// When the first record was made, in microseconds since 1970.
const BIRTH: u64 = 1_690_000_000_000_000;
/// The time between the first and the last record.
const SPAN: u64 = 70_000_000_000_000;

const WORDS: [&str; 24] = [
    "and",
    "the",
    "with",
    "morning",
    "river",
    "library",
    "keyboard",
    "ferry",
    "tomato",
    "garden",
    "signal",
    "harbour",
    "quiet",
    "finally",
    "again",
    "walked",
    "compiled",
    "thread",
    "bread",
    "concert",
    "window",
    "tomorrow",
    "déjà vu",
    "probably",
];

/// A record and where it belongs.
pub struct Record {
    pub key: String,
    pub bytes: Vec<u8>,
}

/// Makes records from a seed.
pub struct Records {
    random: Random,
    now: u64,
    step: u64,
}

impl Records {
    /// As many as there will be, evenly over the time.
    pub fn new(count: usize) -> Self {
        Self { random: Random::new(0xa20), now: BIRTH, step: 2 * SPAN / count as u64 }
    }

    /// The next in time.
    pub fn next(&mut self) -> Record {
        self.now += self.random.between(1000, self.step.max(2000));
        self.at(self.now)
    }

    /// One at any time so far.
    pub fn between(&mut self) -> Record {
        let time = self.random.between(BIRTH, self.now);
        self.at(time)
    }

    fn at(&mut self, time: u64) -> Record {
        let collection = match self.random.below(10) {
            0 | 1 => "app.bsky.feed.post",
            2..9 => "app.bsky.feed.like",
            _ => "app.bsky.feed.repost",
        };
        let key = format!("{collection}/{}", tid(time, self.random.below(1024)));
        let bytes = match collection {
            "app.bsky.feed.post" => self.post(),
            _ => self.reference(collection),
        };
        Record { key, bytes }
    }

    fn post(&mut self) -> Vec<u8> {
        let mut text = String::new();
        let length = self.random.between(140, 290) as usize;
        while text.len() < length {
            text.push_str(WORDS[self.random.below(WORDS.len() as u64) as usize]);
            text.push(' ');
        }
        let mut out = Vec::with_capacity(450);
        cbor::map(&mut out, 4);
        cbor::text(&mut out, "text");
        cbor::text(&mut out, text.trim_end());
        cbor::text(&mut out, "$type");
        cbor::text(&mut out, "app.bsky.feed.post");
        cbor::text(&mut out, "langs");
        cbor::list(&mut out, 1);
        cbor::text(&mut out, "en");
        self.created(&mut out);
        out
    }

    /// A like or a repost, of a post that a repost has brought.
    fn reference(&mut self, collection: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(450);
        cbor::map(&mut out, 4);
        cbor::text(&mut out, "via");
        self.strong_ref(&mut out, "app.bsky.feed.repost");
        cbor::text(&mut out, "$type");
        cbor::text(&mut out, collection);
        cbor::text(&mut out, "subject");
        self.strong_ref(&mut out, "app.bsky.feed.post");
        self.created(&mut out);
        out
    }

    fn strong_ref(&mut self, out: &mut Vec<u8>, collection: &str) {
        let time = self.random.between(BIRTH, BIRTH + SPAN);
        let uri = format!("at://{}/{collection}/{}", self.random.did(), tid(time, self.random.below(1024)));
        cbor::map(out, 2);
        cbor::text(out, "cid");
        cbor::text(out, &cid_text(&cid(self.random.digest())));
        cbor::text(out, "uri");
        cbor::text(out, &uri);
    }

    fn created(&mut self, out: &mut Vec<u8>) {
        cbor::text(out, "createdAt");
        let (month, day) = (self.random.between(1, 13), self.random.between(1, 29));
        let (hour, minute) = (self.random.below(24), self.random.below(60));
        let (second, milli) = (self.random.below(60), self.random.below(1000));
        cbor::text(out, &format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"));
    }
}
