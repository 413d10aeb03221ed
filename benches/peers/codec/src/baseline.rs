//! What needs no peer: serde_json's and ipld-core's untyped data, plain serde derives, and the floor.

use ipld_core::{cid::Cid, ipld::Ipld};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::derive::{JsonLink, Output, Post};
use crate::inputs::Inputs;
use crate::measure::case;
use crate::peer::{CborCodec, cbor, json};

const UNTYPED: &str = "serde_json Value";
const IPLD: &str = "serde_ipld_dagcbor Ipld";
const DERIVE: &str = "plain serde derive, unchecked, unknowns dropped";

pub fn run(inputs: &Inputs) {
    let timeline = inputs.timeline.as_str();
    case("timeline JSON scan", "serde_json IgnoredAny", timeline.len(), || {
        serde_json::from_slice::<IgnoredAny>(timeline.as_bytes())
    });
    json::<Value>("timeline", UNTYPED, timeline);
    json::<Output>("timeline", DERIVE, timeline);
    for (name, forms) in inputs.posts() {
        json::<Value>(name, UNTYPED, &forms.json);
        json::<Post<JsonLink>>(name, DERIVE, &forms.json);
        cbor(name, IPLD, &CborCodec::<Ipld>::serde(), &forms.cbor);
        cbor(name, DERIVE, &CborCodec::<Post<Cid>>::serde(), &forms.cbor);
    }
}
