//! Reads an answer of `app.bsky.feed.getTimeline` and writes it back.

use std::io::{Read, Write, stdin, stdout};

use arobase::app::bsky::feed::get_timeline::Output;
use arobase::data::Data;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut json = Vec::new();
    stdin().read_to_end(&mut json)?;
    let output = Output::from_json(&json)?;
    eprintln!("{} posts", output.feed.len());
    stdout().write_all(&output.to_json()?)?;
    Ok(())
}
