//! Which Rust item each part of a document becomes, and where it stands.
//!
//! `app.bsky.feed.post` is the module `app::bsky::feed::post`. Its main definition is `Post`
//! there, named again in the module above; `#replyRef` is `ReplyRef`. Objects, unions and strings
//! with known values that stand in a property are named after it: `Embed` where they belong to
//! the main definition, `ReplyRefParent` where they belong to another, `OutputFeed` in a response.
//! An element of an array has `Item` behind that.

use std::collections::{BTreeMap, BTreeSet};

use arobase_lexicon::{
    compile::{inner, place_name},
    document::{Body, Def, DefKind, Document, Kind, Map, Node, Object, Text, Union},
};

use crate::{
    ir::{TypeName, static_name},
    name::{Scope, snake_ident, type_ident},
    resolve::{Corpus, Origin},
};

/// The encoding of bodies that schemas describe.
pub(crate) const JSON: &str = "application/json";

/// Names that modules cannot have: generated code uses them itself (the runtime, and the types of
/// the language), or the file of such a module would stand for another one.
const NO_MODULES: &[&str] = &["rt", "bool", "i64", "str", "usize", "r#mod"];

/// The name of a file at the top of a crate.
const ROOT: &str = "lib";

/// A part of a document that becomes a Rust type, under its name in the catalog.
pub(crate) struct Part<'d> {
    pub(crate) at: String,
    pub(crate) what: What<'d>,
    /// What it is called if the name is free, and if not.
    candidates: [String; 2],
    /// Whether the name is kept free for it.
    reserved: bool,
}

