//! What is to be generated: Rust items with their names, types and docs decided. No JSON, no
//! tokens, no references to resolve. Another backend (documentation, OpenAPI) starts here.

use std::collections::{BTreeMap, BTreeSet};

use arobase_lexicon::{schema::Schema, syntax::Format};

use crate::name::const_ident;

/// The Rust name of a part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeName {
    /// The module, from the root of the generated code or from the crate that has it.
    pub module: Vec<String>,
    /// The type.
    pub name: String,
    /// The crate and path in front, where the code exists elsewhere.
    pub root: Option<String>,
}

impl TypeName {
    /// The static that holds its descriptor.
    #[must_use]
    pub fn static_name(&self) -> String {
        static_name(&self.name)
    }
}

/// The static of a type; the underscores that keep it apart from others stay.
pub(crate) fn static_name(name: &str) -> String {
    let plain = name.trim_end_matches('_');
    format!("{}{}_SCHEMA", const_ident(plain), "_".repeat(name.len() - plain.len()))
}

/// Everything of one run.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// The modules that hold items, by path from the root.
    pub modules: BTreeMap<Vec<String>, Module>,
    /// The groups of methods, by the path of the module above those of the methods.
    pub groups: BTreeMap<Vec<String>, Group>,
}

impl Package {
    /// What the module at a path names again: each module below it with the name. A name that is
    /// there already wins.
    pub(crate) fn uses(&self, path: &[String]) -> Vec<(&str, &str)> {
        let own = self.modules.get(path).into_iter().flat_map(Module::names);
        let mut taken: BTreeSet<&str> = own.collect();
        let below = self.modules.range(path.to_vec()..).take_while(|(module, _)| module.starts_with(path));
        let children = below.filter_map(|(module, it)| match module.strip_prefix(path) {
            Some([child]) => Some((child.as_str(), it)),
            _ => None,
        });
        let exports = children.flat_map(|(child, it)| it.exports.iter().map(move |export| (child, export.as_str())));
        exports.filter(|(_, export)| taken.insert(export)).collect()
    }
}

/// The module of one document.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The NSID of the document.
    pub nsid: String,
    /// What its descriptions say, and the kind of its main definition.
    pub docs: Vec<String>,
    /// The items, the main definition first.
    pub items: Vec<Item>,
    /// The names that the module above repeats.
    pub exports: Vec<String>,
}

impl Module {
    /// The names of its items and of their descriptors.
    fn names(&self) -> impl Iterator<Item = &str> {
        let statics = self.items.iter().filter_map(|item| item.schema.as_ref()).map(|schema| schema.name.as_str());
        self.items.iter().map(|item| item.name.as_str()).chain(statics)
    }
}

/// The methods of one namespace, which have their traits in common.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The namespace: the NSIDs of the methods without their last segment.
    pub namespace: String,
    /// The methods, in the order of their modules.
    pub methods: Vec<Method>,
}

/// A method of a group.
#[derive(Clone, Debug)]
pub struct Method {
    /// What it is called in the traits: as its module.
    pub name: String,
    /// Doc lines.
    pub docs: Vec<String>,
    /// Where the group finds the request struct.
    pub request: TypeName,
    /// The rest.
    pub endpoint: Endpoint,
}

/// A Rust item with its docs.
#[derive(Clone, Debug)]
pub struct Item {
    /// The Rust name.
    pub name: String,
    /// Doc lines.
    pub docs: Vec<String>,
    /// What it is.
    pub kind: ItemKind,
    /// The descriptor that goes with it.
    pub schema: Option<Descriptor>,
    /// The definition that it comes from, for attributes by path.
    pub path: String,
}

/// What an item is.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A struct.
    Struct(Struct),
    /// An enum over other types.
    Union(Union),
    /// An enum over texts.
    Strings(Strings),
    /// Another name for a type.
    Alias(Ty),
    /// A constant text.
    Token(String),
    /// The declared errors of a method.
    Errors(Vec<Variant>),
    /// The impl that makes a struct a method.
    Endpoint(Box<Endpoint>),
    /// A permission set.
    Permissions(Box<PermissionSet>),
    /// The type of a record key that is always the same.
    LiteralKey(String),
}

/// A descriptor: compiled, with references by their names in the catalog.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// The name of the static.
    pub name: String,
    /// The compiled schema. References count into [`Descriptor::targets`].
    pub schema: Schema,
    /// What references lead to; `None` where the document is missing.
    pub targets: BTreeMap<u32, Option<TypeName>>,
}

