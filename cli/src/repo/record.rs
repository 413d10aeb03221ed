//! Records as JSON.

use arobase::data::{CidLink, Codec, Value, cbor, json};

use crate::output::escape_controls;

/// Whether a record is DAG-CBOR as its CID says. Others are kept as they are and not looked into.
pub(crate) fn is_cbor(link: &CidLink) -> bool {
    link.as_cid().is_some_and(|cid| cid.codec() == Codec::DagCbor)
}

/// Reads a record.
///
/// # Errors
/// It is no DAG-CBOR, or no map.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    let value = cbor::parse(bytes).map_err(|error| format!("no record: {error}"))?;
    match value {
        Value::Map(_) => Ok(value),
        _ => Err("no record: not a map".to_owned()),
    }
}

/// A record as JSON in one line.
///
/// # Errors
/// It is no record, or JSON cannot hold it.
pub(crate) fn to_line(bytes: &[u8]) -> Result<String, String> {
    json::to_string(&read(bytes)?).map(escape_controls).map_err(|error| error.to_string())
}

/// A record as JSON for people, with a line break at its end.
///
/// # Errors
/// It is no record, or JSON cannot hold it.
pub(crate) fn to_pretty(bytes: &[u8]) -> Result<String, String> {
    let text = json::to_string_pretty(&read(bytes)?).map_err(|error| error.to_string())?;
    Ok(escape_controls(text.trim_end().to_owned()) + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_given_no_controls() {
        let record = b"\xa1\x61a\x68\x7f\xc2\x80\xc2\x9f\xc2\xa0.";
        assert_eq!(to_line(record).unwrap(), "{\"a\":\"\\u007f\\u0080\\u009f\u{a0}.\"}");
        assert_eq!(to_pretty(record).unwrap(), "{\n  \"a\": \"\\u007f\\u0080\\u009f\u{a0}.\"\n}\n");
    }

    #[test]
    fn a_record_is_a_map_in_its_one_encoding() {
        assert_eq!(to_line(b"\xa1\x61a\x01").unwrap(), r#"{"a":1}"#);
        assert_eq!(to_pretty(b"\xa1\x61a\x01").unwrap(), "{\n  \"a\": 1\n}\n");
        for wrong in [&b"\x01"[..], b"", b"\xa1\x61a\x18\x01", b"\xa1\x61a\xfb\x3f\xf0\0\0\0\0\0\0"] {
            assert!(to_line(wrong).is_err(), "{wrong:?}");
        }
    }
}
