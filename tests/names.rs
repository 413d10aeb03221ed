//! What the generated code looks like to those who write against it: names, constructors,
//! setters, constants, the standard traits.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use arobase::{
    app::bsky::{
        AUTH_CREATE_POSTS, AUTH_MANAGE_PROFILE,
        actor::{self, GetProfile, Profile, Status},
        embed::{
            External, Images, Record as EmbeddedRecord,
            external::External_,
            images::{Image, View},
        },
        feed::{self, GetTimeline, Post, get_timeline, post},
        richtext::facet::{self, Facet, FeaturesItem},
    },
    com::atproto::{
        label::defs::{SelfLabel, SelfLabels},
        repo::{CreateRecord, DeleteRecord, GetRecord, StrongRef, UploadBlob, create_record, get_record},
        server::CreateSession,
        sync::{SubscribeRepos, subscribe_repos},
    },
    data::{Blob, Cid, CidLink, Data, Nullable, Value},
    syntax::{AtUri, CidString, Datetime, Nsid, Tid},
    xrpc::{
        Action, Body, DeclaredError, EndpointKind, Paged, Permission, Procedure, Query, Record, RequestPart,
        Subscription,
    },
};

const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";
const URI: &str = "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3jzfcijpj2z2a";
const CID: &str = "bafyreib2rxk3rh6kzwqdk4q6ym6qh6zqmhrqgv5u5tnnd2z5wozq3tzqja";

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("valid syntax")
}

fn now() -> Datetime {
    parsed("2024-02-29T12:34:56.789Z")
}

fn strong_ref() -> StrongRef {
    StrongRef::new(parsed::<AtUri>(URI), parsed::<CidString>(CID))
}

fn image() -> Image {
    Image::new(Blob::new(Cid::of_raw(b"image").into(), "image/png", 5), "a picture")
}

#[test]
fn a_constructor_takes_what_is_required_in_the_order_of_the_schema() {
    let post = Post::new("text", now());
    assert_eq!((post.text.as_str(), post.created_at.as_str()), ("text", now().as_str()));
    assert!(post.embed.is_none() && post.tags.is_none() && post.extra.is_empty());
    let request = GetRecord::new(
        parsed::<arobase::syntax::AtIdentifier>(DID),
        parsed::<Nsid>(Post::NSID),
        parsed::<arobase::syntax::RecordKey>("self"),
    );
    assert_eq!((request.repo.as_str(), request.rkey.as_str()), (DID, "self"));
    let session = CreateSession::new("who", "password");
    assert_eq!((session.identifier.as_str(), session.password.as_str()), ("who", "password"));
}

#[test]
fn setters_chain_and_convert() {
    let post = Post::new("text", now())
        .langs(vec![parsed("pt")])
        .tags(["a".to_owned(), "b".to_owned()])
        .labels(SelfLabels::new(vec![SelfLabel::new("spoiler")]))
        .reply(post::ReplyRef::new(strong_ref(), strong_ref()));
    assert_eq!(post.tags.as_deref().map(<[String]>::len), Some(2));
    assert_eq!(post.validate().map_err(|error| error.to_string()), Ok(()));
}

#[test]
fn a_setter_of_a_union_takes_its_members() {
    let embed = |post: Post| post.embed.expect("an embed");
    assert!(matches!(embed(Post::new("", now()).embed(Images::new(vec![image()]))), post::Embed::Images(_)));
    assert!(matches!(embed(Post::new("", now()).embed(EmbeddedRecord::new(strong_ref()))), post::Embed::Record(_)));
    let external = External::new(External_::new(parsed::<arobase::syntax::Uri>("https://example.com"), "", ""));
    assert!(matches!(embed(Post::new("", now()).embed(external)), post::Embed::External(_)));
    let labels = Post::new("", now()).labels(SelfLabels::new(vec![])).labels;
    assert!(matches!(labels, Some(post::Labels::SelfLabels(_))), "a union with one member is a union");
}

#[test]
fn elements_of_a_list_of_unions_are_made_of_members() {
    let index = facet::ByteSlice::new(0, 4);
    let facet = Facet::new(
        index,
        vec![
            facet::Tag::new("tag").into(),
            FeaturesItem::from(facet::Mention::new(parsed::<arobase::syntax::Did>(DID))),
        ],
    );
    assert!(matches!(&facet.features[..], [FeaturesItem::Tag(_), FeaturesItem::Mention(_)]));
}

#[test]
fn parameters_without_required_fields_have_a_default() {
    assert_eq!(GetTimeline::default(), GetTimeline::new());
    let request = GetTimeline::new().limit(20).cursor("next");
    assert_eq!((request.limit, request.cursor.as_deref()), (Some(20), Some("next")));
}

#[test]
fn a_default_is_an_accessor_and_no_value() {
    assert_eq!(GetTimeline::new().limit, None);
    assert_eq!(GetTimeline::new().limit_or_default(), 50);
    assert_eq!(GetTimeline::new().limit(20).limit_or_default(), 20);
}

