//! What must survive.

use arobase::{
    app::bsky::{
        feed::{Post, get_timeline, post},
        richtext::facet::{Facet, FeaturesItem},
    },
    com::atproto::{
        label::defs::Label,
        repo::PutRecord,
        sync::subscribe_repos::{Commit, RepoOp},
    },
    data::{Cid, CidLink, Codec, Data, Nullable, Value},
    syntax::{Datetime, Tid},
};
use serde_json::json;

use crate::{
    cbor,
    inputs::{self, CID, DID, NOW, with},
    read, untyped, written,
};

type Timeline = get_timeline::Output;

/// JSON in and out, DAG-CBOR out and in.
fn survives<T: Data>(json: &serde_json::Value) -> T {
    let typed: T = read(json);
    assert_eq!(written(&typed), *json);
    let expected = cbor(json);
    let made = typed.to_cbor().expect("valid data");
    assert_eq!(Cid::of_cbor(&made), Cid::of_cbor(&expected));
    assert_eq!(made, expected);
    let again = T::from_cbor(&made).expect("what was written");
    assert_eq!(again.to_cbor().expect("valid data"), expected);
    assert_eq!(written(&again), *json);
    assert_eq!(typed.to_value().expect("valid data"), untyped(json));
    typed
}

#[test]
fn a_timeline_survives() {
    let timeline: Timeline = survives(&inputs::timeline());
    assert_eq!(timeline.feed.len(), 50);
}

#[test]
fn a_timeline_with_unknown_fields_and_members_survives() {
    let timeline: Timeline = survives(&inputs::timeline_of_tomorrow());
    assert_eq!(timeline.extra.get("experiment"), Some(&untyped(&inputs::unknown_field())));
}

#[test]
fn a_post_survives() {
    survives::<Post>(&inputs::post());
}

#[test]
fn a_post_with_a_reply_and_images_survives() {
    let post: Post = survives(&inputs::reply_with_images());
    assert!(matches!(post.embed, Some(post::Embed::Images(_))));
}

#[test]
fn a_post_with_an_unknown_field_and_an_unknown_facet_survives() {
    let facet = json!({ "index": { "byteStart": 0, "byteEnd": 1, "z": 1 }, "features": [
        with(inputs::unknown_field(), "$type", "com.example.facet#bold".into()),
    ] });
    let post = with(with(inputs::post(), "facets", json!([facet])), "zz", inputs::unknown_field());
    let post: Post = survives(&post);
    let features = &post.facets.as_deref().expect("a facet")[0].features;
    assert!(matches!(&features[..], [FeaturesItem::Unknown(_)]));
}

#[test]
fn two_hundred_varied_posts_survive() {
    for number in 0..200 {
        survives::<Post>(&inputs::varied_post(number));
    }
}

#[test]
fn a_link_in_an_unknown_field_is_a_link_in_cbor() {
    let json = with(inputs::post(), "zz", json!({ "link": { "$link": CID } }));
    let written = read::<Post>(&json).to_cbor().expect("valid data");
    let mut tagged = vec![0xd8, 0x2a, 0x58, 0x25, 0x00];
    tagged.extend_from_slice(&CID.parse::<Cid>().expect("a CID").to_bytes());
    assert!(written.windows(tagged.len()).any(|window| window == tagged));
    assert!(!written.windows(5).any(|window| window == b"$link"));
}

