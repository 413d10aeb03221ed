//! jacquard-api: serde derives over a string type of choice, owned here; borrowed text is measured too.

use jacquard_api::app_bsky::feed::{get_timeline::GetTimelineOutput, post::Post};
use jacquard_common::{CowStr, deps::smol_str::SmolStr};

use crate::inputs::Inputs;
use crate::measure::case;
use crate::peer::{CborCodec, cbor, json};

const OWNED: &str = "jacquard-api 0.12.2, owned";
const BORROWED: &str = "jacquard-api 0.12.2, borrowed";

pub fn run(inputs: &Inputs) {
    let timeline = &inputs.timeline;
    json::<GetTimelineOutput<SmolStr>>("timeline", OWNED, timeline);
    case("timeline JSON decode", BORROWED, timeline.len(), || {
        serde_json::from_slice::<GetTimelineOutput<CowStr<'_>>>(timeline.as_bytes())
    });
    for (name, forms) in inputs.posts() {
        json::<Post<SmolStr>>(name, OWNED, &forms.json);
        cbor(name, OWNED, &CborCodec::<Post<SmolStr>>::serde(), &forms.cbor);
    }
}