#[test]
fn required_and_nullable_is_a_type_of_its_own() {
    let op = subscribe_repos::RepoOp::new("delete", "a/b", Nullable::Null);
    assert!(op.cid.is_null());
    let link = CidLink::from(Cid::of_cbor(b""));
    let op = subscribe_repos::RepoOp::new("create", "a/b", link.clone());
    assert_eq!(op.cid.as_option(), Some(&link));
}

#[test]
fn a_request_struct_is_the_method() {
    fn query<Q: Query<Output = O>, O>() -> (&'static str, &'static str) {
        assert_eq!(Q::ENDPOINT.kind, EndpointKind::Query);
        (&Q::ENDPOINT.nsid, Q::ENDPOINT.output.as_ref().map_or("", |body| &body.encoding))
    }
    assert_eq!(query::<GetTimeline, get_timeline::Output>(), (GetTimeline::NSID, "application/json"));
    assert_eq!(GetTimeline::NSID, "app.bsky.feed.getTimeline");
    assert_eq!(query::<GetProfile, actor::defs::ProfileViewDetailed>().0, "app.bsky.actor.getProfile");
    assert_eq!(query::<arobase::com::atproto::sync::GetRepo, Body>().1, "application/vnd.ipld.car");
}

#[test]
fn a_procedure_says_where_its_body_is() {
    fn procedure<P: Procedure<Input = I>, I>() -> (RequestPart, &'static str) {
        (P::REQUEST, P::ENDPOINT.input.as_ref().map_or("", |body| &body.encoding))
    }
    assert_eq!(procedure::<CreateRecord, ()>(), (RequestPart::Input, "application/json"));
    assert_eq!(procedure::<DeleteRecord, ()>().0, RequestPart::Input);
    assert_eq!(procedure::<UploadBlob, Body>(), (RequestPart::Params, "*/*"));
}

#[test]
fn a_subscription_has_a_union_of_messages() {
    fn subscription<S: Subscription<Message = M>, M>() -> &'static str {
        &S::ENDPOINT.nsid
    }
    assert_eq!(subscription::<SubscribeRepos, subscribe_repos::Message>(), SubscribeRepos::NSID);
    assert_eq!(SubscribeRepos::NSID, "com.atproto.sync.subscribeRepos");
}

#[test]
fn pages_follow_each_other_by_their_cursor() {
    let mut query = GetTimeline::new();
    query.set_cursor("next".to_owned());
    assert_eq!(query, GetTimeline::new().cursor("next"));
    let page = get_timeline::Output::new(vec![]).cursor("more");
    assert_eq!(GetTimeline::next(&page), Some("more"));
    assert_eq!(GetTimeline::next(&get_timeline::Output::new(vec![])), None);
}

#[test]
fn declared_errors_are_named_and_keep_their_message() {
    let error = get_record::Error::from_parts("RecordNotFound", Some("gone".to_owned())).expect("declared");
    assert_eq!(error, get_record::Error::RecordNotFound(Some("gone".to_owned())));
    assert_eq!((error.name(), error.message()), ("RecordNotFound", Some("gone")));
    assert_eq!(error.to_string(), "RecordNotFound: gone");
    assert_eq!(create_record::Error::NAMES, ["InvalidSwap"]);
    assert_eq!(get_record::Error::from_parts("Undeclared", None), None);
}

#[test]
fn a_record_knows_its_collection_and_its_key() {
    fn key<R: Record>(text: &str) -> Option<String> {
        text.parse::<R::Key>().ok().map(|key| key.to_string())
    }
    assert_eq!((Post::NSID, Profile::NSID), ("app.bsky.feed.post", "app.bsky.actor.profile"));
    assert_eq!(key::<Post>("3jzfcijpj2z2a").as_deref(), Some("3jzfcijpj2z2a"));
    assert_eq!(key::<Post>("self"), None);
    assert_eq!(key::<Profile>("self").as_deref(), Some("self"));
    assert_eq!(key::<Profile>("other"), None);
    assert_eq!(
        key::<arobase::com::atproto::lexicon::Schema>("com.example.thing").as_deref(),
        Some("com.example.thing")
    );
    assert_eq!(key::<arobase::com::atproto::lexicon::Schema>("thing"), None);
    let _: (<Post as Record>::Key, actor::profile::Key) = (parsed::<Tid>("3jzfcijpj2z2a"), actor::profile::Key);
}

#[test]
fn tokens_are_texts() {
    assert_eq!(actor::status::LIVE, "app.bsky.actor.status#live");
    assert_eq!(feed::defs::REQUEST_LESS, "app.bsky.feed.defs#requestLess");
}

#[test]
fn known_values_are_variants_and_others_are_kept() {
    let status = Status::new(actor::status::LIVE, now());
    assert!(matches!(status.status, actor::status::StatusValue::Live));
    assert_eq!(status.status, actor::status::LIVE);
    let other = Status::new("com.example.away", now());
    assert!(matches!(&other.status, actor::status::StatusValue::Other(text) if text == "com.example.away"));
    assert_eq!(other.status.to_string(), "com.example.away");
}

