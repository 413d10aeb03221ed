//! atrium-api: serde derives with a flattened map for unknown fields, formats checked by regex.

use atrium_api::app::bsky::feed::{get_timeline::Output, post::Record};

use crate::inputs::Inputs;
use crate::peer::{CborCodec, cbor, json};

const WHO: &str = "atrium-api 0.26.0";

pub fn run(inputs: &Inputs) {
    json::<Output>("timeline", WHO, &inputs.timeline);
    for (name, forms) in inputs.posts() {
        json::<Record>(name, WHO, &forms.json);
        cbor(name, WHO, &CborCodec::<Record>::serde(), &forms.cbor);
    }
}
