//! From a feed to accounts and posts.

use std::{error::Error, sync::Arc};

use arobase::{
    app::bsky::{
        embed::{
            defs::AspectRatio,
            images::{Image, Images},
        },
        feed::{Post, post::Embed},
    },
    client::Transport,
    data::{Cid, Data},
    identity::PublicTransport,
    syntax::{Did, Handle, Nsid, RecordKey, Tid},
    xrpc::Body,
};
use arobase_pds::{Change, Pds, RemoteLimits, SignUp, WriteOptions};
use http::Request;

use crate::feed::{self, Item};

/// The most bytes of a feed.
const MOST: u64 = 4 << 20;
/// The most characters of a post.
const LENGTH: usize = 300;

/// Brings what is in a feed into repositories.
pub(crate) struct Bridge {
    pds: Pds,
    web: Arc<PublicTransport>,
    limits: RemoteLimits,
}

impl Bridge {
    pub(crate) fn new(pds: &Pds, web: Arc<PublicTransport>) -> Self {
        let mut limits = RemoteLimits::default();
        limits.max_bytes = 2_000_000;
        limits.accept = vec!["image/*".into()];
        Self { pds: pds.clone(), web, limits }
    }

    /// Carries over what is new in a feed.
    pub(crate) async fn carry_over(&self, url: &str) -> Result<(), Box<dyn Error>> {
        let answer = self.web.send(Request::get(url).body(Body::new(""))?).await?;
        if !answer.status().is_success() {
            return Err(format!("it answered {}", answer.status()).into());
        }
        for item in feed::parse(&answer.into_body().collect(MOST).await?)? {
            // One item that cannot be carried over does not hold up the others.
            if let Err(error) = self.carry(&item).await {
                println!("item {} was left out: {error}", item.id);
            }
        }
        Ok(())
    }

    async fn carry(&self, item: &Item) -> Result<(), Box<dyn Error>> {
        let did = self.account(&item.author).await?;
        let (collection, rkey): (Nsid, RecordKey) = (Post::NSID.parse()?, key(item)?);
        if self.pds.record(&did, &collection, &rkey).await?.is_some() {
            return Ok(());
        }
        let post = self.post(&did, item).await?;
        let create = Change::Create { collection, rkey: Some(rkey), record: post.to_value()? };
        self.pds.write(&did, vec![create], WriteOptions::default()).await?;
        Ok(())
    }

    /// The account of an author, which has no password: nobody but this program writes to it.
    async fn account(&self, author: &str) -> Result<Did, Box<dyn Error>> {
        let domain = self.pds.settings().handle_domains.first().ok_or("there is no domain for handles")?;
        let handle: Handle = format!("{}{domain}", label(author)).parse()?;
        if let Some(account) = self.pds.account(&handle.clone().into()).await? {
            return Ok(account.did);
        }
        let mut wanted = SignUp::new(handle);
        wanted.vouched = true;
        Ok(self.pds.create_account(wanted).await?.did)
    }

    async fn post(&self, did: &Did, item: &Item) -> Result<Post, Box<dyn Error>> {
        let text: String = item.text.chars().take(LENGTH).collect();
        let mut post = Post::new(text, item.published.clone());
        if let Some(url) = &item.image {
            // The picture is looked at once, to know its hash; who wants it is sent to where it is.
            let media = self.pds.remote_blob(did, url, &self.limits).await?;
            let mut image = Image::new(media.blob, "");
            if let (Some(width), Some(height)) = (media.width, media.height) {
                image.aspect_ratio = Some(AspectRatio::new(i64::from(width), i64::from(height)));
            }
            post.embed = Some(Embed::Images(Images::new(vec![image]).into()));
        }
        Ok(post)
    }
}

/// The key of an item: the same whenever the feed is read, so that nothing is carried over twice.
fn key(item: &Item) -> Result<RecordKey, Box<dyn Error>> {
    let micros = item.published.unix_micros().and_then(|micros| u64::try_from(micros).ok()).unwrap_or_default();
    let digest = *Cid::of_raw(item.id.as_bytes()).digest();
    let Some((clock, _)) = digest.split_first_chunk() else { return Err("a digest is longer than that".into()) };
    Ok(Tid::from_parts(micros, u16::from_be_bytes(*clock)).as_str().parse()?)
}

/// A name as part of a handle.
fn label(author: &str) -> String {
    let letters: String =
        author.to_lowercase().chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit()).collect();
    // Different authors whose names leave the same letters are different accounts all the same.
    let digest: String = Cid::of_raw(author.as_bytes()).to_string().chars().rev().take(6).collect();
    format!("{}-{digest}", letters.get(..letters.len().min(20)).unwrap_or_default()).trim_start_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_whose_names_look_alike_have_labels_of_their_own() {
        assert!(label("Ada Lovelace").starts_with("adalovelace-"));
        assert_ne!(label("Ada Lovelace"), label("ADA lovelace"));
        for author in ["", "日本", "x"] {
            assert!(format!("{}.bridge.test", label(author)).parse::<Handle>().is_ok(), "{author}");
        }
    }

    #[test]
    fn the_key_of_an_item_stays_the_same() {
        let item = |id: &str| Item {
            id: id.to_owned(),
            author: "Ada".to_owned(),
            text: "Hello".to_owned(),
            published: "2026-11-21T09:30:00Z".parse().unwrap(),
            image: None,
        };
        assert_eq!(key(&item("1")).unwrap(), key(&item("1")).unwrap());
        assert_ne!(key(&item("1")).unwrap(), key(&item("2")).unwrap());
    }
}
