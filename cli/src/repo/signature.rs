//! Signatures, as far as they can be judged without a key.

/// Half of the order of K-256, above which a second number of a signature is high.
const HALF_K256: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// Half of the order of P-256.
const HALF_P256: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// The form of a signature, without any key (Cryptography, signatures).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// 64 bytes, low-S on both curves.
    Low,
    /// 64 bytes, low-S on K-256 and high-S on P-256.
    LowOnK256,
    /// 64 bytes, high-S.
    High,
    /// Another number of bytes.
    Length,
}

impl Form {
    /// The form of a signature.
    pub(crate) fn of(signature: &[u8]) -> Self {
        let Ok(signature) = <&[u8; 64]>::try_from(signature) else { return Self::Length };
        let s = &signature[32..];
        if *s <= HALF_P256[..] {
            Self::Low
        } else if *s <= HALF_K256[..] {
            Self::LowOnK256
        } else {
            Self::High
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Low => "low-S",
            Self::LowOnK256 => "low-S if K-256, high-S if P-256",
            Self::High => "high-S, which is refused",
            Self::Length => "not 64 bytes, which is refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(s: &[u8; 32]) -> Vec<u8> {
        [&[1; 32][..], s].concat()
    }

    #[test]
    fn a_signature_is_low_up_to_half_of_the_order() {
        assert_eq!(Form::of(&signature(&HALF_P256)), Form::Low);
        assert_eq!(Form::of(&signature(&HALF_K256)), Form::LowOnK256);
        let mut above = HALF_K256;
        above[31] += 1;
        assert_eq!(Form::of(&signature(&above)), Form::High);
        assert_eq!(Form::of(&[0; 63]), Form::Length);
        assert_eq!(Form::of(&[]), Form::Length);
    }
}
