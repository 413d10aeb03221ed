//! Private keys in files.

use std::{
    fs::{self, OpenOptions},
    io::{Read, Write},
    path::Path,
};

use arobase::crypto::{Curve, PublicKey, Signer, SigningKey};

use crate::{failure::Failure, source::Source};

/// More than any form of a private key.
const MAX: u64 = 1024;

/// The key as hex.
pub(crate) fn to_hex(key: &SigningKey) -> String {
    hex(&*key.to_bytes())
}

/// Bytes as hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a private key to a file that was not there, and that only its owner may read.
///
/// # Errors
/// The file is there, or cannot be written.
pub(crate) fn write_new(path: &Path, hex: &str) -> Result<(), Failure> {
    let failure = |error| Failure::io(Source::File(path.to_owned()).to_string(), &error);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failure)?;
    let written = file.write_all(format!("{hex}\n").as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a key is none.
        let _ = fs::remove_file(path);
        failure(error)
    })
}

/// The public keys of the private key in a file: hex, of one curve if it is known and else of each; or a multikey,
/// which says its curve.
///
/// # Errors
/// The file cannot be read, or there is no key in it.
pub(crate) fn public_keys(file: &Source, curve: Option<Curve>) -> Result<Vec<PublicKey>, Failure> {
    let name = file.to_string();
    let mut text = String::new();
    let mut bytes = file.open()?.bytes.take(MAX + 1);
    bytes.read_to_string(&mut text).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => Failure::faulty(&name, NO_KEY),
        _ => Failure::io(&name, &error),
    })?;
    read(text.trim_ascii(), curve).ok_or_else(|| Failure::faulty(&name, NO_KEY))
}

// What is in the file may be a secret all the same, so that nothing of it is said.
const NO_KEY: &str = "no private key: neither 64 digits of hex in the range of the curve nor a multikey";

fn read(text: &str, curve: Option<Curve>) -> Option<Vec<PublicKey>> {
    if text.starts_with('z') {
        let key = SigningKey::from_multikey(text).ok()?;
        return curve.is_none_or(|curve| curve == key.curve()).then(|| vec![key.public_key()]);
    }
    let secret = from_hex(text)?;
    let curves = curve.map_or_else(|| vec![Curve::K256, Curve::P256], |curve| vec![curve]);
    let keys = curves.into_iter().map(|curve| Some(SigningKey::from_bytes(curve, &secret).ok()?.public_key()));
    keys.collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 2 * secret.len() {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "31f6b2673bc18bb1514a30f1f61fa7f95f98a437dee529d43f4bb9607acdafde";
    const PUBLIC: &str = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
    const MULTIKEY: &str = "z3vLXMvpjmtHSuYGQwqcyZDxnYL1pZXD33CkpqeWBjTooQyb";

    fn shown(text: &str, curve: Option<Curve>) -> Vec<String> {
        read(text, curve).unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hex_is_a_key_of_the_curve_that_is_said_and_else_of_each() {
        assert_eq!(shown(SECRET, Some(Curve::K256)), [PUBLIC]);
        assert_eq!(shown(&SECRET.to_uppercase(), Some(Curve::K256)), [PUBLIC]);
        let both = shown(SECRET, None);
        assert_eq!((both.len(), both[0].as_str()), (2, PUBLIC));
        assert!(both[1].starts_with("did:key:zDn"));
    }

    #[test]
    fn a_multikey_says_its_curve() {
        assert_eq!(shown(MULTIKEY, None), [PUBLIC]);
        assert_eq!(shown(MULTIKEY, Some(Curve::K256)), [PUBLIC]);
        assert!(shown(MULTIKEY, Some(Curve::P256)).is_empty());
    }

    #[test]
    fn what_is_no_number_of_the_curve_is_no_key() {
        let (zero, too_great) = ("0".repeat(64), "f".repeat(64));
        let signs = format!("+1{}", &SECRET[2..]);
        for text in ["", "z", "0x31", &SECRET[1..], &format!("{SECRET}00"), &zero, &too_great, &signs, PUBLIC] {
            assert!(read(text, None).is_none(), "{text}");
        }
    }
}
