//! What clients make of answers that are not quite valid: one fault costs one value, not the
//! whole answer.

use arobase::{
    app::bsky::{
        embed::images::Images,
        feed::{Post, get_timeline, post},
    },
    com::atproto::label::defs::Label,
    data::{Data, Lenient, Value},
};
use serde_json::{Value as Json, json};

use crate::{
    inputs::{self, CID, NOW, RAW, with},
    parsed, untyped,
};

type Timeline = get_timeline::Output;

/// Reads leniently; gives the paths of the issues too.
fn read<T: Data>(json: &Json) -> (T, Vec<String>) {
    let Lenient { value, issues } = T::from_json_lenient(&inputs::bytes(json)).expect("something to keep");
    (value, issues.iter().map(|issue| issue.path().to_string()).collect())
}

/// Reads leniently, with one issue, and finds that strict writers refuse what was read and the
/// lenient writer gives back all of it.
fn keeps<T: Data>(json: &Json, issue: &str) -> T {
    T::from_json(&inputs::bytes(json)).map(drop).expect_err("this is valid");
    let (typed, issues) = read::<T>(json);
    assert_eq!(issues, [issue]);
    assert!(typed.to_json().is_err() && typed.to_cbor().is_err() && typed.validate().is_err());
    assert_eq!(parsed(&typed.to_json_lenient().expect("JSON")), *json);
    typed
}

/// As [`keeps`], for faults that DAG-CBOR can hold.
fn keeps_in_cbor<T: Data>(json: &Json, issue: &str) -> T {
    let typed: T = keeps(json, issue);
    let cbor = typed.to_cbor_lenient().expect("CBOR");
    assert_eq!(cbor, untyped(json).to_cbor().expect("data"));
    let again = T::from_cbor_lenient(&cbor).expect("something to keep");
    let paths: Vec<String> = again.issues.iter().map(|issue| issue.path().to_string()).collect();
    assert_eq!(paths, [issue]);
    assert_eq!(again.value.to_cbor_lenient().expect("CBOR"), cbor);
    typed
}

#[test]
fn what_is_valid_has_no_issues() {
    for json in [inputs::timeline(), inputs::timeline_of_tomorrow()] {
        let (timeline, issues) = read::<Timeline>(&json);
        assert_eq!(issues, [""; 0]);
        assert_eq!(parsed(&timeline.to_json().expect("valid data")), json);
    }
}

#[test]
fn a_float_is_kept_among_the_unknown_fields() {
    let post: Post = keeps(&with(inputs::post(), "zz", json!({ "deep": [0, 1.5] })), "$.zz.deep[1]");
    assert!(post.to_cbor_lenient().is_err(), "DAG-CBOR of this protocol has no floats");
}

#[test]
fn a_float_in_the_record_of_a_post_does_not_cost_the_timeline() {
    let json = inputs::one_post(|view| view["record"]["zz"] = json!(1.5));
    let timeline: Timeline = {
        let (timeline, issues) = read::<Timeline>(&json);
        assert_eq!(issues, ["$.feed[0].post.record.zz"]);
        assert_eq!(parsed(&timeline.to_json_lenient().expect("JSON")), json);
        timeline
    };
    assert_eq!(timeline.feed.len(), 2);
}

#[test]
fn a_float_in_a_known_field_leaves_it_blank() {
    let post: Post = keeps(&with(inputs::post(), "text", json!(2.5)), "$.text");
    assert_eq!(post.text, "");
    assert_eq!(post.created_at.as_str(), NOW);
}

#[test]
fn a_malformed_datetime_stays_and_says_that_it_is_none() {
    let json = inputs::one_post(|view| view["indexedAt"] = "yesterday".into());
    let timeline: Timeline = keeps_in_cbor(&json, "$.feed[0].post.indexedAt");
    let indexed_at = &timeline.feed[0].post.indexed_at;
    assert_eq!((indexed_at.as_str(), indexed_at.is_valid()), ("yesterday", false));
    assert!(timeline.feed[1].post.indexed_at.is_valid());
}

#[test]
fn a_malformed_handle_stays_and_says_that_it_is_none() {
    let json = inputs::one_post(|view| view["author"]["handle"] = "nobody".into());
    let timeline: Timeline = keeps_in_cbor(&json, "$.feed[0].post.author.handle");
    let handle = &timeline.feed[0].post.author.handle;
    assert_eq!((handle.as_str(), handle.is_valid()), ("nobody", false));
}

#[test]
fn a_label_without_what_it_must_have_does_not_cost_the_timeline() {
    let label = json!({ "src": inputs::DID, "uri": inputs::URI, "val": "spoiler" });
    let json = inputs::one_post(|view| view["labels"] = json!([label]));
    let timeline: Timeline = keeps_in_cbor(&json, "$.feed[0].post.labels[0].cts");
    assert_eq!(timeline.feed[0].post.labels.as_deref().expect("labels")[0].val, "spoiler");
}

