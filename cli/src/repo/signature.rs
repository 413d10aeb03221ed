//! Signatures, as far as they can be judged without a key.

use arobase::crypto::{Curve, Signature};

/// The form of a signature, without any key (Cryptography, signatures).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// 64 bytes, low-S on both curves.
    Low,
    /// 64 bytes, valid on K-256 only: the half of its order is greater.
    LowOnK256,
    /// 64 bytes, high-S on both curves.
    High,
    /// 64 bytes, of which a number is 0, or the first is too great for both curves.
    Range,
    /// Another number of bytes.
    Length,
}

impl Form {
    /// The form of a signature.
    pub(crate) fn of(signature: &[u8]) -> Self {
        let Ok(bytes) = <&[u8; 64]>::try_from(signature) else { return Self::Length };
        let on = |curve| Signature::from_slice(curve, bytes).is_some();
        // Both bounds of K-256 are above those of P-256.
        match (on(Curve::K256), on(Curve::P256)) {
            (_, true) => Self::Low,
            (true, false) => Self::LowOnK256,
            (false, false) if is_r(&bytes[..32]) && bytes[32..] != [0; 32] => Self::High,
            (false, false) => Self::Range,
        }
    }

    /// Whether no key of either curve makes such a signature.
    pub(crate) fn is_refused(self) -> bool {
        !matches!(self, Self::Low | Self::LowOnK256)
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Low => "low-S",
            Self::LowOnK256 => "valid if K-256, out of range or high-S if P-256",
            Self::High => "high-S, which is refused",
            Self::Range => "a number out of range, which is refused",
            Self::Length => "not 64 bytes, which is refused",
        }
    }

    /// In a word, for JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::LowOnK256 => "low-on-k256",
            Self::High => "high",
            Self::Range => "out-of-range",
            Self::Length => "none",
        }
    }
}

/// Whether a number can be the first of a signature on either curve.
fn is_r(number: &[u8]) -> bool {
    Signature::from_slice(Curve::K256, &[number, &[1; 32]].concat()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(r: u8, s: u8) -> Form {
        Form::of(&[[r; 32], [s; 32]].concat())
    }

    #[test]
    fn forms_are_told_apart() {
        assert_eq!(form(1, 1), Form::Low);
        assert_eq!(form(1, 0x7f), Form::Low);
        // Half of the order of P-256 begins with 7fffffff80, that of K-256 with 7fffffffff.
        let between = [&[1; 32][..], &[0x7f, 0xff, 0xff, 0xff, 0xf0], &[0; 27]].concat();
        assert_eq!(Form::of(&between), Form::LowOnK256);
        assert_eq!(form(1, 0xff), Form::High);
        for (r, s) in [(0, 0), (0, 1), (1, 0), (0xff, 1), (0xff, 0xff)] {
            assert_eq!(form(r, s), Form::Range, "{r} {s}");
        }
        assert_eq!((Form::of(&[0; 63]), Form::of(&[])), (Form::Length, Form::Length));
        assert!(form(1, 0xff).is_refused() && form(0, 0).is_refused() && !form(1, 1).is_refused());
    }
}
