//! The sequence numbers of event streams (XRPC, event streams: sequencing): the integer `seq` of a
//! payload. They are found in the bytes, so that typed, dynamic and raw use need not differ, and
//! without reading what stands behind them, which is most of a message.

use std::cmp::Ordering;

use crate::data::{Error, Limits, cbor::CborReader, is_safe_integer, map::key_order, source::Source};

const KEY: &str = "seq";

/// The number of a payload; `None` where it has none.
#[cfg(feature = "client")]
pub(crate) fn of_payload(payload: &[u8]) -> Option<i64> {
    find(&mut CborReader::new(payload, Limits::DEFAULT)).ok().flatten()
}

/// The number of a frame; `None` where it has none.
#[cfg(feature = "server")]
pub(crate) fn of_frame(frame: &[u8]) -> Option<i64> {
    let mut reader = CborReader::new(frame, Limits::DEFAULT);
    reader.pass().ok()?;
    find(&mut reader).ok().flatten()
}

fn find(reader: &mut CborReader<'_>) -> Result<Option<i64>, Error> {
    reader.enter_map()?;
    while let Some(key) = reader.next_key()? {
        match key_order(key, KEY) {
            Ordering::Less => reader.pass()?,
            // A number that no stream can have would spoil the cursor for good.
            Ordering::Equal => return reader.int().map(|seq| Some(seq).filter(|seq| is_safe_integer(*seq))),
            Ordering::Greater => return Ok(None),
        }
    }
    Ok(None)
}

#[cfg(all(test, feature = "client", feature = "server"))]
mod tests {
    use super::*;
    use crate::data::Value;

    fn cbor(json: &str) -> Vec<u8> {
        Value::from_json(json.as_bytes()).and_then(|value| value.to_cbor()).unwrap()
    }

    #[test]
    fn the_number_is_found_behind_shorter_keys() {
        assert_eq!(of_payload(&cbor(r#"{"t":[{"seq":1}],"ops":{"seq":2},"seq":7,"blocks":"x"}"#)), Some(7));
        assert_eq!(of_payload(&cbor(r#"{"seq":-1}"#)), Some(-1));
    }

    #[test]
    fn other_payloads_have_none() {
        for json in [
            r"{}",
            r#"{"seq":"7"}"#,
            r#"{"name":"OutdatedCursor"}"#,
            r#"{"sequence":7}"#,
            r#"{"seq":9223372036854775807}"#,
            "[7]",
        ] {
            assert_eq!(of_payload(&cbor(json)), None, "{json}");
        }
    }

    #[test]
    fn broken_bytes_have_none() {
        let whole = cbor(r#"{"ops":["a","b"],"seq":1000}"#);
        for end in 0..whole.len() {
            assert_eq!(of_payload(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn the_header_of_a_frame_is_passed_over() {
        let frame = [cbor(r##"{"op":1,"t":"#tick"}"##), cbor(r#"{"seq":7}"#)].concat();
        assert_eq!(of_frame(&frame), Some(7));
        assert_eq!(of_frame(&frame[..4]), None);
    }
}
