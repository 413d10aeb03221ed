//! The curves, and what of them is not arithmetic.

/// The curves of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// K-256, secp256k1; JWT algorithm `ES256K`.
    K256,
    /// P-256, secp256r1; JWT algorithm `ES256`.
    P256,
}

impl Curve {
    /// What a multikey of the curve begins with: the multicodec number of its public keys, as a varint.
    pub(super) const fn multicodec(self) -> [u8; 2] {
        match self {
            Self::K256 => [0xe7, 0x01],
            Self::P256 => [0x80, 0x24],
        }
    }

    /// The same of its private keys.
    pub(super) const fn secret_multicodec(self) -> [u8; 2] {
        match self {
            Self::K256 => [0x81, 0x26],
            Self::P256 => [0x86, 0x26],
        }
    }

    /// The order of the group: numbers in signatures, and secret scalars, are less.
    pub(super) const fn order(self) -> &'static [u8; 32] {
        match self {
            Self::K256 => &K256_ORDER,
            Self::P256 => &P256_ORDER,
        }
    }

    /// Half the order, rounded down: the greatest `s` of a signature.
    pub(super) const fn half_order(self) -> &'static [u8; 32] {
        match self {
            Self::K256 => &K256_HALF,
            Self::P256 => &P256_HALF,
        }
    }
}

const K256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

const K256_HALF: [u8; 32] = halved(&K256_ORDER);
const P256_HALF: [u8; 32] = halved(&P256_ORDER);

const fn halved(number: &[u8; 32]) -> [u8; 32] {
    let mut half = [0; 32];
    let mut carry = 0;
    let mut at = 0;
    while at < number.len() {
        half[at] = carry | number[at] >> 1;
        carry = number[at] << 7;
        at += 1;
    }
    half
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn half_the_order_is_the_published_bound_of_low_s() {
        let known = [
            (Curve::K256, "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"),
            (Curve::P256, "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8"),
        ];
        for (curve, half) in known {
            assert_eq!(HEXLOWER.encode(curve.half_order()), half, "{curve:?}");
        }
    }
}
