//! Methods, record keys and permission sets.

use std::any::TypeId;

use crate::support::{refused, round_trip};
use arobase::{
    data::{Data, Value},
    syntax::{Nsid, RecordKey, Tid},
    xrpc::{
        Action, Body, BodySchema, DeclaredError, EndpointKind, Method, Paged, Permission, Record, RequestPart,
        Subscription,
    },
};
use lexgen_compile_tests::fixtures::{
    bodies, errors, groups, only, paged, permission_set, procedure, query, record, record_any_key, record_literal_key,
    record_nsid_key, runtime_path, subscription,
};

fn encoding(body: Option<&'static BodySchema>) -> Option<&'static str> {
    body.map(|body| &*body.encoding)
}

fn input<M: Method>() -> Option<&'static str> {
    encoding(M::ENDPOINT.input.as_ref())
}

fn output<M: Method>() -> Option<&'static str> {
    encoding(M::ENDPOINT.output.as_ref())
}

fn is<A: 'static, B: 'static>() -> bool {
    TypeId::of::<A>() == TypeId::of::<B>()
}

#[test]
fn a_query_knows_its_parts() {
    use query::com::example::{GetThing, ListEvents, Ping, get_thing, list_events};
    assert_eq!((GetThing::NSID, output::<GetThing>()), ("com.example.getThing", Some("application/json")));
    assert_eq!(GetThing::ENDPOINT.kind, EndpointKind::Query);
    assert_eq!(&*GetThing::ENDPOINT.nsid, GetThing::NSID);
    assert!(is::<<GetThing as Method>::Output, get_thing::Output>());
    assert!(is::<<GetThing as Method>::Error, get_thing::Error>());
    assert!(is::<<ListEvents as Method>::Output, list_events::Output>());
    assert!(is::<<Ping as Method>::Output, ()>());
    assert_eq!(output::<Ping>(), None);
    assert!(<Ping as Method>::Error::NAMES.is_empty());
}

