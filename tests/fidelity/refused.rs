//! What servers and writers refuse, with the path of the fault.

use arobase::{
    app::bsky::{
        embed::images::Images,
        feed::{Post, get_timeline, post},
    },
    com::atproto::{label::defs::Label, repo::ApplyWrites, sync::subscribe_repos::RepoOp},
    data::{Data, ErrorKind, Value},
    syntax::Datetime,
};
use serde_json::{Value as Json, json};

use crate::{
    fault,
    inputs::{self, CID, DID, NOW, with},
    read, untyped,
};

type Timeline = get_timeline::Output;

fn path<T: Data>(json: &Json) -> String {
    fault::<T>(json).0
}

fn new_post() -> Post {
    Post::new("x", NOW.parse::<Datetime>().expect("a datetime"))
}

/// Every writer and the validator refuse it for the same reason.
fn is_unwritable<T: Data>(typed: &T, path: &str) {
    let refusals = [typed.to_json().err(), typed.to_cbor().err(), typed.to_value().err(), typed.validate().err()];
    for refusal in refusals {
        assert_eq!(refusal.expect("a refusal").path().to_string(), path);
    }
}

#[test]
fn a_float_is_refused_wherever_it_stands() {
    let places = [
        (with(inputs::post(), "zz", json!(1.5)), "$.zz"),
        (with(inputs::post(), "zz", json!({ "deep": [0, { "er": 0.1 }] })), "$.zz.deep[1].er"),
        (with(inputs::post(), "text", json!(2.5)), "$.text"),
        (with(inputs::post(), "embed", json!({ "$type": "com.example.x", "at": 3.25 })), "$.embed.at"),
    ];
    for (json, place) in places {
        assert_eq!(path::<Post>(&json), place);
    }
    let timeline = inputs::one_post(|view| view["record"]["zz"] = json!(1.5));
    assert_eq!(path::<Timeline>(&timeline), "$.feed[0].post.record.zz");
}

#[test]
fn a_whole_number_is_no_float_in_any_spelling() {
    let json = br#"{"index": {"byteStart": 1e2, "byteEnd": 5.0}, "features": []}"#;
    let facet = arobase::app::bsky::richtext::facet::Facet::from_json(json).expect("integers");
    assert_eq!((facet.index.byte_start, facet.index.byte_end), (100, 5));
}

#[test]
fn a_malformed_datetime_or_handle_is_refused() {
    let late = inputs::one_post(|view| view["indexedAt"] = "yesterday".into());
    assert_eq!(path::<Timeline>(&late), "$.feed[0].post.indexedAt");
    let nobody = inputs::one_post(|view| view["author"]["handle"] = "nobody".into());
    assert_eq!(path::<Timeline>(&nobody), "$.feed[0].post.author.handle");
}

#[test]
fn a_known_member_with_a_malformed_body_is_refused() {
    let json = with(inputs::post(), "embed", json!({ "$type": "app.bsky.embed.images", "images": "none" }));
    assert_eq!(path::<Post>(&json), "$.embed.images");
    let json = with(inputs::post(), "embed", json!({ "$type": "app.bsky.embed.images" }));
    assert_eq!(path::<Post>(&json), "$.embed.images");
}

#[test]
fn a_member_without_a_type_is_refused() {
    let json = with(inputs::post(), "embed", json!({ "images": [] }));
    assert_eq!(fault::<Post>(&json), ("$.embed.$type".to_owned(), "required but missing".to_owned()));
}

#[test]
fn a_closed_union_has_no_other_members() {
    let write = json!({ "$type": "com.example.undo" });
    let json = json!({ "repo": DID, "writes": [write] });
    assert_eq!(path::<ApplyWrites>(&json), "$.writes[0]");
}

#[test]
fn a_legacy_blob_is_refused() {
    let image = json!({ "alt": "", "image": { "cid": inputs::RAW, "mimeType": "image/png" } });
    assert_eq!(path::<Images>(&json!({ "images": [image] })), "$.images[0].image");
}

#[test]
fn a_text_over_its_length_is_refused() {
    let json = with(inputs::post(), "text", "é".repeat(301).into());
    assert_eq!(fault::<Post>(&json), ("$.text".to_owned(), "longer than 300 graphemes".to_owned()));
    read::<Post>(&with(inputs::post(), "text", "é".repeat(300).into()));
    let json = with(inputs::post(), "text", "👩‍👩‍👧".repeat(167).into());
    assert_eq!(path::<Post>(&json), "$.text", "more than 3000 bytes in 167 graphemes");
}

#[test]
fn too_many_elements_are_refused() {
    assert_eq!(path::<Post>(&with(inputs::post(), "tags", vec!["x"; 9].into())), "$.tags");
    read::<Post>(&with(inputs::post(), "tags", vec!["x"; 8].into()));
}

