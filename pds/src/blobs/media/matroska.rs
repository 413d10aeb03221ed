//! WebM and Matroska: elements in each other, each with its number and its length.

use super::{Facts, reader::big};

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const INFO: u64 = 0x1549_a966;
const SCALE: u64 = 0x2a_d7b1;
const DURATION: u64 = 0x4489;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK: u64 = 0xae;
const VIDEO: u64 = 0xe0;
const WIDTH: u64 = 0xb0;
const HEIGHT: u64 = 0xba;

/// Nanoseconds of a unit of time, unless it is said.
const USUAL_SCALE: u64 = 1_000_000;

/// How large and how long a film is; none if it is no such file. What stands behind the pictures is not seen.
pub(super) fn facts(head: &[u8]) -> Option<Facts> {
    let (first, _, _) = element(head, 0)?;
    if first != EBML {
        return None;
    }
    let (mut at, mut facts, mut scale, mut duration) = (0, Facts::default(), USUAL_SCALE, None);
    while let Some((number, content, len)) = element(head, at) {
        at = content;
        match number {
            CLUSTER => break,
            // What is in these is looked at as if it stood beside them.
            SEGMENT | INFO | TRACKS | TRACK | VIDEO => continue,
            SCALE => scale = integer(head, content, len).unwrap_or(scale),
            DURATION => duration = float(head, content, len),
            WIDTH => facts.width = facts.width.or_else(|| pixels(head, content, len)),
            HEIGHT => facts.height = facts.height.or_else(|| pixels(head, content, len)),
            _ => {}
        }
        let Some(next) = len.and_then(|len| content.checked_add(len)) else { break };
        at = next;
    }
    facts.duration = duration.and_then(|units| milliseconds(units, scale));
    Some(facts)
}

/// The number of an element, where its content begins, and how long it is if that is said.
fn element(bytes: &[u8], at: usize) -> Option<(u64, usize, Option<usize>)> {
    let (number_len, _) = width(*bytes.get(at)?)?;
    let number = big(bytes, at, number_len).filter(|_| number_len <= 4)?;
    let at = at + number_len;
    let (len_len, mask) = width(*bytes.get(at)?)?;
    let len = big(bytes, at, len_len)? & mask;
    let len = if len == mask { None } else { Some(usize::try_from(len).ok()?) };
    Some((number, at + len_len, len))
}

/// How many bytes a number has that begins with this one, and which bits of it count.
fn width(first: u8) -> Option<(usize, u64)> {
    let len = first.leading_zeros() + 1;
    (len <= 8).then(|| (len as usize, (1 << (7 * len)) - 1))
}

fn integer(bytes: &[u8], at: usize, len: Option<usize>) -> Option<u64> {
    big(bytes, at, len.filter(|len| *len <= 8)?)
}

fn float(bytes: &[u8], at: usize, len: Option<usize>) -> Option<f64> {
    let bits = integer(bytes, at, len)?;
    match len? {
        4 => Some(f64::from(f32::from_bits(u32::try_from(bits).ok()?))),
        8 => Some(f64::from_bits(bits)),
        _ => None,
    }
}

fn pixels(bytes: &[u8], at: usize, len: Option<usize>) -> Option<u32> {
    u32::try_from(integer(bytes, at, len)?).ok().filter(|count| *count > 0)
}

fn milliseconds(units: f64, scale: u64) -> Option<u64> {
    let milliseconds = units * scale as f64 / 1e6;
    // A conversion stops at the largest number.
    (milliseconds.is_finite() && milliseconds > 0.0).then_some(milliseconds as u64)
}
