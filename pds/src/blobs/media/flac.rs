//! FLAC: a mark, and in the first block how many samples there are.

use super::{Facts, milliseconds, reader::big};

/// Where the first block has its rate, 20 bits, and behind 8 more bits the number of samples, 36 bits.
const RATE: usize = 18;

/// How long a FLAC file plays; none if it is no such file.
pub(super) fn facts(head: &[u8]) -> Option<Facts> {
    if head.get(..4) != Some(b"fLaC") {
        return None;
    }
    let duration = big(head, RATE, 8).and_then(|bits| {
        let (rate, samples) = (bits >> 44, bits & 0xf_ffff_ffff);
        // None is written where the number was not known.
        milliseconds(samples, rate).filter(|_| samples > 0)
    });
    Some(Facts { duration, ..Facts::default() })
}
