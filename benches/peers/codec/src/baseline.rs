//! What needs no peer: serde_json's and ipld-core's untyped data, plain serde derives, and the floor.

use ipld_core::{cid::Cid, ipld::Ipld};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::derive::{JsonLink, Output, Post};
use crate::inputs::{Forms, Inputs};
use crate::measure::case;

const UNTYPED: &str = "serde_json Value";
const IPLD: &str = "serde_ipld_dagcbor, Ipld";
const DERIVE: &str = "plain serde derive, no checks, unknowns dropped";

pub fn run(inputs: &Inputs) {
    timeline(inputs.timeline.as_bytes());
    post("post", &inputs.post);
    post("post, no reply", &inputs.rootless);
}

fn timeline(json: &[u8]) {
    let (decode, encode, size) = ("timeline JSON decode", "timeline JSON encode", json.len());
    case("timeline JSON scan", "serde_json IgnoredAny", size, || serde_json::from_slice::<IgnoredAny>(json));
    case(decode, UNTYPED, size, || serde_json::from_slice::<Value>(json));
    case(decode, DERIVE, size, || serde_json::from_slice::<Output>(json));
    if let Ok(value) = serde_json::from_slice::<Value>(json) {
        case(encode, UNTYPED, size, || serde_json::to_vec(&value));
    }
    if let Ok(output) = serde_json::from_slice::<Output>(json) {
        case(encode, DERIVE, size, || serde_json::to_vec(&output));
    }
}

fn post(name: &str, forms: &Forms) {
    let (json, cbor) = (forms.json.as_bytes(), forms.cbor.as_slice());
    case(&format!("{name} JSON decode"), UNTYPED, json.len(), || serde_json::from_slice::<Value>(json));
    case(&format!("{name} JSON decode"), DERIVE, json.len(), || serde_json::from_slice::<Post<JsonLink>>(json));
    case(&format!("{name} CBOR decode"), IPLD, cbor.len(), || serde_ipld_dagcbor::from_slice::<Ipld>(cbor));
    case(&format!("{name} CBOR decode"), DERIVE, cbor.len(), || serde_ipld_dagcbor::from_slice::<Post<Cid>>(cbor));
    if let Ok(value) = serde_json::from_slice::<Value>(json) {
        case(&format!("{name} JSON encode"), UNTYPED, json.len(), || serde_json::to_vec(&value));
    }
    if let Ok(post) = serde_json::from_slice::<Post<JsonLink>>(json) {
        case(&format!("{name} JSON encode"), DERIVE, json.len(), || serde_json::to_vec(&post));
    }
    if let Ok(value) = serde_ipld_dagcbor::from_slice::<Ipld>(cbor) {
        case(&format!("{name} CBOR encode"), IPLD, cbor.len(), || serde_ipld_dagcbor::to_vec(&value));
    }
    match serde_ipld_dagcbor::from_slice::<Post<Cid>>(cbor) {
        Ok(post) => case(&format!("{name} CBOR encode"), DERIVE, cbor.len(), || serde_ipld_dagcbor::to_vec(&post)),
        Err(error) => case(&format!("{name} CBOR encode"), DERIVE, cbor.len(), || Err::<(), _>(&error)),
    }
}
