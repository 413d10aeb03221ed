//! JSON numbers: their grammar, and the integers among them.

/// Why a number is no integer of the data model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotInteger {
    Fraction,
    TooLarge,
}

/// The length of the number at the beginning, or how many bytes are right before the first wrong
/// one.
pub(super) fn len(bytes: &[u8]) -> Result<usize, usize> {
    let mut end = usize::from(bytes.first() == Some(&b'-'));
    end = match bytes.get(end) {
        Some(b'0') => end + 1,
        Some(b'1'..=b'9') => digits(bytes, end)?,
        _ => return Err(end),
    };
    if bytes.get(end) == Some(&b'.') {
        end = digits(bytes, end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(bytes, end + 1 + usize::from(signed))?;
    }
    Ok(end)
}

/// Where the digits that begin at `start` end; there must be one.
fn digits(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        0 => Err(start.min(bytes.len())),
        count => Ok(start + count),
    }
}

/// The value of a number that follows the grammar, if it is an integer: by what the number means,
/// not by how it is written, so that `5.0` and `1e2` are integers.
pub(super) fn integer(number: &str) -> Result<i64, NotInteger> {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let magnitude = match digits.parse() {
        Ok(magnitude) => magnitude,
        Err(_) => magnitude(digits)?,
    };
    let value = if negative { 0_i64.checked_sub_unsigned(magnitude) } else { magnitude.try_into().ok() };
    value.ok_or(NotInteger::TooLarge)
}

/// The value of a number without sign that has a fraction or an exponent, or is large.
fn magnitude(number: &str) -> Result<u64, NotInteger> {
    let (decimal, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_end_matches('0');
    let trailing_zeros = all.len() - digits.len();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let power = saturating(exponent)
        .saturating_sub_unsigned(fraction.len() as u64)
        .saturating_add_unsigned(trailing_zeros as u64);
    let power = u32::try_from(power).map_err(|_| match power {
        ..0 => NotInteger::Fraction,
        _ => NotInteger::TooLarge,
    })?;
    let value: Option<u64> = significant.parse().ok();
    value
        .zip(10_u64.checked_pow(power))
        .and_then(|(value, factor)| value.checked_mul(factor))
        .ok_or(NotInteger::TooLarge)
}

/// The exponent, or the end of the range on its side.
fn saturating(exponent: &str) -> i64 {
    exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_judged_by_value() {
        for (number, value) in [
            ("0", 0),
            ("-0", 0),
            ("0.0", 0),
            ("-0.00e5", 0),
            ("0e999999999999999999999", 0),
            ("5.0", 5),
            ("1e2", 100),
            ("1E+2", 100),
            ("1.50e1", 15),
            ("1500e-2", 15),
            ("120.0e-1", 12),
            ("-1.5e1", -15),
            ("9007199254740993", 9_007_199_254_740_993),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("-9.223372036854775808e18", i64::MIN),
            ("0.00000000000000000000000000001e29", 1),
        ] {
            assert_eq!(len(number.as_bytes()), Ok(number.len()), "{number}");
            assert_eq!(integer(number), Ok(value), "{number}");
        }
    }

    #[test]
    fn fractions_are_no_integers() {
        for number in ["5.5", "1e-1", "-0.1", "1.55e1", "1e-999999999999999999999", "0.1e-0"] {
            assert_eq!(len(number.as_bytes()), Ok(number.len()), "{number}");
            assert_eq!(integer(number), Err(NotInteger::Fraction), "{number}");
        }
    }

    #[test]
    fn the_range_is_64_bits() {
        for number in [
            "9223372036854775808",
            "-9223372036854775809",
            "1e19",
            "1e999999999",
            "-1e999999999999999999999",
            "18446744073709551616",
            "123456789012345678901234567890.5e1",
        ] {
            assert_eq!(integer(number), Err(NotInteger::TooLarge), "{number}");
        }
    }

    #[test]
    fn the_grammar_is_that_of_json() {
        for (text, right) in [
            ("", 0),
            ("-", 1),
            ("+1", 0),
            (".5", 0),
            ("1.", 2),
            ("1.e1", 2),
            ("1e", 2),
            ("1e+", 3),
            ("-x", 1),
            ("Infinity", 0),
            ("NaN", 0),
        ] {
            assert_eq!(len(text.as_bytes()), Err(right), "{text}");
        }
        assert_eq!(len(b"01"), Ok(1));
        assert_eq!(len(b"1-"), Ok(1));
    }
}