#[test]
fn a_label_keeps_the_bytes_of_its_signature() {
    let label: Label = survives(&inputs::label());
    assert_eq!(label.sig.expect("a signature").as_ref(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn padding_of_bytes_is_read_and_not_written() {
    let label: Label = read(&with(inputs::label(), "sig", json!({ "$bytes": "AA==" })));
    assert_eq!(written(&label)["sig"], json!({ "$bytes": "AA" }));
}

#[test]
fn a_new_member_of_a_union_with_one_member_survives() {
    let labels = with(inputs::unknown_field(), "$type", "com.example.labels".into());
    let post: Post = survives(&with(inputs::post(), "labels", labels.clone()));
    match post.labels {
        Some(post::Labels::Unknown(kept)) => assert_eq!(kept, untyped(&labels)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_member_of_a_larger_union_survives() {
    let embed = with(inputs::unknown_field(), "$type", "com.example.embed".into());
    let post: Post = survives(&with(inputs::post(), "embed", embed.clone()));
    match post.embed {
        Some(post::Embed::Unknown(kept)) => assert_eq!(kept, untyped(&embed)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn datetimes_keep_their_spelling() {
    for spelling in [
        "1985-04-12T23:20:50Z",
        "1985-04-12T23:20:50.000Z",
        "1985-04-12T23:20:50.123456789Z",
        "1985-04-12T23:20:50+00:00",
        "1985-04-12T23:20:50.12-03:30",
    ] {
        let post: Post = survives(&with(inputs::post(), "createdAt", spelling.into()));
        assert_eq!(post.created_at.as_str(), spelling);
    }
}

#[test]
fn null_in_a_required_field_survives() {
    let op: RepoOp = survives(&json!({ "action": "delete", "path": "a.b.c/self", "cid": null }));
    assert_eq!(op.cid, Nullable::Null);
}

#[test]
fn absent_null_and_a_value_are_three_things() {
    let input = json!({ "repo": DID, "collection": "a.b.c", "rkey": "self", "record": {} });
    assert_eq!(survives::<PutRecord>(&input).swap_record, None);
    let null: PutRecord = survives(&with(input.clone(), "swapRecord", json!(null)));
    assert_eq!(null.swap_record, Some(Nullable::Null));
    let set: PutRecord = survives(&with(input, "swapRecord", CID.into()));
    assert_eq!(set.swap_record, Some(Nullable::Value(CID.parse().expect("a CID"))));
}

#[test]
fn an_absent_and_an_empty_list_are_two_things() {
    assert_eq!(survives::<Post>(&inputs::post()).tags, None);
    assert_eq!(survives::<Post>(&with(inputs::post(), "tags", json!([]))).tags, Some(vec![]));
}

#[test]
fn null_in_an_unknown_field_survives() {
    let post: Post = survives(&with(inputs::post(), "zz", json!(null)));
    assert_eq!(post.extra.get("zz"), Some(&Value::Null));
}

#[test]
fn an_empty_required_list_is_written() {
    let link = CidLink::from(Cid::new(Codec::DagCbor, [1; 32]));
    let (rev, time): (Tid, Datetime) = ("3jzfcijpj2z2a".parse().expect("a TID"), NOW.parse().expect("a datetime"));
    let did: arobase::syntax::Did = DID.parse().expect("a DID");
    let commit = Commit::new(1, false, false, did, link, rev, Nullable::Null, vec![], vec![], vec![], time);
    let json = written(&commit);
    assert_eq!((&json["ops"], &json["blobs"], &json["since"]), (&json!([]), &json!([]), &json!(null)));
    assert_eq!(json["blocks"], json!({ "$bytes": "" }));
    assert_eq!(commit.to_cbor().expect("valid data"), cbor(&json));
}

#[test]
fn an_empty_answer_is_an_empty_list() {
    let timeline: Timeline = survives(&json!({ "feed": [] }));
    assert_eq!(written(&timeline), json!({ "feed": [] }));
}

#[test]
fn a_text_cid_stays_text_and_a_link_stays_a_link() {
    let post: Post = survives(&inputs::reply_with_images());
    let value = Value::from_cbor(&post.to_cbor().expect("valid data")).expect("data");
    let text = value.get("reply").and_then(|reply| reply.get("root")?.get("cid"));
    assert_eq!(text.and_then(Value::as_str), Some(CID));
    let image = value.get("embed").and_then(|embed| embed.get("images")?.as_list()?.first()?.get("image")).cloned();
    assert!(image.expect("an image").get("ref").and_then(Value::as_link).is_some());
}

#[test]
fn a_record_has_its_type_once() {
    let mut post = Post::new("x", NOW.parse::<Datetime>().expect("a datetime"));
    for extra in [None, Some("app.bsky.feed.post")] {
        if let Some(extra) = extra {
            post.extra.insert("$type", extra);
        }
        let json = String::from_utf8(post.to_json().expect("valid data")).expect("text");
        assert_eq!(json.matches("$type").count(), 1, "{json}");
        let made = post.to_cbor().expect("valid data");
        assert_eq!(Value::from_cbor(&made).expect("no key stands twice").type_name(), Some("app.bsky.feed.post"));
    }
}

#[test]
fn a_member_of_a_union_has_its_type_once() {
    let mut images: arobase::app::bsky::embed::images::Images = read(&inputs::images());
    images.extra.insert("$type", "app.bsky.embed.images");
    let post = Post::new("x", NOW.parse::<Datetime>().expect("a datetime")).embed(images);
    let json = String::from_utf8(post.to_json().expect("valid data")).expect("text");
    assert_eq!(json.matches(r#""$type":"app.bsky.embed.images""#).count(), 1, "{json}");
    assert_eq!(post.to_cbor().expect("valid data"), cbor(&written(&post)));
}

#[test]
fn an_object_outside_a_union_has_its_type_only_where_it_came_with_one() {
    let facet = json!({ "index": { "byteStart": 0, "byteEnd": 1 }, "features": [] });
    survives::<Facet>(&facet);
    survives::<Facet>(&with(facet, "$type", "app.bsky.richtext.facet".into()));
}

#[test]
fn unknown_fields_stand_in_canonical_order_between_the_known() {
    let mut post = Post::new("x", NOW.parse::<Datetime>().expect("a datetime")).tags(vec![]);
    for key in ["zzzzzzzzzzzz", "aaaaa", "zz", "a"] {
        post.extra.insert(key, 1);
    }
    let value = post.to_value().expect("valid data");
    let keys: Vec<&str> = value.as_map().expect("a map").keys().collect();
    assert_eq!(keys, ["a", "zz", "tags", "text", "$type", "aaaaa", "createdAt", "zzzzzzzzzzzz"]);
    assert_eq!(post.to_cbor().expect("valid data"), value.to_cbor().expect("data"));
}
