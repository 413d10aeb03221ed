//! An answer of `app.bsky.feed.getTimeline`: 50 items the way an AppView fills them.

use super::node::Node;
use super::post::{aspect_ratio, external, facets, images, reply_ref, strong_ref};
use super::random::Random;

type Fields = Vec<(&'static str, Node)>;

fn cdn(random: &mut Random, did: &str, preset: &str) -> Node {
    format!("https://cdn.example.net/img/{preset}/plain/{did}/{}@jpeg", random.blob_cid()).into()
}

/// `com.atproto.label.defs#label`.
fn label(random: &mut Random, uri: &str) -> Node {
    Node::Map(vec![
        ("src", random.did().into()),
        ("uri", uri.into()),
        ("cid", random.cid().into()),
        ("val", random.pick(&["!no-unauthenticated", "sexual", "spam", "bot"]).into()),
        ("cts", random.datetime().into()),
    ])
}

fn labels(random: &mut Random, uri: &str, percent: u64) -> Node {
    Node::List(if random.chance(percent) { vec![label(random, uri)] } else { Vec::new() })
}

/// `app.bsky.actor.defs#verificationState`.
fn verification(random: &mut Random) -> Node {
    let view = Node::Map(vec![
        ("issuer", random.did().into()),
        ("uri", random.at_uri("app.bsky.graph.verification").into()),
        ("isValid", Node::Bool(true)),
        ("createdAt", random.datetime().into()),
    ]);
    Node::Map(vec![
        ("verifications", Node::List(vec![view])),
        ("verifiedStatus", "valid".into()),
        ("trustedVerifierStatus", "none".into()),
    ])
}

/// `app.bsky.actor.defs#profileViewBasic`.
fn author(random: &mut Random) -> Node {
    let did = random.did();
    let handle = format!("{}{}.example.com", random.words(1), random.between(1, 9999));
    let mut viewer: Fields = vec![("muted", Node::Bool(false)), ("blockedBy", Node::Bool(false))];
    if random.chance(70) {
        viewer.push(("following", random.at_uri("app.bsky.graph.follow").into()));
    }
    if random.chance(30) {
        viewer.push(("followedBy", random.at_uri("app.bsky.graph.follow").into()));
    }
    let chat = Node::Map(vec![("allowIncoming", random.pick(&["all", "none", "following"]).into())]);
    let subscription = Node::Map(vec![("allowSubscriptions", "followers".into())]);
    let mut fields: Fields = vec![
        ("did", did.clone().into()),
        ("handle", handle.into()),
        ("displayName", random.words(2).into()),
        ("avatar", cdn(random, &did, "avatar")),
        ("associated", Node::Map(vec![("chat", chat), ("activitySubscription", subscription)])),
        ("viewer", Node::Map(viewer)),
        ("labels", labels(random, &format!("at://{did}/app.bsky.actor.profile/self"), 15)),
        ("createdAt", random.datetime().into()),
    ];
    if random.chance(10) {
        fields.push(("verification", verification(random)));
    }
    Node::Map(fields)
}

/// The record inside a view.
fn record(random: &mut Random, embed: Option<Node>, reply: bool) -> Node {
    let mut fields: Fields = vec![("$type", "app.bsky.feed.post".into()), ("createdAt", random.datetime().into())];
    fields.extend(embed.map(|embed| ("embed", embed)));
    if random.chance(25) {
        let count = random.between(1, 4);
        fields.push(("facets", facets(random, count)));
    }
    fields.push(("langs", Node::List(vec!["en".into()])));
    if reply {
        fields.push(("reply", reply_ref(random)));
    }
    fields.push(("text", random.prose().into()));
    Node::Map(fields)
}

fn counts(random: &mut Random) -> Fields {
    ["replyCount", "repostCount", "likeCount", "quoteCount"]
        .into_iter()
        .map(|name| (name, Node::Int(random.between(0, 4000))))
        .collect()
}

/// `app.bsky.embed.images#view`, with the embed of the record.
fn images_view(random: &mut Random) -> (Node, Node) {
    let did = random.did();
    let count = random.between(1, 4);
    let view = |random: &mut Random| {
        Node::Map(vec![
            ("thumb", cdn(random, &did, "feed_thumbnail")),
            ("fullsize", cdn(random, &did, "feed_fullsize")),
            ("alt", random.words(8).into()),
            ("aspectRatio", aspect_ratio(random)),
        ])
    };
    let views = (0..count).map(|_| view(random)).collect();
    let view = Node::Map(vec![("$type", "app.bsky.embed.images#view".into()), ("images", Node::List(views))]);
    (images(random, count), view)
}

/// `app.bsky.embed.external#view`, with the embed of the record.
fn external_view(random: &mut Random) -> (Node, Node) {
    let did = random.did();
    let card = Node::Map(vec![
        ("uri", format!("https://news.example.org/{}", random.words(3).replace(' ', "-")).into()),
        ("title", random.words(6).into()),
        ("description", random.words(14).into()),
        ("thumb", cdn(random, &did, "feed_thumbnail")),
    ]);
    (external(random), Node::Map(vec![("$type", "app.bsky.embed.external#view".into()), ("external", card)]))
}

/// `app.bsky.embed.record#view`, with the embed of the record.
fn record_view(random: &mut Random) -> (Node, Node) {
    let uri = random.at_uri("app.bsky.feed.post");
    let mut fields: Fields = vec![
        ("$type", "app.bsky.embed.record#viewRecord".into()),
        ("uri", uri.clone().into()),
        ("cid", random.cid().into()),
        ("author", author(random)),
        ("value", record(random, None, false)),
        ("labels", labels(random, &uri, 10)),
    ];
    fields.extend(counts(random));
    fields.push(("indexedAt", random.datetime().into()));
    fields.push(("embeds", Node::List(Vec::new())));
    let view = Node::Map(vec![("$type", "app.bsky.embed.record#view".into()), ("record", Node::Map(fields))]);
    (Node::Map(vec![("$type", "app.bsky.embed.record".into()), ("record", strong_ref(random))]), view)
}

fn embed(random: &mut Random) -> Option<(Node, Node)> {
    match random.between(0, 100) {
        0..30 => Some(images_view(random)),
        30..45 => Some(external_view(random)),
        45..60 => Some(record_view(random)),
        _ => None,
    }
}

/// `app.bsky.feed.defs#postView`; `kind` is its `$type` where it stands in a union.
fn post_view(random: &mut Random, kind: Option<&str>, reply: bool) -> Node {
    let (record_embed, view) = embed(random).unzip();
    let uri = random.at_uri("app.bsky.feed.post");
    let mut fields: Fields = kind.map(|kind| ("$type", kind.into())).into_iter().collect();
    fields.extend([
        ("uri", uri.clone().into()),
        ("cid", random.cid().into()),
        ("author", author(random)),
        ("record", record(random, record_embed, reply)),
    ]);
    fields.extend(view.map(|view| ("embed", view)));
    fields.push(("bookmarkCount", Node::Int(random.between(0, 50))));
    fields.extend(counts(random));
    fields.push(("indexedAt", random.datetime().into()));
    let mut viewer: Fields = Vec::new();
    if random.chance(20) {
        viewer.push(("like", random.at_uri("app.bsky.feed.like").into()));
    }
    viewer.extend([
        ("bookmarked", Node::Bool(false)),
        ("threadMuted", Node::Bool(false)),
        ("embeddingDisabled", Node::Bool(random.chance(10))),
    ]);
    fields.push(("viewer", Node::Map(viewer)));
    fields.push(("labels", labels(random, &uri, 10)));
    Node::Map(fields)
}

fn item(random: &mut Random) -> Node {
    let reply = random.chance(35);
    let mut fields: Fields = vec![("post", post_view(random, None, reply))];
    if reply {
        let mut ends: Fields = vec![
            ("root", post_view(random, Some("app.bsky.feed.defs#postView"), false)),
            ("parent", post_view(random, Some("app.bsky.feed.defs#postView"), true)),
        ];
        if random.chance(50) {
            ends.push(("grandparentAuthor", author(random)));
        }
        fields.push(("reply", Node::Map(ends)));
    } else if random.chance(25) {
        let reason = Node::Map(vec![
            ("$type", "app.bsky.feed.defs#reasonRepost".into()),
            ("by", author(random)),
            ("uri", random.at_uri("app.bsky.feed.repost").into()),
            ("cid", random.cid().into()),
            ("indexedAt", random.datetime().into()),
        ]);
        fields.push(("reason", reason));
    }
    Node::Map(fields)
}

pub fn timeline(random: &mut Random) -> Node {
    let feed = (0..50).map(|_| item(random)).collect();
    Node::Map(vec![("feed", Node::List(feed)), ("cursor", random.datetime().into())])
}
