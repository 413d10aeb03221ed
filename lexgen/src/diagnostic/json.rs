//! Diagnostics as JSON, for tools.

use arobase_lexicon::json::Json;

use super::{Counts, Diagnostic, Diagnostics, Location};

impl Diagnostics {
    /// One JSON object: `diagnostics` (a list, sorted by file and position), `errors`,
    /// `warnings` and `notes` (counts).
    ///
    /// A diagnostic has `severity`, `code`, `message` and, where they apply, `file`, `path`
    /// (as text: `$.defs.main`), `line` and `column` (both from 1), `rule`,
    /// `expected`, `help`.
    pub fn to_json(&self) -> String {
        Json::Object(self.json_members()).to_string_pretty() + "\n"
    }

    /// The members of that object.
    pub(crate) fn json_members(&self) -> Vec<(String, Json)> {
        let items = self.sorted().into_iter().map(|(location, item)| self.item(item, location.as_ref())).collect();
        let mut members = vec![("diagnostics".to_owned(), Json::Array(items))];
        members.extend(counts_json(self.counts()));
        members
    }

    fn item(&self, diagnostic: &Diagnostic, location: Option<&Location>) -> Json {
        let position = location.map(|location| location.position);
        let text = |text: &str| Some(Json::from(text));
        let fields = [
            ("severity", text(diagnostic.severity.as_str())),
            ("code", text(diagnostic.code)),
            ("file", self.path_of(diagnostic).and_then(text)),
            ("path", diagnostic.path().and_then(|path| text(&path.to_string()))),
            ("line", position.map(|position| number(position.line))),
            ("column", position.map(|position| number(position.column))),
            ("message", text(&diagnostic.message)),
            ("rule", diagnostic.rule.and_then(text)),
            ("expected", diagnostic.expected.as_deref().and_then(text)),
            ("help", diagnostic.help.as_deref().and_then(text)),
        ];
        Json::Object(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
    }
}

fn counts_json(counts: Counts) -> [(String, Json); 3] {
    [("errors", counts.errors), ("warnings", counts.warnings), ("notes", counts.notes)]
        .map(|(key, count)| (key.to_owned(), number(count)))
}

fn number(count: usize) -> Json {
    Json::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
