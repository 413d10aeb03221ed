//! Style and good practice: what loads and works, and is better done otherwise.
//!
//! Each lint is one function over one part of a document, or over a
//! whole document, and an entry of [`LINTS`]. (A body without `encoding` needs no lint here:
//! the loader refuses it.)

mod field;
mod limit;
mod method;
mod name;
mod permission;
mod set;

use arobase_lexicon::json::{Json, Path};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity},
    resolve::{Corpus, Entry},
    walk::{Part, walk},
};

/// A lint.
#[derive(Clone, Copy, Debug)]
pub struct Lint {
    /// Its stable name, in kebab-case.
    pub name: &'static str,
    /// What it asks for, in one sentence.
    pub sentence: &'static str,
    /// How bad it is not to follow it.
    pub severity: Severity,
    run: Run,
}

/// How a lint looks at a document.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// At each part.
    Part(fn(&Context<'_>, &Path, Part<'_>) -> Option<Finding>),
    /// Once.
    Document(fn(&Context<'_>) -> Vec<Finding>),
}

const fn part(
    name: &'static str,
    sentence: &'static str,
    run: fn(&Context<'_>, &Path, Part<'_>) -> Option<Finding>,
) -> Lint {
    Lint { name, sentence, severity: Severity::Warning, run: Run::Part(run) }
}

const fn document(name: &'static str, sentence: &'static str, run: fn(&Context<'_>) -> Vec<Finding>) -> Lint {
    Lint { name, sentence, severity: Severity::Warning, run: Run::Document(run) }
}

/// All lints.
pub const LINTS: [Lint; 44] = [
    part("accept-empty", "An empty `accept` accepts nothing to some and anything to others", limit::accept_empty),
    part("accept-pattern", "An entry of `accept` is a MIME type, `type/*` or `*/*`", limit::accept_pattern),
    part(
        "account-in-params",
        "A parameter that names an account has the format `at-identifier`",
        field::account_in_params,
    ),
    part(
        "account-in-record",
        "A record refers to an account by its DID, which does not change",
        field::account_in_record,
    ),
    part(
        "body-ref-target",
        "A JSON body is a map, so its schema leads to an object or a record",
        field::body_ref_target,
    ),
    part("body-schema-ignored", "Only a body of `application/json` has a schema", method::body_schema_ignored),
    part("boolean-default", "An optional boolean is false by default", field::boolean_default),
    part("closed-enum", "A closed set of values can never grow", limit::closed_enum),
    part("closed-union", "A closed union can never grow", limit::closed_union),
    part(
        "def-name-syntax",
        "The name of a definition is lowerCamelCase: a letter, then letters and digits, 255 at most",
        name::def_name_syntax,
    ),
    document("defs-main-definition", "A lexicon named `defs` has no definition `main`", name::defs_main_definition),
    part("endpoint-output-undefined", "A query or procedure says what it returns", method::endpoint_output_undefined),
    part("error-name-case", "The name of an error is UpperCamelCase", name::error_name_case),
    part(
        "field-name-syntax",
        "The name of a field is lowerCamelCase: a letter, then letters and digits, 255 at most",
        name::field_name_syntax,
    ),
    part("fixed-string-case", "A fixed string is kebab-case", name::fixed_string_case),
    part("format-and-length", "A string has a format or limits of length, not both", limit::format_and_length),
    part("graphemes-ratio", "There are 10 to 20 bytes for each grapheme", limit::graphemes_ratio),
    part(
        "graphemes-without-bytes",
        "A limit of graphemes goes with a limit of bytes: one grapheme can be very long",
        limit::graphemes_without_bytes,
    ),
    document(
        "group-conflict",
        "A name stands for one thing only: a schema, a group of schemas or a definition",
        set::group_conflict,
    ),
    part(
        "known-string-local-ref",
        "Values are compared as text, so a token is spelt with its NSID",
        limit::known_string_local_ref,
    ),
    part("large-bytes", "Long data belongs into a blob", limit::large_bytes),
    part("large-string", "Long text belongs into a blob", limit::large_string),
    part(
        "missing-primary-description",
        "A record, query, procedure or subscription has a description",
        method::missing_primary_description,
    ),
    part("nullable-and-optional", "A field is nullable or optional, not both", field::nullable_and_optional),
    part("nullable-repeated", "`nullable` names each property once", field::nullable_repeated),
    Lint {
        name: "permission-audience",
        sentence: "A permission names the methods or the audience, not `*` for both",
        severity: Severity::Error,
        run: Run::Part(permission::permission_audience),
    },
    part(
        "permission-fields",
        "A permission has the fields of its resource, or access control ignores it",
        permission::permission_fields,
    ),
    part(
        "permission-namespace",
        "A permission set grants only what is in its own group",
        permission::permission_namespace,
    ),
    part(
        "permission-resource",
        "A permission set holds permissions for `repo` and `rpc`",
        permission::permission_resource,
    ),
    part("permissionset-no-permissions", "A permission set holds permissions", permission::no_permissions),
    part("permissionset-no-title", "A permission set has a title, which people see", permission::no_title),
    part(
        "procedure-name",
        "The name of a procedure begins with create, update, delete, upsert or put",
        name::procedure_name,
    ),
    part("query-name", "The name of a query begins with get, list, search or query", name::query_name),
    part("record-name", "The name of a record is a singular noun", name::record_name),
    part("required-repeated", "`required` names each property once", field::required_repeated),
    part(
        "reserved-name",
        "`default` and `length` are keywords in some languages and methods in others",
        name::reserved_name,
    ),
    document("rust-name-taken", "A definition keeps its name in Rust if no other one has it", name::rust_name_taken),
    part("subscription-name", "The name of a subscription is `subscribe` and a plural noun", name::subscription_name),
    part("subscription-no-messages", "A subscription lists its messages", method::subscription_no_messages),
    part("undescribed-token", "A token has a description, which is all that it has", method::undescribed_token),
    part("union-member-repeated", "A union names each member once", limit::union_member_repeated),
    part("unlimited-bytes", "Bytes have a limit of length", limit::unlimited_bytes),
    part("unlimited-string", "A string has a format or a limit of length", limit::unlimited_string),
    part("value-repeated", "A list of values names each value once", limit::value_repeated),
];

/// What a lint may look at.
#[derive(Debug)]
struct Context<'a> {
    corpus: &'a Corpus,
    entry: &'a Entry,
    /// The text of the document as JSON: loading merges what is repeated.
    json: Json,
}

impl Context<'_> {
    fn nsid(&self) -> &str {
        self.entry.document.id.as_str()
    }

    /// The last part of the NSID.
    fn name(&self) -> &str {
        self.nsid().rsplit('.').next().unwrap_or_default()
    }

    /// Whether the document is a record.
    fn is_record(&self) -> bool {
        use arobase_lexicon::document::DefKind;
        self.entry.document.defs.iter().any(|(_, def)| matches!(def.kind, DefKind::Record(_)))
    }

    /// The strings of the list under `word` of the value at a path, as the file has them.
    fn strings(&self, path: &Path, word: &str) -> Vec<&str> {
        let list = self.json.at(path).and_then(|value| value.get(word)).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_str).collect()
    }
}

