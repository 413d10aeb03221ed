use alloc::format;
use core::cmp::Ordering;

use super::{Mode, newtype};

const MAX: usize = 64;

/// A date and time up to the seconds, with `0` for every digit.
const FORM: [u8; HEAD] = *b"0000-00-00T00:00:00";
const HEAD: usize = 19;

const MINUTES_PER_DAY: i64 = 24 * 60;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// The days from the first day of year 0 to the first of January 1970.
const EPOCH_DAY: i64 = 719_528;

/// The days of years 0 to 9999.
const DAYS: i64 = 3_652_425;

/// The days of 400 years, after which the calendar repeats.
const DAYS_PER_CYCLE: i64 = 146_097;

const FIRST_MICROS: i64 = -EPOCH_DAY * SECONDS_PER_DAY * MICROS_PER_SECOND;
const LAST_MICROS: i64 = (DAYS - EPOCH_DAY) * SECONDS_PER_DAY * MICROS_PER_SECOND - 1;

newtype!(
    /// A date and time with its zone (Lexicon, string formats: datetime), at most 64 bytes.
    ///
    /// `2024-05-31T23:59:59.123Z`, or an offset such as `+02:00` in place of `Z`. The text is
    /// kept as it is, so two values of the same instant may differ; `Ord` and `Eq` are those of
    /// the text, and [`Datetime::cmp_instant`] is the order in time. The lenient form takes three
    /// more zones: none (which means UTC), `-00:00`, and an offset without colon.
    Datetime,
    Datetime
);

impl Datetime {
    /// The present time in UTC, with three fraction digits. A clock set outside years 0 to 9999
    /// gives the nearest instant within.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn now() -> Self {
        use std::time::{Duration, SystemTime};

        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let millis = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        };
        Self::print(millis.saturating_mul(1000).clamp(FIRST_MICROS, LAST_MICROS))
    }

    /// The datetime of a number of microseconds since the start of 1970, in UTC. It has three
    /// fraction digits if that says all, otherwise six.
    ///
    /// None outside years 0 to 9999, which no datetime can express.
    #[must_use]
    pub fn from_unix_micros(micros: i64) -> Option<Self> {
        (FIRST_MICROS..=LAST_MICROS).contains(&micros).then(|| Self::print(micros))
    }

    /// The microseconds since the start of 1970, negative before it. Finer digits are cut off.
    ///
    /// None only for a text kept by a lenient reader that is no datetime in any form.
    #[must_use]
    pub fn unix_micros(&self) -> Option<i64> {
        let parts = Parts::parse(self.as_str(), Mode::Lenient).ok()?;
        Some(parts.unix_seconds() * MICROS_PER_SECOND + parts.micros())
    }

    /// Compares the instants, to the last fraction digit, whatever the zones. A text that is no
    /// datetime in any form comes before all others; two such texts are equal.
    #[must_use]
    pub fn cmp_instant(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }

    fn instant(&self) -> Option<(i64, &[u8])> {
        Parts::parse(self.as_str(), Mode::Lenient).ok().map(Parts::instant)
    }

    /// The micros must be within years 0 to 9999.
    fn print(micros: i64) -> Self {
        let seconds = micros.div_euclid(MICROS_PER_SECOND);
        let fraction = micros.rem_euclid(MICROS_PER_SECOND);
        let date = Date::of_day(seconds.div_euclid(SECONDS_PER_DAY) + EPOCH_DAY);
        let second = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let Date { year, month, day } = date;
        let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        Self(if fraction % 1000 == 0 {
            format!("{whole}.{:03}Z", fraction / 1000).into()
        } else {
            format!("{whole}.{fraction:06}Z").into()
        })
    }

    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        Parts::parse(text, Mode::Strict).map(drop)
    }

    pub(crate) fn scan_lenient(text: &str) -> Result<(), &'static str> {
        Parts::parse(text, Mode::Lenient).map(drop)
    }
}

