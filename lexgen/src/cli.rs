//! What the commands do.

mod args;
mod difference;
mod print;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use lexgen::{
    check,
    diagnostic::Diagnostics,
    import::{self, Import},
    lint,
    progress::Progress,
    resolve::{self, Corpus, OtherJson},
    source::Input,
};

use self::{
    args::{Args, Command, Generate, Sources},
    print::Printer,
};

/// All is well.
const SUCCESS: u8 = 0;
/// There is something to mend: an error, a breaking change, stale output.
const FINDINGS: u8 = 1;
/// The command could not be carried out.
const USAGE: u8 = 2;

/// Runs the command line. The exit code is 0, 1 for findings, or 2 for wrong usage.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let code = match args::parse(arguments) {
        Ok(args) => carry_out(&args),
        Err(message) => {
            print::error(&format!("error: {message}\n\nTry `lexgen --help`.\n"));
            USAGE
        }
    };
    ExitCode::from(code)
}

fn carry_out(args: &Args) -> u8 {
    let printer = Printer { json: args.json, quiet: args.quiet };
    match &args.command {
        Command::Help => print::output(args::HELP),
        Command::Version => print::output(concat!("lexgen ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::Check(sources) => return check(sources, printer),
        Command::Lint(sources) => return lint(sources, printer),
        Command::Diff { old, new } => return difference::run(old, new, printer),
        Command::Import(from) => return import(from, printer),
        Command::VerifyImport { into } => return verify(into, printer),
        #[cfg(feature = "pull")]
        Command::Pull(what) => return pull(what, printer),
        Command::Generate(what) => return generate(what, printer),
    }
    SUCCESS
}

/// The exit code that belongs to the findings.
fn code(dx: &Diagnostics) -> u8 {
    if dx.has_errors() { FINDINGS } else { SUCCESS }
}

fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    paths.iter().cloned().map(Input::Path).collect()
}

/// The lexicons that come with the generator.
fn official() -> impl Iterator<Item = Input> {
    let documents = arobase_lexicons::DOCUMENTS.iter();
    documents.map(|(nsid, text)| Input::Text { name: (*nsid).to_owned(), text: (*text).to_owned() })
}

/// Loads and, unless something does not load, checks.
fn open(sources: &Sources, dx: &mut Diagnostics) -> Corpus {
    let mut foreign = inputs(&sources.foreign);
    if sources.official {
        foreign.extend(official());
    }
    let corpus = resolve::open(&inputs(&sources.local), &foreign, OtherJson::Refuse, dx);
    if !dx.has_errors() {
        check::check(&corpus, check::Options { missing_as_unknown: sources.missing_as_unknown }, dx);
    }
    corpus
}

fn check(sources: &Sources, printer: Printer) -> u8 {
    let progress = Progress::start("checking", printer.quiet);
    let mut dx = Diagnostics::new();
    let corpus = open(sources, &mut dx);
    drop(progress);
    printer.diagnostics(&dx);
    if !dx.has_errors() {
        printer.status(&format!("{} valid", print::lexicons(corpus.local().count())));
    }
    code(&dx)
}

fn lint(sources: &Sources, printer: Printer) -> u8 {
    let progress = Progress::start("linting", printer.quiet);
    let mut dx = Diagnostics::new();
    let corpus = open(sources, &mut dx);
    if !dx.has_errors() {
        lint::lint(&corpus, &mut dx);
    }
    drop(progress);
    printer.diagnostics(&dx);
    if dx.is_empty() {
        printer.status(&format!("{} without a finding", print::lexicons(corpus.local().count())));
    }
    code(&dx)
}

fn import(import: &Import, printer: Printer) -> u8 {
    let progress = Progress::start("importing", printer.quiet);
    let mut dx = Diagnostics::new();
    let report = import.run(&mut dx);
    drop(progress);
    printer.diagnostics(&dx);
    if dx.has_errors() {
        printer.status("nothing was written");
    } else {
        let lexicons = print::lexicons(report.lexicons);
        let (added, changed, removed) = (report.added.len(), report.changed.len(), report.removed.len());
        printer.status(&format!("{lexicons} imported: {added} added, {changed} changed, {removed} removed"));
    }
    code(&dx)
}

#[cfg(feature = "pull")]
fn pull(pull: &lexgen::pull::Pull, printer: Printer) -> u8 {
    let progress = Progress::start("pulling", printer.quiet);
    let mut dx = Diagnostics::new();
    let report = pull.run(&mut dx);
    drop(progress);
    printer.diagnostics(&dx);
    let (lexicons, added, changed) = (print::lexicons(report.lexicons), report.added.len(), report.changed.len());
    match (dx.has_errors(), pull.check) {
        (true, _) => printer.status("nothing was written"),
        (false, true) => printer.status(&format!("{lexicons} up to date")),
        (false, false) => printer.status(&format!("{lexicons} pulled: {added} added, {changed} changed")),
    }
    code(&dx)
}

fn verify(into: &std::path::Path, printer: Printer) -> u8 {
    let mut dx = Diagnostics::new();
    import::verify_manifest(into, &mut dx);
    printer.diagnostics(&dx);
    if dx.is_empty() {
        printer.status("all files are as they were imported");
    }
    code(&dx)
}

fn generate(what: &Generate, printer: Printer) -> u8 {
    let progress = Progress::start("generating", printer.quiet);
    let outcome = config(what).try_generate();
    drop(progress);
    match outcome {
        Ok(report) => {
            let warnings = report.warnings.lines().filter_map(|line| line.strip_prefix("cargo::warning="));
            warnings.for_each(|line| print::error(&format!("{line}\n")));
            let (written, removed) = (report.written.len(), report.removed.len());
            let lexicons = print::lexicons(report.lexicons);
            printer.status(&format!("{lexicons}, {written} files written, {removed} removed"));
            SUCCESS
        }
        Err(dx) => {
            printer.diagnostics(&dx);
            FINDINGS
        }
    }
}

fn config(what: &Generate) -> lexgen::Config {
    let sources = &what.sources;
    let mut config = lexgen::Config::new()
        .out_dir(&what.out)
        .check(what.check)
        .only(&what.only)
        .client(what.client)
        .server(what.server)
        .stubs(what.stubs)
        .official(sources.official)
        .missing_as_unknown(sources.missing_as_unknown);
    for path in &sources.local {
        config = config.lexicons(path);
    }
    for path in &sources.foreign {
        config = config.foreign(path);
    }
    if let Some(runtime) = &what.runtime {
        config = config.runtime_path(runtime);
    }
    if let Some(library) = &what.library {
        config = config.library(library);
    }
    config
}
