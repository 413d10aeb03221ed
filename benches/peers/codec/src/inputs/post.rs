//! Posts, `app.bsky.feed.post`.

use super::node::Node;
use super::random::Random;

fn map(fields: Vec<(&'static str, Node)>) -> Node {
    Node::Map(fields)
}

/// `com.atproto.repo.strongRef`.
pub fn strong_ref(random: &mut Random) -> Node {
    map(vec![("cid", random.cid().into()), ("uri", random.at_uri("app.bsky.feed.post").into())])
}

pub fn aspect_ratio(random: &mut Random) -> Node {
    map(vec![("height", Node::Int(random.between(600, 1600))), ("width", Node::Int(random.between(800, 2000)))])
}

fn blob(random: &mut Random, mime: &str) -> Node {
    map(vec![
        ("$type", "blob".into()),
        ("ref", random.blob_link()),
        ("mimeType", mime.into()),
        ("size", Node::Int(random.between(20_000, 900_000))),
    ])
}

/// `app.bsky.embed.images`.
pub fn images(random: &mut Random, count: u64) -> Node {
    let image = |random: &mut Random| {
        let words = random.between(4, 14);
        map(vec![
            ("alt", random.words(words).into()),
            ("aspectRatio", aspect_ratio(random)),
            ("image", blob(random, "image/jpeg")),
        ])
    };
    let images = (0..count).map(|_| image(random)).collect();
    map(vec![("$type", "app.bsky.embed.images".into()), ("images", Node::List(images))])
}

/// `app.bsky.embed.external`.
pub fn external(random: &mut Random) -> Node {
    let card = map(vec![
        ("description", random.words(14).into()),
        ("thumb", blob(random, "image/png")),
        ("title", random.words(6).into()),
        ("uri", format!("https://news.example.org/{}", random.words(3).replace(' ', "-")).into()),
    ]);
    map(vec![("$type", "app.bsky.embed.external".into()), ("external", card)])
}

/// `app.bsky.richtext.facet`, the `nth` kind of its features.
fn facet(random: &mut Random, nth: u64) -> Node {
    let feature = match nth % 3 {
        0 => map(vec![("$type", "app.bsky.richtext.facet#mention".into()), ("did", random.did().into())]),
        1 => {
            let uri = format!("https://example.org/{}", random.words(3).replace(' ', "/"));
            map(vec![("$type", "app.bsky.richtext.facet#link".into()), ("uri", uri.into())])
        }
        _ => map(vec![("$type", "app.bsky.richtext.facet#tag".into()), ("tag", random.words(1).into())]),
    };
    let start = random.between(0, 20);
    let index = map(vec![("byteEnd", Node::Int(start + random.between(3, 20))), ("byteStart", Node::Int(start))]);
    map(vec![("features", Node::List(vec![feature])), ("index", index)])
}

pub fn facets(random: &mut Random, count: u64) -> Node {
    Node::List((0..count).map(|nth| facet(random, nth)).collect())
}

/// `app.bsky.feed.post#replyRef`.
pub fn reply_ref(random: &mut Random) -> Node {
    map(vec![("parent", strong_ref(random)), ("root", strong_ref(random))])
}

/// A post with every field that people use; `reply` apart, since not every peer can read it.
pub fn rich(random: &mut Random, reply: bool) -> Node {
    let text = format!("{} — \"déjà vu\", said @ada.example.org 🦋", random.words(24));
    let label = map(vec![("val", "graphic-media".into())]);
    let labels = map(vec![("$type", "com.atproto.label.defs#selfLabels".into()), ("values", Node::List(vec![label]))]);
    let mut fields = vec![
        ("$type", "app.bsky.feed.post".into()),
        ("createdAt", random.datetime().into()),
        ("embed", images(random, if reply { 1 } else { 2 })),
        ("facets", facets(random, 2)),
        ("labels", labels),
        ("langs", Node::List(vec!["en".into(), "pt-BR".into()])),
        ("tags", Node::List(vec!["gardening".into(), "letters".into()])),
        ("text", text.into()),
    ];
    if reply {
        fields.insert(6, ("reply", reply_ref(random)));
    }
    map(fields)
}