#[test]
fn parameters_are_data_without_unknown_fields() {
    use query::com::example::GetThing;
    let query: GetThing = round_trip(r#"{"actor":"a.example","ids":[],"flags":[true],"filter":"odd"}"#);
    assert_eq!(query.limit_or_default(), 50);
    assert!(refused::<GetThing>(r#"{"actor":"a.example","ids":[],"limit":101}"#).contains("limit"));
    let made =
        GetThing::new("a.example".parse::<arobase::syntax::AtIdentifier>().expect("a handle"), Vec::new()).limit(5);
    assert_eq!(made.limit, Some(5));
}

#[test]
fn a_body_that_is_a_union_has_a_type() {
    let output: query::com::example::list_events::Output =
        round_trip(r##"{"$type":"com.example.listEvents#created","id":1}"##);
    assert!(matches!(output, query::com::example::list_events::Output::Created(_)));
}

#[test]
fn the_request_of_a_procedure_is_its_input_or_stands_beside_it() {
    use procedure::com::example::{
        ApplyThing, CreateThing, PutThing, RenameThing, Touch, apply_thing, put_thing, rename_thing,
    };
    assert_eq!(CreateThing::REQUEST, RequestPart::Input);
    assert!(is::<<CreateThing as Method>::Input, ()>());
    assert_eq!(RenameThing::REQUEST, RequestPart::Params);
    assert!(is::<<RenameThing as Method>::Input, rename_thing::Input>());
    assert!(is::<<PutThing as Method>::Input, put_thing::Thing>());
    assert!(is::<<PutThing as Method>::Output, put_thing::Thing>());
    assert!(is::<<ApplyThing as Method>::Input, apply_thing::Input>());
    assert_eq!((input::<Touch>(), output::<Touch>()), (None, None));
    assert_eq!(input::<CreateThing>(), Some("application/json"));
    assert!(CreateThing::ENDPOINT.params.is_none() && RenameThing::ENDPOINT.params.is_some());
}

#[test]
fn bodies_without_schema_are_values_or_bytes() {
    use bodies::com::example::{GetAnything, GetRepo, PutAnything, UploadBlob, UploadPart};
    assert!(is::<<GetAnything as Method>::Output, Value>());
    assert!(is::<<PutAnything as Method>::Input, Value>());
    assert!(is::<<GetRepo as Method>::Output, Body>());
    assert!(is::<<UploadBlob as Method>::Input, Body>());
    assert_eq!((output::<GetRepo>(), input::<UploadBlob>()), (Some("application/vnd.ipld.car"), Some("*/*")));
    assert!(is::<<UploadPart as Method>::Input, Body>());
    assert_eq!(UploadPart::new(3).part, 3);
}

#[test]
fn a_body_that_is_no_map_is_a_value() {
    use groups::com::example::{Thing, thing::rename::Rename};
    assert!(is::<<Thing as Method>::Output, Value>());
    assert!(is::<<Rename as Method>::Output, Value>());
    assert!(is::<<Rename as Method>::Input, groups::com::example::thing::Renamed>());
}

#[test]
fn pages_follow_each_other_by_their_cursor() {
    use paged::com::example::{ListThings, list_things::Output};
    let mut query = ListThings::new().limit(3);
    query.set_cursor("next".to_owned());
    assert_eq!(query, ListThings::new().limit(3).cursor("next"));
    assert_eq!(ListThings::next(&Output::new().cursor("more")), Some("more"));
    assert_eq!(ListThings::next(&Output::new()), None);
}

#[test]
fn a_subscription_has_messages() {
    use subscription::com::example::{SubscribeNothing, SubscribeThings, subscribe_things::Message};
    assert_eq!(SubscribeThings::NSID, "com.example.subscribeThings");
    let message: <SubscribeThings as Subscription>::Message =
        round_trip(r##"{"$type":"com.example.subscribeThings#made","seq":1}"##);
    assert!(matches!(message, Message::Made(made) if made.seq == 1));
    round_trip::<<SubscribeNothing as Subscription>::Message>(r#"{"$type":"a.b.c"}"#);
}

#[test]
fn declared_errors_come_from_their_names() {
    use errors::com::example::failing::Error;
    assert_eq!(Error::NAMES, ["NotFound", "notFound", "Self", "rate-limited"]);
    for name in Error::NAMES {
        let error = Error::from_parts(name, Some("why".to_owned())).expect("declared");
        assert_eq!((error.name(), error.message()), (*name, Some("why")));
        assert_eq!(error.to_string(), format!("{name}: why"));
    }
    assert_eq!(Error::from_parts("Other", None), None);
    assert_eq!(Error::from_parts("NotFound", None), Some(Error::NotFound(None)));
}

#[test]
fn each_kind_of_record_has_its_keys() {
    assert!(is::<<record::com::example::Note as Record>::Key, Tid>());
    assert!(is::<<record_nsid_key::com::example::Schema as Record>::Key, Nsid>());
    assert!(is::<<record_any_key::com::example::Setting as Record>::Key, RecordKey>());
}

#[test]
fn a_literal_key_is_its_text_and_nothing_else() {
    use record_literal_key::com::example::{Profile, profile::Key};
    assert!(is::<<Profile as Record>::Key, Key>());
    assert_eq!(Key.to_string(), "self");
    assert_eq!("self".parse(), Ok(Key));
    assert!("other".parse::<Key>().is_err());
}

#[test]
fn a_permission_set_lists_what_counts() {
    let set = permission_set::com::example::BASIC_ACCESS;
    assert_eq!((set.nsid, set.title), ("com.example.basicAccess", Some("Basic access")));
    // The wildcard is valid in the document and grants nothing.
    assert_eq!(set.permissions.len(), 4);
    let all = [Action::Create, Action::Update, Action::Delete];
    assert!(matches!(set.permissions[0], Permission::Repo { actions, .. } if actions == all));
    assert!(matches!(set.permissions[3], Permission::Rpc { inherit_audience: true, .. }));
}

#[test]
fn a_part_of_the_lexicons_is_whole() {
    round_trip::<only::com::example::Wanted>(r#"{"other":{"back":{"$type":"com.example.wanted"}}}"#);
}

#[test]
fn the_runtime_may_be_somewhere_else() {
    let output: runtime_path::com::example::moved::Output = round_trip(r#"{"x":1}"#);
    assert_eq!(output.x, Some(1));
    assert!(runtime_path::com::example::Moved::new().to_json().is_ok());
}
