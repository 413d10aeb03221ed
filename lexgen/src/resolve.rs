//! The set of documents of one run, and what their references lead to.
//!
//! [`load`] parses documents into a [`Corpus`] and reports all mistakes of all files in one
//! run. What the documents mean to each other is for [`check`](crate::check) to judge.

mod suggest;

use std::collections::BTreeMap;

use arobase_lexicon::{
    document::{Def, Document, Reference},
    json::Json,
    load::{LoadError, LoadErrors, Rule},
};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity},
    locate,
    source::{self, FileId, Input},
    walk::keys,
};

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Code is generated for it.
    Local,
    /// Its code exists elsewhere (another crate); it is here so that references into it are checked.
    Foreign,
}

/// One document of the set.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The document.
    pub document: Document,
    /// The file that it was read from.
    pub file: FileId,
    /// Whether code is generated for it.
    pub origin: Origin,
    /// The position of each definition by name: a document can have very many.
    positions: BTreeMap<String, usize>,
}

impl Entry {
    fn new(document: Document, file: FileId, origin: Origin) -> Self {
        let names = document.defs.iter().enumerate();
        let positions = names.map(|(position, (name, _))| (name.clone(), position)).collect();
        Self { document, file, origin, positions }
    }

    /// The definition of a name.
    pub fn def(&self, name: &str) -> Option<&Def> {
        self.document.defs.get(*self.positions.get(name)?).map(|(_, def)| def)
    }
}

/// All documents of one run, by NSID.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    entries: BTreeMap<String, Entry>,
}

impl Corpus {
    /// The entry of an NSID.
    pub fn entry(&self, nsid: &str) -> Option<&Entry> {
        self.entries.get(nsid)
    }

    /// The definition that a reference leads to.
    pub fn lookup(&self, reference: &Reference) -> Option<&Def> {
        self.entry(reference.nsid.as_str())?.def(&reference.name)
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries in NSID order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Drops the local entries that are not wanted.
    pub(crate) fn retain_local(&mut self, wanted: impl Fn(&str) -> bool) {
        self.entries.retain(|nsid, entry| entry.origin == Origin::Foreign || wanted(nsid));
    }

    /// The entries that code is generated for, in NSID order.
    pub fn local(&self) -> impl Iterator<Item = &Entry> {
        self.iter().filter(|entry| entry.origin == Origin::Local)
    }
}

/// What to do with JSON that is no lexicon: an object without the key `lexicon`, or no object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherJson {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out, with a note.
    Skip,
}

/// Reads and parses local documents, and the foreign ones that they refer to.
pub fn open(local: &[Input], foreign: &[Input], other: OtherJson, dx: &mut Diagnostics) -> Corpus {
    let mut corpus = Corpus::default();
    for (inputs, origin) in [(local, Origin::Local), (foreign, Origin::Foreign)] {
        let files = source::read(inputs, dx);
        load(&mut corpus, &files, origin, other, dx);
    }
    corpus
}

/// Parses the files and adds them to the corpus.
///
/// Documents of [`Origin::Foreign`] are not reported on: what is wrong with them is not the
/// user's to mend. A local document takes the place of a foreign one with the same NSID.
pub fn load(corpus: &mut Corpus, files: &[FileId], origin: Origin, other: OtherJson, dx: &mut Diagnostics) {
    for file in files {
        match (Document::parse(dx.sources().text(*file)), origin) {
            (Ok(document), _) => add(corpus, Entry::new(document, *file, origin), dx),
            (Err(errors), Origin::Local) => report(*file, &errors, other, dx),
            (Err(_), Origin::Foreign) => {}
        }
    }
    if origin == Origin::Local {
        report_case_collisions(corpus, dx);
    }
}

fn add(corpus: &mut Corpus, entry: Entry, dx: &mut Diagnostics) {
    let nsid = entry.document.id.as_str().to_owned();
    match corpus.entries.get(&nsid) {
        Some(first) if first.origin == Origin::Local => {
            if entry.origin == Origin::Local {
                let diagnostic = duplicate(&nsid, entry.file, dx.sources().path(first.file));
                dx.push(diagnostic);
            }
        }
        _ => {
            corpus.entries.insert(nsid, entry);
        }
    }
}

fn duplicate(nsid: &str, file: FileId, first: &str) -> Diagnostic {
    Diagnostic::error("duplicate-id", format!("`{nsid}` is already defined by {first}"))
        .at(file, keys(&["id"]))
        .expected("each NSID is the `id` of one file")
        .help("remove one of the two files")
}

/// Two NSIDs that differ only in case would be one file, and often one name, on many systems.
fn report_case_collisions(corpus: &Corpus, dx: &mut Diagnostics) {
    let mut by_lower_case: BTreeMap<String, &Entry> = BTreeMap::new();
    let mut entries: Vec<&Entry> = corpus.local().collect();
    entries.sort_by_key(|entry| entry.file);
    for entry in entries {
        let nsid = entry.document.id.as_str();
        let Some(first) = by_lower_case.insert(nsid.to_ascii_lowercase(), entry) else { continue };
        let path = dx.sources().path(first.file);
        let message = format!("`{nsid}` differs only by case from `{}` in {path}", first.document.id.as_str());
        dx.push(
            Diagnostic::error("case-collision", message)
                .at(entry.file, keys(&["id"]))
                .expected("NSIDs that differ in more than upper and lower case")
                .help("give one of them another name"),
        );
    }
}