/// What a part is.
#[derive(Clone, Copy)]
pub(crate) enum What<'d> {
    /// A struct: a record, an object.
    Object(&'d Object),
    /// The struct of a query string.
    Params(Option<&'d arobase_lexicon::document::Params>),
    /// An enum over other types.
    Union(&'d Union),
    /// An enum over texts.
    Strings(&'d Text),
    /// Another name for a type.
    Alias(&'d Kind),
}

/// All names of a run.
#[derive(Debug, Default)]
pub(crate) struct Names {
    types: BTreeMap<String, TypeName>,
    modules: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Names everything in the corpus. `extern_path` says where code that exists elsewhere is.
    pub(crate) fn new(corpus: &Corpus, extern_path: impl Fn(&str) -> Option<(String, String)>) -> Self {
        let mut names = Self::default();
        let mut scopes: BTreeMap<Vec<String>, Scope> = BTreeMap::new();
        let mut segments: BTreeMap<Vec<String>, String> = BTreeMap::new();
        for entry in corpus.iter() {
            let nsid = entry.document.id.as_str();
            let module = module_path(nsid, &mut scopes, &mut segments);
            names.modules.insert(nsid.to_owned(), module.clone());
            let foreign = (entry.origin == Origin::Foreign).then(|| extern_path(nsid)).flatten();
            let (root, module) = match foreign {
                Some((prefix, path)) => {
                    let depth = if prefix.is_empty() { 0 } else { prefix.split('.').count() };
                    (Some(path), module.into_iter().skip(depth).collect())
                }
                None => (None, module),
            };
            names.add(&entry.document, &module, root.as_ref());
        }
        names
    }

    /// The name of a part.
    pub(crate) fn get(&self, at: &str) -> Option<&TypeName> {
        self.types.get(at)
    }

    /// The module of a document.
    pub(crate) fn module(&self, nsid: &str) -> &[String] {
        self.modules.get(nsid).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, document: &Document, module: &[String], root: Option<&String>) {
        for (part, name) in named_parts(document) {
            let name = TypeName { module: module.to_vec(), name, root: root.cloned() };
            self.types.insert(part.at, name);
        }
    }
}

/// All parts of a document with their names, which are unique in its module.
fn named_parts(document: &Document) -> impl Iterator<Item = (Part<'_>, String)> {
    let mut scope = Scope::default();
    let mut statics = BTreeSet::new();
    for reserved in reserved(document) {
        scope.claim(reserved);
    }
    parts(document).into_iter().map(move |part| {
        let [first, second] = &part.candidates;
        let mut name = if part.reserved { first.clone() } else { scope.claim_first(&[first, second]) };
        while !statics.insert(static_name(&name)) {
            name = scope.claim(&format!("{name}_"));
        }
        (part, name)
    })
}

/// The definitions that cannot have their own name in Rust: the name in the document, what it
/// would be, and what it is.
#[cfg(feature = "cli")]
pub(crate) fn renamed(document: &Document) -> Vec<(String, String, String)> {
    let names: Vec<_> = named_parts(document).collect();
    let defs = document.defs.iter().filter_map(|(name, _)| {
        let at = place_name(document.id.as_str(), name);
        let (part, got) = names.iter().find(|(part, _)| part.at == at)?;
        let [wanted, _] = &part.candidates;
        (wanted != got).then(|| (name.clone(), wanted.clone(), got.clone()))
    });
    defs.collect()
}

/// Names of an endpoint's module that are not up to the document.
fn reserved(document: &Document) -> Vec<&'static str> {
    let mut reserved = vec!["Client", "Server"];
    match document.def("main").map(|def| &def.kind) {
        Some(DefKind::Query(_)) => reserved.extend(["Output", "Error"]),
        Some(DefKind::Procedure(_)) => reserved.extend(["Input", "Output", "Error"]),
        Some(DefKind::Subscription(_)) => reserved.extend(["Message", "Error"]),
        Some(DefKind::Record(_)) => reserved.push("Key"),
        _ => {}
    }
    reserved
}

fn module_path(
    nsid: &str,
    scopes: &mut BTreeMap<Vec<String>, Scope>,
    segments: &mut BTreeMap<Vec<String>, String>,
) -> Vec<String> {
    let mut path = Vec::new();
    let mut raw = Vec::new();
    for segment in nsid.split('.') {
        raw.push(segment.to_owned());
        let ident = segments.entry(raw.clone()).or_insert_with(|| {
            let scope = scopes.entry(path.clone()).or_insert_with(|| {
                let mut scope = Scope::default();
                for name in NO_MODULES.iter().chain(path.is_empty().then_some(&ROOT)) {
                    scope.claim(name);
                }
                scope
            });
            scope.claim(&snake_ident(segment))
        });
        path.push(ident.clone());
    }
    path
}

/// The last segment of an NSID.
pub(crate) fn last_segment(nsid: &str) -> &str {
    nsid.rsplit('.').next().unwrap_or(nsid)
}

/// Whether a string becomes an enum: it has values to expect, and no format.
pub(crate) fn has_values(text: &Text) -> bool {
    let values = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    text.format.is_none() && text.constant.is_none() && (values(&text.enumeration) || values(&text.known_values))
}

/// Whether the request struct of a procedure is its input: an object, and no parameters.
pub(crate) fn input_is_request(procedure: &arobase_lexicon::document::Procedure) -> bool {
    let object =
        |body: &Body| body.encoding == JSON && matches!(&body.schema, Some(Node { kind: Kind::Object(_), .. }));
    procedure.parameters.is_none() && procedure.input.as_ref().is_some_and(object)
}

/// All parts of a document: first the definitions, then what stands in them.
pub(crate) fn parts(document: &Document) -> Vec<Part<'_>> {
    let mut walk = Walk { defs: Vec::new(), inner: Vec::new() };
    let mut defs: Vec<_> = document.defs.iter().collect();
    defs.sort_by_key(|(name, _)| name != "main");
    for (name, def) in defs {
        walk.def(document.id.as_str(), name, def);
    }
    walk.defs.append(&mut walk.inner);
    walk.defs
}

struct Walk<'d> {
    defs: Vec<Part<'d>>,
    inner: Vec<Part<'d>>,
}

impl<'d> Walk<'d> {
    fn def(&mut self, nsid: &str, name: &str, def: &'d Def) {
        let id = place_name(nsid, name);
        let ident = type_ident(if name == "main" { last_segment(nsid) } else { name });
        let prefix = if name == "main" { "" } else { ident.as_str() };
        match &def.kind {
            DefKind::Record(record) => {
                self.top(&id, &ident, What::Object(&record.record));
                self.fields(&id, prefix, &record.record.properties);
            }
            DefKind::Type(kind) => {
                self.top(&id, &ident, what(kind));
                self.inside(&id, prefix, kind);
            }
            DefKind::Query(query) => {
                self.params(&id, &ident, query.parameters.as_ref());
                self.body(&id, "output", "Output", query.output.as_ref());
            }
            DefKind::Procedure(procedure) => {
                if input_is_request(procedure) {
                    self.input_request(&id, &ident, procedure.input.as_ref());
                } else {
                    self.params(&id, &ident, procedure.parameters.as_ref());
                    self.body(&id, "input", "Input", procedure.input.as_ref());
                }
                self.body(&id, "output", "Output", procedure.output.as_ref());
            }
            DefKind::Subscription(subscription) => {
                self.params(&id, &ident, subscription.parameters.as_ref());
                self.reserved(&id, "message", "Message", What::Union(&subscription.message.schema));
            }
            DefKind::PermissionSet(_) | DefKind::Token => {}
        }
    }

    fn top(&mut self, at: &str, ident: &str, what: What<'d>) {
        let candidates = [ident.to_owned(), format!("{ident}_")];
        self.defs.push(Part { at: at.to_owned(), what, candidates, reserved: false });
    }

    fn reserved(&mut self, id: &str, which: &str, ident: &str, what: What<'d>) {
        let candidates = [ident.to_owned(), String::new()];
        self.defs.push(Part { at: format!("{id}#main/{which}"), what, candidates, reserved: true });
    }

    fn params(&mut self, id: &str, ident: &str, params: Option<&'d arobase_lexicon::document::Params>) {
        let at = format!("{id}#main/params");
        self.top(&at, ident, What::Params(params));
        if let Some(params) = params {
            self.fields(&at, "", &params.properties);
        }
    }

    fn input_request(&mut self, id: &str, ident: &str, body: Option<&'d Body>) {
        let Some(Kind::Object(object)) = body.and_then(|body| body.schema.as_ref()).map(|node| &node.kind) else {
            return;
        };
        let at = format!("{id}#main/input");
        self.top(&at, ident, What::Object(object));
        self.fields(&at, "", &object.properties);
    }

    fn body(&mut self, id: &str, which: &str, ident: &str, body: Option<&'d Body>) {
        let Some(body) = body.filter(|body| body.encoding == JSON) else { return };
        let Some(node) = &body.schema else { return };
        match &node.kind {
            Kind::Object(object) => {
                self.reserved(id, which, ident, What::Object(object));
                self.fields(&format!("{id}#main/{which}"), ident, &object.properties);
            }
            Kind::Union(union) => self.reserved(id, which, ident, What::Union(union)),
            kind => self.reserved(id, which, ident, What::Alias(kind)),
        }
    }

    fn fields(&mut self, at: &str, prefix: &str, properties: &'d Map<Node>) {
        for (key, node) in properties {
            self.node(&inner(at, key), &format!("{prefix}{}", type_ident(key)), node);
        }
    }

    /// What stands in a type, where the type itself has a name.
    fn inside(&mut self, at: &str, prefix: &str, kind: &'d Kind) {
        match kind {
            Kind::Object(object) => self.fields(at, prefix, &object.properties),
            Kind::Array(array) => self.node(&format!("{at}/items"), &format!("{prefix}Item"), &array.items),
            _ => {}
        }
    }

    fn node(&mut self, at: &str, candidate: &str, node: &'d Node) {
        let (what, suffix) = match &node.kind {
            Kind::Object(object) => (What::Object(object), "Object"),
            Kind::Union(union) => (What::Union(union), "Union"),
            Kind::String(text) if has_values(text) => (What::Strings(text), "Value"),
            kind => return self.inside(at, candidate, kind),
        };
        let candidates = [candidate.to_owned(), format!("{candidate}{suffix}")];
        self.inner.push(Part { at: at.to_owned(), what, candidates, reserved: false });
        self.inside(at, candidate, &node.kind);
    }
}

fn what(kind: &Kind) -> What<'_> {
    match kind {
        Kind::Object(object) => What::Object(object),
        Kind::String(text) if has_values(text) => What::Strings(text),
        kind => What::Alias(kind),
    }
}
