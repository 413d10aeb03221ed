//! `arobase identity key`: keys.

use arobase::crypto::{Curve, PublicKey, Signer, SigningKey};
use arobase::lexicon::json::Json;

use crate::{
    failure::{Failure, SUCCESS},
    output::{Out, object, optional, string},
};

use super::{
    args::{Generate, Show},
    secret,
    text::Lines,
};

/// Makes a key.
///
/// # Errors
/// The file cannot be written, or is there already; the output cannot be written.
pub(crate) fn generate(wanted: &Generate, out: &mut Out) -> Result<u8, Failure> {
    let key = SigningKey::generate(wanted.curve);
    let hex = secret::to_hex(&key);
    if let Some(file) = &wanted.out {
        secret::write_new(file, &hex)?;
    }
    let public = key.public_key();
    let printed = wanted.print_secret.then_some(hex.as_str());
    if out.json() {
        out.line(object([
            ("key", string(&public)),
            ("curve", Json::from(name(public.curve()))),
            ("secret", optional(printed, Json::from)),
        ]))?;
    } else {
        out.line(&public)?;
        if let Some(secret) = printed {
            out.line(secret)?;
        }
    }
    Ok(SUCCESS)
}

/// Says what a key is.
///
/// # Errors
/// The file cannot be read or has no key; the output cannot be written.
pub(crate) fn show(wanted: &Show, out: &mut Out) -> Result<u8, Failure> {
    let keys = match wanted {
        Show::Public(key) => vec![key.clone()],
        Show::File { file, curve } => secret::public_keys(file, *curve)?,
    };
    // What the file does not say: each curve has a key of that number.
    for key in &keys {
        if out.json() { out.line(to_json(key))? } else { out.text(&to_text(key))? }
    }
    Ok(SUCCESS)
}

fn to_text(key: &PublicKey) -> String {
    let mut lines = Lines::default();
    lines.head(&key.to_did_key());
    lines.line("curve", name(key.curve()));
    lines.line("point", secret::hex(key.as_bytes()));
    lines.0
}

fn to_json(key: &PublicKey) -> Json {
    let point = Json::String(secret::hex(key.as_bytes()));
    object([("key", string(key)), ("curve", Json::from(name(key.curve()))), ("point", point)])
}

fn name(curve: Curve) -> &'static str {
    match curve {
        Curve::K256 => "k256",
        Curve::P256 => "p256",
    }
}
