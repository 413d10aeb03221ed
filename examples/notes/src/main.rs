//! Encodes, decodes and validates records of a lexicon of its own, in JSON and DAG-CBOR.
#![expect(clippy::print_stdout, reason = "a program that shows what it does")]

mod lexicons {
    //! What the build script made of `lexicons/`.
    arobase::include_lexicons!();
}

use std::error::Error;

use arobase::{
    data::{Cid, Data},
    syntax::Datetime,
};
use lexicons::com::example::{Note, note};

fn main() -> Result<(), Box<dyn Error>> {
    let (families, types) = (arobase::SCHEMAS.len(), arobase::SCHEMAS.iter().map(|family| family.len()).sum::<usize>());
    println!("the official lexicons are compiled in: {types} types in {families} families");

    let lisbon = note::Place::new(387_223_000, -91_393_000);
    let written = Note::new("A tram, at last.", "2026-11-21T09:30:00Z".parse::<Datetime>()?)
        .subject(lisbon)
        .mood(note::Mood::Content);

    let json = written.to_json()?;
    println!("{} as JSON: {}", Note::NSID, String::from_utf8_lossy(&json));
    let cbor = written.to_cbor()?;
    println!("as DAG-CBOR: {} bytes, {}", cbor.len(), Cid::of_cbor(&cbor));
    println!("both read back the same: {}", Note::from_json(&json)? == Note::from_cbor(&cbor)?);

    // What this program does not know survives, and the record keeps its CID.
    let newer = br#"{"$type":"com.example.note","createdAt":"2026-11-21T09:30:00Z","text":"hi","stars":5,
        "subject":{"$type":"com.example.song","title":"Ela"}}"#;
    let note = Note::from_json(newer)?;
    println!("unknown fields: {:?}, subject: {:?}", note.extra, note.subject);
    println!("its CID: {}", Cid::of_cbor(&note.to_cbor()?));

    // Mistakes are found where they are.
    for bad in [
        r#"{"$type":"com.example.note","text":"hi","createdAt":"yesterday"}"#,
        r#"{"$type":"com.example.note","text":"hi","createdAt":"2026-11-21T09:30:00Z",
            "subject":{"$type":"com.example.note#place","latitude":910000000,"longitude":0}}"#,
        r#"{"$type":"com.example.note","text":"hi"}"#,
    ] {
        if let Err(error) = Note::from_json(bad.as_bytes()) {
            println!("refused: {error}");
        }
    }
    let invalid = Note::new("x".repeat(3001), Datetime::now());
    for fault in invalid.validate_all() {
        println!("invalid: {fault}");
    }

    // A careful reader of other people's records takes what it can and says what was wrong.
    let sloppy = br#"{"$type":"com.example.note","text":"hi","createdAt":"yesterday","mood":7}"#;
    let read = Note::from_json_lenient(sloppy)?;
    println!("leniently: {:?}", read.value);
    for issue in read.issues {
        println!("  but {issue}");
    }
    Ok(())
}
