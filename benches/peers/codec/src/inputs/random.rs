//! Random identifiers and words from a fixed seed: the same on every machine, always valid.

use super::node::{Node, cid_text};

const BASE32_SORTABLE: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
const WORDS: &[&str] = &[
    "and",
    "the",
    "a",
    "with",
    "from",
    "about",
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
    "bright",
    "slow",
    "finally",
    "again",
    "walked",
    "wrote",
    "compiled",
    "fixed",
    "heard",
    "record",
    "server",
    "thread",
    "cat",
    "bread",
    "concert",
    "window",
    "because",
    "tomorrow",
    "yesterday",
    "probably",
];

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to, not including, `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.next() as usize % choices.len()]
    }

    fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.next() as usize % alphabet.len()])).collect()
    }

    pub fn did(&mut self) -> String {
        format!("did:plc:{}", self.letters(BASE32_SORTABLE, 24).replace(['8', '9'], "a"))
    }

    pub fn tid(&mut self) -> String {
        format!("3{}", self.letters(BASE32_SORTABLE, 12))
    }

    /// A record's address.
    pub fn at_uri(&mut self, collection: &str) -> String {
        format!("at://{}/{collection}/{}", self.did(), self.tid())
    }

    fn cid_bytes(&mut self, codec: u8) -> Vec<u8> {
        let mut bytes = vec![1, codec, 0x12, 0x20];
        (0..4).for_each(|_| bytes.extend_from_slice(&self.next().to_be_bytes()));
        bytes
    }

    /// The CID of a record, as text.
    pub fn cid(&mut self) -> String {
        cid_text(&self.cid_bytes(0x71))
    }

    /// The CID of a blob, as text.
    pub fn blob_cid(&mut self) -> String {
        cid_text(&self.cid_bytes(0x55))
    }

    /// The CID of a blob, as a link.
    pub fn blob_link(&mut self) -> Node {
        Node::Link(self.cid_bytes(0x55))
    }

    pub fn datetime(&mut self) -> String {
        format!(
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            self.between(1, 13),
            self.between(1, 29),
            self.between(0, 24),
            self.between(0, 60),
            self.between(0, 60),
            self.between(0, 1000)
        )
    }

    pub fn words(&mut self, count: u64) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.pick(WORDS)).collect();
        words.join(" ")
    }

    /// What people write: mostly ASCII, at times quotes, line ends, accents and emoji.
    pub fn prose(&mut self) -> String {
        let count = self.between(6, 42);
        let mut text = self.words(count);
        text.push('.');
        if self.chance(30) {
            let count = self.between(3, 10);
            text.push_str(&format!("\n\n{}! 🦋", self.words(count)));
        }
        if self.chance(15) {
            text.push_str(" \"déjà vu\"");
        }
        text
    }
}