#[cfg(feature = "tools-ozone")]
#[test]
fn a_closed_set_of_values_has_no_others() {
    use arobase::tools::ozone::moderation::query_events::SortDirection;
    assert_eq!("desc".parse::<SortDirection>().map(|direction| direction.as_str()), Ok("desc"));
    assert!("sideways".parse::<SortDirection>().is_err());
}

#[test]
fn a_permission_set_is_a_constant() {
    assert_eq!(AUTH_CREATE_POSTS.nsid, "app.bsky.authCreatePosts");
    let creates = Permission::Repo {
        collections: &["app.bsky.feed.post", "app.bsky.feed.postgate", "app.bsky.feed.threadgate"],
        actions: &[Action::Create],
    };
    assert!(AUTH_CREATE_POSTS.permissions.contains(&creates));
    let [Permission::Repo { actions, .. }] = AUTH_MANAGE_PROFILE.permissions else { panic!("one permission") };
    assert_eq!(actions, &[Action::Create, Action::Update, Action::Delete]);
}

#[test]
fn names_that_rust_has_taken_are_escaped() {
    let entity = post::Entity::new(post::TextSlice::new(0, 1), "mention", DID);
    assert_eq!(entity.r#type, "mention");
    assert_eq!(View::SCHEMA.type_name(), Some("app.bsky.embed.images#view"));
}

#[test]
fn equal_values_have_equal_hashes() {
    let state = RandomState::new();
    let (a, b) = (
        Post::new("x", now()).embed(Images::new(vec![image()])),
        Post::new("x", now()).embed(Images::new(vec![image()])),
    );
    assert_eq!(a, b);
    assert_eq!(state.hash_one(&a), state.hash_one(&b));
    let again = Post::from_cbor(&a.to_cbor().expect("valid data")).expect("what was written");
    assert_eq!((&a, state.hash_one(&a)), (&again, state.hash_one(&again)));
}

#[test]
fn every_difference_counts() {
    let post = || Post::new("x", now());
    let mut extra = post();
    extra.extra.insert("zz", Value::Null);
    let unknown = |name: &str| post::Embed::Unknown(Value::Map([("$type", name)].into_iter().collect()));
    let all = [
        post(),
        post().tags(vec![]),
        post().tags(vec![String::new()]),
        Post::new("y", now()),
        Post::new("x", parsed::<Datetime>("2024-02-29T12:34:56.7890Z")),
        extra,
        post().embed(Images::new(vec![])),
        post().embed(EmbeddedRecord::new(strong_ref())),
        Post { embed: Some(unknown("a.b.c")), ..post() },
        Post { embed: Some(unknown("a.b.d")), ..post() },
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}

#[test]
fn debug_output_shows_what_is_there() {
    let mut post = Post::new("olá", now()).embed(Images::new(vec![image()]));
    post.extra.insert("zz", 1);
    let shown = format!("{post:?}");
    for part in ["Post {", "text: \"olá\"", "images", "\"a picture\"", "image/png", "zz", "2024-02-29T12:34:56.789Z"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("tags"), "what is absent is not shown: {shown}");
    assert!(!format!("{:?}", Post::new("", now())).contains("extra"));
}

#[test]
fn types_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Post>();
    shared::<post::Embed>();
    shared::<get_timeline::Output>();
    shared::<arobase::data::Error>();
}

#[test]
fn serde_writes_and_reads_the_same_json() {
    let mut post = Post::new("x", now()).embed(Images::new(vec![image()]));
    post.extra.insert("link", CidLink::from(Cid::of_cbor(b"")));
    let text = serde_json::to_string(&post).expect("valid data");
    let ours: serde_json::Value = serde_json::from_slice(&post.to_json().expect("valid data")).expect("JSON");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), ours);
    assert_eq!(serde_json::from_str::<Post>(&text).expect("what was written"), post);
    assert_eq!(serde_json::from_value::<Post>(ours).expect("what was written"), post);
}

#[test]
fn serde_refuses_what_breaks_the_schema() {
    let error = serde_json::from_str::<Post>(r#"{"$type":"app.bsky.feed.post","text":5,"createdAt":"x"}"#);
    let error = error.expect_err("a number is no text").to_string();
    assert!(error.starts_with("$.createdAt") || error.starts_with("$.text"), "{error}");
    let long = Post::new("x".repeat(3001), now());
    assert!(serde_json::to_string(&long).expect_err("too long").to_string().starts_with("$.text"));
}

#[test]
fn serde_serves_types_that_hold_ours() {
    let posts = vec![Some(Post::new("x", now())), None];
    let text = serde_json::to_string(&posts).expect("valid data");
    assert_eq!(serde_json::from_str::<Vec<Option<Post>>>(&text).expect("what was written"), posts);
}
