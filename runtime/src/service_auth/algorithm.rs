//! How JWTs name the curves.

use crate::crypto::Curve;

/// The name of a curve.
pub(super) const fn name(curve: Curve) -> &'static str {
    match curve {
        Curve::K256 => "ES256K",
        Curve::P256 => "ES256",
    }
}

/// The curve of a name. There are no others, `none` least of all.
pub(super) fn curve(name: &str) -> Option<Curve> {
    [Curve::K256, Curve::P256].into_iter().find(|curve| self::name(*curve) == name)
}
