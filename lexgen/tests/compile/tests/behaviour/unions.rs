//! Unions and strings with known values.

use std::collections::HashSet;

use crate::support::{count, refused, round_trip};
use arobase::data::Data;
use lexgen_compile_tests::fixtures::{
    closed_enum, closed_union, empty_union, known_values, one_member_union, open_union, token_values, tokens,
    union_same_names,
};

type Message = open_union::com::example::Message;
type Edit = closed_union::com::example::Edit;
type Label = known_values::com::example::Label;
type Switch = closed_enum::com::example::Switch;

#[test]
fn a_member_writes_its_type_once() {
    use open_union::com::example::message::{Body, Text};
    let message = Message::new(Text::new("hi"));
    assert!(matches!(message.body, Body::Text(_)));
    let json = message.to_json().expect("sound");
    assert_eq!(json, br##"{"body":{"$type":"com.example.message#text","text":"hi"}}"##);
    assert_eq!(count(&json, "$type"), 1);
}

#[test]
fn the_type_of_a_member_may_stand_anywhere() {
    let message: Message =
        round_trip(r#"{"body":{"alt":"a","z":[1,{"$type":"x"}],"$type":"com.example.message#image"}}"#);
    assert!(matches!(message.body, open_union::com::example::message::Body::Image(_)));
}

#[test]
fn unknown_members_survive_with_all_that_is_in_them() {
    let message: Message = round_trip(
        r#"{"body":{"$type":"org.example.video","length":3,"frames":[{"$bytes":"AQ"}]},"attachments":[{"$type":"com.example.sticker","name":"n"}]}"#,
    );
    let open_union::com::example::message::Body::Unknown(value) = &message.body else { panic!("{message:?}") };
    assert_eq!(value.type_name(), Some("org.example.video"));
}

#[test]
fn a_member_without_type_or_in_short_form_is_refused_or_unknown() {
    assert!(refused::<Message>(r#"{"body":{"text":"hi"}}"#).contains("$type"));
    assert!(refused::<Message>(r#"{"body":"hi"}"#).contains("body"));
    assert!(refused::<Message>(r##"{"body":{"$type":"com.example.message#text"}}"##).contains("body.text"));
}

#[test]
fn a_closed_union_has_no_other_members() {
    let edit: Edit = round_trip(
        r##"{"operations":[{"$type":"com.example.edit#insert","at":1,"text":"a"},{"$type":"com.example.edit#remove","at":2}]}"##,
    );
    assert_eq!(edit.operations.len(), 2);
    let error = refused::<Edit>(r#"{"operations":[{"$type":"com.example.edit#swap"}]}"#);
    assert!(error.contains("operations[0]"), "{error}");
}

#[test]
fn a_union_of_one_stays_a_union() {
    type Holder = one_member_union::com::example::Holder;
    round_trip::<Holder>(r##"{"value":{"$type":"com.example.holder#only","text":"a"}}"##);
    round_trip::<Holder>(r#"{"value":{"$type":"com.example.other"}}"#);
}

#[test]
fn an_empty_union_takes_any_typed_map() {
    type Anything = empty_union::com::example::Anything;
    round_trip::<Anything>(r#"{"value":{"$type":"a.b.c"},"values":[{"$type":"a.b.c#d","x":null}]}"#);
    refused::<Anything>(r#"{"value":{}}"#);
    refused::<Anything>(r#"{"value":{"$type":""}}"#);
}

#[test]
fn members_of_one_name_are_told_apart() {
    use union_same_names::com::example::feed::view::{Item, View};
    let item = |json: &str| round_trip::<View>(&format!("{{\"item\":{json}}}")).item;
    assert!(matches!(item(r##"{"$type":"com.example.post.defs#view","x":1}"##), Item::View(_)));
    assert!(matches!(item(r##"{"$type":"com.example.list.defs#view","y":1}"##), Item::ListView(_)));
    assert!(matches!(item(r##"{"$type":"com.example.post.thread#view","v":1}"##), Item::ThreadView(_)));
    assert!(matches!(item(r##"{"$type":"com.example.feed.view#view","z":1}"##), Item::FeedView(_)));
    assert!(matches!(item(r#"{"$type":"com.example.feed.item","w":1}"#), Item::Item(_)));
}

#[test]
fn other_values_of_an_open_string_are_kept() {
    use known_values::com::example::label::Severity;
    let label: Label = round_trip(r#"{"severity":"grave","reasons":["spam","other","odd"]}"#);
    assert!(matches!(&label.severity, Severity::Other(text) if text == "grave"));
    assert_eq!(label.severity, "grave");
    assert_eq!(Severity::from("!hide"), Severity::Hide);
    assert_eq!(Severity::from("!hide").to_string(), "!hide");
}

#[test]
fn a_known_value_is_equal_however_it_was_made() {
    use known_values::com::example::label::ReasonsItem;
    assert_eq!(ReasonsItem::Other("spam".to_owned()), ReasonsItem::Spam);
    let all: HashSet<_> = [ReasonsItem::Other("spam".to_owned()), ReasonsItem::Spam, ReasonsItem::Other_].into();
    assert_eq!(all.len(), 2);
}

#[test]
fn a_closed_string_has_no_other_values() {
    use closed_enum::com::example::switch::State;
    let switch: Switch = round_trip(r#"{"state":"off","level":3,"language":"pt"}"#);
    assert_eq!(switch.state, State::Off);
    assert!(refused::<Switch>(r#"{"state":"half"}"#).contains("state"));
    assert!(refused::<Switch>(r#"{"state":"on","level":4}"#).contains("level"));
    assert!(refused::<Switch>(r#"{"state":"on","language":"de"}"#).contains("language"));
    assert!("half".parse::<State>().is_err());
}

#[test]
fn tokens_are_their_full_names() {
    use token_values::com::example::{reason, report::Reason};
    assert_eq!(Reason::from(reason::SPAM), Reason::Spam);
    assert_eq!(Reason::ExampleSpam.as_str(), "org.example.reason#spam");
    assert_eq!(tokens::com::example::GOAL, "com.example.goal");
}
