use alloc::string::String;
use core::sync::atomic::{AtomicU64, Ordering};

use super::newtype;

/// The bytes of a TID.
const LENGTH: usize = 13;

/// The digits, in the order of their values and of their codes.
const ALPHABET: [u8; 32] = *b"234567abcdefghijklmnopqrstuvwxyz";

/// The values of the bytes; [`NO_DIGIT`] for those that are not in the alphabet.
const VALUES: [u8; 256] = values();

const NO_DIGIT: u8 = 0xff;

/// The greatest value of the first digit, as 13 digits have one bit more than a `u64`.
const MAX_FIRST: u8 = 15;

/// The bits of the clock id, the low end of the number.
const CLOCK_BITS: u32 = 10;

const MAX_CLOCK: u16 = (1 << CLOCK_BITS) - 1;

/// The greatest time of a TID, which leaves the number's highest bit free: in the year 2255.
const MAX_MICROS: u64 = (1 << 53) - 1;

newtype!(
    /// A timestamp identifier (Lexicon, string formats: tid), such as `3ke6kg3wk2222`: 13 base-32
    /// digits for 53 bits of microseconds since 1970 and 10 bits of clock id.
    ///
    /// The order of texts is the order of numbers. The syntax has room for one bit more than
    /// generators use, so that the first digit goes up to `j` in what is accepted and up to `b`
    /// in what is made.
    Tid,
    Tid
);

impl Tid {
    /// The text of the least TID: time and clock id 0.
    pub const ZERO: &'static str = "2222222222222";

    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        number(text).map(drop)
    }

    /// The TID of a time in microseconds since 1970 and a clock id.
    ///
    /// A time above 2^53 - 1 counts as 2^53 - 1, and of the clock id only the low 10 bits count.
    #[must_use]
    pub fn from_parts(micros: u64, clock_id: u16) -> Self {
        let number = (micros.min(MAX_MICROS) << CLOCK_BITS) | u64::from(clock_id & MAX_CLOCK);
        let digit = |place: usize| ALPHABET[(number >> (5 * place)) as usize & 31];
        let text: String = (0..LENGTH).rev().map(|place| char::from(digit(place))).collect();
        Self(text.into())
    }

    /// The number that the digits stand for: time above, clock id in the low 10 bits. `None` if
    /// the text is not a TID.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        number(&self.0).ok()
    }

    /// The time in microseconds since 1970. `None` if the text is not a TID.
    ///
    /// It is at most 2^53 - 1 in a TID out of a generator, and at most 2^54 - 1 in any.
    #[must_use]
    pub fn micros(&self) -> Option<u64> {
        self.as_u64().map(|number| number >> CLOCK_BITS)
    }

    /// The clock id, at most 1023. `None` if the text is not a TID.
    #[must_use]
    pub fn clock_id(&self) -> Option<u16> {
        self.as_u64().map(|number| number as u16 & MAX_CLOCK)
    }
}

const fn values() -> [u8; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
}

fn number(text: &str) -> Result<u64, &'static str> {
    let digits: &[u8; LENGTH] = text.as_bytes().try_into().map_err(|_| "a length other than 13 bytes")?;
    let mut number = 0;
    for digit in digits {
        let value = VALUES[usize::from(*digit)];
        if value == NO_DIGIT {
            return Err("a character other than 2-7 and a-z");
        }
        number = (number << 5) | u64::from(value);
    }
    if VALUES[usize::from(digits[0])] > MAX_FIRST {
        return Err("a first character above j");
    }
    Ok(number)
}

/// Makes TIDs (repository, TIDs), each greater than all before it.
///
/// A process needs one generator; threads may share it. Two generators at the same time make
/// different TIDs only if their clock ids differ. The times end in the year 2255.
#[derive(Debug)]
pub struct TidGenerator {
    clock_id: u16,
    /// The least time that the next TID may have.
    floor: AtomicU64,
}

impl TidGenerator {
    /// A generator with a clock id, of which the low 10 bits count.
    #[must_use]
    pub const fn new(clock_id: u16) -> Self {
        Self { clock_id: clock_id & MAX_CLOCK, floor: AtomicU64::new(0) }
    }

