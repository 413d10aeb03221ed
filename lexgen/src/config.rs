//! What a build script says.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;

use crate::{
    check,
    diagnostic::{Diagnostic, Diagnostics},
    emit, family, layout, lower, output,
    resolve::{self, Corpus, OtherJson},
    select,
    source::Input,
};

/// The name of the one file that a build script writes into `OUT_DIR`.
const SINGLE: &str = "lexicons.rs";

/// What to generate, from what, and where to.
///
/// ```no_run
/// // build.rs
/// lexgen::Config::new().lexicons("lexicons").generate();
/// ```
#[derive(Clone, Debug)]
#[must_use = "does nothing until `generate` is called"]
pub struct Config {
    inputs: Vec<Input>,
    out_dir: Option<PathBuf>,
    out_file: Option<PathBuf>,
    only: Vec<String>,
    attributes: Vec<(String, String)>,
    extern_paths: Vec<(String, String)>,
    foreign: Vec<Input>,
    official: bool,
    missing_as_unknown: bool,
    traits: emit::Traits,
    runtime: String,
    library: Option<String>,
    check: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            out_dir: None,
            out_file: None,
            only: Vec::new(),
            attributes: Vec::new(),
            extern_paths: Vec::new(),
            foreign: Vec::new(),
            official: true,
            missing_as_unknown: false,
            traits: emit::Traits { client: true, server: true, stubs: true },
            runtime: "::arobase::__codegen".to_owned(),
            library: None,
            check: false,
        }
    }
}

impl Config {
    /// Generates nothing yet, into `OUT_DIR`, on top of the crate `arobase`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a lexicon file, or a directory with lexicons at any depth.
    pub fn lexicons(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(Input::Path(path.into()));
        self
    }

