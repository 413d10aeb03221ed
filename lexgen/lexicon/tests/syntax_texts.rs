//! Properties of the string formats: at-uri, cid, datetime, language and uri.

use std::{collections::BTreeSet, fmt::Display, str::FromStr, sync::OnceLock};

use arobase_lexicon::syntax::{
    AtIdentifier, AtUri, CidString, Datetime, Format, GenericAtUri, Language, Mode, Nsid, RecordKey, Uri,
};
use proptest::prelude::*;

/// Texts that keep the syntax of one format or another, strict or lenient.
fn formed() -> impl Strategy<Value = String> {
    prop_oneof![
        at_uri(),
        "at://[a-z]{1,3}\\.[A-Za-z]{1,3}(/[a-zA-Z.%0-9]{0,9}){0,3}(\\?[a-z%4-7]{0,5})?(#/[a-z%4-7]{0,5})?",
        "[a-zA-Z0-9+=]{8,40}",
        datetime(),
        "[a-z]{2,3}(-[a-z]{3}){0,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?(-1[0-9]{3}|-[a-z]{5,8}){0,3}(-[a-c](-[a-z]{2,8}){1,2}){0,2}(-x-a)?",
        "[A-Za-z]{4,8}(-[a-z]{5}){0,2}",
        "[a-zA-Z][a-zA-Z0-9+.-]{0,9}:[!-~\u{e9}]{1,20}",
    ]
}

/// A formed text with one character put in, put in place of another, or taken out.
fn almost_formed() -> impl Strategy<Value = String> {
    let odd = prop_oneof!["[-.:/?#%+ZTx0-9 ]", any::<char>().prop_map(String::from)];
    (formed(), any::<prop::sample::Index>(), odd, 0..3).prop_map(|(text, at, odd, change)| {
        let mut chars: Vec<_> = text.chars().map(String::from).collect();
        let at = at.index(chars.len());
        match change {
            0 => chars[at] = odd,
            1 => chars.insert(at, odd),
            _ => drop(chars.remove(at)),
        }
        chars.concat()
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), formed(), almost_formed(), "[-:/?#.a-cATZ0-9%+]{0,70}"]
}

fn did() -> impl Strategy<Value = String> {
    "did:[a-z]{1,5}:[a-zA-Z0-9._:%-]{0,20}[a-zA-Z0-9._-]"
}

fn handle() -> impl Strategy<Value = String> {
    "([a-zA-Z0-9]{1,5}(-[a-z0-9]{1,3})?\\.){1,3}[a-zA-Z][a-zA-Z0-9]{0,5}"
}

fn nsid() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-z0-9]{0,4}(\\.[a-zA-Z0-9]{1,4}(-[a-z0-9]{1,3})?){1,3}\\.[a-zA-Z][a-zA-Z0-9]{0,8}"
}

fn rkey() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_~.:-]{1,20}".prop_filter("a reserved record key", |key| key != "." && key != "..")
}

fn at_uri() -> impl Strategy<Value = String> {
    let path =
        prop_oneof![Just(String::new()), nsid(), (nsid(), rkey()).prop_map(|(nsid, rkey)| format!("{nsid}/{rkey}"))];
    (prop_oneof![did(), handle()], path).prop_map(|(authority, path)| {
        let slash = if path.is_empty() { "" } else { "/" };
        format!("at://{authority}{slash}{path}")
    })
}

fn datetime() -> impl Strategy<Value = String> {
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,12})?\
     (Z||[+-]([01][0-9]|2[0-3]):?[0-5][0-9])"
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, TestCaseError> {
    text.parse().map_err(|error: T::Err| TestCaseError::fail(error.to_string()))
}

/// All days of years 0 to 9999 in order, counted one by one.
fn calendar() -> &'static [(u32, u32, u32)] {
    static DAYS: OnceLock<Vec<(u32, u32, u32)>> = OnceLock::new();
    DAYS.get_or_init(|| std::iter::successors(Some((0, 1, 1)), next_day).collect())
}

fn next_day(&(year, month, day): &(u32, u32, u32)) -> Option<(u32, u32, u32)> {
    let leap = if year % 100 == 0 { year % 400 == 0 } else { year % 4 == 0 };
    let february = if leap { 29 } else { 28 };
    let last = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
    match (year, month, day) {
        (9999, 12, 31) => None,
        (_, 12, 31) => Some((year + 1, 1, 1)),
        _ if day == last => Some((year, month + 1, 1)),
        _ => Some((year, month, day + 1)),
    }
}

