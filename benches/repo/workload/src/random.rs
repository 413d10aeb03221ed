//! Random numbers and identifiers from a fixed seed: the same on every machine.

const SORTABLE: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number of 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// From `low` up to, not including, `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low)
    }

    pub fn digest(&mut self) -> [u8; 32] {
        let mut digest = [0; 32];
        for part in digest.chunks_exact_mut(8) {
            part.copy_from_slice(&self.bits().to_be_bytes());
        }
        digest
    }

    pub fn did(&mut self) -> String {
        let letters = (0..24).map(|_| char::from(SORTABLE[self.below(32) as usize]));
        format!("did:plc:{}", letters.collect::<String>())
    }
}

/// The TID of a time in microseconds since 1970 and a clock.
pub fn tid(micros: u64, clock: u64) -> String {
    let bits = micros << 10 | clock & 1023;
    (0..13).rev().map(|place| char::from(SORTABLE[(bits >> (5 * place) & 31) as usize])).collect()
}