#[test]
fn a_known_member_with_a_malformed_body_is_kept() {
    let embed = json!({ "$type": "app.bsky.embed.images", "images": "none", "zz": 1 });
    let post: Post = keeps_in_cbor(&with(inputs::post(), "embed", embed), "$.embed.images");
    match post.embed {
        Some(post::Embed::Images(images)) => {
            assert_eq!(images.images.len(), 0);
            assert_eq!(images.extra.get("images"), Some(&Value::from("none")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_member_without_a_type_is_kept_as_unknown() {
    let embed = json!({ "images": [] });
    let post: Post = keeps_in_cbor(&with(inputs::post(), "embed", embed.clone()), "$.embed.$type");
    match post.embed {
        Some(post::Embed::Unknown(kept)) => assert_eq!(kept, untyped(&embed)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_member_that_is_no_object_is_kept_beside_its_field() {
    for other in [json!("none"), json!([]), json!({ "$link": CID }), json!(null)] {
        let post: Post = keeps_in_cbor(&with(inputs::post(), "embed", other.clone()), "$.embed");
        assert_eq!(post.embed, None);
        assert_eq!(post.extra.get("embed"), untyped(&json!({ "x": other })).get("x"));
    }
}

#[test]
fn a_legacy_blob_survives() {
    let image = json!({ "alt": "", "image": { "cid": RAW, "mimeType": "image/png" } });
    let json = json!({ "images": [image] });
    let (images, issues) = read::<Images>(&json);
    assert_eq!(issues, [""; 0]);
    let blob = &images.images[0].image;
    assert!(blob.is_legacy());
    assert_eq!((blob.cid().to_string().as_str(), blob.size()), (RAW, None));
    assert_eq!(parsed(&images.to_json_lenient().expect("JSON")), json);
    assert_eq!(images.to_cbor_lenient().expect("CBOR"), untyped(&json).to_cbor().expect("data"));
    assert!(images.to_json().is_err(), "new data must not have one");
}

#[test]
fn a_text_over_its_length_is_kept() {
    let long = "x".repeat(3001);
    let post: Post = keeps_in_cbor(&with(inputs::post(), "text", long.as_str().into()), "$.text");
    assert_eq!(post.text, long);
}

#[test]
fn a_wrong_type_of_a_record_is_kept() {
    let json = with(inputs::post(), "$type", "com.example.post".into());
    let post: Post = keeps_in_cbor(&json, "$.$type");
    assert_eq!(post.text, "Olá 👩‍👩‍👧");
}

#[test]
fn a_missing_type_of_a_record_stays_missing() {
    keeps_in_cbor::<Post>(&json!({ "text": "x", "createdAt": NOW }), "$.$type");
}

#[test]
fn a_missing_field_stays_missing() {
    let post: Post = keeps_in_cbor(&json!({ "$type": "app.bsky.feed.post", "text": "x" }), "$.createdAt");
    assert!(!post.created_at.is_valid());
}

#[test]
fn null_where_the_schema_has_no_place_for_it_is_kept() {
    let post: Post = keeps_in_cbor(&with(inputs::post(), "tags", json!(null)), "$.tags");
    assert_eq!(post.tags, None);
}

#[test]
fn a_malformed_link_is_kept() {
    keeps::<Post>(&with(inputs::post(), "zz", json!({ "$link": "not a cid" })), "$.zz");
}

#[test]
fn malformed_bytes_are_kept() {
    let label: Label = keeps(&with(inputs::label(), "sig", json!({ "$bytes": "?" })), "$.sig");
    assert_eq!(label.sig, None);
}

#[test]
fn an_element_of_the_wrong_type_is_left_out_and_listed() {
    let (post, issues) = read::<Post>(&with(inputs::post(), "tags", json!(["a", 5, "b", null])));
    assert_eq!(issues, ["$.tags[1]", "$.tags[3]"]);
    assert_eq!(post.tags.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
}

#[test]
fn several_faults_are_listed_in_the_order_in_which_they_stand() {
    let json = br#"{"$type":"app.bsky.feed.post","text":5,"langs":["?!"],"createdAt":"now"}"#;
    let Lenient { value, issues } = Post::from_json_lenient(json).expect("something to keep");
    let paths: Vec<String> = issues.iter().map(|issue| issue.path().to_string()).collect();
    assert_eq!(paths, ["$.text", "$.langs[0]", "$.createdAt"]);
    assert_eq!(value.langs.expect("languages").len(), 1);
}

#[test]
fn what_is_no_json_or_of_another_kind_altogether_is_refused() {
    for json in ["{", "[]", "null", r#"{"$type":"app.bsky.feed.post","text":"x"} {}"#] {
        assert!(Post::from_json_lenient(json.as_bytes()).is_err(), "{json}");
    }
}
