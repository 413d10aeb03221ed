//! Properties of the identifier formats, over valid, nearly valid and arbitrary texts.

use std::collections::HashSet;

use arobase_lexicon::syntax::{
    AtIdentifier, Did, DidMethodError, Format, Handle, Mode, Nsid, RecordKey, Tid, TidGenerator,
};
use proptest::prelude::*;

/// The identifier formats, each with a pattern whose texts are valid, or too long.
const PATTERNS: [(Format, &str); 6] = [
    (Format::Did, "did:[a-z]{1,8}:[a-zA-Z0-9._:%-]{0,30}[a-zA-Z0-9._-]"),
    (Format::Handle, "([a-zA-Z0-9][a-zA-Z0-9-]{0,70}[a-zA-Z0-9]\\.){1,5}[a-zA-Z][a-z0-9]{0,9}"),
    (Format::AtIdentifier, "(did:[a-z]{1,3}:[a-z:]{0,5}[a-z])|([a-z]{1,5}\\.[a-z]{1,5})"),
    (Format::Nsid, "[a-zA-Z][a-zA-Z0-9-]{0,70}(\\.[a-z0-9]{1,60}){1,6}\\.[a-zA-Z][a-zA-Z0-9]{0,70}"),
    (Format::RecordKey, "[a-zA-Z0-9_~.:-]{1,40}|\\.{1,3}|[a-z]{510,514}"),
    (Format::Tid, "[2-7a-k][2-7a-z]{12}"),
];

/// The grammars once more, written plainly: split the text, then look at the parts.
mod plain {
    use super::Format;

    pub(super) fn is_valid(format: Format, text: &str) -> bool {
        match format {
            Format::Did => did(text),
            Format::AtIdentifier if text.starts_with("did:") => did(text),
            Format::AtIdentifier | Format::Handle => handle(text),
            Format::Nsid => nsid(text),
            Format::RecordKey => record_key(text),
            Format::Tid => tid(text),
            _ => unreachable!("not an identifier format"),
        }
    }

    fn only(text: &str, allowed: &str) -> bool {
        text.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c))
    }

    fn starts_with_letter(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    fn label(text: &str) -> bool {
        (1..=63).contains(&text.len()) && only(text, "-") && !text.starts_with('-') && !text.ends_with('-')
    }

    fn did(text: &str) -> bool {
        let parts: Vec<&str> = text.splitn(3, ':').collect();
        let ["did", method, identifier] = parts[..] else { return false };
        let good_method = !method.is_empty() && method.chars().all(|c| c.is_ascii_lowercase());
        let good_end = !identifier.is_empty() && !identifier.ends_with([':', '%']);
        text.len() <= 2048 && good_method && good_end && only(identifier, "._:%-")
    }

    fn handle(text: &str) -> bool {
        let labels: Vec<&str> = text.split('.').collect();
        let good_last = labels.last().is_some_and(|last| starts_with_letter(last));
        text.len() <= 253 && labels.len() >= 2 && labels.iter().all(|text| label(text)) && good_last
    }

    fn nsid(text: &str) -> bool {
        let segments: Vec<&str> = text.split('.').collect();
        let [first, .., name] = segments[..] else { return false };
        let good_name = starts_with_letter(name) && only(name, "");
        let good_authority = starts_with_letter(first) && segments.iter().all(|segment| label(segment));
        text.len() <= 317 && segments.len() >= 3 && good_authority && good_name
    }

    fn record_key(text: &str) -> bool {
        (1..=512).contains(&text.len()) && text != "." && text != ".." && only(text, "_~.:-")
    }

    fn tid(text: &str) -> bool {
        let digits = "234567abcdefghijklmnopqrstuvwxyz";
        text.len() == 13 && text.chars().all(|c| digits.contains(c)) && text.starts_with(|c| c <= 'j')
    }
}

/// A text that is nearly valid in a format: out of the pattern, or with one character put in,
/// taken out or replaced.
fn nearly(pattern: &'static str) -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..2_usize, "|[ -~]|[.:%#~é\n\0-]");
    (pattern, prop::option::of(change)).prop_map(|(text, change)| {
        let Some((place, removed, put)) = change else { return text };
        let mut characters: Vec<char> = text.chars().collect();
        let start = place.index(characters.len());
        characters.splice(start..start + removed, put.chars());
        characters.into_iter().collect()
    })
}

/// A format and a text: nearly valid in it, made of the characters of identifiers, or any.
fn format_and_text() -> impl Strategy<Value = (Format, String)> {
    prop::sample::select(&PATTERNS[..]).prop_flat_map(|(format, pattern)| {
        let text = prop_oneof![4 => nearly(pattern), 1 => "(did:)?[a-cA-C0-9.:%_~-]{0,20}", 1 => any::<String>()];
        (Just(format), text)
    })
}

