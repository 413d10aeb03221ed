use super::{
    super::testing::{data, did, did_key, genesis, k256, key, p256},
    *,
};
use crate::crypto::Curve;

/// A state with more than an account needs.
fn rich() -> PlcData {
    let mut data = data();
    data.rotation_keys.push(did_key(&key(Curve::K256, "a third key")));
    data.verification_methods.insert("atproto_label".into(), did_key(&k256()));
    data.also_known_as =
        ["https://alice.example.com", "at://alice.example.com", "at://old.example.com"].map(Into::into).into();
    let labeler = PlcService { kind: "AtprotoLabeler".into(), endpoint: "https://labels.example.com".into() };
    data.services.insert("atproto_labeler".into(), labeler);
    data
}

#[test]
fn an_edit_loses_nothing_that_it_does_not_touch() {
    let before = rich();
    let mut after = before.clone();
    after.set_handle("bob.example.com");
    after.set_pds("https://other.example.com/");
    after.set_signing_key(did_key(&k256()));

    let names = ["https://alice.example.com", "at://bob.example.com", "at://old.example.com"];
    assert_eq!(after.also_known_as, names);
    assert_eq!(after.rotation_keys, before.rotation_keys);
    assert_eq!(after.verification_methods["atproto"], did_key(&k256()));
    assert_eq!(after.verification_methods["atproto_label"], before.verification_methods["atproto_label"]);
    assert_eq!(after.services["atproto_labeler"], before.services["atproto_labeler"]);
    assert_eq!(after.services["atproto_pds"].endpoint, "https://other.example.com");
    let (did, prev) = (did(&genesis()), Some(genesis().cid()));
    let signed = Content::Update { data: after.clone(), prev }.sign(&k256()).unwrap();
    let read = Operation::from_json(&signed.to_json()).unwrap();
    assert_eq!(read.content().data(), Some(after.clone()));
    assert_eq!(PlcData::from_json(&did, &after.to_json(&did)), Ok(after));
}

#[test]
fn setting_what_is_set_changes_nothing() {
    let mut data = rich();
    data.set_handle("alice.example.com");
    data.set_pds("https://pds.example.com");
    data.set_signing_key(did_key(&p256()));
    assert_eq!(data, rich());
}

#[test]
fn a_first_handle_stands_before_other_names() {
    let mut data = PlcData { also_known_as: vec!["https://alice.example.com".into()], ..PlcData::default() };
    data.set_handle("alice.example.com");
    assert_eq!(data.also_known_as, ["at://alice.example.com", "https://alice.example.com"]);
}

#[test]
fn a_handle_does_not_stand_twice() {
    for names in
        [["at://a.example", "at://b.example", "at://c.example"], ["at://a.example", "at://c.example", "at://b.example"]]
    {
        let mut data = PlcData { also_known_as: names.map(Into::into).into(), ..PlcData::default() };
        data.set_handle("b.example");
        assert_eq!(data.also_known_as, ["at://b.example", "at://c.example"]);
        assert_eq!(data.also_known_as.iter().filter(|name| *name == "at://b.example").count(), 1);
    }
}

#[test]
fn an_account_has_what_the_network_reads() {
    let document = data().document(&did(&genesis()));
    assert_eq!(document.handle().unwrap(), "alice.example.com");
    assert_eq!(document.pds(), Some("https://pds.example.com"));
    assert_eq!(document.signing_key(), Some(p256().public_key()));
    assert_eq!(data().check(), Ok(()));
}

#[test]
fn the_document_has_every_name_key_and_service() {
    let document = rich().document(&did(&genesis()));
    assert!(document.also_known_as().iter().map(|name| &**name).eq(rich().also_known_as.iter().map(String::as_str)));
    assert_eq!(document.key("atproto_label"), Some(k256().public_key()));
    assert_eq!(document.service("atproto_labeler", "AtprotoLabeler"), Some("https://labels.example.com"));
    assert_eq!((document.verification_methods().len(), document.services().len()), (2, 2));
}

fn create(handle: &str, service: &str) -> PlcData {
    let (signing_key, recovery_key) = (did_key(&p256()), did_key(&k256()));
    LegacyCreate { signing_key, recovery_key, handle: handle.into(), service: service.into() }.data()
}

#[test]
fn the_old_form_means_the_account_that_it_describes() {
    let mut expected = data();
    expected.set_handle("old.example.com");
    assert_eq!(create("old.example.com", "https://pds.example.com"), expected);
}

#[test]
fn the_old_form_may_lack_schemes_or_have_others() {
    for (handle, name) in [
        ("a.example", "at://a.example"),
        ("at://a.example", "at://a.example"),
        ("http://a.example", "at://a.example"),
        ("https://a.example", "at://a.example"),
    ] {
        assert_eq!(create(handle, "").also_known_as, [name]);
    }
    for (service, endpoint) in [
        ("pds.example.com", "https://pds.example.com"),
        ("http://pds.example.com", "http://pds.example.com"),
        ("https://pds.example.com/", "https://pds.example.com/"),
    ] {
        assert_eq!(create("", service).services["atproto_pds"].endpoint, endpoint);
    }
}
