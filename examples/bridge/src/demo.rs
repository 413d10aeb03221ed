//! A feed to look at: a server of two authors and one picture.

use std::error::Error;

use axum::{Json, Router, http::header, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A picture of one pixel.
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d,
    0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Serves the feed; where it is.
pub(crate) async fn serve_feed() -> Result<String, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let feed = feed(&url);
    let router = Router::new()
        .route("/feed.json", get(async move || Json(feed)))
        .route("/picture.png", get(async || ([(header::CONTENT_TYPE, "image/png")], PICTURE)));
    tokio::spawn(arobase::server::serve(listener, router).into_future());
    Ok(format!("{url}/feed.json"))
}

fn feed(url: &str) -> Value {
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News of a small town",
        "items": [
            {
                "id": "tram-1",
                "authors": [{ "name": "Ada Lovelace" }],
                "content_text": "The tram runs again.",
                "date_published": "2026-11-21T09:30:00Z",
            },
            {
                "id": "tram-2",
                "authors": [{ "name": "Charles" }],
                "content_text": "Here it is.",
                "date_published": "2026-11-21T09:45:00Z",
                "image": format!("{url}/picture.png"),
            },
        ],
    })
}
