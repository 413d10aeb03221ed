//! Reads an answer of `app.bsky.feed.getTimeline` and writes it back.

use std::io::{Read, Write, stdin, stdout};

use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut json = Vec::new();
    stdin().read_to_end(&mut json)?;
    let output: Value = serde_json::from_slice(&json)?;
    eprintln!("{} posts", output["feed"].as_array().map_or(0, Vec::len));
    stdout().write_all(&serde_json::to_vec(&output)?)?;
    Ok(())
}