/// What a lint found.
#[derive(Debug)]
struct Finding {
    path: Path,
    at_key: bool,
    message: String,
    help: String,
}

impl Finding {
    /// About a value.
    fn new(path: &Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.clone(), at_key: false, message: message.into(), help: help.into() }
    }

    /// About the name under which the value stands.
    fn name(path: &Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at_key: true, ..Self::new(path, message, help) }
    }
}

/// Runs all lints over the local documents.
pub fn lint(corpus: &Corpus, dx: &mut Diagnostics) {
    for entry in corpus.local() {
        let json = Json::parse(dx.sources().text(entry.file)).unwrap_or(Json::Null);
        let context = Context { corpus, entry, json };
        walk(&entry.document, &mut |path, part| {
            for lint in LINTS {
                if let Run::Part(run) = lint.run
                    && let Some(finding) = run(&context, path, part)
                {
                    report(lint, entry, finding, dx);
                }
            }
        });
        for lint in LINTS {
            if let Run::Document(run) = lint.run {
                for finding in run(&context) {
                    report(lint, entry, finding, dx);
                }
            }
        }
    }
}

fn report(lint: Lint, entry: &Entry, finding: Finding, dx: &mut Diagnostics) {
    let diagnostic = Diagnostic::new(lint.severity, lint.name, finding.message);
    let diagnostic = match finding.at_key {
        true => diagnostic.at_key(entry.file, finding.path),
        false => diagnostic.at(entry.file, finding.path),
    };
    dx.push(diagnostic.rule(lint.sentence).help(finding.help));
}
