//! The inputs: deterministic, written from the lexicons, valid in every field.

mod node;
mod post;
mod random;
mod timeline;

use random::Random;

/// What every subject is measured on.
pub struct Inputs {
    /// An answer of `app.bsky.feed.getTimeline`, about 199 kB.
    pub timeline: String,
    /// A post with reply, facets, one image, labels, langs and tags, about 1.2 kB.
    pub post: Forms,
    /// The same without reply and with a second image.
    pub rootless: Forms,
}

impl Inputs {
    /// The posts under their names.
    pub fn posts(&self) -> [(&'static str, &Forms); 2] {
        [("post", &self.post), ("post, no reply", &self.rootless)]
    }
}

/// One record in its two forms.
pub struct Forms {
    pub json: String,
    pub cbor: Vec<u8>,
}

pub fn generate() -> Inputs {
    let mut random = Random::new(4);
    let mut forms = |reply| {
        let post = post::rich(&mut random, reply);
        Forms { json: post.json(), cbor: post.cbor() }
    };
    let (post, rootless) = (forms(true), forms(false));
    Inputs { timeline: timeline::timeline(&mut random).json(), post, rootless }
}
