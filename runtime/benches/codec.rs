//! The untyped codecs and CIDs: `cargo bench -p arobase-runtime`.
//!
//! Each case runs in many short batches and the fastest is reported, since noise only ever adds.
//! An argument keeps the cases whose name contains it. Without `--bench`, as tests run it, each case
//! runs once.
#![allow(clippy::print_stdout)]

mod support;

use std::fmt::Write;

use arobase_runtime::data::{Cid, Error, Value};

fn main() -> Result<(), Error> {
    let json = posts();
    let value = Value::from_json(json.as_bytes())?;
    let cbor = value.to_cbor()?;
    let link = Cid::of_cbor(&cbor);
    let (bytes, text) = (link.to_bytes(), link.to_string());

    case("value JSON decode", json.len(), || Value::from_json(json.as_bytes()));
    case("value JSON encode", json.len(), || value.to_json());
    case("value CBOR decode", cbor.len(), || Value::from_cbor(&cbor));
    case("value CBOR encode", cbor.len(), || value.to_cbor());
    case("value CID", cbor.len(), || value.cid());
    case("CID of a block", cbor.len(), || Cid::of_cbor(&cbor));
    case("CID from bytes", bytes.len(), || Cid::from_bytes(&bytes));
    case("CID from text", text.len(), || text.parse::<Cid>());
    case("CID to text", text.len(), || link.to_string());
    Ok(())
}

/// 50 records the way people write them: text, a link to an image, numbers, lists.
fn posts() -> String {
    let mut json = String::from("[");
    for i in 0..50_u32 {
        let cid = Cid::of_raw(&i.to_be_bytes());
        let comma = if i > 0 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(
            json,
            r#"{comma}{{"$type":"com.example.note","createdAt":"2026-03-{day:02}T10:{minute:02}:00.000Z",
            "image":{{"$type":"blob","ref":{{"$link":"{cid}"}},"mimeType":"image/png","size":{size}}},
            "langs":["pt","en"],"reply":{{"root":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/com.example.note/{i}"}},
            "text":"Note {i}: the ferry left at noon, \"slowly\",\nand nobody minded \ud83e\udd8b.","pinned":{pinned}}}"#,
            day = i % 28 + 1,
            minute = i % 60,
            size = 1000 + i * 977,
            pinned = i % 7 == 0,
        );
    }
    json.push(']');
    json
}

/// Prints the time per call in nanoseconds and the throughput in megabytes per second.
fn case<T>(name: &str, bytes: usize, run: impl FnMut() -> T) {
    if let Some(nanos) = support::nanos(name, run) {
        println!("{name:<20} {nanos:>12.1} ns {:>8.0} MB/s", bytes as f64 * 1e3 / nanos);
    }
}
