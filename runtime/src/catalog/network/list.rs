//! The names of the lexicons in a repository, as its host lists them.

use std::collections::BTreeSet;

use arobase_lexicon::syntax::{AtUri, Did, Nsid};

use super::{
    LexiconError,
    proof::{Host, escaped},
    record::COLLECTION,
};
use crate::{
    data::Value,
    identity::{DidDocument, Freshness},
};

/// The most pages of a list, and the most records that are asked for on each.
const MAX_PAGES: usize = 100;
const PER_PAGE: usize = 100;

/// The most bytes of a cursor.
const MAX_CURSOR: usize = 1_024;

impl Host<'_> {
    /// The NSIDs of a group that have a lexicon in the repository of an authority, sorted.
    pub(super) async fn list(&self, did: &Did, group: &str) -> Result<Vec<Nsid>, LexiconError> {
        let document = self.document(did, Freshness::Cached).await?;
        let (mut found, mut cursor) = (BTreeSet::new(), None);
        for _ in 0..MAX_PAGES {
            let page = self.page(&document, cursor.as_deref()).await?;
            let names = page.get("records").and_then(Value::as_list).unwrap_or_default().iter().filter_map(name);
            found.extend(names.filter(|nsid| nsid.group() == group));
            let next = page.get("cursor").and_then(Value::as_str).filter(|next| !next.is_empty());
            match next {
                Some(next) if next.len() <= MAX_CURSOR && cursor.as_deref() != Some(next) => {
                    cursor = Some(next.to_owned());
                }
                _ => break,
            }
        }
        Ok(found.into_iter().collect())
    }

    async fn page(&self, document: &DidDocument, cursor: Option<&str>) -> Result<Value, LexiconError> {
        let repo = escaped(document.id());
        let cursor = cursor.map(|cursor| format!("&cursor={}", percent_encoded(cursor))).unwrap_or_default();
        let query = format!("repo={repo}&collection={COLLECTION}&limit={PER_PAGE}{cursor}");
        let page = self.get(document, "com.atproto.repo.listRecords", &query, "application/json").await?;
        Value::from_json(&page).map_err(|error| LexiconError::Data(error.to_string().into()))
    }
}

/// The NSID under which a record stands.
fn name(record: &Value) -> Option<Nsid> {
    let uri: AtUri = record.get("uri")?.as_str()?.parse().ok()?;
    let is_lexicon = uri.collection() == Some(COLLECTION);
    uri.rkey().filter(|_| is_lexicon)?.parse().ok()
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_key_of_a_record_in_the_collection_of_lexicons() {
        let of = |uri: &str| name(&Value::from_json(format!(r#"{{ "uri": "{uri}" }}"#).as_bytes()).unwrap());
        let nsid = of("at://did:web:a.example/com.atproto.lexicon.schema/com.example.thing");
        assert_eq!(nsid.unwrap().as_str(), "com.example.thing");
        for uri in [
            "at://did:web:a.example/com.example.note/com.example.thing",
            "https://a.example",
            "at://did:web:a.example",
            "at://did:web:a.example/com.atproto.lexicon.schema/self",
        ] {
            assert_eq!(of(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_cursor_is_escaped() {
        assert_eq!(percent_encoded("a&b=c d/é~"), "a%26b%3Dc%20d%2F%C3%A9~");
    }
}
