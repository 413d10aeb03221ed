//! What is derived and committed is what it is derived from: `generated/` out of `lexicons/`, the
//! features of this package out of the references between families, the packed lexicons out of
//! their files, the manifest out of their bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use arobase::data::Cid;
use arobase_lexicon::json::Json;
use arobase_lexicons::DOCUMENTS;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the generator would do, as the build script has it, but nothing is written.
static REPORT: LazyLock<lexgen::Report> = LazyLock::new(|| {
    let config = lexgen::Config::new()
        .lexicons(root().join("lexicons"))
        .official(false)
        .out_dir(root().join("generated"))
        .runtime_path("crate::__codegen")
        .library("arobase_runtime")
        .check(true);
    config.try_generate().unwrap_or_else(|faults| panic!("{}", faults.to_cargo()))
});

/// The files under a directory with one of these extensions, by their path from it.
fn files(directory: &Path, extension: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.insert(path.strip_prefix(directory).expect("a path inside").to_path_buf());
            }
        }
    }
    found
}

/// The files of the lexicons by NSID; `manifest.json` is none.
fn lexicon_files() -> BTreeMap<String, PathBuf> {
    let nsid = |path: &Path| path.with_extension("").to_string_lossy().replace(['/', '\\'], ".");
    let all = files(&root().join("lexicons"), "json").into_iter();
    all.filter(|path| path != Path::new("manifest.json")).map(|path| (nsid(&path), path)).collect()
}

/// The `[features]` of this package: each with what it switches on.
fn declared_features() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let (_, section) = manifest.split_once("\n[features]\n").expect("a section of features");
    let (section, _) = section.split_once("\n[").expect("another section behind it");
    let lines = section.lines().filter(|line| !line.trim_start().starts_with('#'));
    let (mut features, mut name) = (BTreeMap::<String, BTreeSet<String>>::new(), String::new());
    for line in lines {
        let list = match line.split_once('=') {
            Some((key, list)) => {
                key.trim().clone_into(&mut name);
                list
            }
            None => line,
        };
        if !name.is_empty() {
            let quoted = list.split('"').skip(1).step_by(2).map(str::to_owned);
            features.entry(name.clone()).or_default().extend(quoted);
        }
    }
    features
}

#[test]
fn the_generated_code_is_that_of_the_lexicons() {
    assert_eq!(REPORT.lexicons, DOCUMENTS.len());
    assert!(REPORT.written.is_empty() && REPORT.removed.is_empty(), "{:?}", *REPORT);
}

#[test]
fn nothing_stands_beside_the_generated_code() {
    assert_eq!(files(&root().join("generated"), "rs"), REPORT.files);
}

#[test]
fn the_families_are_features_that_need_what_their_lexicons_refer_to() {
    let mut declared = declared_features();
    // The others collect families, or switch something on in a dependency.
    let foreign = |needs: &BTreeSet<String>| needs.iter().any(|need| need.contains(['/', ':']));
    declared.retain(|name, needs| !matches!(name.as_str(), "default" | "full") && !foreign(needs));
    assert_eq!(declared, REPORT.families.features());
}

#[test]
fn full_means_all_families() {
    assert!(declared_features()["full"].iter().eq(REPORT.families.features().keys()));
}

#[test]
fn the_features_that_are_on_by_default_exist() {
    let declared = declared_features();
    let default = &declared["default"];
    assert!(!default.is_empty());
    assert!(default.iter().all(|feature| declared.contains_key(feature)), "{default:?}");
}

#[test]
fn the_packed_lexicons_are_the_files() {
    let files = lexicon_files();
    let packed: BTreeMap<&str, &str> = DOCUMENTS.iter().copied().collect();
    assert_eq!(packed.len(), DOCUMENTS.len(), "an NSID stands twice");
    assert!(packed.keys().copied().eq(files.keys().map(String::as_str)));
    for (nsid, path) in &files {
        let bytes = fs::read(root().join("lexicons").join(path)).expect("a lexicon");
        assert_eq!(packed[nsid.as_str()].as_bytes(), bytes, "{nsid}");
    }
}

#[test]
fn a_lexicon_lies_where_its_id_says() {
    for (nsid, text) in DOCUMENTS {
        let json = Json::parse(text).unwrap_or_else(|error| panic!("{nsid}: {error}"));
        assert_eq!(json.get("id").and_then(Json::as_str), Some(*nsid));
    }
}

#[test]
fn the_manifest_has_the_hash_of_every_lexicon() {
    let manifest = fs::read_to_string(root().join("lexicons/manifest.json")).expect("a manifest");
    let manifest = Json::parse(&manifest).expect("a manifest in JSON");
    let Some(Json::Object(listed)) = manifest.get("lexicons") else { panic!("no list of lexicons") };
    let found: BTreeMap<&str, &str> = listed
        .iter()
        .map(|(nsid, record)| (nsid.as_str(), record.get("factsSha256").and_then(Json::as_str).unwrap_or_default()))
        .collect();
    let made: BTreeMap<&str, String> = DOCUMENTS.iter().map(|(nsid, text)| (*nsid, sha256(text))).collect();
    assert_eq!(found.len(), made.len());
    for (nsid, hash) in &made {
        assert_eq!(found.get(nsid), Some(&hash.as_str()), "{nsid}");
    }
}

/// In hexadecimal, by way of a CID, which is made of the same digest.
fn sha256(text: &str) -> String {
    Cid::of_raw(text.as_bytes()).digest().iter().map(|byte| format!("{byte:02x}")).collect()
}
