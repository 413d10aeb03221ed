//! What peers have in common: serde types, measured the same way.

use serde::{Serialize, de::DeserializeOwned};

use crate::measure::{case, verdict};

/// How a peer reads and writes DAG-CBOR.
pub struct CborCodec<T> {
    pub decode: fn(&[u8]) -> Result<T, String>,
    pub encode: fn(&T) -> Result<Vec<u8>, String>,
}

#[cfg(not(any(feature = "arobase", feature = "shrike")))]
impl<T: Serialize + DeserializeOwned> CborCodec<T> {
    /// Through `serde_ipld_dagcbor`.
    pub fn serde() -> Self {
        Self {
            decode: |cbor| serde_ipld_dagcbor::from_slice(cbor).map_err(|error| error.to_string()),
            encode: |value| serde_ipld_dagcbor::to_vec(value).map_err(|error| error.to_string()),
        }
    }
}

/// Decode and encode of JSON, and whether the text comes back, the order of keys aside.
pub fn json<T: Serialize + DeserializeOwned>(name: &str, who: &str, json: &str) {
    let (decode, encode) = (format!("{name} JSON decode"), format!("{name} JSON encode"));
    // Bytes, the way a body arrives: text would spare a peer the check of its UTF-8.
    let bytes = json.as_bytes();
    case(&decode, who, json.len(), || serde_json::from_slice::<T>(bytes));
    match serde_json::from_slice::<T>(bytes) {
        Ok(value) => {
            case(&encode, who, json.len(), || serde_json::to_vec(&value));
            verdict(&format!("{name} JSON round trip"), who, || Ok(same_json(json, &serde_json::to_string(&value)?)));
        }
        Err(error) => case(&encode, who, json.len(), || Err::<(), _>(&error)),
    }
}

/// Equal as data and in length: two values of one key would not show in the data alone.
pub fn same_json(before: &str, after: &str) -> bool {
    let value = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    value(before) == value(after) && before.len() == after.len()
}

/// Decode and encode of DAG-CBOR, and whether the bytes come back.
pub fn cbor<T>(name: &str, who: &str, codec: &CborCodec<T>, cbor: &[u8]) {
    let (decode, encode) = (format!("{name} CBOR decode"), format!("{name} CBOR encode"));
    case(&decode, who, cbor.len(), || (codec.decode)(cbor));
    match (codec.decode)(cbor) {
        Ok(value) => {
            case(&encode, who, cbor.len(), || (codec.encode)(&value));
            verdict(&format!("{name} CBOR round trip"), who, || Ok((codec.encode)(&value)? == cbor));
        }
        Err(error) => case(&encode, who, cbor.len(), || Err::<(), _>(&error)),
    }
}
