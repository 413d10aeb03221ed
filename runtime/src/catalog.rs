//! Lexicons that are loaded at run time: the [`Catalog`].

mod error;
mod files;
#[cfg(feature = "identity")]
mod network;
mod validate;

#[cfg(feature = "catalog")]
use std::sync::LazyLock;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    ops::Deref,
    path::Path,
    sync::Arc,
};

use arobase_lexicon::{
    compile,
    document::Document,
    schema::{KeyType, Role, Schema, Type},
};

use self::error::Mistakes;
#[cfg(feature = "identity")]
pub use self::network::{
    LexiconError, LexiconResolver, NetworkCatalog, NetworkCatalogBuilder, RecordError, ResolvedLexicon,
};
#[cfg(any(feature = "client", feature = "server"))]
pub(crate) use self::validate::not_a;
pub use self::{
    error::{CatalogError, Mistake, MistakeKind},
    validate::Validity,
};
use crate::data::{Value, truncate};

/// Lexicons that were loaded at run time, and what can be done with them by name: validating,
/// shortening, calling and serving methods of any NSID.
///
/// Cheap to clone; clones share the lexicons. How it validates is part of each clone:
/// [`unknown`](Self::unknown), [`deep`](Self::deep), [`ignore`](Self::ignore).
///
/// It dereferences to the compiled descriptors, so it stands wherever those are wanted, as in
/// [`data::validate`](crate::data::validate).
///
/// ```
/// use arobase_runtime::{Catalog, data::Value};
///
/// let catalog = Catalog::from_json(r#"{ "lexicon": 1, "id": "com.example.note", "defs": { "main": {
///     "type": "record", "key": "tid",
///     "record": { "type": "object", "required": ["text"], "properties": {
///         "text": { "type": "string", "maxGraphemes": 10 } } } } } }"#)?;
/// let note = Value::from_json(br#"{ "$type": "com.example.note", "text": "hello" }"#)?;
/// catalog.validate_record("com.example.note", &note)?;
///
/// let wrong = Value::from_json(br#"{ "$type": "com.example.note", "text": 5 }"#)?;
/// let error = catalog.validate_record("com.example.note", &wrong).unwrap_err();
/// assert_eq!(error.to_string(), "$.text: expected a string, found an integer");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Catalog {
    lexicons: Arc<Lexicons>,
    unknown: Unknown,
    deep: bool,
    ignore: Arc<[Box<str>]>,
}

/// What becomes of an NSID whose lexicon is not in the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// It is an error.
    #[default]
    Refuse,
    /// It passes, and so does its data, within the rules of the data model.
    Pass,
}

#[derive(Clone, Default)]
struct Lexicons {
    compiled: compile::Catalog,
    /// By NSID in lower case, since two may not differ only in that.
    documents: BTreeMap<String, Arc<Document>>,
}

impl Catalog {
    /// Without lexicons.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of documents. They may refer to each other in any order, and to documents that are not
    /// there: that is an error only where data leads to one.
    ///
    /// # Errors
    /// An NSID that is there twice, or a union with a member that cannot be one.
    pub fn from_documents(documents: impl IntoIterator<Item = Document>) -> Result<Self, CatalogError> {
        let mut loader = Loader::default();
        documents.into_iter().for_each(|document| loader.add(None, Arc::new(document)));
        loader.finish()
    }