/// A datetime taken apart, all parts being in range.
struct Parts<'a> {
    date: Date,
    hour: i64,
    minute: i64,
    second: i64,
    /// The digits after the dot.
    fraction: &'a [u8],
    /// Minutes east of UTC.
    offset: i64,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str, mode: Mode) -> Result<Self, &'static str> {
        if text.len() > MAX {
            return Err("longer than 64 bytes");
        }
        let (head, rest) = text.as_bytes().split_first_chunk::<HEAD>().ok_or("shorter than date and time")?;
        if !is_formed(head) {
            return Err("not in the form YYYY-MM-DDTHH:MM:SS");
        }
        let [y1, y2, y3, y4, _, m1, m2, _, d1, d2, _, h1, h2, _, n1, n2, _, s1, s2] = *head;
        let year = pair(y1, y2) * 100 + pair(y3, y4);
        let date = Date::checked(year, pair(m1, m2), pair(d1, d2))?;
        let (hour, minute, second) = (pair(h1, h2), pair(n1, n2), pair(s1, s2));
        if hour > 23 || minute > 59 || second > 59 {
            return Err("no time from 00:00:00 to 23:59:59");
        }
        let (fraction, zone) = split_fraction(rest)?;
        let offset = parse_zone(zone, mode)?;
        let parts = Self { date, hour, minute, second, fraction, offset };
        if offset != 0 && !(0..DAYS * MINUTES_PER_DAY).contains(&parts.minutes()) {
            return Err("an instant outside years 0 to 9999");
        }
        Ok(parts)
    }

    /// The minutes in UTC since the start of year 0.
    fn minutes(&self) -> i64 {
        self.date.day_number() * MINUTES_PER_DAY + self.hour * 60 + self.minute - self.offset
    }

    fn unix_seconds(&self) -> i64 {
        (self.minutes() - EPOCH_DAY * MINUTES_PER_DAY) * 60 + self.second
    }

    /// The first six fraction digits as a number.
    fn micros(&self) -> i64 {
        let digits = self.fraction.iter().chain(core::iter::repeat(&b'0'));
        digits.take(6).fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'))
    }

    /// What orders instants: the seconds, then the fraction digits up to the last that counts.
    fn instant(self) -> (i64, &'a [u8]) {
        let zeros = self.fraction.iter().rev().take_while(|digit| **digit == b'0').count();
        let digits = self.fraction.len() - zeros;
        (self.unix_seconds(), self.fraction.get(..digits).unwrap_or_default())
    }
}

/// A day of the Gregorian calendar, which is taken to hold for all years from 0.
#[derive(Clone, Copy)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    fn checked(year: i64, month: i64, day: i64) -> Result<Self, &'static str> {
        if !(1..=12).contains(&month) {
            return Err("no month from 01 to 12");
        }
        if day < 1 || day > last_day(year, month) {
            return Err("no day of that month");
        }
        Ok(Self { year, month, day })
    }

    /// The days since the first day of year 0.
    fn day_number(self) -> i64 {
        // Counts as if February had 30 days; what it lacks comes off from March on.
        let before_month = (367 * self.month - 362) / 12;
        let lacking = if self.month > 2 { 30 - last_day(self.year, 2) } else { 0 };
        first_day(self.year) + before_month - lacking + self.day - 1
    }

    /// The date of a day of years 0 to 9999.
    fn of_day(number: i64) -> Self {
        // By the mean length of a year, which is off by a year at most.
        let guess = number * 400 / DAYS_PER_CYCLE;
        let year = guess + i64::from(first_day(guess + 1) <= number) - i64::from(first_day(guess) > number);
        let mut day = number - first_day(year) + 1;
        let mut month = 1;
        while month < 12 && day > last_day(year, month) {
            day -= last_day(year, month);
            month += 1;
        }
        Self { year, month, day }
    }
}

/// The days from the first day of year 0 to the first day of a year.
fn first_day(year: i64) -> i64 {
    // Year 0 is a leap year itself, so these are divisions that round up.
    365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400
}

