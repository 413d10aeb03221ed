//! The same data as plain serde derives: what one writes by hand in an afternoon.
//!
//! Strings are strings, no format or length is checked, unknown fields are dropped, unions are
//! internally tagged enums, and a record inside a view is a `serde_json::Value`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize, Deserialize)]
pub struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    feed: Vec<FeedViewPost>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeedViewPost {
    post: PostView,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<ViewReply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    req_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostView {
    uri: String,
    cid: String,
    author: Profile,
    record: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    embed: Option<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookmark_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repost_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_count: Option<i64>,
    indexed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<PostViewer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<Label>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threadgate: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostViewer {
    #[serde(skip_serializing_if = "Option::is_none")]
    repost: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookmarked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding_disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    did: String,
    handle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pronouns: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated: Option<Associated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<ProfileViewer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<Label>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Associated {
    #[serde(skip_serializing_if = "Option::is_none")]
    lists: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedgens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starter_packs: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labeler: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat: Option<Chat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_subscription: Option<ActivitySubscription>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chat {
    allow_incoming: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_group_invites: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActivitySubscription {
    allow_subscriptions: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileViewer {
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_by: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocking: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    following: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    followed_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    verifications: Vec<Verifier>,
    verified_status: String,
    trusted_verifier_status: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verifier {
    issuer: String,
    uri: String,
    is_valid: bool,
    created_at: String,
}

#[derive(Serialize, Deserialize)]
struct Label {
    #[serde(skip_serializing_if = "Option::is_none")]
    ver: Option<i64>,
    src: String,
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cid: Option<String>,
    val: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    neg: Option<bool>,
    cts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewReply {
    root: ReplyEnd,
    parent: ReplyEnd,
    #[serde(skip_serializing_if = "Option::is_none")]
    grandparent_author: Option<Profile>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum ReplyEnd {
    #[serde(rename = "app.bsky.feed.defs#postView")]
    Post(Box<PostView>),
    #[serde(rename = "app.bsky.feed.defs#notFoundPost")]
    NotFound { uri: String },
    #[serde(rename = "app.bsky.feed.defs#blockedPost")]
    Blocked { uri: String },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum Reason {
    #[serde(rename = "app.bsky.feed.defs#reasonRepost", rename_all = "camelCase")]
    Repost { by: Box<Profile>, uri: Option<String>, cid: Option<String>, indexed_at: String },
    #[serde(rename = "app.bsky.feed.defs#reasonPin")]
    Pin,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum View {
    #[serde(rename = "app.bsky.embed.images#view")]
    Images { images: Vec<ViewImage> },
    #[serde(rename = "app.bsky.embed.external#view")]
    External { external: ViewExternal },
    #[serde(rename = "app.bsky.embed.record#view")]
    Record { record: Box<ViewedRecord> },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewImage {
    thumb: String,
    fullsize: String,
    alt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect_ratio: Option<AspectRatio>,
}

#[derive(Serialize, Deserialize)]
struct ViewExternal {
    uri: String,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumb: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum ViewedRecord {
    #[serde(rename = "app.bsky.embed.record#viewRecord")]
    Found(Box<ViewRecord>),
    #[serde(rename = "app.bsky.embed.record#viewNotFound")]
    NotFound { uri: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewRecord {
    uri: String,
    cid: String,
    author: Profile,
    value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<Label>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repost_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_count: Option<i64>,
    indexed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    embeds: Option<Vec<View>>,
}

/// A link as JSON writes it; the CBOR form of the record takes `Cid` instead.
#[derive(Serialize, Deserialize)]
pub struct JsonLink {
    #[serde(rename = "$link")]
    link: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type", rename = "app.bsky.feed.post", rename_all = "camelCase")]
pub struct Post<Link> {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    facets: Option<Vec<Facet>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<ReplyRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embed: Option<Embed<Link>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    langs: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Labels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    created_at: String,
}

#[derive(Serialize, Deserialize)]
struct Facet {
    index: ByteSlice,
    features: Vec<Feature>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ByteSlice {
    byte_start: i64,
    byte_end: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum Feature {
    #[serde(rename = "app.bsky.richtext.facet#mention")]
    Mention { did: String },
    #[serde(rename = "app.bsky.richtext.facet#link")]
    Link { uri: String },
    #[serde(rename = "app.bsky.richtext.facet#tag")]
    Tag { tag: String },
}

#[derive(Serialize, Deserialize)]
struct ReplyRef {
    root: StrongRef,
    parent: StrongRef,
}

#[derive(Serialize, Deserialize)]
struct StrongRef {
    uri: String,
    cid: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum Embed<Link> {
    #[serde(rename = "app.bsky.embed.images")]
    Images { images: Vec<Image<Link>> },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image<Link> {
    image: Blob<Link>,
    alt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect_ratio: Option<AspectRatio>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type", rename = "blob", rename_all = "camelCase")]
struct Blob<Link> {
    r#ref: Link,
    mime_type: String,
    size: u64,
}

#[derive(Serialize, Deserialize)]
struct AspectRatio {
    width: i64,
    height: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "$type")]
enum Labels {
    #[serde(rename = "com.atproto.label.defs#selfLabels")]
    SelfLabels { values: Vec<SelfLabel> },
}

#[derive(Serialize, Deserialize)]
struct SelfLabel {
    val: String,
}