    /// Of the JSON text of one document.
    ///
    /// # Errors
    /// Every rule of the Lexicon language that it breaks.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, CatalogError> {
        let mut loader = Loader::default();
        match Document::parse_bytes(json.as_ref()) {
            Ok(document) => loader.add(None, Arc::new(document)),
            Err(errors) => loader.mistakes.add_all(None, errors),
        }
        loader.finish()
    }

    /// Of a file with one document, of at most 16 MiB.
    ///
    /// # Errors
    /// A file that cannot be read; every rule of the Lexicon language that it breaks.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, CatalogError> {
        let mut loader = Loader::default();
        loader.file(path.as_ref());
        loader.finish()
    }

    /// Of all `.json` files below a directory, up to 64 directories deep. Other files are passed
    /// by, and so is a `manifest.json` at the top, which says where lexicons are from.
    ///
    /// # Errors
    /// All mistakes of all files, each with its file.
    pub fn from_directory(path: impl AsRef<Path>) -> Result<Self, CatalogError> {
        let mut loader = Loader::default();
        let files = files::find(path.as_ref(), &mut loader.mistakes);
        files.iter().for_each(|file| loader.file(file));
        loader.finish()
    }

    /// The official lexicons. They are compiled once.
    #[cfg(feature = "catalog")]
    #[must_use]
    pub fn official() -> Self {
        static OFFICIAL: LazyLock<Catalog> = LazyLock::new(|| {
            let documents = arobase_lexicons::DOCUMENTS.iter().filter_map(|(_, text)| Document::parse(text).ok());
            // A test holds that all of them load.
            Catalog::from_documents(documents).unwrap_or_default()
        });
        OFFICIAL.clone()
    }

    /// With the lexicons of another catalog beside its own.
    ///
    /// # Errors
    /// NSIDs for which both have a document, unless it is the same.
    pub fn with(self, other: &Self) -> Result<Self, CatalogError> {
        let mut loader = Loader { catalog: self, mistakes: Mistakes::default() };
        other.lexicons.documents.values().for_each(|document| {
            if loader.catalog.document(document.id.as_str()) != Some(document) {
                loader.add(None, Arc::clone(document));
            }
        });
        loader.finish()
    }

    /// With the lexicons of another catalog beside its own, and in the place of those that it has
    /// under the same NSID.
    ///
    /// # Errors
    /// NSIDs that differ only in case; a union with a member that cannot be one any more.
    pub fn updated(self, other: &Self) -> Result<Self, CatalogError> {
        let mut loader = Loader { catalog: self, mistakes: Mistakes::default() };
        let documents = &mut Arc::make_mut(&mut loader.catalog.lexicons).documents;
        for (key, document) in &other.lexicons.documents {
            if documents.get(key).is_some_and(|own| own.id == document.id) {
                documents.remove(key);
            }
        }
        other.lexicons.documents.values().for_each(|document| loader.add(None, Arc::clone(document)));
        loader.finish()
    }

    /// Says what becomes of NSIDs whose lexicons are not there; they are refused by default.
    #[must_use]
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    #[cfg(feature = "client")]
    pub(crate) fn lets_unknown_pass(&self) -> bool {
        self.unknown == Unknown::Pass
    }

    /// Says whether data of known types is also validated where data of any type may stand: in
    /// `unknown` fields, and in open unions that do not list it. The protocol leaves that open; it
    /// is off by default. Types that are not known always pass there.
    #[must_use]
    pub fn deep(mut self, deep: bool) -> Self {
        self.deep = deep;
        self
    }

    /// Says which keys validation passes over, whatever stands there and at any depth.
    #[must_use]
    pub fn ignore<'a>(mut self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        self.ignore = keys.into_iter().map(Box::from).collect();
        self
    }

    /// The descriptors.
    #[must_use]
    pub fn compiled(&self) -> &compile::Catalog {
        &self.lexicons.compiled
    }

    /// The documents, in the order of their NSIDs (in lower case).
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.lexicons.documents.values().map(|document| &**document)
    }

    /// The document of an NSID.
    #[must_use]
    pub fn document(&self, nsid: &str) -> Option<&Document> {
        let document = self.lexicons.documents.get(&nsid.to_ascii_lowercase())?;
        (document.id.as_str() == nsid).then_some(document)
    }

    /// The descriptor of a definition by its type name: `nsid` or `nsid#name`.
    #[must_use]
    pub fn schema(&self, type_name: &str) -> Option<&Schema> {
        self.compiled().find_type(type_name)
    }

    /// What the keys of a record type must be; `None` for what is no record.
    #[must_use]
    pub fn record_key(&self, nsid: &str) -> Option<&KeyType> {
        match &self.schema(nsid)?.role {
            Role::Record(key) => Some(key),
            _ => None,
        }
    }

    /// Shortens the texts of a value to what its definition allows; see
    /// [`data::truncate`](crate::data::truncate). Nothing happens to data of an unknown type.
    pub fn truncate(&self, type_name: &str, value: &mut Value) {
        if let Some(schema) = self.schema(type_name) {
            truncate(self.compiled(), schema, value);
        }
    }
}

impl Deref for Catalog {
    type Target = compile::Catalog;

    fn deref(&self) -> &compile::Catalog {
        self.compiled()
    }
}

impl AsRef<compile::Catalog> for Catalog {
    fn as_ref(&self) -> &compile::Catalog {
        self.compiled()
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lexicons, unknown, deep, ignore } = self;
        f.debug_struct("Catalog")
            .field("documents", &lexicons.documents.len())
            .field("unknown", unknown)
            .field("deep", deep)
            .field("ignore", ignore)
            .finish()
    }
}

/// A catalog in the making.
#[derive(Default)]
struct Loader {
    catalog: Catalog,
    mistakes: Mistakes,
}

impl Loader {
    fn file(&mut self, path: &Path) {
        if let Some(document) = files::read(path, &mut self.mistakes) {
            self.add(Some(path), Arc::new(document));
        }
    }

    fn add(&mut self, file: Option<&Path>, document: Arc<Document>) {
        let lexicons = Arc::make_mut(&mut self.catalog.lexicons);
        let nsid = document.id.as_str();
        match lexicons.documents.entry(nsid.to_ascii_lowercase()) {
            Entry::Vacant(place) => {
                lexicons.compiled.add(&document);
                place.insert(document);
            }
            Entry::Occupied(there) if there.get().id == document.id => {
                self.mistakes.add(file, MistakeKind::Duplicate(nsid.into()));
            }
            Entry::Occupied(there) => {
                let other = there.get().id.as_str().into();
                self.mistakes.add(file, MistakeKind::SameButCase(nsid.into(), other));
            }
        }
    }

    fn finish(mut self) -> Result<Catalog, CatalogError> {
        check_members(self.catalog.compiled(), &mut self.mistakes);
        self.mistakes.or(self.catalog)
    }
}

/// Members of unions are objects and records: data of another type has no `$type`.
fn check_members(catalog: &compile::Catalog, mistakes: &mut Mistakes) {
    for (place, schema) in catalog.iter() {
        let Type::Union(union) = &schema.ty else { continue };
        for member in union.members.iter().filter_map(|member| catalog.get(*member)) {
            if !matches!(member.ty, Type::Object(_)) {
                let member = member.id.to_string();
                mistakes.add(None, MistakeKind::UnionMember { place: place.into(), member });
            }
        }
    }
}