fn report(file: FileId, errors: &LoadErrors, other: OtherJson, dx: &mut Diagnostics) {
    let json = Json::parse(dx.sources().text(file)).ok();
    if let Some(json) = json.as_ref().filter(|json| json.get("lexicon").is_none()) {
        if other == OtherJson::Skip {
            dx.push(Diagnostic::note("not-a-lexicon", "skipped: this JSON is not a lexicon").in_file(file));
            return;
        }
        if json.get("id").is_none() && json.get("defs").is_none() {
            dx.push(not_a_lexicon(file));
            return;
        }
    }
    for error in errors {
        let json = json.as_ref().filter(|_| dx.keeps(file, Severity::Error));
        let diagnostic = load_error(file, error, json, dx.sources().text(file));
        dx.push(diagnostic);
    }
}

fn not_a_lexicon(file: FileId) -> Diagnostic {
    Diagnostic::error("not-a-lexicon", "this JSON is not a lexicon")
        .in_file(file)
        .expected("an object with the keys `lexicon`, `id` and `defs`")
        .help("move the file out of the directory of lexicons")
}

/// The diagnostic of what the loader found.
fn load_error(file: FileId, error: &LoadError, json: Option<&Json>, text: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(error.rule.code(), error.message.clone()).rule(error.rule.expected().trim_end_matches('.'));
    let (diagnostic, help) = match (error.position, error.rule) {
        (Some(_), _) if text.trim().is_empty() => (diagnostic.in_file(file), Some(suggest::EMPTY.to_owned())),
        (Some(at), Rule::DuplicateKey) => {
            let key = locate::string_before(text, locate::offset(text, at.line, at.column));
            (diagnostic.at_text(file, key), Some("remove one of the two".to_owned()))
        }
        (Some(at), _) => {
            let offset = locate::offset(text, at.line, at.column).min(text.trim_end().len());
            (diagnostic.at_offset(file, offset), suggest::syntax_help(text, offset))
        }
        (None, Rule::DefName | Rule::PropertyNameEmpty | Rule::LanguageTag) => {
            (diagnostic.at_key(file, error.path.clone()), None)
        }
        (None, _) => {
            let help = json.and_then(|json| suggest::help(error, json));
            (diagnostic.at(file, error.path.clone()), help)
        }
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    fn text(id: &str, main: &str) -> Input {
        let text = format!(r#"{{"lexicon": 1, "id": "{id}", "defs": {{"main": {main}}}}}"#);
        Input::Text { name: format!("{id}.json"), text }
    }

    fn refers_to(target: &str) -> String {
        format!(r#"{{"type": "object", "properties": {{"a": {{"type": "ref", "ref": "{target}"}}}}}}"#)
    }

    fn codes(local: &[Input], foreign: &[Input]) -> Vec<&'static str> {
        let mut dx = Diagnostics::new();
        let corpus = open(local, foreign, OtherJson::Refuse, &mut dx);
        check::check(&corpus, check::Options::default(), &mut dx);
        dx.iter().map(|diagnostic| diagnostic.code).collect()
    }

    const TOKEN: &str = r#"{"type": "token"}"#;
    const OBJECT: &str = r#"{"type": "object", "properties": {}}"#;

    #[test]
    fn references_into_foreign_documents_are_checked() {
        let local = [text("com.example.a", &refers_to("org.example.b"))];
        assert_eq!(codes(&local, &[text("org.example.b", OBJECT)]), [] as [&str; 0]);
        assert_eq!(codes(&local, &[text("org.example.b", TOKEN)]), ["ref-target"]);
        assert_eq!(codes(&local, &[]), ["ref-missing"]);
    }

    #[test]
    fn what_is_wrong_in_a_foreign_document_is_not_reported() {
        let foreign = [text("org.example.b", &refers_to("org.example.nowhere")), text("org.example.c", "{}")];
        assert_eq!(codes(&[text("com.example.a", TOKEN)], &foreign), [] as [&str; 0]);
    }

    #[test]
    fn a_local_document_takes_the_place_of_a_foreign_one() {
        let mut dx = Diagnostics::new();
        let (local, foreign) = ([text("com.example.a", OBJECT)], [text("com.example.a", TOKEN)]);
        let corpus = open(&local, &foreign, OtherJson::Refuse, &mut dx);
        assert!(dx.is_empty());
        assert_eq!(corpus.entry("com.example.a").map(|entry| entry.origin), Some(Origin::Local));
    }

    #[test]
    fn recursion_that_can_end_is_no_mistake() {
        let optional = refers_to("com.example.a");
        let nullable = optional.replace(r#""properties""#, r#""required": ["a"], "nullable": ["a"], "properties""#);
        for main in [optional, nullable] {
            assert_eq!(codes(&[text("com.example.a", &main)], &[]), [] as [&str; 0]);
        }
    }

    #[test]
    fn other_json_is_an_error_or_a_note() {
        let other = [Input::Text { name: "package.json".into(), text: r#"{"name": "x"}"#.into() }];
        for (choice, severity) in [(OtherJson::Refuse, Severity::Error), (OtherJson::Skip, Severity::Note)] {
            let mut dx = Diagnostics::new();
            open(&other, &[], choice, &mut dx);
            assert_eq!(dx.iter().map(|diagnostic| diagnostic.severity).collect::<Vec<_>>(), [severity]);
        }
    }
}
