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

/// Checks every reference of a document.
pub(super) fn check(corpus: &Corpus, entry: &Entry, options: Options, dx: &mut Diagnostics) {
    let mut found = Vec::new();
    walk(&entry.document, &mut |path, part| {
        if let Part::Reference { reference, from } = part
            && let Some(diagnostic) = judge(corpus, options, reference, from)
        {
            found.push((path.clone(), reference, diagnostic));
        }
    });
    if found.is_empty() {
        return;
    }
    let json = Json::parse(dx.sources().text(entry.file)).ok();
    for (path, reference, diagnostic) in found {
        let path = as_written(&entry.document, json.as_ref(), &path, reference).unwrap_or(path);
        dx.push(diagnostic.at(entry.file, path));
    }
}

fn judge(corpus: &Corpus, options: Options, reference: &Reference, from: Referrer) -> Option<Diagnostic> {
    match corpus.lookup(reference) {
        None => Some(missing(corpus, options, reference)),
        Some(def) => forbidden(def, reference, from),
    }
}

fn missing(corpus: &Corpus, options: Options, reference: &Reference) -> Diagnostic {
    let severity = if options.missing_as_unknown { Severity::Warning } else { Severity::Error };
    let (nsid, name) = (reference.nsid.as_str(), reference.name.as_str());
    let (message, help) = match corpus.entry(nsid) {
        Some(entry) => {
            let names = entry.document.defs.iter().map(|(name, _)| name.as_str());
            let suggestion = nearest(name, names).map(|name| format!("did you mean `{}`?", spell_def(nsid, name)));
            (format!("`{nsid}` has no definition `{name}`"), suggestion)
        }
        None => {
            let nsids: Vec<_> = corpus.iter().map(|entry| entry.document.id.as_str()).collect();
            let suggestion =
                nearest_nsid(nsid, &nsids).map(|nsid| format!("did you mean `{}`?", spell_def(nsid, name)));
            (format!("there is no lexicon `{nsid}`"), suggestion.or_else(|| Some(add_help(nsid))))
        }
    };
    let diagnostic = Diagnostic::new(severity, "ref-missing", message);
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic.help("define it there, or correct the reference"),
    }
}

fn add_help(nsid: &str) -> String {
    format!("add the lexicon `{nsid}` to the directory of lexicons, or correct the reference")
}

/// Lexicon, `ref` and `union`: which definitions they may lead to.
fn forbidden(def: &Def, reference: &Reference, from: Referrer) -> Option<Diagnostic> {
    let is_map = matches!(def.kind, DefKind::Record(_) | DefKind::Type(Kind::Object(_)));
    let is_type = matches!(def.kind, DefKind::Type(_));
    let what = with_article(def.kind.type_name());
    let target = reference;
    let error = |message: String, expected: &str| Some(Diagnostic::error("ref-target", message).expected(expected));
    match from {
        _ if is_map => None,
        Referrer::Union => {
            let diagnostic =
                error(format!("`{target}` is {what}, which cannot be in a union"), "an object or a record");
            diagnostic.map(|diagnostic| diagnostic.help("wrap it in an object"))
        }
        Referrer::Field | Referrer::Body if is_type => None,
        Referrer::Field | Referrer::Body => {
            let diagnostic =
                error(format!("`{target}` is {what}, which is not a type of data"), "a data type or a record");
            diagnostic.map(|diagnostic| match def.kind {
                DefKind::Token => diagnostic.help("for a token, use a string with `knownValues`"),
                _ => diagnostic.help("give the data a definition of its own, and refer to that"),
            })
        }
    }
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
