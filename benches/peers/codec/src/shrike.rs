//! shrike: serde for JSON, generated codecs for DAG-CBOR, and a borrowed view of it.

use shrike::api::app::bsky::{FeedGetTimelineOutput, FeedPost, FeedPostCborView};

use crate::inputs::Inputs;
use crate::measure::case;
use crate::peer::{CborCodec, cbor, json};

const WHO: &str = "shrike 0.8.2";
const VIEW: &str = "shrike 0.8.2, borrowed view";

pub fn run(inputs: &Inputs) {
    json::<FeedGetTimelineOutput>("timeline", WHO, &inputs.timeline);
    let codec = CborCodec::<FeedPost> {
        decode: |cbor| FeedPost::from_cbor(cbor).map_err(|error| error.to_string()),
        encode: |post| post.to_cbor().map_err(|error| error.to_string()),
    };
    for (name, forms) in inputs.posts() {
        json::<FeedPost>(name, WHO, &forms.json);
        cbor(name, WHO, &codec, &forms.cbor);
        let bytes = forms.cbor.as_slice();
        case(&format!("{name} CBOR decode"), VIEW, bytes.len(), || FeedPostCborView::from_cbor(bytes));
    }
}
