//! Ours.

use arobase::app::bsky::feed::{Post, get_timeline::Output};
use arobase::data::{Data, Error, Value};

use crate::inputs::Inputs;
use crate::measure::{case, verdict};
use crate::peer::{self, CborCodec, cbor, same_json};

const STRICT: &str = "arobase, strict with validation";
const LENIENT: &str = "arobase, lenient";
const SERDE: &str = "arobase through serde_json";
const UNTYPED: &str = "arobase Value";

pub fn run(inputs: &Inputs) {
    json::<Output>("timeline", &inputs.timeline);
    peer::json::<Output>("timeline", SERDE, &inputs.timeline);
    for (name, forms) in inputs.posts() {
        json::<Post>(name, &forms.json);
        let bytes = forms.cbor.as_slice();
        let strict =
            CborCodec::<Post> { decode: |bytes| text(Post::from_cbor(bytes)), encode: |post| text(post.to_cbor()) };
        let untyped =
            CborCodec::<Value> { decode: |bytes| text(Value::from_cbor(bytes)), encode: |value| text(value.to_cbor()) };
        cbor(name, STRICT, &strict, bytes);
        case(&format!("{name} CBOR decode"), LENIENT, bytes.len(), || Post::from_cbor_lenient(bytes));
        cbor(name, UNTYPED, &untyped, bytes);
    }
}

fn text<T>(result: Result<T, Error>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn json<T: Data>(name: &str, json: &str) {
    let (decode, encode) = (format!("{name} JSON decode"), format!("{name} JSON encode"));
    let (bytes, size) = (json.as_bytes(), json.len());
    case(&decode, STRICT, size, || T::from_json(bytes));
    case(&decode, LENIENT, size, || T::from_json_lenient(bytes));
    case(&decode, UNTYPED, size, || Value::from_json(bytes));
    if let Ok(typed) = T::from_json(bytes) {
        case(&encode, STRICT, size, || typed.to_json());
        case(&encode, LENIENT, size, || typed.to_json_lenient());
        case(&format!("{name} validate"), STRICT, size, || typed.validate());
        verdict(&format!("{name} JSON round trip"), STRICT, || {
            Ok(same_json(json, &String::from_utf8(typed.to_json()?)?))
        });
    }
    if let Ok(value) = Value::from_json(bytes) {
        case(&encode, UNTYPED, size, || value.to_json());
    }
}
