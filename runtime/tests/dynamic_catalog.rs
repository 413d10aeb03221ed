//! Lexicons that are loaded at run time.

use std::{fs, path::PathBuf};

use arobase_runtime::{
    Catalog,
    catalog::{CatalogError, MistakeKind},
    lexicon::{
        document::Document,
        schema::{EndpointKind, KeyType},
    },
};

/// A directory of files that is gone with its owner.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("arobase-catalog-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        for (file, text) in files {
            let file = path.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(path)
    }

    fn load(&self) -> Result<Catalog, CatalogError> {
        Catalog::from_directory(&self.0)
    }

    fn mistakes(&self) -> Vec<String> {
        let error = self.load().unwrap_err();
        let directory = format!("{}/", self.0.display());
        error.to_string().lines().map(|line| line.replace(&directory, "")).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lexicon(nsid: &str, defs: &str) -> String {
    format!(r#"{{ "lexicon": 1, "id": "{nsid}", "defs": {{ {defs} }} }}"#)
}

fn one(nsid: &str, defs: &str) -> Catalog {
    Catalog::from_json(lexicon(nsid, defs)).unwrap()
}

fn token(nsid: &str) -> String {
    lexicon(nsid, r#""main": { "type": "token" }"#)
}

fn nsids(catalog: &Catalog) -> Vec<&str> {
    catalog.documents().map(|document| document.id.as_str()).collect()
}

#[test]
fn a_directory_is_read_at_every_depth() {
    let [a, b] = ["com.example.a", "com.example.deep.b"].map(token);
    let directory = Directory::new("depth", &[("a.json", &a), ("x/y/z/b.json", &b)]);
    assert_eq!(nsids(&directory.load().unwrap()), ["com.example.a", "com.example.deep.b"]);
}

#[test]
fn files_that_are_no_json_are_passed_by() {
    let a = token("com.example.a");
    let files = [("a.json", a.as_str()), ("README.md", "# no"), ("x/a.txt", "{"), ("a.json.bak", "{"), ("json", "{")];
    assert_eq!(nsids(&Directory::new("others", &files).load().unwrap()), ["com.example.a"]);
}

#[test]
fn only_at_the_top_a_manifest_is_no_lexicon() {
    let a = token("com.example.a");
    let files = [("manifest.json", "{}"), ("a.json", a.as_str())];
    assert_eq!(nsids(&Directory::new("manifest", &files).load().unwrap()), ["com.example.a"]);
    let files = [("x/manifest.json", "{}"), ("a.json", a.as_str())];
    assert!(Directory::new("manifest-below", &files).load().is_err());
}

#[test]
fn every_mistake_of_every_file_is_named() {
    let bounds = lexicon(
        "com.example.bounds",
        r#""a": { "type": "string", "minLength": 3, "maxLength": 2 }, "b": { "type": "strong" }"#,
    );
    let directory = Directory::new("mistakes", &[("bounds.json", &bounds), ("json.json", "{"), ("x/id.json", "{}")]);
    let mistakes = directory.mistakes();
    let [crossed, unknown, json, rest @ ..] = mistakes.as_slice() else { panic!("{mistakes:?}") };
    assert!(crossed.starts_with("bounds.json: $.defs.a") && crossed.ends_with("[bounds-crossed]"), "{crossed}");
    assert!(unknown.starts_with("bounds.json: $.defs.b") && unknown.ends_with("[type-unknown]"), "{unknown}");
    assert!(json.starts_with("json.json: 1:"), "{json}");
    assert!(!rest.is_empty() && rest.iter().all(|mistake| mistake.starts_with("x/id.json: ")), "{rest:?}");
}

#[test]
fn an_nsid_that_is_there_twice_is_refused() {
    let a = token("com.example.a");
    let directory = Directory::new("twice", &[("a.json", &a), ("b/a.json", &a)]);
    assert_eq!(directory.mistakes(), ["b/a.json: com.example.a is there twice"]);
}

#[test]
fn nsids_that_differ_only_in_case_are_refused() {
    let [upper, lower] = ["com.example.getA", "com.example.geta"].map(token);
    let directory = Directory::new("case", &[("1.json", &upper), ("2.json", &lower)]);
    assert_eq!(directory.mistakes(), ["2.json: com.example.geta and com.example.getA differ only in case"]);
}

#[test]
fn a_directory_that_is_not_there_is_a_mistake() {
    let error = Catalog::from_directory("/no/such/directory").unwrap_err();
    assert!(matches!(error.mistakes()[0].kind, MistakeKind::Unreadable(_)), "{error}");
    assert!(Catalog::from_file("/no/such/file.json").is_err());
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_end() {
    let a = token("com.example.a");
    let directory = Directory::new("links", &[("x/a.json", &a)]);
    std::os::unix::fs::symlink(&directory.0, directory.0.join("x/up")).unwrap();
    std::os::unix::fs::symlink(directory.0.join("x/a.json"), directory.0.join("again.json")).unwrap();
    assert_eq!(nsids(&directory.load().unwrap()), ["com.example.a"]);
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let directory = Directory::new("large", &[("a.json", "")]);
    fs::File::create(directory.0.join("a.json")).unwrap().set_len((16 << 20) + 1).unwrap();
    assert_eq!(directory.mistakes(), ["a.json: has more than 16777216 bytes"]);
}

#[test]
fn a_document_breaks_a_rule_with_its_path() {
    let error =
        Catalog::from_json(lexicon("com.example.a", r##""main": { "type": "ref", "ref": "#b" }"##)).unwrap_err();
    assert_eq!(error.mistakes().len(), 1);
    assert!(error.to_string().contains("$.defs.main"), "{error}");
    assert!(Catalog::from_json(b"\xff").is_err());
}

#[test]
fn lexicons_of_ones_own_stand_alone() {
    let catalog = Catalog::from_json(token("com.example.a")).unwrap();
    assert_eq!(nsids(&catalog), ["com.example.a"]);
    assert!(catalog.document("com.atproto.repo.getRecord").is_none());
    assert!(catalog.document("com.example.A").is_none());
}

#[test]
fn documents_stay_what_they_were() {
    let text = lexicon("com.example.a", r##""main": { "type": "string", "maxLength": 3, "x-note": ["kept"] }"##);
    let document = Document::parse(&text).unwrap();
    let catalog = Catalog::from_documents([document.clone()]).unwrap();
    assert_eq!(catalog.document("com.example.a"), Some(&document));
}

#[test]
fn catalogs_add_up_unless_they_disagree() {
    let [a, b] = ["com.example.a", "com.example.b"].map(|nsid| Catalog::from_json(token(nsid)).unwrap());
    let both = a.clone().with(&b).unwrap();
    assert_eq!(nsids(&both), ["com.example.a", "com.example.b"]);
    assert_eq!(nsids(&a), ["com.example.a"], "clones are apart");
    assert!(both.clone().with(&a).is_ok(), "the same document is no other one");
    let other = one("com.example.a", r#""main": { "type": "string" }"#);
    assert!(both.clone().with(&other).is_err());
    let updated = both.updated(&other).unwrap();
    assert!(updated.schema("com.example.a").is_some());
    assert_eq!(nsids(&updated), ["com.example.a", "com.example.b"]);
}

#[test]
fn definitions_are_found_by_the_names_that_references_have() {
    let defs =
        r#""main": { "type": "object", "properties": {} }, "part": { "type": "string" }, "a/b": { "type": "string" }"#;
    let catalog = one("com.example.a", defs);
    for name in ["com.example.a", "com.example.a#main", "com.example.a#part", "com.example.a#a/b"] {
        assert!(catalog.schema(name).is_some(), "{name}");
    }
    for name in ["com.example", "com.example.a#", "com.example.a#other", "#part", ""] {
        assert!(catalog.schema(name).is_none(), "{name}");
    }
}

#[test]
fn a_member_of_a_union_is_an_object() {
    let text = lexicon(
        "com.example.a",
        r##""main": { "type": "object", "properties": { "u": { "type": "union", "refs": ["#text"] } } },
            "text": { "type": "string" }"##,
    );
    let error = Catalog::from_json(text).unwrap_err();
    assert!(
        matches!(&error.mistakes()[0].kind, MistakeKind::UnionMember { member, .. } if member == "com.example.a#text")
    );
}

#[test]
fn methods_and_keys_of_records_are_found() {
    let record =
        r#""main": { "type": "record", "key": "literal:self", "record": { "type": "object", "properties": {} } }"#;
    let records = one("com.example.thing", record);
    assert_eq!(records.record_key("com.example.thing"), Some(&KeyType::Literal("self".into())));
    assert_eq!(records.record_key("com.example.other"), None);

    // Segments of the authority may have hyphens.
    let methods = one("io.exa-mple.dashedName", r#""main": { "type": "query" }"#);
    assert_eq!(methods.endpoint("io.exa-mple.dashedName").unwrap().kind, EndpointKind::Query);
    assert_eq!(methods.endpoints().count(), 1);
}

#[cfg(feature = "catalog")]
#[test]
fn the_official_lexicons_are_there_and_can_be_added_to() {
    let official = Catalog::official();
    assert!(official.documents().count() > 400);
    assert!(official.endpoint("com.atproto.repo.getRecord").is_some());
    let more = Catalog::official().with(&Catalog::from_json(token("com.example.a")).unwrap()).unwrap();
    assert_eq!(more.documents().count(), official.documents().count() + 1);
    assert!(official.document("com.example.a").is_none());
}

#[cfg(feature = "catalog")]
#[test]
fn the_directory_of_official_lexicons_loads_whole() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../lexicons");
    let catalog = Catalog::from_directory(directory).unwrap();
    assert_eq!(nsids(&catalog), nsids(&Catalog::official()));
}