    /// Adds a lexicon in memory; `name` stands for the path in messages.
    pub fn lexicon_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.inputs.push(Input::Text { name: name.into(), text: text.into() });
        self
    }

    /// Writes one file per module under `mod.rs` in this directory, instead of one file into
    /// `OUT_DIR`. The directory is ours: files of an earlier run that are not wanted any more are
    /// removed, files without our header line stay.
    ///
    /// Lexicons have more than one program uses. Where the code becomes part of a binary, rustc
    /// would warn about what it does not use; include it like this:
    ///
    /// ```ignore
    /// #[allow(dead_code, unused_imports)]
    /// mod api;
    /// ```
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// Writes everything into this one file, to be included, instead of into `OUT_DIR`: for a build
    /// script that generates several sets of lexicons.
    pub fn out_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_file = Some(path.into());
        self
    }

    /// Generates only what matches one of these patterns, and what that refers to. A pattern is an
    /// NSID, or a prefix of one with `.*` behind it.
    pub fn only<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.only.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Puts an attribute, such as `#[derive(PartialOrd)]`, on the type of every definition under
    /// `prefix`: an NSID or its first segments, with or without `#name`. The empty prefix means all.
    /// Should a name contain `~` or `/`, they are written `~0` and `~1`.
    pub fn type_attribute(mut self, prefix: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attributes.push((prefix.into(), attribute.into()));
        self
    }

    /// Says that the code of these lexicons exists elsewhere: NSIDs that begin with `prefix` are
    /// found under `rust_path`, in the place of the prefix. The documents come from
    /// [`Config::foreign`].
    pub fn extern_path(mut self, prefix: impl Into<String>, rust_path: impl Into<String>) -> Self {
        self.extern_paths.push((prefix.into(), rust_path.into()));
        self
    }

    /// Adds lexicons that references are checked against, but whose code exists elsewhere.
    pub fn foreign(mut self, path: impl Into<PathBuf>) -> Self {
        self.foreign.push(Input::Path(path.into()));
        self
    }

    /// Whether references may lead into the official lexicons, whose code is in the crate
    /// `arobase`. On by default.
    pub fn official(mut self, official: bool) -> Self {
        self.official = official;
        self
    }

    /// Leaves data untyped where a reference leads to no lexicon, with a warning. Otherwise that
    /// is an error.
    pub fn missing_as_unknown(mut self, allowed: bool) -> Self {
        self.missing_as_unknown = allowed;
        self
    }

    /// Whether each group of methods has a trait `Client`, whose methods call them. On by default;
    /// the code is compiled only with the feature `client` of the runtime.
    pub fn client(mut self, client: bool) -> Self {
        self.traits.client = client;
        self
    }

    /// Whether each group of methods has a trait `Server`, whose methods serve them, and a function
    /// `router`. On by default; the code is compiled only with the feature `server` of the runtime.
    pub fn server(mut self, server: bool) -> Self {
        self.traits.server = server;
        self
    }

    /// Whether the methods of the `Server` traits answer 501 where they are not written. On by
    /// default; without, the compiler lists those that are missing.
    pub fn stubs(mut self, stubs: bool) -> Self {
        self.traits.stubs = stubs;
        self
    }

    /// Where generated code finds the runtime; for crates that re-export it.
    pub fn runtime_path(mut self, rust_path: impl Into<String>) -> Self {
        self.runtime = rust_path.into();
        self
    }

    /// Writes a crate: `lib.rs` instead of `mod.rs`, which re-exports this runtime and makes each
    /// family of lexicons a feature.
    pub fn library(mut self, runtime_crate: impl Into<String>) -> Self {
        self.library = Some(runtime_crate.into());
        self
    }

    /// Writes nothing; output that would change is an error.
    pub fn check(mut self, check: bool) -> Self {
        self.check = check;
        self
    }

    /// Generates. For build scripts: everything that is wrong is shown by cargo, and an error
    /// ends the build. Committed output ([`Config::out_dir`]) is only compared where the
    /// environment variable `CI` is set: there it must not be mended in silence.
    pub fn generate(mut self) {
        if self.out_dir.is_some() {
            directive("rerun-if-env-changed=CI");
            self.check |= env::var_os("CI").is_some();
        }
        let directives: Vec<String> = self.inputs.iter().chain(&self.foreign).filter_map(watched).collect();
        for path in directives.iter().map(String::as_str).chain(self.out_dir.iter().filter_map(|path| path.to_str())) {
            directive(&format!("rerun-if-changed={path}"));
        }
        match self.try_generate() {
            Ok(report) => report.warnings.lines().for_each(directive_line),
            Err(dx) => {
                dx.to_cargo().lines().for_each(directive_line);
                std::process::exit(1);
            }
        }
    }

    /// Generates. For tools and tests.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn try_generate(self) -> Result<Report, Diagnostics> {
        let mut dx = Diagnostics::new();
        match self.run(&mut dx) {
            Some(report) if !dx.has_errors() => Ok(Report { warnings: dx.to_cargo(), ..report }),
            _ => Err(dx),
        }
    }

    fn run(&self, dx: &mut Diagnostics) -> Option<Report> {
        let Some((directory, single)) = self.target() else {
            dx.push(
                Diagnostic::error("no-output", "there is nowhere to write to")
                    .help("call `out_dir` or `out_file`, or call this from a build script"),
            );
            return None;
        };
        let corpus = self.corpus(dx)?;
        let attributes = self.parsed_attributes(dx);
        if dx.has_errors() {
            return None;
        }
        let names = layout::Names::new(&corpus, |nsid| self.extern_path_of(nsid));
        let package = lower::lower(&corpus, &names, dx);
        if dx.has_errors() {
            return None;
        }
        let items = emit::emit(&package, self.library.is_some(), &|path| {
            attributes.iter().filter(|(prefix, _)| is_under(path, prefix)).map(|(_, tokens)| tokens.clone()).collect()
        });
        let code = output::Code { items, groups: emit::groups(&package, self.library.is_some(), self.traits) };
        let runtime: TokenStream = self.runtime.parse().unwrap_or_default();
        let families = family::Families::new(&package);
        let files = match (&single, &self.library) {
            (Some(name), _) => output::single(&package, code, &runtime, name),
            (None, Some(library)) => output::tree(&package, code, &runtime, Some((library, &families))),
            (None, None) => output::tree(&package, code, &runtime, None),
        };
        let done = output::write(&directory, &files, single.is_none(), self.check, dx);
        Some(Report {
            lexicons: package.modules.len(),
            files: files.into_keys().collect(),
            written: done.written,
            removed: done.removed,
            families,
            warnings: String::new(),
        })
    }

    /// The directory to write to, and the name of the file if it is to be one.
    fn target(&self) -> Option<(PathBuf, Option<String>)> {
        if let Some(path) = &self.out_dir {
            return Some((path.clone(), None));
        }
        let path = match &self.out_file {
            Some(path) => path.clone(),
            None => Path::new(&env::var_os("OUT_DIR")?).join(SINGLE),
        };
        Some((path.parent()?.to_owned(), Some(path.file_name()?.to_str()?.to_owned())))
    }

    fn corpus(&self, dx: &mut Diagnostics) -> Option<Corpus> {
        let mut foreign = self.foreign.clone();
        if self.official {
            foreign.extend(official());
        }
        let mut corpus = resolve::open(&self.inputs, &foreign, OtherJson::Refuse, dx);
        if dx.has_errors() {
            return None;
        }
        select::select(&mut corpus, &self.only, dx);
        check::check(&corpus, check::Options { missing_as_unknown: self.missing_as_unknown }, dx);
        (!dx.has_errors()).then_some(corpus)
    }

    fn extern_path_of(&self, nsid: &str) -> Option<(String, String)> {
        let longest = self
            .extern_paths
            .iter()
            .filter(|(prefix, _)| is_under(nsid, prefix))
            .max_by_key(|(prefix, _)| prefix.len());
        longest.cloned().or_else(|| Some((String::new(), "::arobase".to_owned())))
    }

    fn parsed_attributes(&self, dx: &mut Diagnostics) -> Vec<(String, TokenStream)> {
        let mut parsed = Vec::new();
        for (prefix, attribute) in &self.attributes {
            match attribute.parse::<TokenStream>() {
                Ok(tokens) => parsed.push((prefix.clone(), tokens)),
                Err(error) => dx.push(Diagnostic::error(
                    "bad-attribute",
                    format!("`type_attribute` got `{attribute}`, which is no Rust: {error}"),
                )),
            }
        }
        parsed
    }
}

/// Whether a place is what the prefix names, or something in it.
fn is_under(path: &str, prefix: &str) -> bool {
    prefix.is_empty()
        || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '#', '/']))
}

/// The lexicons whose code is in the crate `arobase`.
fn official() -> impl Iterator<Item = Input> {
    arobase_lexicons::DOCUMENTS
        .iter()
        .map(|(nsid, text)| Input::Text { name: (*nsid).to_owned(), text: (*text).to_owned() })
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many lexicons code was generated for.
    pub lexicons: usize,
    /// All files of the output, from its directory.
    pub files: BTreeSet<PathBuf>,
    /// The files that were written because they changed.
    pub written: Vec<PathBuf>,
    /// The files that were removed because they were not wanted any more.
    pub removed: Vec<PathBuf>,
    /// The families of lexicons and what they need of each other.
    pub families: family::Families,
    /// Warnings, as lines for cargo.
    pub warnings: String,
}

fn watched(input: &Input) -> Option<String> {
    match input {
        Input::Path(path) => Path::to_str(path).map(str::to_owned),
        Input::Text { .. } => None,
    }
}

fn directive(text: &str) {
    directive_line(&format!("cargo::{text}"));
}

#[expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]
fn directive_line(line: &str) {
    println!("{line}");
}
