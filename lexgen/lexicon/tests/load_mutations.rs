//! Whatever happens to a document, loading it ends well: with a document or with reasons.

use std::collections::BTreeMap;

use arobase_lexicon::{
    document::Document,
    json::{Json, Path, Segment},
    load::{LoadErrors, Options},
};
use proptest::{prelude::*, sample::Index};

const DOCUMENTS: [&str; 5] = [
    include_str!("data/record.json"),
    include_str!("data/query.json"),
    include_str!("data/procedure.json"),
    include_str!("data/subscription.json"),
    include_str!("data/permissions.json"),
];

/// Words that mean something in a document, so that mutations come close to being valid.
const WORDS: [&str; 40] = [
    "type",
    "ref",
    "refs",
    "union",
    "object",
    "array",
    "string",
    "integer",
    "boolean",
    "bytes",
    "blob",
    "cid-link",
    "unknown",
    "token",
    "record",
    "query",
    "params",
    "permission",
    "properties",
    "required",
    "nullable",
    "items",
    "default",
    "const",
    "enum",
    "format",
    "minLength",
    "maxLength",
    "key",
    "closed",
    "schema",
    "encoding",
    "name",
    "errors",
    "",
    "#main",
    "#x",
    "a.b.c",
    "a.b.c#x",
    "did",
];

#[derive(Clone, Debug)]
enum Mutation {
    Drop,
    Replace(Json),
    Rename(String),
    Repeat,
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![3 => proptest::sample::select(&WORDS[..]).prop_map(String::from), 1 => any::<String>()]
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        prop_oneof![-3..10_i64, any::<i64>()].prop_map(Json::Int),
        // Quarters, because a float that is printed and read again may differ in its last bit.
        any::<i32>().prop_map(|value| Json::Float(f64::from(value) / 4.0)),
        word().prop_map(Json::String),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            proptest::collection::btree_map(word(), inner, 0..4)
                .prop_map(|entries: BTreeMap<_, _>| Json::Object(entries.into_iter().collect())),
        ]
    })
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        Just(Mutation::Drop),
        Just(Mutation::Repeat),
        json().prop_map(Mutation::Replace),
        word().prop_map(Mutation::Rename),
    ]
}

fn paths(json: &Json, here: &mut Vec<Segment>, all: &mut Vec<Path>) {
    let children: Vec<(Segment, &Json)> = match json {
        Json::Array(items) => items.iter().enumerate().map(|(index, item)| (Segment::Index(index), item)).collect(),
        Json::Object(entries) => entries.iter().map(|(key, value)| (Segment::Key(key.clone()), value)).collect(),
        _ => Vec::new(),
    };
    for (segment, child) in children {
        here.push(segment);
        all.push(here.iter().cloned().collect());
        paths(child, here, all);
        here.pop();
    }
}

/// Applies the mutation to the child of `json` that the path leads to.
fn mutate(json: &mut Json, path: &[Segment], mutation: &Mutation) {
    let Some((first, rest)) = path.split_first() else { return };
    let position = match (&*json, first) {
        (Json::Object(entries), Segment::Key(key)) => entries.iter().position(|(name, _)| name == key),
        (_, Segment::Index(index)) => Some(*index),
        _ => None,
    };
    let Some(position) = position else { return };
    match json {
        Json::Object(entries) if rest.is_empty() => match mutation {
            Mutation::Drop => drop(entries.remove(position)),
            Mutation::Replace(value) => entries[position].1 = value.clone(),
            Mutation::Rename(name) if entries.iter().all(|(key, _)| key != name) => {
                entries[position].0.clone_from(name);
            }
            Mutation::Rename(_) | Mutation::Repeat => {}
        },
        Json::Array(items) if rest.is_empty() => match mutation {
            Mutation::Drop => drop(items.remove(position)),
            Mutation::Replace(value) => items[position] = value.clone(),
            Mutation::Rename(name) => items[position] = Json::from(name.as_str()),
            Mutation::Repeat => items.insert(position, items[position].clone()),
        },
        Json::Object(entries) => mutate(&mut entries[position].1, rest, mutation),
        Json::Array(items) => mutate(&mut items[position], rest, mutation),
        _ => {}
    }
}

fn mutant() -> impl Strategy<Value = Json> {
    let steps = proptest::collection::vec((any::<Index>(), mutation()), 1..4);
    (proptest::sample::select(&DOCUMENTS[..]), steps).prop_map(|(text, steps)| {
        let mut json = Json::parse(text).expect("the documents are JSON");
        for (index, mutation) in steps {
            let mut all = Vec::new();
            paths(&json, &mut Vec::new(), &mut all);
            if !all.is_empty() {
                mutate(&mut json, index.get(&all).segments(), &mutation);
            }
        }
        json
    })
}

/// What holds for every outcome of loading.
fn assert_sound(json: &Json, outcome: Result<Document, LoadErrors>, options: Options) {
    match outcome {
        Ok(document) => {
            let again = Document::from_json(&document.to_json(), options);
            assert_eq!(again, Ok(document));
        }
        Err(errors) => {
            assert!(!errors.as_slice().is_empty());
            for error in &errors {
                assert!(json.at(&error.path).is_some(), "{error}");
                assert!(error.message.starts_with("expected "), "{error}");
                assert!(!error.message.contains('\n'), "{error}");
            }
        }
    }
}

proptest! {
    #[test]
    fn a_mutated_document_loads_or_has_errors_at_places_in_it(json in mutant(), lenient: bool) {
        let options = Options { lenient };
        assert_sound(&json, Document::from_json(&json, options), options);
    }

    #[test]
    fn any_json_loads_or_has_errors_at_places_in_it(json in json()) {
        assert_sound(&json, Document::from_json(&json, Options::default()), Options::default());
    }

    #[test]
    fn a_text_and_its_tree_have_the_same_outcome(json in mutant()) {
        let strict = Document::from_json(&json, Options::default());
        prop_assert_eq!(&Document::parse(&json.to_string()), &strict);
        prop_assert_eq!(&Document::parse(&json.to_string_pretty()), &strict);
    }

    #[test]
    fn a_printed_tree_is_read_as_itself(json in json()) {
        prop_assert_eq!(&Json::parse(&json.to_string()), &Ok(json.clone()));
        prop_assert_eq!(&Json::parse(&json.to_string_pretty()), &Ok(json));
    }

    #[test]
    fn cut_or_damaged_bytes_never_panic(at: Index, byte: u8, cut: bool, text in proptest::sample::select(&DOCUMENTS[..])) {
        let mut bytes = text.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Err(errors) = Document::parse_bytes(&bytes) {
            prop_assert!(!errors.as_slice().is_empty());
        }
    }
}
