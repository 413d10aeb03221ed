//! Ours.

use arobase::app::bsky::feed::{Post, get_timeline::Output};
use arobase::data::{Data, Value};

use crate::inputs::{Forms, Inputs};
use crate::measure::case;

const STRICT: &str = "arobase, strict with validation";
const LENIENT: &str = "arobase, lenient";
const UNTYPED: &str = "arobase Value";

pub fn run(inputs: &Inputs) {
    timeline(inputs.timeline.as_bytes());
    post("post", &inputs.post);
    post("post, no reply", &inputs.rootless);
}

fn timeline(json: &[u8]) {
    let (decode, encode, size) = ("timeline JSON decode", "timeline JSON encode", json.len());
    case(decode, STRICT, size, || Output::from_json(json));
    case(decode, LENIENT, size, || Output::from_json_lenient(json));
    case(decode, UNTYPED, size, || Value::from_json(json));
    if let Ok(output) = Output::from_json(json) {
        assert_eq!(output.feed.len(), 50);
        case(encode, STRICT, size, || output.to_json());
        case(encode, LENIENT, size, || output.to_json_lenient());
        case("timeline validate", STRICT, size, || output.validate());
    }
    if let Ok(value) = Value::from_json(json) {
        case(encode, UNTYPED, size, || value.to_json());
    }
}

fn post(name: &str, forms: &Forms) {
    let (json, cbor) = (forms.json.as_bytes(), forms.cbor.as_slice());
    case(&format!("{name} JSON decode"), STRICT, json.len(), || Post::from_json(json));
    case(&format!("{name} JSON decode"), LENIENT, json.len(), || Post::from_json_lenient(json));
    case(&format!("{name} JSON decode"), UNTYPED, json.len(), || Value::from_json(json));
    case(&format!("{name} CBOR decode"), STRICT, cbor.len(), || Post::from_cbor(cbor));
    case(&format!("{name} CBOR decode"), LENIENT, cbor.len(), || Post::from_cbor_lenient(cbor));
    case(&format!("{name} CBOR decode"), UNTYPED, cbor.len(), || Value::from_cbor(cbor));
    if let Ok(post) = Post::from_cbor(cbor) {
        assert_eq!(post.to_cbor().ok().as_deref(), Some(cbor), "the bytes must survive");
        case(&format!("{name} JSON encode"), STRICT, json.len(), || post.to_json());
        case(&format!("{name} CBOR encode"), STRICT, cbor.len(), || post.to_cbor());
        case(&format!("{name} validate"), STRICT, cbor.len(), || post.validate());
    }
    if let Ok(value) = Value::from_cbor(cbor) {
        case(&format!("{name} JSON encode"), UNTYPED, json.len(), || value.to_json());
        case(&format!("{name} CBOR encode"), UNTYPED, cbor.len(), || value.to_cbor());
    }
}
