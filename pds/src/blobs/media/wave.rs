//! WAV: `RIFF`, then chunks.

use super::{Facts, milliseconds, reader::little};

/// Before the first chunk.
const START: usize = 12;
/// Before what a chunk holds.
const CHUNK: usize = 8;

/// How long a WAV file plays; none if it is no such file.
pub(super) fn facts(head: &[u8], size: u64) -> Option<Facts> {
    if head.get(..4) != Some(b"RIFF") || head.get(8..START) != Some(b"WAVE") {
        return None;
    }
    let duration = sound(head, size).and_then(|(bytes, per_second)| milliseconds(bytes, per_second));
    Some(Facts { duration, ..Facts::default() })
}

/// The bytes of sound, and how many of them a second has.
fn sound(head: &[u8], size: u64) -> Option<(u64, u64)> {
    let (mut at, mut per_second) = (START, None);
    loop {
        let len = little(head, at + 4, 4)?;
        let content = at + CHUNK;
        match head.get(at..at + 4)? {
            b"fmt " => per_second = little(head, content + 8, 4),
            // What is written as it is recorded says less or more than there is.
            b"data" => return Some((size.saturating_sub(content as u64), per_second?)),
            _ => {}
        }
        // Chunks have an even number of bytes.
        let next = len.checked_add(len % 2)?;
        at = content.checked_add(usize::try_from(next).ok()?)?;
    }
}
