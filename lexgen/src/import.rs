//! Copies the facts of foreign lexicons into a directory, with a manifest of where they are from.
//!
//! All or nothing: everything is read and checked first, and what is written replaces the old
//! files only when all of it is on the disk.

mod manifest;
mod plan;
mod write;

use std::path::{Path, PathBuf};

use arobase_lexicon::json::{self, Json, Segment};
use sha2::{Digest, Sha256};

pub(crate) use self::{
    manifest::Manifest,
    plan::{Label, Plan},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    resolve::{self, Corpus, Entry, Origin, OtherJson},
    source::{self, Input, display},
};

/// What to import, and how to name it.
#[derive(Clone, Debug)]
pub struct Import {
    /// A directory, or a single lexicon.
    pub from: PathBuf,
    /// The directory of facts and its manifest; it need not exist.
    pub into: PathBuf,
    /// Who publishes the lexicons; by default the `name` in the `package.json` of `from`.
    pub source: Option<String>,
    /// Which version of them; by default the `version` there.
    pub version: Option<String>,
    /// Whether lexicons that came from this source before, and are not in it now, are removed.
    pub prune: bool,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many lexicons the source has.
    pub lexicons: usize,
    /// NSIDs whose file of facts is new.
    pub added: Vec<String>,
    /// NSIDs whose file of facts has other bytes now.
    pub changed: Vec<String>,
    /// NSIDs whose file of facts was removed.
    pub removed: Vec<String>,
}

impl Import {
    /// Imports. Where the collector has errors afterwards, nothing was written, unless the disk
    /// failed in the midst of renaming.
    pub fn run(&self, dx: &mut Diagnostics) -> Report {
        let mut corpus = Corpus::default();
        let files = source::read(&[Input::Path(self.from.clone())], dx);
        resolve::load(&mut corpus, &files, Origin::Local, OtherJson::Skip, dx);
        let label = self.label(dx);
        let old = Manifest::read(&self.into, dx);
        let (Some((source, version)), Some(old)) = (label, old) else { return Report::default() };
        for entry in corpus.local() {
            report_conflict(entry, &old, &source, dx);
        }
        if dx.has_errors() {
            return Report::default();
        }
        self.plan(&corpus, old, (&source, &version), dx).write(dx)
    }

    fn plan(&self, corpus: &Corpus, old: Manifest, (source, version): (&str, &str), dx: &Diagnostics) -> Plan {
        let mut plan = Plan::new(&self.into, old);
        for entry in corpus.local() {
            let text = dx.sources().text(entry.file);
            let json = Json::parse(text).unwrap_or(Json::Null);
            plan.add(entry.document.id.as_str(), &json, Label { source, version, sha256: sha256(text.as_bytes()) });
        }
        if self.prune {
            plan.prune(source, |nsid| corpus.entry(nsid).is_some());
        }
        plan
    }

    /// The source and its version.
    fn label(&self, dx: &mut Diagnostics) -> Option<(String, String)> {
        let package = std::fs::read_to_string(self.from.join("package.json"));
        let package = package.ok().and_then(|text| Json::parse(&text).ok()).unwrap_or(Json::Null);
        let of = |given: &Option<String>, key: &str| {
            given.clone().or_else(|| package.get(key).and_then(Json::as_str).map(str::to_owned))
        };
        let label = of(&self.source, "name").zip(of(&self.version, "version"));
        if label.is_none() {
            let message = "the source and its version are not known";
            dx.push(
                Diagnostic::error("source-unknown", message).help("say them with `--source NAME --version VERSION`"),
            );
        }
        label
    }
}

/// One lexicon has one source.
pub(crate) fn report_conflict(entry: &Entry, manifest: &Manifest, source: &str, dx: &mut Diagnostics) {
    let nsid = entry.document.id.as_str();
    if let Some(record) = manifest.get(nsid).filter(|record| record.source != source) {
        let message = format!("`{nsid}` was imported from `{}`", record.source);
        let id: json::Path = std::iter::once(Segment::Key("id".to_owned())).collect();
        dx.push(
            Diagnostic::error("source-conflict", message)
                .at(entry.file, id)
                .expected("one source for each lexicon")
                .help(format!("leave it out here, or import everything from `{}` anew without it", record.source)),
        );
    }
}

/// Says which files of facts are not what the manifest of the directory has.
pub fn verify_manifest(into: &Path, dx: &mut Diagnostics) {
    let Some(manifest) = Manifest::read(into, dx) else { return };
    for (nsid, record) in manifest.iter() {
        let path = into.join(file_name(nsid));
        let (code, message) = match std::fs::read(&path) {
            Ok(bytes) if sha256(&bytes) == record.facts_sha256 => continue,
            Ok(_) => ("manifest-mismatch", "this is not what was imported"),
            Err(_) => ("manifest-missing", "the manifest lists this file, and it cannot be read"),
        };
        let file = dx.sources_mut().add(display(&path), "");
        let help = format!("import `{}` {} again", record.source, record.version);
        dx.push(Diagnostic::error(code, message).in_file(file).help(help));
    }
    report_unlisted(into, &manifest, dx);
}

fn report_unlisted(into: &Path, manifest: &Manifest, dx: &mut Diagnostics) {
    let listed: Vec<PathBuf> = manifest.iter().map(|(nsid, _)| into.join(file_name(nsid))).collect();
    for path in source::find(into, dx) {
        if !listed.contains(&path) {
            let file = dx.sources_mut().add(display(&path), "");
            dx.push(
                Diagnostic::warning("manifest-unlisted", "the manifest does not list this file")
                    .in_file(file)
                    .help("import it, or move it to a directory of its own"),
            );
        }
    }
}

/// `com.example.thing` is `com/example/thing.json`.
fn file_name(nsid: &str) -> PathBuf {
    let mut path: PathBuf = nsid.split('.').collect();
    path.set_extension("json");
    path
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
