//! Reads an answer of `app.bsky.feed.getTimeline` and writes it back.

use std::io::{Read, Write, stdin, stdout};

use atrium_api::app::bsky::feed::get_timeline::Output;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut json = Vec::new();
    stdin().read_to_end(&mut json)?;
    let output: Output = serde_json::from_slice(&json)?;
    eprintln!("{} posts", output.feed.len());
    stdout().write_all(&serde_json::to_vec(&output)?)?;
    Ok(())
}
