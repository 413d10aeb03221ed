//! Answers and records as other people's programs write them.

use serde_json::{Value as Json, json};

pub(crate) const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";
/// The CID of a record, as text and in links.
pub(crate) const CID: &str = "bafyreib2rxk3rh6kzwqdk4q6ym6qh6zqmhrqgv5u5tnnd2z5wozq3tzqja";
/// The CID of a blob.
pub(crate) const RAW: &str = "bafkreiaha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4";
pub(crate) const URI: &str = "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3jzfcijpj2z2a";
pub(crate) const NOW: &str = "2024-02-29T12:34:56.789Z";

pub(crate) fn bytes(json: &Json) -> Vec<u8> {
    json.to_string().into_bytes()
}

/// Sets one field of an object.
pub(crate) fn with(mut json: Json, key: &str, value: Json) -> Json {
    json[key] = value;
    json
}

/// The smallest post.
pub(crate) fn post() -> Json {
    json!({ "$type": "app.bsky.feed.post", "text": "Olá 👩‍👩‍👧", "createdAt": NOW })
}

pub(crate) fn strong_ref() -> Json {
    json!({ "uri": URI, "cid": CID })
}

pub(crate) fn blob(mime_type: &str) -> Json {
    json!({ "$type": "blob", "ref": { "$link": RAW }, "mimeType": mime_type, "size": 12345 })
}

pub(crate) fn images() -> Json {
    let image = json!({ "alt": "", "image": blob("image/png"), "aspectRatio": { "width": 3, "height": 2 } });
    json!({ "$type": "app.bsky.embed.images", "images": [image] })
}

/// A post with a reply and images, which has links and text CIDs.
pub(crate) fn reply_with_images() -> Json {
    let reply = json!({ "root": strong_ref(), "parent": strong_ref() });
    with(with(post(), "reply", reply), "embed", images())
}

/// Fields, a facet and bytes that no schema has.
pub(crate) fn unknown_field() -> Json {
    json!({
        "$type": "com.example.note",
        "link": { "$link": CID },
        "bytes": { "$bytes": "AAEC" },
        "list": [null, true, -1, "x", {}, []],
        "picture": blob("image/webp"),
    })
}

/// One of 200 posts, each with another selection of what posts have.
pub(crate) fn varied_post(number: u32) -> Json {
    let mut post = post();
    post["text"] = format!("post {number} \"with\" \\ é 日 \u{1F468}\u{200D}\u{1F469} \n").into();
    let embeds = [
        images(),
        json!({ "$type": "app.bsky.embed.record", "record": strong_ref() }),
        json!({ "$type": "app.bsky.embed.external", "external": { "uri": "https://example.com/", "title": "", "description": "" } }),
        json!({ "$type": "app.bsky.embed.recordWithMedia", "record": { "record": strong_ref() }, "media": images() }),
        json!({ "$type": "app.bsky.embed.video", "video": blob("video/mp4") }),
        with(unknown_field(), "$type", "com.example.embed#hologram".into()),
    ];
    let index = json!({ "byteStart": 0, "byteEnd": number });
    let optional = [
        ("reply", json!({ "root": strong_ref(), "parent": strong_ref() })),
        (
            "facets",
            json!([{ "index": index, "features": [
            { "$type": "app.bsky.richtext.facet#tag", "tag": "tag" },
            { "$type": "app.bsky.richtext.facet#mention", "did": DID },
            { "$type": "com.example.facet#bold", "weight": number },
        ] }]),
        ),
        ("langs", json!(["pt", "en-GB"])),
        ("tags", json!([])),
        ("labels", json!({ "$type": "com.atproto.label.defs#selfLabels", "values": [{ "val": "spoiler" }] })),
        ("zz", unknown_field()),
        ("a", json!(null)),
    ];
    for (bit, (key, value)) in optional.into_iter().enumerate() {
        if number & (1 << bit) != 0 {
            post[key] = value;
        }
    }
    if let Some(embed) = embeds.get(number as usize % 8) {
        post["embed"] = embed.clone();
    }
    post
}

fn author(number: u32) -> Json {
    json!({
        "did": DID,
        "handle": format!("author{number}.test"),
        "displayName": "",
        "labels": [],
        "viewer": { "muted": false, "blockedBy": false },
        "createdAt": "2023-01-01T00:00:00+00:00",
    })
}

fn post_view(number: u32) -> Json {
    let view = json!({
        "$type": "app.bsky.embed.record#view",
        "record": {
            "$type": "app.bsky.embed.record#viewRecord",
            "uri": URI, "cid": CID, "author": author(number + 1), "value": post(), "indexedAt": NOW,
            "labels": [], "embeds": [{ "$type": "app.bsky.embed.record#view", "record": {
                "$type": "app.bsky.embed.record#viewNotFound", "uri": URI, "notFound": true,
            } }],
        },
    });
    json!({
        "uri": URI, "cid": CID, "author": author(number), "record": varied_post(number), "embed": view,
        "replyCount": 0, "likeCount": number, "indexedAt": NOW, "labels": [], "viewer": {},
    })
}

/// An answer of `getTimeline` with everything that its schema has a place for.
pub(crate) fn timeline() -> Json {
    let reason = json!({ "$type": "app.bsky.feed.defs#reasonRepost", "by": author(1), "indexedAt": NOW });
    let reply = json!({
        "root": with(post_view(2), "$type", "app.bsky.feed.defs#postView".into()),
        "parent": { "$type": "app.bsky.feed.defs#notFoundPost", "uri": URI, "notFound": true },
    });
    let feed: Vec<Json> = (0..50)
        .map(|number| match number % 3 {
            0 => json!({ "post": post_view(number) }),
            1 => json!({ "post": post_view(number), "reason": reason }),
            _ => json!({ "post": post_view(number), "reply": reply }),
        })
        .collect();
    json!({ "cursor": "next", "feed": feed })
}

/// The same with fields and members that the schema does not know, at every level.
pub(crate) fn timeline_of_tomorrow() -> Json {
    let mut timeline = with(timeline(), "experiment", unknown_field());
    for item in timeline["feed"].as_array_mut().into_iter().flatten() {
        item["score"] = json!({ "value": 7, "note": null });
        item["reason"] =
            json!({ "$type": "app.bsky.feed.defs#reasonFriend", "friends": [DID], "proof": { "$bytes": "AQ" } });
        item["post"]["author"]["pronouns2"] = "they".into();
        item["post"]["embed"]["record"]["embeds"] = json!([with(unknown_field(), "$type", "com.example.view".into())]);
        item["post"]["embed"]["record"]["$new"] = json!([]);
    }
    timeline
}

pub(crate) fn label() -> Json {
    json!({ "src": DID, "uri": URI, "val": "spoiler", "cts": NOW, "sig": { "$bytes": "AAECAwQFBgc" } })
}

/// An answer of `getTimeline` with one item.
pub(crate) fn one_post(change: impl FnOnce(&mut Json)) -> Json {
    let mut view = post_view(0);
    change(&mut view);
    json!({ "feed": [{ "post": view }, { "post": post_view(1) }] })
}
