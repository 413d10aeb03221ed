//! Copies the facts of foreign lexicons into a directory, with a manifest of where they are from.
//!
//! All or nothing: everything is read and checked first, and what is written replaces the old
//! files only when all of it is on the disk.

mod manifest;
mod write;

use std::path::{Path, PathBuf};

use arobase_lexicon::json::{self, Json, Segment};
use sha2::{Digest, Sha256};

use self::manifest::{Manifest, Record};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    facts::facts_text,
    output::HEADER,
    resolve::{self, Corpus, Entry, Origin, OtherJson},
    source::{self, Input, MANIFEST, display},
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
        report_conflicts(&corpus, &old, &source, dx);
        if dx.has_errors() {
            return Report::default();
        }
        let plan = Plan::new(self, &corpus, &old, (&source, &version), dx);
        match plan.write(&self.into) {
            Ok(()) => plan.report,
            Err((path, error)) => {
                let file = dx.sources_mut().add(display(&path), "");
                dx.push(Diagnostic::error("unwritable", format!("cannot write this: {error}")).in_file(file));
                Report::default()
            }
        }
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
fn report_conflicts(corpus: &Corpus, manifest: &Manifest, source: &str, dx: &mut Diagnostics) {
    for entry in corpus.local() {
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
}

/// What will be on the disk.
struct Plan {
    manifest: Manifest,
    files: Vec<(PathBuf, String)>,
    gone: Vec<PathBuf>,
    report: Report,
}

impl Plan {
    fn new(
        import: &Import,
        corpus: &Corpus,
        old: &Manifest,
        (source, version): (&str, &str),
        dx: &Diagnostics,
    ) -> Self {
        let mut plan = Self { manifest: old.clone(), files: Vec::new(), gone: Vec::new(), report: Report::default() };
        for entry in corpus.local() {
            let text = dx.sources().text(entry.file);
            plan.add(&import.into, entry, text, (source, version));
        }
        if import.prune {
            plan.prune(&import.into, corpus, source);
        }
        plan.files.push((import.into.join(MANIFEST), plan.manifest.to_text()));
        if import.into.join(INDEX).exists() {
            plan.files.push((import.into.join(INDEX), index(&plan.manifest)));
        }
        plan
    }

    fn add(&mut self, into: &Path, entry: &Entry, text: &str, (source, version): (&str, &str)) {
        let nsid = entry.document.id.as_str();
        let facts = facts_text(&Json::parse(text).unwrap_or(Json::Null));
        let record = Record {
            source: source.to_owned(),
            version: version.to_owned(),
            source_sha256: sha256(text.as_bytes()),
            facts_sha256: sha256(facts.as_bytes()),
        };
        self.report.lexicons += 1;
        match self.manifest.get(nsid) {
            None => self.report.added.push(nsid.to_owned()),
            Some(old) if old.facts_sha256 != record.facts_sha256 => self.report.changed.push(nsid.to_owned()),
            Some(_) => {}
        }
        self.manifest.insert(nsid, record);
        self.files.push((into.join(file_name(nsid)), facts));
    }

    fn prune(&mut self, into: &Path, corpus: &Corpus, source: &str) {
        for nsid in self.manifest.of_source(source) {
            if corpus.entry(&nsid).is_none() {
                self.manifest.remove(&nsid);
                self.gone.push(into.join(file_name(&nsid)));
                self.report.removed.push(nsid);
            }
        }
    }

    fn write(&self, into: &Path) -> Result<(), (PathBuf, std::io::Error)> {
        write::replace(&self.files)?;
        write::remove(into, &self.gone)
    }
}

/// A Rust file beside the manifest that embeds all lexicons. It is kept up to date where it is
/// there, which makes the directory a package.
const INDEX: &str = "documents.rs";

fn index(manifest: &Manifest) -> String {
    let mut text = format!("{HEADER}\n\n/// All lexicons, by NSID: the NSID and the JSON text.\n#[rustfmt::skip]\n");
    text.push_str("pub static DOCUMENTS: &[(&str, &str)] = &[\n");
    for (nsid, _) in manifest.iter() {
        text.push_str(&format!("    ({nsid:?}, include_str!({:?})),\n", display(&file_name(nsid))));
    }
    text.push_str("];\n");
    text
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
