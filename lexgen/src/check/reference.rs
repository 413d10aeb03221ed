//! References: what they lead to, and whether it may stand there.

use arobase_lexicon::{
    document::{Def, DefKind, Document, Kind, Reference},
    json::{Json, Path, Segment},
};

use super::Options;
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity, nearest, nearest_nsid},
    resolve::{Corpus, Entry},
    walk::{Part, Referrer, element, walk},
    words::{spell_def, with_article},
};

/// A reference that is wrong.
struct Fault<'a> {
    path: Path,
    reference: &'a Reference,
    from: Referrer,
    /// What it leads to, if anything.
    target: Option<&'a Def>,
}

/// Checks every reference of a document.
pub(super) fn check(corpus: &Corpus, entry: &Entry, options: Options, dx: &mut Diagnostics) {
    let mut faults = Vec::new();
    walk(&entry.document, &mut |path, part| {
        if let Part::Reference { reference, from } = part {
            let target = corpus.lookup(reference);
            if target.is_none_or(|def| !allowed(&def.kind, from)) {
                faults.push(Fault { path: path.clone(), reference, from, target });
            }
        }
    });
    if faults.is_empty() {
        return;
    }
    let json = Json::parse(dx.sources().text(entry.file)).ok();
    for fault in faults {
        let detailed = dx.keeps(entry.file, severity(options));
        let json = json.as_ref().filter(|_| detailed);
        let path = as_written(&entry.document, json, &fault.path, fault.reference).unwrap_or(fault.path);
        let diagnostic = match fault.target {
            Some(def) => forbidden(&def.kind, fault.reference, fault.from),
            None => missing(corpus, options, fault.reference, detailed),
        };
        dx.push(diagnostic.at(entry.file, path));
    }
}

/// How bad a reference is that leads nowhere.
fn severity(options: Options) -> Severity {
    if options.missing_as_unknown { Severity::Warning } else { Severity::Error }
}

/// Lexicon, `ref` and `union`: which definitions they may lead to.
fn allowed(kind: &DefKind, from: Referrer) -> bool {
    match kind {
        DefKind::Record(_) | DefKind::Type(Kind::Object(_)) => true,
        DefKind::Type(_) => from != Referrer::Union,
        _ => false,
    }
}

fn missing(corpus: &Corpus, options: Options, reference: &Reference, detailed: bool) -> Diagnostic {
    let (nsid, name) = (reference.nsid.as_str(), reference.name.as_str());
    let message = match corpus.entry(nsid) {
        Some(_) => format!("`{nsid}` has no definition `{name}`"),
        None => format!("there is no lexicon `{nsid}`"),
    };
    let diagnostic = Diagnostic::new(severity(options), "ref-missing", message);
    if detailed { diagnostic.help(missing_help(corpus, nsid, name)) } else { diagnostic }
}

fn missing_help(corpus: &Corpus, nsid: &str, name: &str) -> String {
    let (suggestion, otherwise) = match corpus.entry(nsid) {
        Some(entry) => {
            let names = entry.document.defs.iter().map(|(name, _)| name.as_str());
            let suggestion = nearest(name, names).map(|name| spell_def(nsid, name));
            (suggestion, "define it there, or correct the reference".to_owned())
        }
        None => {
            let nsids: Vec<_> = corpus.iter().map(|entry| entry.document.id.as_str()).collect();
            let suggestion = nearest_nsid(nsid, &nsids).map(|nsid| spell_def(nsid, name));
            (suggestion, format!("add the lexicon `{nsid}` to the others, or correct the reference"))
        }
    };
    suggestion.map_or(otherwise, |suggestion| format!("did you mean `{suggestion}`?"))
}

fn forbidden(kind: &DefKind, reference: &Reference, from: Referrer) -> Diagnostic {
    let what = with_article(kind.type_name());
    let (fault, expected) = match from {
        Referrer::Union => ("cannot be in a union", "an object or a record"),
        Referrer::Field | Referrer::Body => ("is not a type of data", "a data type or a record"),
    };
    let help = match kind {
        DefKind::Token => "for a token, use a string with `knownValues`",
        DefKind::Type(_) => "wrap it in an object",
        _ => "give the data a definition of its own, and refer to that",
    };
    Diagnostic::error("ref-target", format!("`{reference}` is {what}, which {fault}")).expected(expected).help(help)
}

/// The loader merges repeated members of a union, so an index in the document may be smaller
/// than the one in the text; this finds the first member that spells the reference.
fn as_written(document: &Document, json: Option<&Json>, path: &Path, reference: &Reference) -> Option<Path> {
    let (Segment::Index(_), list) = (path.segments().last()?, path.parent()?) else {
        return None;
    };
    let members = json?.at(&list)?.as_array()?;
    let index =
        members.iter().position(|member| member.as_str().is_some_and(|text| spells(document, text, reference)))?;
    Some(element(&list, index))
}

fn spells(document: &Document, text: &str, reference: &Reference) -> bool {
    let (nsid, name) = text.split_once('#').unwrap_or((text, "main"));
    let nsid = if nsid.is_empty() { document.id.as_str() } else { nsid };
    nsid == reference.nsid.as_str() && name == reference.name
}