    /// A generator with a random clock id.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn random() -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};

        // The standard library seeds each hasher from the system's random numbers.
        Self::new(RandomState::new().build_hasher().finish() as u16)
    }

    /// The TID of a time in microseconds since 1970, or of the first time after that of the last
    /// TID if the clock stands still or goes backwards.
    pub fn next_at(&self, now_micros: u64) -> Tid {
        Tid::from_parts(self.take(now_micros), self.clock_id)
    }

    /// The TID of the system clock's time, or of the first time after that of the last TID if the
    /// clock stands still or goes backwards.
    #[cfg(feature = "std")]
    pub fn next(&self) -> Tid {
        use std::time::{SystemTime, UNIX_EPOCH};

        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.next_at(u64::try_from(since.as_micros()).unwrap_or(MAX_MICROS))
    }

    /// A TID greater than a given one, such as a repository's last revision, also if that is
    /// ahead of the clock, which says microseconds since 1970. A text that is not a TID counts as
    /// zero.
    ///
    /// Only the TID at hand goes ahead of the clock, not the generator: one repository with a
    /// revision in the far future must not move all others there. After a TID of 2^53 - 1
    /// microseconds or more there is none to make, and the result is not greater.
    pub fn after(&self, previous: &Tid, now_micros: u64) -> Tid {
        let least = previous.micros().map_or(0, |micros| micros + 1);
        Tid::from_parts(self.take(now_micros).max(least), self.clock_id)
    }

    /// Takes a time that no other call gets.
    fn take(&self, now_micros: u64) -> u64 {
        let now = now_micros.min(MAX_MICROS);
        let taken = |floor: u64| floor.max(now);
        let floor = self.floor.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |floor| Some(taken(floor) + 1));
        taken(floor.unwrap_or_else(|floor| floor))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// A time in November 2023.
    const NOW: u64 = 1_700_000_000_000_000;

    /// Times, clock ids and their TIDs.
    const KNOWN: [(u64, u16, &str); 6] = [
        (0, 0, Tid::ZERO),
        (0, 1, "2222222222223"),
        (1, 0, "2222222222322"),
        (NOW, 0, "3ke6kg3wk2222"),
        (NOW, 1023, "3ke6kg3wk22zz"),
        (MAX_MICROS, 1023, "bzzzzzzzzzzzz"),
    ];

    fn refused(text: &str) -> &'static str {
        Tid::scan(text).expect_err(text)
    }

    #[test]
    fn the_first_character_goes_from_2_to_j() {
        for first in "234567abcdefghij".chars() {
            assert_eq!(Tid::scan(&format!("{first}zzzzzzzzzzzz")), Ok(()), "{first}");
        }
        for first in "klmnopqrstuvwxyz".chars() {
            assert_eq!(refused(&format!("{first}222222222222")), "a first character above j", "{first}");
        }
    }

    #[test]
    fn another_length_is_refused() {
        for text in ["", "3ke6kg3wk222", "3ke6kg3wk22222", "3ke6kg3wk2222\n", "3ke6-kg3-wk2-222", "3ke6kg3wk222é"] {
            assert_eq!(refused(text), "a length other than 13 bytes", "{text:?}");
        }
    }

    #[test]
    fn characters_outside_the_alphabet_are_refused() {
        for bad in ["0", "1", "8", "9", "A", "Z", "-", " ", "\0", "\n"] {
            for text in [format!("{bad}222222222222"), format!("222222{bad}222222"), format!("222222222222{bad}")] {
                assert_eq!(refused(&text), "a character other than 2-7 and a-z", "{text:?}");
            }
        }
    }

    #[test]
    fn time_and_clock_id_make_the_known_text() {
        for (micros, clock_id, text) in KNOWN {
            assert_eq!(Tid::from_parts(micros, clock_id), text);
        }
    }

    #[test]
    fn a_tid_tells_its_time_and_clock_id() {
        for (micros, clock_id, text) in KNOWN {
            let tid = Tid::from_unchecked(text);
            assert_eq!((tid.micros(), tid.clock_id()), (Some(micros), Some(clock_id)), "{text}");
            assert_eq!(tid.as_u64(), Some(micros * 1024 + u64::from(clock_id)), "{text}");
        }
    }

    #[test]
    fn a_tid_with_the_highest_bit_is_read_as_unsigned() {
        let tid = Tid::from_unchecked("jzzzzzzzzzzzz");
        assert_eq!(tid.as_u64(), Some(u64::MAX));
        assert_eq!((tid.micros(), tid.clock_id()), (Some((1 << 54) - 1), Some(1023)));
    }

    #[test]
    fn a_faulty_text_has_no_number() {
        for text in ["", "k222222222222", "é"] {
            let tid = Tid::from_unchecked(text);
            assert_eq!((tid.as_u64(), tid.micros(), tid.clock_id()), (None, None, None), "{text:?}");
        }
    }

    #[test]
    fn parts_out_of_range_never_make_a_tid_beyond_the_greatest() {
        assert_eq!(Tid::from_parts(u64::MAX, u16::MAX), "bzzzzzzzzzzzz");
        assert_eq!(Tid::from_parts(MAX_MICROS + 1, 0), "bzzzzzzzzzz22");
        assert_eq!(Tid::from_parts(0, 1024), Tid::ZERO);
    }

    #[test]
    fn a_generator_gives_the_time_of_the_clock() {
        let generator = TidGenerator::new(5);
        assert_eq!(generator.next_at(NOW), Tid::from_parts(NOW, 5));
        assert_eq!(generator.next_at(NOW + 100), Tid::from_parts(NOW + 100, 5));
    }

    #[test]
    fn a_generator_goes_on_when_the_clock_stands_still_or_goes_backwards() {
        let generator = TidGenerator::new(0);
        generator.next_at(NOW);
        assert_eq!(generator.next_at(NOW).micros(), Some(NOW + 1));
        assert_eq!(generator.next_at(0).micros(), Some(NOW + 2));
    }

    #[test]
    fn a_generator_ends_at_the_greatest_tid() {
        let generator = TidGenerator::new(u16::MAX);
        for _ in 0..3 {
            assert_eq!(generator.next_at(u64::MAX), "bzzzzzzzzzzzz");
        }
    }

    #[test]
    fn a_tid_after_another_is_of_the_present_if_the_clock_is_ahead() {
        let previous = Tid::from_parts(NOW - 1, 1023);
        assert_eq!(TidGenerator::new(0).after(&previous, NOW), Tid::from_parts(NOW, 0));
    }

    #[test]
    fn a_tid_after_another_is_greater_if_the_clock_is_behind() {
        for previous in [Tid::from_parts(NOW, 0), Tid::from_parts(NOW, 1023)] {
            for now in [NOW, NOW - 1, 0] {
                let next = TidGenerator::new(0).after(&previous, now);
                assert_eq!(next, Tid::from_parts(NOW + 1, 0));
                assert!(next > previous);
            }
        }
    }

    #[test]
    fn a_revision_in_the_future_does_not_move_the_generator() {
        let generator = TidGenerator::new(0);
        generator.after(&Tid::from_parts(NOW * 2, 0), NOW);
        assert_eq!(generator.next_at(NOW).micros(), Some(NOW + 1));
    }

    #[test]
    fn no_previous_tid_makes_one_beyond_the_greatest() {
        for previous in ["bzzzzzzzzzzzz", "jzzzzzzzzzzzz"] {
            assert_eq!(TidGenerator::new(1023).after(&Tid::from_unchecked(previous), 0), "bzzzzzzzzzzzz");
        }
    }

    #[test]
    fn a_faulty_previous_text_counts_as_zero() {
        assert_eq!(TidGenerator::new(0).after(&Tid::from_unchecked(""), 0), Tid::ZERO);
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_system_clock_is_later_than_2023() {
        let generator = TidGenerator::random();
        assert!(generator.next().micros() > Some(NOW));
        assert!(generator.next() < generator.next());
    }
}
