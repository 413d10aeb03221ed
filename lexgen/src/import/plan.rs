//! What will be on the disk.

use std::path::{Path, PathBuf};

use arobase_lexicon::json::Json;

use super::{
    Report, file_name,
    manifest::{Manifest, Record},
    sha256, write,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    facts::facts_text,
    output::HEADER,
    source::{MANIFEST, display},
};

/// A Rust file beside the manifest that embeds all lexicons. It is kept up to date where it is
/// there, which makes the directory a package.
const INDEX: &str = "documents.rs";

/// Where a lexicon is from.
pub(crate) struct Label<'a> {
    pub(crate) source: &'a str,
    pub(crate) version: &'a str,
    /// Of what was published, in lower-case hex.
    pub(crate) sha256: String,
}

/// What will be on the disk.
pub(crate) struct Plan {
    into: PathBuf,
    manifest: Manifest,
    files: Vec<(PathBuf, String)>,
    gone: Vec<PathBuf>,
    report: Report,
}

impl Plan {
    /// Nothing changes.
    pub(crate) fn new(into: &Path, manifest: Manifest) -> Self {
        Self { into: into.to_owned(), manifest, files: Vec::new(), gone: Vec::new(), report: Report::default() }
    }

    /// Adds a lexicon, or takes it in the place of an older one.
    pub(crate) fn add(&mut self, nsid: &str, json: &Json, label: Label<'_>) {
        let facts = facts_text(json);
        let record = Record {
            source: label.source.to_owned(),
            version: label.version.to_owned(),
            source_sha256: label.sha256,
            facts_sha256: sha256(facts.as_bytes()),
        };
        self.report.lexicons += 1;
        match self.manifest.get(nsid) {
            None => self.report.added.push(nsid.to_owned()),
            Some(old) if old.facts_sha256 != record.facts_sha256 => self.report.changed.push(nsid.to_owned()),
            Some(_) => {}
        }
        self.manifest.insert(nsid, record);
        self.files.push((self.into.join(file_name(nsid)), facts));
    }

    /// Removes what is from a source and is not among these.
    pub(super) fn prune(&mut self, source: &str, has: impl Fn(&str) -> bool) {
        for nsid in self.manifest.of_source(source) {
            if !has(&nsid) {
                self.manifest.remove(&nsid);
                self.gone.push(self.into.join(file_name(&nsid)));
                self.report.removed.push(nsid);
            }
        }
    }

    /// The manifest as it will be.
    #[cfg(feature = "pull")]
    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes everything, or nothing unless the disk fails in the midst of renaming.
    pub(crate) fn write(mut self, dx: &mut Diagnostics) -> Report {
        self.complete();
        match write::replace(&self.files).and_then(|()| write::remove(&self.into, &self.gone)) {
            Ok(()) => self.report,
            Err((path, error)) => {
                let file = dx.sources_mut().add(display(&path), "");
                dx.push(Diagnostic::error("unwritable", format!("cannot write this: {error}")).in_file(file));
                Report::default()
            }
        }
    }

    /// The files that would be replaced though the manifest does not have them: somebody's own.
    #[cfg(feature = "pull")]
    pub(crate) fn own_files(&self) -> impl Iterator<Item = &Path> {
        let added: Vec<PathBuf> = self.report.added.iter().map(|nsid| self.into.join(file_name(nsid))).collect();
        let is_other = |path: &Path, text: &str| std::fs::read(path).is_ok_and(|bytes| bytes != text.as_bytes());
        let own = self.files.iter().filter(move |(path, text)| added.contains(path) && is_other(path, text));
        own.map(|(path, _)| path.as_path())
    }

    /// The files that have other bytes than they should have.
    #[cfg(feature = "pull")]
    pub(crate) fn stale(mut self) -> (Vec<PathBuf>, Report) {
        self.complete();
        let stale = |(path, text): (PathBuf, String)| {
            let is_same = std::fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes());
            (!is_same).then_some(path)
        };
        (self.files.into_iter().filter_map(stale).collect(), self.report)
    }

    /// Adds the files that follow from the manifest.
    fn complete(&mut self) {
        self.files.push((self.into.join(MANIFEST), self.manifest.to_text()));
        if self.into.join(INDEX).exists() {
            self.files.push((self.into.join(INDEX), index(&self.manifest)));
        }
    }
}

fn index(manifest: &Manifest) -> String {
    let mut text = format!("{HEADER}\n\n/// All lexicons, by NSID: the NSID and the JSON text.\n#[rustfmt::skip]\n");
    text.push_str("pub static DOCUMENTS: &[(&str, &str)] = &[\n");
    for (nsid, _) in manifest.iter() {
        text.push_str(&format!("    ({nsid:?}, include_str!({:?})),\n", display(&file_name(nsid))));
    }
    text.push_str("];\n");
    text
}