#[inline]
fn last_day(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether the digits and separators of date and time are where they belong.
#[inline]
fn is_formed(head: &[u8; HEAD]) -> bool {
    // Two words and, as a third, the last eight bytes.
    [0, 8, HEAD - 8].into_iter().all(|at| match (word(head, at), word(&FORM, at)) {
        (Some(text), Some(form)) => keeps_form(text, form),
        _ => false,
    })
}

#[inline]
fn word(bytes: &[u8; HEAD], at: usize) -> Option<[u8; 8]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Whether eight bytes are digits where the form has `0` and elsewhere what it has, without a
/// branch, as most texts are well formed.
#[inline]
fn keeps_form(text: [u8; 8], form: [u8; 8]) -> bool {
    // What differs from the form: at most 9 in a digit, nothing in a separator.
    let difference = u64::from_le_bytes(text) ^ u64::from_le_bytes(form);
    // A greater difference makes the highest bit of its byte. A carry into the next byte needs a
    // difference of 0x80 or more, which is refused on its own.
    let room = u64::from_le_bytes(form.map(|byte| if byte == b'0' { 0x7f - 9 } else { 0x7f }));
    (difference | difference.wrapping_add(room)) & 0x8080_8080_8080_8080 == 0
}

/// Two digits as a number.
#[inline]
fn pair(tens: u8, ones: u8) -> i64 {
    i64::from(tens ^ b'0') * 10 + i64::from(ones ^ b'0')
}

/// The digits of the fraction, none if there is no dot, and the zone after them.
#[inline]
fn split_fraction(rest: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let Some((b'.', after)) = rest.split_first() else {
        return Ok((&[], rest));
    };
    match after.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(after.len()) {
        0 => Err("a dot without fraction digits"),
        digits => Ok(after.split_at(digits)),
    }
}

/// The minutes east of UTC.
#[inline]
fn parse_zone(zone: &[u8], mode: Mode) -> Result<i64, &'static str> {
    match *zone {
        [b'Z'] => Ok(0),
        [sign, h1, h2, b':', m1, m2] => parse_offset(sign, [h1, h2], [m1, m2], mode),
        [sign, h1, h2, m1, m2] if mode == Mode::Lenient => parse_offset(sign, [h1, h2], [m1, m2], mode),
        [] if mode == Mode::Lenient => Ok(0),
        [] => Err("no zone"),
        _ => Err("a zone that is neither Z nor an offset"),
    }
}

