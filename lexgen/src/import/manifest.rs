//! The manifest: which lexicon of a directory is from where.

use std::{collections::BTreeMap, fs, io, path::Path};

use arobase_lexicon::{json::Json, syntax::Nsid};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{MANIFEST, display},
};

/// Where one lexicon is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) source: String,
    pub(crate) version: String,
    /// Of the file as it was published, in lower-case hex.
    pub(crate) source_sha256: String,
    /// Of the file of facts, in lower-case hex.
    pub(crate) facts_sha256: String,
}

/// All records of a directory, by NSID.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    records: BTreeMap<String, Record>,
}

impl Manifest {
    /// Reads the manifest of a directory; it is empty where there is none. `None` after an error.
    pub(crate) fn read(directory: &Path, dx: &mut Diagnostics) -> Option<Self> {
        let path = directory.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(Self::default()),
            Err(error) => {
                let file = dx.sources_mut().add(display(&path), "");
                dx.push(Diagnostic::error("unreadable", format!("cannot read this: {error}")).in_file(file));
                return None;
            }
        };
        let manifest = Json::parse(&text).ok().and_then(|json| Self::from_json(&json));
        if manifest.is_none() {
            let file = dx.sources_mut().add(display(&path), text);
            dx.push(
                Diagnostic::error("manifest-invalid", "this is not a manifest")
                    .in_file(file)
                    .expected("`lexicons`: by NSID, objects with `source`, `version`, `sourceSha256`, `factsSha256`")
                    .help("restore it, or remove it and import everything again"),
            );
        }
        manifest
    }

    fn from_json(json: &Json) -> Option<Self> {
        let mut records = BTreeMap::new();
        for (nsid, value) in json.get("lexicons")?.as_object()? {
            // The NSID becomes a path: it must not lead out of the directory.
            nsid.parse::<Nsid>().ok()?;
            let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
            let record = Record {
                source: text("source")?,
                version: text("version")?,
                source_sha256: text("sourceSha256")?,
                facts_sha256: text("factsSha256")?,
            };
            records.insert(nsid.clone(), record);
        }
        Some(Self { records })
    }

    /// The text of the file, sorted by NSID.
    pub(super) fn to_text(&self) -> String {
        let records = self.records.iter().map(|(nsid, record)| (nsid.clone(), record.to_json())).collect();
        Json::Object(vec![("lexicons".to_owned(), Json::Object(records))]).to_string_pretty() + "\n"
    }

    pub(crate) fn get(&self, nsid: &str) -> Option<&Record> {
        self.records.get(nsid)
    }

    pub(super) fn insert(&mut self, nsid: &str, record: Record) {
        self.records.insert(nsid.to_owned(), record);
    }

    pub(super) fn remove(&mut self, nsid: &str) {
        self.records.remove(nsid);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Record)> {
        self.records.iter().map(|(nsid, record)| (nsid.as_str(), record))
    }

    /// The NSIDs that are from a source.
    pub(super) fn of_source(&self, source: &str) -> Vec<String> {
        self.iter().filter(|(_, record)| record.source == source).map(|(nsid, _)| nsid.to_owned()).collect()
    }
}

impl Record {
    fn to_json(&self) -> Json {
        let members = [
            ("source", &self.source),
            ("version", &self.version),
            ("sourceSha256", &self.source_sha256),
            ("factsSha256", &self.facts_sha256),
        ];
        Json::Object(members.map(|(key, value)| (key.to_owned(), Json::from(value.as_str()))).into())
    }
}