const DAY: i64 = 86_400_000_000;

/// The days before 1970, and the micros of a day of the calendar.
fn epoch() -> i64 {
    calendar().binary_search(&(1970, 1, 1)).unwrap() as i64
}

fn date_text(day: usize) -> String {
    let (year, month, day) = calendar()[day];
    format!("{year:04}-{month:02}-{day:02}")
}

fn time_text(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

proptest! {
    #[test]
    fn a_parsed_text_comes_back_unchanged(text in any_text()) {
        macro_rules! comes_back {
            ($($name:ty),*) => { $(
                if let Ok(value) = text.parse::<$name>() {
                    prop_assert!(value.is_valid());
                    prop_assert_eq!(value.as_str(), &text);
                    prop_assert_eq!(value.to_string(), text.clone());
                    let json = serde_json::to_string(&value).unwrap();
                    prop_assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), value.clone());
                    prop_assert_eq!(value.into_string(), text.clone());
                }
            )* };
        }
        comes_back!(AtUri, GenericAtUri, CidString, Datetime, Language, Uri);
    }

    #[test]
    fn the_lenient_forms_include_the_strict_ones(text in any_text()) {
        for format in Format::ALL {
            if format.check(&text, Mode::Strict).is_ok() {
                prop_assert!(format.check(&text, Mode::Lenient).is_ok(), "{} {:?}", format, text);
            }
        }
    }

    #[test]
    fn formed_addresses_are_accepted(text in at_uri()) {
        let uri: AtUri = parsed(&text)?;
        prop_assert_eq!(uri.as_str(), text);
    }

    #[test]
    fn accessors_take_any_text(text in any_text()) {
        let uri = AtUri::from_unchecked(&text);
        let parts = (uri.authority().len(), uri.path().len());
        prop_assert!(parts.0 + parts.1 <= text.len());
        prop_assert!(uri.collection().is_none_or(|part| uri.path().contains(part)));
        prop_assert!(uri.rkey().is_none_or(|part| uri.path().contains(part)));
        prop_assert!(uri.authority_did().is_none_or(|did| did == uri.authority()));
        prop_assert!(uri.authority_id().is_none_or(|id| id == uri.authority()));
        prop_assert!(uri.collection_nsid().is_none_or(|nsid| Some(nsid.as_str()) == uri.collection()));
        prop_assert!(uri.record_key().is_none_or(|key| Some(key.as_str()) == uri.rkey()));
        prop_assert!(text.contains(Uri::from_unchecked(&text).scheme()));
        prop_assert!(Language::from_unchecked(&text).primary().is_none_or(|language| text.starts_with(language)));
    }

    #[test]
    fn generic_accessors_take_any_text(text in any_text()) {
        let uri = GenericAtUri::from_unchecked(&text);
        if text.starts_with("at://") {
            let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
            let fragment = uri.fragment().map_or(String::new(), |fragment| format!("#{fragment}"));
            prop_assert_eq!(format!("at://{}{}{query}{fragment}", uri.authority(), uri.path()), text);
        } else {
            prop_assert_eq!((uri.authority(), uri.path(), uri.query(), uri.fragment()), ("", "", None, None));
        }
    }

    #[test]
    fn an_instant_is_known_for_lenient_datetimes_and_no_other_text(text in any_text()) {
        let lenient = Format::Datetime.check(&text, Mode::Lenient).is_ok();
        let value = Datetime::from_unchecked(&text);
        prop_assert_eq!(value.unix_micros().is_some(), lenient);
        prop_assert!(value.cmp_instant(&value).is_eq());
    }

    #[test]
    fn an_address_gives_back_the_parts_it_was_built_of(
        authority in prop_oneof![did(), handle()],
        collection in nsid(),
        rkey in rkey(),
    ) {
        let id: AtIdentifier = parsed(&authority)?;
        let nsid: Nsid = parsed(&collection)?;
        let key: RecordKey = parsed(&rkey)?;
        let (collection, rkey) = (Some(collection.as_str()), Some(rkey.as_str()));

        let uri: AtUri = parsed(AtUri::repo(&id).as_str())?;
        prop_assert_eq!((uri.authority(), uri.collection(), uri.rkey()), (&*authority, None, None));
        let uri: AtUri = parsed(AtUri::collection_of(&id, &nsid).as_str())?;
        prop_assert_eq!((uri.authority(), uri.collection(), uri.rkey()), (&*authority, collection, None));
        let uri: AtUri = parsed(AtUri::record(&id, &nsid, &key).as_str())?;
        prop_assert_eq!((uri.authority(), uri.collection(), uri.rkey()), (&*authority, collection, rkey));
        prop_assert_eq!((uri.authority_id(), uri.collection_nsid(), uri.record_key()), (Some(id), Some(nsid), Some(key)));
    }

    #[test]
    fn a_normal_address_is_valid_and_its_own_normal_form(text in any_text()) {
        let uri = GenericAtUri::from_unchecked(&text);
        let normal = uri.normalize();
        prop_assert_eq!(normal.is_valid(), uri.is_valid());
        prop_assert_eq!(normal.normalize(), normal.clone());
        prop_assert_eq!(normal.to_record_uri(), uri.to_record_uri());
        if let Ok(strict) = text.parse::<AtUri>() {
            prop_assert_eq!(uri.to_record_uri(), Some(strict.normalize()));
            prop_assert_eq!(normal, GenericAtUri::from(strict.normalize()));
        }
    }

    #[test]
    fn a_date_is_accepted_if_it_is_in_the_calendar(year in 0_u32..10_000, month in 0_u32..14, day in 0_u32..33) {
        let text = format!("{year:04}-{month:02}-{day:02}T00:00:00Z");
        let known = calendar().binary_search(&(year, month, day)).is_ok();
        prop_assert_eq!(text.parse::<Datetime>().is_ok(), known);
    }

    #[test]
    fn an_instant_is_that_of_the_counted_calendar(
        day in 0..calendar().len(),
        second in 0_i64..86_400,
        micro in 0_i64..1_000_000,
        offset in -1439_i64..1440,
    ) {
        let sign = if offset < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
        let text = format!("{}T{}.{micro:06}{zone}", date_text(day), time_text(second));
        let since_start = day as i64 * DAY + (second - offset * 60) * 1_000_000 + micro;
        let known = (0..calendar().len() as i64 * DAY).contains(&since_start);
        let instant = text.parse::<Datetime>().ok().and_then(|value| value.unix_micros());
        prop_assert_eq!(instant, known.then_some(since_start - epoch() * DAY));
    }

    #[test]
    fn a_printed_instant_is_that_of_the_counted_calendar(
        day in 0..calendar().len(),
        second in 0_i64..86_400,
        micro in prop_oneof![0_i64..1_000_000, (0_i64..1000).prop_map(|milli| milli * 1000)],
    ) {
        let fraction = if micro % 1000 == 0 { format!("{:03}", micro / 1000) } else { format!("{micro:06}") };
        let text = format!("{}T{}.{fraction}Z", date_text(day), time_text(second));
        let instant = (day as i64 - epoch()) * DAY + second * 1_000_000 + micro;
        prop_assert_eq!(Datetime::from_unix_micros(instant).map(Datetime::into_string), Some(text));
    }

    #[test]
    fn instants_compare_like_their_micros(left in datetime(), right in datetime()) {
        let (left, right) = (Datetime::from_unchecked(&left), Datetime::from_unchecked(&right));
        let micros = left.unix_micros().cmp(&right.unix_micros());
        prop_assert!(micros.is_eq() || left.cmp_instant(&right) == micros);
        prop_assert_eq!(left.cmp_instant(&right), right.cmp_instant(&left).reverse());
    }
}

#[test]
fn the_first_and_last_days_of_every_year_are_counted_right() {
    let mut years = BTreeSet::new();
    for (index, (year, month, day)) in calendar().iter().enumerate() {
        if matches!((month, day), (1, 1) | (2, 28..) | (3, 1) | (12, 31)) {
            let value = Datetime::from_unchecked(&format!("{}T00:00:00Z", date_text(index)));
            let micros = (index as i64 - epoch()) * DAY;
            assert_eq!(value.unix_micros(), Some(micros));
            let printed = Datetime::from_unix_micros(micros).map(Datetime::into_string);
            assert_eq!(printed, Some(format!("{}T00:00:00.000Z", date_text(index))));
            years.insert(year);
        }
    }
    assert_eq!(years.len(), 10_000);
}