/// A struct.
#[derive(Clone, Debug)]
pub struct Struct {
    /// The fields in the order of the document.
    pub fields: Vec<Field>,
    /// Whether it keeps fields that the schema does not know.
    pub extra: bool,
    /// The key type, if it is a record.
    pub record: Option<RecordKey>,
    /// The NSID of the record.
    pub nsid: String,
}

/// The type of the keys of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKey {
    /// A string format.
    Format(Format),
    /// The item of this name in the same module.
    Literal(String),
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key on the wire.
    pub key: String,
    /// The Rust name.
    pub ident: String,
    /// The name of the setter, if it may be absent.
    pub setter: Option<String>,
    /// Its place in the descriptor.
    pub index: usize,
    /// Its place among the arguments of the constructor, if it is required.
    pub argument: Option<usize>,
    /// The type inside `Option` and `Nullable`.
    pub ty: Ty,
    /// Whether it may be null.
    pub nullable: bool,
    /// Doc lines.
    pub docs: Vec<String>,
    /// The name of the accessor, and what it gives where the field is absent.
    pub default: Option<(String, Default)>,
}

/// A default value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    /// Of a boolean.
    Bool(bool),
    /// Of an integer.
    Int(i64),
    /// Of a string.
    Text(String),
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// `bool`
    Bool,
    /// `i64`
    Int,
    /// `String`
    Text,
    /// A format type.
    Format(Format),
    /// Bytes.
    Bytes,
    /// A link.
    Link,
    /// A blob.
    Blob,
    /// Untyped data.
    Value,
    /// A body without schema.
    Body,
    /// Nothing.
    Unit,
    /// No declared errors.
    Never,
    /// The request itself.
    Itself,
    /// A generated type.
    Item(TypeName),
    /// A list.
    List(Box<Ty>),
    /// A type on the heap, because it contains itself.
    Boxed(Box<Ty>),
}

/// An enum over other types.
#[derive(Clone, Debug)]
pub struct Union {
    /// Its members.
    pub members: Vec<Member>,
    /// For a closed one the member that decoding starts from; an open one has a member for the
    /// unknown.
    pub closed: Option<String>,
}

/// A member of a union.
#[derive(Clone, Debug)]
pub struct Member {
    /// The variant.
    pub name: String,
    /// Its type.
    pub ty: TypeName,
    /// Its `$type`.
    pub id: String,
    /// Its place in the descriptor.
    pub index: usize,
}

/// An enum over texts.
#[derive(Clone, Debug)]
pub struct Strings {
    /// Its values.
    pub variants: Vec<Variant>,
    /// Whether other values are invalid.
    pub closed: bool,
}

/// A name with its text on the wire.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The Rust name.
    pub name: String,
    /// The text on the wire.
    pub text: String,
    /// Doc lines.
    pub docs: Vec<String>,
}

/// A method.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its NSID.
    pub nsid: String,
    /// The request struct.
    pub request: String,
    /// The error type.
    pub error: Ty,
    /// Query, procedure or subscription.
    pub kind: EndpointKind,
}

/// The kinds of methods.
#[derive(Clone, Debug)]
pub enum EndpointKind {
    /// A query.
    Query {
        /// The response.
        output: Payload,
        /// Whether the parameters and the response have an optional `cursor`.
        paged: bool,
    },
    /// A procedure.
    Procedure {
        /// What is passed beside the request; [`Ty::Itself`] where the request is the body.
        input: Payload,
        /// The response.
        output: Payload,
    },
    /// A subscription.
    Subscription {
        /// The union of messages.
        message: Ty,
    },
}

/// A body.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The MIME type; empty if there is no body.
    pub encoding: String,
    /// The type.
    pub ty: Ty,
}

/// A permission set.
#[derive(Clone, Debug)]
pub struct PermissionSet {
    /// Its NSID.
    pub nsid: String,
    /// A short name for people.
    pub title: Option<String>,
    /// A longer text for people.
    pub detail: Option<String>,
    /// The permissions that access control heeds.
    pub permissions: Vec<Permission>,
}

/// A permission.
#[derive(Clone, Debug)]
pub enum Permission {
    /// Writing records.
    Repo {
        /// The collections.
        collections: Vec<String>,
        /// `create`, `update`, `delete`.
        actions: Vec<String>,
    },
    /// Calling methods.
    Rpc {
        /// The methods.
        methods: Vec<String>,
        /// Whether the audience is inherited.
        inherit_audience: bool,
    },
}