fn parse_offset(sign: u8, [h1, h2]: [u8; 2], [m1, m2]: [u8; 2], mode: Mode) -> Result<i64, &'static str> {
    let (hours, minutes) = (pair(h1, h2), pair(m1, m2));
    if ![h1, h2, m1, m2].iter().all(u8::is_ascii_digit) || hours > 23 || minutes > 59 {
        return Err("no offset from 00:00 to 23:59");
    }
    match (sign, hours * 60 + minutes) {
        (b'+', offset) => Ok(offset),
        (b'-', 0) if mode == Mode::Strict => Err("the zone -00:00"),
        (b'-', offset) => Ok(-offset),
        _ => Err("an offset without sign"),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn strict(text: &str) -> bool {
        Datetime::scan(text).is_ok()
    }

    fn lenient(text: &str) -> bool {
        Datetime::scan_lenient(text).is_ok()
    }

    fn both_refuse(text: &str) -> bool {
        !strict(text) && !lenient(text)
    }

    fn micros(text: &str) -> Option<i64> {
        Datetime::from_unchecked(text).unix_micros()
    }

    fn order(left: &str, right: &str) -> Ordering {
        Datetime::from_unchecked(left).cmp_instant(&Datetime::from_unchecked(right))
    }

    fn printed(micros: i64) -> Option<String> {
        Datetime::from_unix_micros(micros).map(Datetime::into_string)
    }

    #[test]
    fn date_time_and_zone_are_accepted() {
        for text in [
            "2024-05-31T23:59:59Z",
            "2024-05-31T00:00:00.1Z",
            "2024-05-31T12:30:45.123456789012345678901234567890123456789Z",
            "2024-05-31T12:30:45+14:00",
            "2024-05-31T12:30:45.5-23:59",
            "2024-05-31T12:30:45+00:00",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            assert!(strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
    }

    #[test]
    fn a_fraction_of_40_digits_is_accepted() {
        assert!(strict(&format!("2024-05-31T12:30:45.{}Z", "7".repeat(40))));
    }

    #[test]
    fn a_datetime_has_at_most_64_bytes() {
        assert!(strict(&format!("2024-05-31T12:30:45.{}Z", "7".repeat(43))));
        assert!(both_refuse(&format!("2024-05-31T12:30:45.{}Z", "7".repeat(44))));
        assert!(both_refuse(&format!("2024-05-31T12:30:45.{}", "7".repeat(45))));
    }

    #[test]
    fn parts_of_another_form_are_refused() {
        for text in [
            "",
            "2024",
            "2024-05-31",
            "2024-05-31T12:30Z",
            "2024-05-31 12:30:45Z",
            "2024-05-31t12:30:45Z",
            "2024-05-31T12:30:45z",
            "2024-5-31T12:30:45Z",
            "2024-05-1T12:30:45Z",
            "2024-05-31T1:30:45Z",
            "2024-05-31T12:3:45Z",
            "2024-05-31T12:30:5Z",
            "202-05-31T12:30:45Z",
            "20245-05-31T12:30:45Z",
            "+2024-05-31T12:30:45Z",
            "-024-05-31T12:30:45Z",
            "20240531T123045Z",
            "2024/05/31T12:30:45Z",
            "2024-05-31T12-30-45Z",
            "2O24-05-31T12:30:45Z",
            "2024-05-31T12:30:45Zz",
            "2024-05-31T12:30:45ZZ",
        ] {
            assert!(both_refuse(text), "{text}");
        }
    }

    #[test]
    fn digits_and_separators_have_their_places() {
        let text = "2000-01-01T00:00:00Z";
        for (at, byte) in text.bytes().enumerate().take(HEAD) {
            for other in ('\0'..='\u{ff}').filter(|other| *other != char::from(byte)) {
                let may_be_digit = byte.is_ascii_digit() && other.is_ascii_digit();
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert!(may_be_digit || both_refuse(&changed), "{changed:?}");
            }
        }
    }

    #[test]
    fn a_fraction_is_a_dot_and_digits() {
        for fraction in [".", ",5", ".5.5", "..5", ".5a", ":5", ". 5", ".-5", ".\u{661}"] {
            assert!(both_refuse(&format!("2024-05-31T12:30:45{fraction}Z")), "{fraction}");
        }
    }

    #[test]
    fn space_around_is_refused() {
        for text in
            [" 2024-05-31T12:30:45Z", "2024-05-31T12:30:45Z ", "2024-05-31T12:30:45Z\n", "2024-05-31T12:30:45Z\0"]
        {
            assert!(both_refuse(text), "{text:?}");
        }
    }

    #[test]
    fn a_day_must_be_in_its_month() {
        let day = |date: &str| strict(&format!("{date}T12:30:45Z"));
        for date in ["2024-02-29", "2000-02-29", "0000-02-29", "2023-02-28", "2023-04-30", "2023-12-31", "2023-01-01"] {
            assert!(day(date), "{date}");
        }
        for date in [
            "2023-02-29",
            "1900-02-29",
            "2024-02-30",
            "2023-04-31",
            "2023-01-32",
            "2023-01-00",
            "2023-00-01",
            "2023-13-01",
        ] {
            assert!(!day(date), "{date}");
        }
    }

    #[test]
    fn a_leap_second_is_refused() {
        assert!(both_refuse("2016-12-31T23:59:60Z"));
    }

    #[test]
    fn a_time_beyond_the_day_is_refused() {
        for time in ["24:00:00", "25:00:00", "12:60:00", "12:00:61", "99:00:00"] {
            assert!(both_refuse(&format!("2024-05-31T{time}Z")), "{time}");
        }
    }

    #[test]
    fn an_offset_is_a_sign_and_hours_and_minutes() {
        for zone in
            ["+24:00", "+01:60", "+01", "01:00", "+1:00", "+01:0", "+01:00:00", "=01:00", "+0a:00", "Z+01:00", "UTC"]
        {
            assert!(both_refuse(&format!("2024-05-31T12:30:45{zone}")), "{zone}");
        }
    }

    #[test]
    fn three_zones_are_for_the_lenient_form_only() {
        for zone in ["", "-00:00", "+0130", "-0130", "+0000", "-0000"] {
            for fraction in ["", ".5"] {
                let text = format!("2024-05-31T12:30:45{fraction}{zone}");
                assert!(!strict(&text), "{text}");
                assert!(lenient(&text), "{text}");
            }
        }
        for zone in ["+2400", "+0160", "+013", "+01300", "0130", "z"] {
            assert!(both_refuse(&format!("2024-05-31T12:30:45{zone}")), "{zone}");
        }
    }

    #[test]
    fn an_instant_outside_years_0_to_9999_is_refused() {
        assert!(both_refuse("0000-01-01T00:00:00+00:30"));
        assert!(strict("0000-01-01T00:30:00+00:30"));
        assert!(strict("0000-01-01T00:00:00-00:30"));
        assert!(both_refuse("9999-12-31T23:59:59-00:01"));
        assert!(strict("9999-12-31T23:58:59.9-00:01"));
        assert!(strict("9999-12-31T23:59:59+00:01"));
    }

    #[test]
    fn instants_count_from_1970_in_utc() {
        assert_eq!(micros("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(micros("1969-12-31T23:59:59.75Z"), Some(-250_000));
        assert_eq!(micros("2001-09-09T01:46:40Z"), Some(1_000_000_000_000_000));
        assert_eq!(micros("2001-09-09T03:46:40+02:00"), Some(1_000_000_000_000_000));
        assert_eq!(micros("2001-09-08T20:16:40-05:30"), Some(1_000_000_000_000_000));
    }

    #[test]
    fn digits_finer_than_microseconds_are_cut_off() {
        assert_eq!(micros("1970-01-01T00:00:00.0000019999Z"), Some(1));
    }

    #[test]
    fn lenient_forms_have_instants_too() {
        assert_eq!(micros("1970-01-01T00:00:01"), Some(1_000_000));
        assert_eq!(micros("1970-01-01T00:00:01-00:00"), Some(1_000_000));
        assert_eq!(micros("1970-01-01T01:00:01+0100"), Some(1_000_000));
    }

    #[test]
    fn a_malformed_text_has_no_instant() {
        assert_eq!(micros(""), None);
        assert_eq!(micros("yesterday"), None);
        assert_eq!(micros("2024-02-30T00:00:00Z"), None);
    }

    #[test]
    fn three_digits_are_printed_where_they_suffice() {
        assert_eq!(printed(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(printed(1_717_200_000_120_000).as_deref(), Some("2024-06-01T00:00:00.120Z"));
        assert_eq!(printed(-1).as_deref(), Some("1969-12-31T23:59:59.999999Z"));
    }

    #[test]
    fn years_0_to_9999_can_be_printed_and_no_others() {
        assert_eq!(printed(FIRST_MICROS).as_deref(), Some("0000-01-01T00:00:00.000Z"));
        assert_eq!(printed(LAST_MICROS).as_deref(), Some("9999-12-31T23:59:59.999999Z"));
        assert_eq!(printed(FIRST_MICROS - 1), None);
        assert_eq!(printed(LAST_MICROS + 1), None);
        assert_eq!(printed(i64::MIN), None);
        assert_eq!(printed(i64::MAX), None);
    }

    #[test]
    fn instants_compare_across_zones_and_fraction_lengths() {
        assert_eq!(order("2024-05-31T12:00:00Z", "2024-05-31T14:00:00.000+02:00"), Ordering::Equal);
        assert_eq!(order("2024-05-31T12:00:00.5Z", "2024-05-31T12:00:00.50Z"), Ordering::Equal);
        assert_eq!(order("2024-05-31T12:00:00.5Z", "2024-05-31T12:00:00.49999999Z"), Ordering::Greater);
        assert_eq!(order("2024-05-31T12:00:00.00000001Z", "2024-05-31T12:00:00Z"), Ordering::Greater);
        assert_eq!(order("2024-05-31T12:00:00+01:00", "2024-05-31T12:00:00Z"), Ordering::Less);
    }

    #[test]
    fn a_malformed_text_comes_first() {
        assert_eq!(order("", "0000-01-01T00:00:00Z"), Ordering::Less);
        assert_eq!(order("", "never"), Ordering::Equal);
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_present_is_that_of_the_clock_to_the_millisecond() {
        let clock = || std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_millis());
        let before = clock();
        let now = Datetime::now();
        let millis = now.unix_micros().map(|micros| micros / 1000).and_then(|millis| u128::try_from(millis).ok());
        assert!(millis.is_some_and(|millis| (before..=clock()).contains(&millis)), "{now}");
        assert!(now.is_valid() && now.as_str().len() == 24 && now.as_str().ends_with('Z'), "{now}");
    }
}
