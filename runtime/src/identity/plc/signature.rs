//! Signatures in text.

use data_encoding::BASE64URL_NOPAD;

use super::OperationError;
use crate::crypto::{Curve, Signature};

/// The text of a signature: 86 characters of base64url.
pub(super) fn to_text(signature: &Signature) -> String {
    BASE64URL_NOPAD.encode(signature.as_bytes())
}

/// Reads it. There is one text for each signature: no padding, no line breaks, no stray bits.
pub(super) fn from_text(text: &str) -> Result<Signature, OperationError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| OperationError::SignatureEncoding)?;
    let bytes = <[u8; 64]>::try_from(bytes).map_err(|bytes| OperationError::SignatureLength(bytes.len()))?;
    check(&bytes)?;
    Ok(Signature::from_bytes(bytes))
}

/// Whether the numbers are those of a signature of some curve. The bounds of K-256 are the wider ones in both
/// numbers, so that what they do not hold is of neither curve; what only P-256 does not hold comes out when a key of
/// P-256 is tried.
pub(super) fn check(bytes: &[u8; 64]) -> Result<(), OperationError> {
    if Signature::from_slice(Curve::K256, bytes).is_some() {
        return Ok(());
    }
    let (r, s) = bytes.split_at(32);
    let mut with_least_s = [0; 64];
    with_least_s[..32].copy_from_slice(r);
    with_least_s[63] = 1;
    let r_is_valid = Signature::from_slice(Curve::K256, &with_least_s).is_some();
    let s_is_high = s.iter().any(|byte| *byte != 0);
    Err(if r_is_valid && s_is_high { OperationError::SignatureHighS } else { OperationError::SignatureRange })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const ONE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
    const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";

    fn checked(r: &str, s: &str) -> Result<(), OperationError> {
        let bytes = data_encoding::HEXLOWER.decode([r, s].concat().as_bytes()).unwrap();
        check(&bytes.try_into().unwrap())
    }

    #[test]
    fn numbers_of_neither_curve_are_told_from_high_s() {
        assert_eq!(checked(ONE, HALF), Ok(()));
        let above = HALF.replace("a0", "a1");
        assert_eq!(checked(ONE, &above), Err(OperationError::SignatureHighS));
        assert_eq!(checked(ONE, ORDER), Err(OperationError::SignatureHighS));
        for (r, s) in [(ZERO, ONE), (ONE, ZERO), (ORDER, ONE), (ZERO, ZERO), (ORDER, ORDER), (ZERO, ORDER)] {
            assert_eq!(checked(r, s), Err(OperationError::SignatureRange), "{r} {s}");
        }
    }

    #[test]
    fn whatever_p256_allows_k256_allows_too() {
        // Half the order of P-256, and the order less 1.
        let half = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";
        let greatest = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
        assert_eq!(checked(greatest, half), Ok(()));
    }

    #[test]
    fn a_signature_has_exactly_one_text() {
        let text = "qf-wWPhDHZrl1R3NUQAtL75gNe6hTEcnG7__XGOiHPF_Xn0tC6CQG41TRdoR0u2pd_UV3JKIEzXMauJSBvXiPw";
        assert_eq!(to_text(&from_text(text).unwrap()), text);
        let head = &text[..85];
        for last in "Qg".chars().chain("A".chars()) {
            assert!(from_text(&format!("{head}{last}")).is_ok(), "{last}");
        }
        let others = ["x", "B", "-", "", "w=", "w==", "w\n", "+", "/", " ", "é"];
        for tail in others {
            assert_eq!(from_text(&format!("{head}{tail}")), Err(OperationError::SignatureEncoding), "{tail:?}");
        }
        assert_eq!(from_text(&format!("\n{text}")), Err(OperationError::SignatureEncoding));
        let swapped = text.replace('-', "+").replace('_', "/");
        assert_eq!(from_text(&swapped), Err(OperationError::SignatureEncoding));
    }

    #[test]
    fn a_signature_has_64_bytes() {
        for len in [0, 1, 63, 65, 70, 72] {
            let text = BASE64URL_NOPAD.encode(&vec![1; len]);
            assert_eq!(from_text(&text), Err(OperationError::SignatureLength(len)));
        }
    }
}
