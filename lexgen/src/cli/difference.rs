//! The command `diff`.

use std::path::Path;

use arobase_lexicon::json::Json;
use lexgen::{
    diagnostic::Diagnostics,
    evolve::{self, Change, Level},
    progress::Progress,
    resolve::{self, Corpus, OtherJson},
    source::Input,
};

use super::{
    FINDINGS, SUCCESS, USAGE,
    print::{self, Printer},
};

/// Changes by NSID.
type Changes = Vec<(String, Vec<Change>)>;

pub(super) fn run(old: &Path, new: &Path, printer: Printer) -> u8 {
    let progress = Progress::start("comparing", printer.quiet);
    let mut dx = Diagnostics::new();
    let load =
        |path: &Path, dx: &mut Diagnostics| resolve::open(&[Input::Path(path.to_owned())], &[], OtherJson::Skip, dx);
    let (before, after) = (load(old, &mut dx), load(new, &mut dx));
    drop(progress);
    if dx.has_errors() {
        printer.diagnostics(&dx);
        return USAGE;
    }
    let changes = compare(old, new, &before, &after);
    if printer.json {
        print::output(&to_json(&changes));
    } else {
        print::output(&to_text(&changes, printer.quiet));
        printer.status(&summary(&changes));
    }
    if count(&changes, Level::Breaking) > 0 { FINDINGS } else { SUCCESS }
}

/// Two files are two versions of one lexicon, whatever they call themselves.
fn compare(old: &Path, new: &Path, before: &Corpus, after: &Corpus) -> Changes {
    let mut pair = before.local().zip(after.local());
    match pair.next() {
        Some((a, b)) if old.is_file() && new.is_file() => {
            let changes = evolve::compare(&a.document, &b.document);
            let nsid = b.document.id.as_str().to_owned();
            if changes.is_empty() { Vec::new() } else { vec![(nsid, changes)] }
        }
        _ => evolve::compare_sets(before, after),
    }
}

fn count(changes: &Changes, level: Level) -> usize {
    changes.iter().flat_map(|(_, changes)| changes).filter(|change| change.level == level).count()
}

/// One line for each change, under its NSID. Quiet: what breaks, only.
fn to_text(changes: &Changes, quiet: bool) -> String {
    let mut text = String::new();
    for (nsid, changes) in changes {
        let mut shown = changes.iter().filter(|change| !quiet || change.level == Level::Breaking).peekable();
        if shown.peek().is_some() {
            text.push_str(&format!("{nsid}\n"));
        }
        for change in shown {
            let Change { level, code, path, message } = change;
            text.push_str(&format!("  {:<8}  {path}: {message} [{code}]\n", level.as_str()));
        }
    }
    text
}

fn summary(changes: &Changes) -> String {
    let total: usize = changes.iter().map(|(_, changes)| changes.len()).sum();
    match (total, count(changes, Level::Breaking), count(changes, Level::Warning)) {
        (0, ..) => "nothing changed".to_owned(),
        (_, breaking, warnings) => {
            let changes = if total == 1 { "change" } else { "changes" };
            format!("{total} {changes}: {breaking} breaking, {warnings} to be careful about")
        }
    }
}

fn to_json(changes: &Changes) -> String {
    let text = |text: &str| Json::from(text);
    let number = |count: usize| Json::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let items = changes.iter().flat_map(|(nsid, changes)| changes.iter().map(move |change| (nsid, change)));
    let items = items.map(|(nsid, change)| {
        let members = [
            ("lexicon", text(nsid)),
            ("level", text(change.level.as_str())),
            ("code", text(change.code)),
            ("path", text(&change.path.to_string())),
            ("message", text(&change.message)),
        ];
        Json::Object(members.map(|(key, value)| (key.to_owned(), value)).into())
    });
    let members = [
        ("changes", Json::Array(items.collect())),
        ("breaking", number(count(changes, Level::Breaking))),
        ("warnings", number(count(changes, Level::Warning))),
    ];
    Json::Object(members.map(|(key, value)| (key.to_owned(), value)).into()).to_string_pretty() + "\n"
}