#[test]
fn a_record_has_its_own_type() {
    for wrong in [json!("app.bsky.feed.like"), json!("app.bsky.feed.post#main"), json!(""), json!(1), json!(null)] {
        assert_eq!(path::<Post>(&with(inputs::post(), "$type", wrong)), "$.$type");
    }
    assert_eq!(path::<Post>(&json!({ "text": "x", "createdAt": NOW })), "$.$type");
}

#[test]
fn null_is_refused_where_the_schema_has_no_place_for_it() {
    assert_eq!(path::<Post>(&with(inputs::post(), "reply", json!(null))), "$.reply");
    assert_eq!(path::<Post>(&with(inputs::post(), "text", json!(null))), "$.text");
    assert_eq!(path::<RepoOp>(&json!({ "action": "delete", "path": "x" })), "$.cid", "absent is not null");
}

#[test]
fn a_link_is_no_text_and_text_is_no_link() {
    let link = json!({ "$link": CID });
    let json = with(
        inputs::post(),
        "reply",
        json!({ "root": { "uri": inputs::URI, "cid": link }, "parent": inputs::strong_ref() }),
    );
    assert_eq!(path::<Post>(&json), "$.reply.root.cid");
    assert_eq!(path::<RepoOp>(&json!({ "action": "create", "path": "x", "cid": CID })), "$.cid");
}

#[test]
fn a_link_or_bytes_are_no_object() {
    for special in [json!({ "$link": CID }), json!({ "$bytes": "AAEC" })] {
        assert_eq!(
            path::<Timeline>(&inputs::one_post(|view| view["viewer"] = special.clone())),
            "$.feed[0].post.viewer"
        );
        assert_eq!(path::<Post>(&with(inputs::post(), "embed", special)), "$.embed");
    }
    let mixed = with(inputs::label(), "$link", CID.into());
    assert_eq!(path::<Label>(&mixed), "$");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    for (twice, place) in
        [("\"text\":\"y\"", "$.text"), ("\"zz\":1,\"zz\":1", "$.zz"), ("\"$type\":\"x.y.z\"", "$.$type")]
    {
        let json = format!(r#"{{"$type":"app.bsky.feed.post","text":"x","createdAt":"{NOW}",{twice}}}"#);
        let error = Post::from_json(json.as_bytes()).expect_err("a key stands twice");
        assert_eq!(error.path().to_string(), place);
    }
}

#[test]
fn an_unknown_field_with_a_known_key_is_not_written() {
    let mut post = new_post();
    post.extra.insert("tags", Value::List(vec![]));
    is_unwritable(&post, "$.tags");
}

#[test]
fn an_unknown_member_of_a_known_type_is_not_written() {
    let mut post = new_post();
    post.embed = Some(post::Embed::Unknown(untyped(&json!({ "$type": "app.bsky.embed.images", "images": [] }))));
    assert_eq!(post.to_json().expect_err("unchecked").path().to_string(), "$.embed.$type");
    assert_eq!(post.to_cbor().expect_err("unchecked").path().to_string(), "$.embed.$type");
}

#[test]
fn an_unknown_member_without_a_type_is_not_written() {
    let mut post = new_post();
    post.embed = Some(post::Embed::Unknown(untyped(&json!({ "images": [] }))));
    is_unwritable(&post, "$.embed.$type");
}

#[test]
fn another_type_among_the_unknown_fields_is_not_written() {
    for wrong in [Value::from("app.bsky.feed.like"), Value::from(""), Value::from(1)] {
        let mut post = new_post();
        post.extra.insert("$type", wrong.clone());
        is_unwritable(&post, "$.$type");
        let mut images = Images::new(vec![]);
        images.extra.insert("$type", wrong);
        is_unwritable(&images, "$.$type");
        is_unwritable(&new_post().embed(images), "$.embed.$type");
    }
}

#[test]
fn what_was_built_in_code_is_checked_when_it_is_written() {
    is_unwritable(&Post { text: "x".repeat(3001), ..new_post() }, "$.text");
    is_unwritable(&new_post().tags(vec!["x".to_owned(); 9]), "$.tags");
    is_unwritable(&Post { created_at: Datetime::from_unchecked("now"), ..new_post() }, "$.createdAt");
}

#[test]
fn every_fault_is_reported_on_request() {
    let post = Post { text: "x".repeat(3001), ..new_post() }.tags(vec!["x".repeat(641); 9]);
    let paths: Vec<String> = post.validate_all().iter().map(|error| error.path().to_string()).collect();
    assert_eq!(paths[..3], ["$.tags", "$.tags[0]", "$.tags[1]"]);
    assert_eq!((paths.len(), paths[10].as_str()), (11, "$.text"));
}

#[test]
fn a_fault_says_where_it_stands_in_the_input() {
    let json = format!(r#"{{"$type":"app.bsky.feed.post","createdAt":"{NOW}","text":5}}"#);
    let error = Post::from_json(json.as_bytes()).expect_err("a number is no text");
    assert_eq!(error.offset(), json.rfind('5'));
    assert!(matches!(error.kind(), ErrorKind::Violation(_)));
}
