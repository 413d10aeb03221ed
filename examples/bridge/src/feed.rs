//! Feeds in the form of JSON Feed 1.1, as far as a bridge needs them.

use arobase::syntax::Datetime;
use serde_json::Value;

/// The most items of a feed that are looked at.
const MOST: usize = 100;

/// Something that an author published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// What names it in the feed.
    pub(crate) id: String,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) published: Datetime,
    /// The URL of a picture.
    pub(crate) image: Option<String>,
}

/// Reads a feed. Items that lack what a post needs are passed over.
///
/// # Errors
/// It is no feed.
pub(crate) fn parse(json: &[u8]) -> Result<Vec<Item>, String> {
    let feed: Value = serde_json::from_slice(json).map_err(|error| format!("this is no JSON: {error}"))?;
    let items = feed.get("items").and_then(Value::as_array).ok_or("this is no feed: it has no items")?;
    Ok(items.iter().take(MOST).filter_map(|item| read(item, &feed)).collect())
}

fn read(item: &Value, feed: &Value) -> Option<Item> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(Item {
        id: text("id")?.to_owned(),
        author: author(item).or_else(|| author(feed))?.to_owned(),
        text: text("content_text").or_else(|| text("title"))?.to_owned(),
        published: text("date_published")?.parse().ok()?,
        image: text("image").map(str::to_owned),
    })
}

fn author(of: &Value) -> Option<&str> {
    of.get("authors")?.as_array()?.first()?.get("name")?.as_str().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_the_author_of_the_feed_where_they_have_none() {
        let feed = br#"{"authors": [{"name": "Ada"}], "items": [
            {"id": "1", "content_text": "One", "date_published": "2026-11-21T09:30:00Z", "authors": [{"name": "Bob"}]},
            {"id": "2", "title": "Two", "date_published": "2026-11-21T09:31:00Z", "image": "http://localhost/i.png"}
        ]}"#;
        let items = parse(feed).unwrap();
        let told: Vec<_> = items.iter().map(|item| (&*item.author, &*item.text, item.image.is_some())).collect();
        assert_eq!(told, [("Bob", "One", false), ("Ada", "Two", true)]);
    }

    #[test]
    fn what_lacks_something_is_passed_over_and_what_is_no_feed_is_refused() {
        assert_eq!(parse(br#"{"items": [{"id": "1"}, {}, 7]}"#), Ok(Vec::new()));
        assert!(parse(b"{}").is_err() && parse(b"<feed/>").is_err());
    }
}