fn any_text() -> impl Strategy<Value = String> {
    format_and_text().prop_map(|(_, text)| text)
}

fn printed(format: Format, text: &str) -> Option<String> {
    match format {
        Format::Did => text.parse::<Did>().ok().map(String::from),
        Format::Handle => text.parse::<Handle>().ok().map(String::from),
        Format::AtIdentifier => text.parse::<AtIdentifier>().ok().map(String::from),
        Format::Nsid => text.parse::<Nsid>().ok().map(String::from),
        Format::RecordKey => text.parse::<RecordKey>().ok().map(String::from),
        Format::Tid => text.parse::<Tid>().ok().map(String::from),
        _ => unreachable!("not an identifier format"),
    }
}

fn tid(number: u64) -> Tid {
    Tid::from_parts(number >> 10, number as u16)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_scanner_and_the_plain_grammar_agree((format, text) in format_and_text()) {
        prop_assert_eq!(format.check(&text, Mode::Strict).is_ok(), plain::is_valid(format, &text));
    }

    #[test]
    fn both_modes_of_an_identifier_format_are_the_same((format, text) in format_and_text()) {
        prop_assert_eq!(format.check(&text, Mode::Strict), format.check(&text, Mode::Lenient));
    }

    #[test]
    fn a_parsed_text_is_given_back_as_it_was((format, text) in format_and_text()) {
        let expected = plain::is_valid(format, &text).then(|| text.clone());
        prop_assert_eq!(printed(format, &text), expected);
    }

    #[test]
    fn an_unchecked_did_keeps_its_text_and_has_total_accessors(text in any_text()) {
        let did = Did::from_unchecked(&text);
        prop_assert_eq!(did.as_str(), &text);
        let whole = format!("did:{}:{}", did.method(), did.identifier());
        prop_assert!(whole == text || whole == "did::");
        prop_assert!(did.is_valid() || did.check_method().is_err());
    }

    #[test]
    fn an_unchecked_handle_keeps_its_text_and_has_total_accessors(text in any_text()) {
        let handle = Handle::from_unchecked(&text);
        prop_assert_eq!(handle.labels().collect::<Vec<_>>().join("."), &*text);
        prop_assert_eq!(handle.labels().next_back(), Some(handle.tld()));
        prop_assert!(!(handle.has_disallowed_tld() && handle.has_test_tld()));
        prop_assert!(handle.has_disallowed_tld() || !handle.is_invalid_marker());
        prop_assert_eq!(handle.normalize().is_valid(), handle.is_valid());
    }

    #[test]
    fn an_unchecked_at_identifier_is_a_did_or_a_handle(text in any_text()) {
        let identifier = AtIdentifier::from_unchecked(&text);
        prop_assert_eq!(identifier.as_str(), &text);
        prop_assert_eq!(identifier.as_did().is_some(), text.starts_with("did:"));
        prop_assert_ne!(identifier.as_did().is_some(), identifier.as_handle().is_some());
        prop_assert_eq!(identifier.normalize().is_valid(), identifier.is_valid());
    }

    #[test]
    fn an_unchecked_nsid_keeps_its_text_and_has_total_accessors(text in any_text()) {
        let nsid = Nsid::from_unchecked(&text);
        prop_assert_eq!(nsid.segments().collect::<Vec<_>>().join("."), &*text);
        prop_assert_eq!(nsid.segments().next_back(), Some(nsid.name()));
        prop_assert_eq!(nsid.authority().len(), nsid.group().len());
        prop_assert!(text.ends_with(nsid.name()) && text.starts_with(nsid.group()));
        prop_assert_eq!(nsid.normalize().is_valid(), nsid.is_valid());
    }

    #[test]
    fn an_unchecked_tid_has_a_number_only_if_it_is_valid(text in any_text()) {
        let tid = Tid::from_unchecked(&text);
        prop_assert_eq!(tid.as_str(), &text);
        prop_assert_eq!(tid.as_u64().is_some(), tid.is_valid());
        prop_assert_eq!(tid.micros().zip(tid.clock_id()).map(|(m, c)| (m << 10) | u64::from(c)), tid.as_u64());
    }

    #[test]
    fn a_normal_form_is_its_own_normal_form(text in any_text()) {
        let (handle, nsid) = (Handle::from_unchecked(&text).normalize(), Nsid::from_unchecked(&text).normalize());
        prop_assert_eq!(&handle.normalize(), &handle);
        prop_assert_eq!(&nsid.normalize(), &nsid);
        prop_assert!(handle.as_str().eq_ignore_ascii_case(&text) && nsid.as_str().eq_ignore_ascii_case(&text));
    }

    #[test]
    fn a_valid_nsid_gives_an_authority_that_is_a_handle_or_too_long(text in nearly(PATTERNS[3].1)) {
        let nsid = Nsid::from_unchecked(&text);
        if nsid.is_valid() {
            let authority = nsid.authority();
            let is_handle = authority.parse::<Handle>().is_ok();
            prop_assert_eq!(is_handle, authority.len() <= 253);
        }
    }

    #[test]
    fn a_valid_tid_or_nsid_is_a_valid_record_key(number in any::<u64>(), text in nearly(PATTERNS[3].1)) {
        prop_assert!(RecordKey::from(tid(number)).is_valid());
        if let Ok(nsid) = text.parse::<Nsid>() {
            prop_assert!(RecordKey::from(nsid).is_valid());
        }
    }

    #[test]
    fn a_web_did_is_supported_only_for_public_hosts(host in "[a-z]{1,3}(\\.[a-z]{1,3}){0,2}\\.(com|local|test|0a)") {
        let verdict = Did::from_unchecked(&format!("did:web:{host}")).check_method().map(drop);
        let good = host.ends_with(".com") || host.ends_with(".test");
        prop_assert_eq!(verdict, if good { Ok(()) } else { Err(DidMethodError::BadWeb) });
    }

    #[test]
    fn the_order_of_tid_texts_is_the_order_of_numbers(texts in prop::array::uniform2("[2-7a-j][2-7a-z]{12}")) {
        let [a, b] = texts.map(|text| Tid::from_unchecked(&text));
        prop_assert_eq!(a.cmp(&b), a.as_u64().cmp(&b.as_u64()));
    }

    #[test]
    fn a_tid_gives_back_the_parts_that_it_was_made_of(micros in 0..1_u64 << 53, clock_id in 0..1024_u16) {
        let tid = Tid::from_parts(micros, clock_id);
        prop_assert!(tid.is_valid());
        prop_assert_eq!((tid.micros(), tid.clock_id()), (Some(micros), Some(clock_id)));
    }

    #[test]
    fn no_parts_make_a_tid_above_the_greatest(micros in any::<u64>(), clock_id in any::<u16>()) {
        let tid = Tid::from_parts(micros, clock_id);
        prop_assert!(tid.is_valid() && tid.as_str() <= "bzzzzzzzzzzzz" && tid.as_str() >= Tid::ZERO);
    }

    #[test]
    fn a_generator_is_strictly_increasing_whatever_the_clock_says(
        clock_id in any::<u16>(),
        clock in prop::collection::vec(prop_oneof![0..20_u64, 0..1_u64 << 52], 2..60),
    ) {
        let generator = TidGenerator::new(clock_id);
        let tids: Vec<Tid> = clock.iter().map(|now| generator.next_at(*now)).collect();
        prop_assert!(tids.is_sorted_by(|a, b| a < b), "{:?}", tids);
        prop_assert!(tids.iter().zip(&clock).all(|(tid, now)| tid.micros() >= Some(*now)));
    }

    #[test]
    fn a_tid_after_another_is_strictly_greater(
        last in prop::collection::vec(0..1_u64 << 52, 1..5),
        now in 0..1_u64 << 52,
        previous in 0..1_u64 << 62,
        clock_id in any::<u16>(),
    ) {
        let generator = TidGenerator::new(clock_id);
        for time in last {
            generator.next_at(time);
        }
        let previous = tid(previous);
        let next = generator.after(&previous, now);
        prop_assert!(next > previous && next.is_valid());
        prop_assert!(generator.after(&next, now) > next);
    }
}

#[test]
fn nearly_valid_texts_are_about_as_often_valid_as_not() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    for (format, pattern) in PATTERNS {
        let texts = nearly(pattern);
        let mut text = || texts.new_tree(&mut runner).expect("a text").current();
        let valid = (0..400).filter(|_| format.check(&text(), Mode::Strict).is_ok()).count();
        assert!((100..350).contains(&valid), "{format}: {valid} of 400");
    }
}

#[test]
fn threads_that_share_a_generator_never_get_the_same_tid() {
    let generator = TidGenerator::random();
    let tids: Vec<Tid> = std::thread::scope(|scope| {
        let make = || (0..1000).map(|_| generator.next()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread that ends")).collect()
    });
    assert_eq!(tids.iter().collect::<HashSet<_>>().len(), 4000);
}
