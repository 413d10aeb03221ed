//! From documents to [`ir`](crate::ir).

mod docs;
mod endpoint;
mod group;
mod permission;
mod strings;

use std::collections::{BTreeMap, BTreeSet};

use arobase_lexicon::{
    compile::{Catalog, inner, place_name, type_name},
    document::{Def, DefKind, Document, Kind, Map, Node, Object, RecordKeyType, Reference},
    schema::{Ref, Schema, Type},
    syntax::Format,
};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    graph,
    ir::{Default, Descriptor, Field, Item, ItemKind, Member, Module, Package, RecordKey, Struct, Ty, TypeName, Union},
    layout::{Names, What, has_values, last_segment, parts},
    name::{Scope, const_ident, snake_ident, variant_ident},
    resolve::Corpus,
};

/// Lowers all local documents of a corpus. What only the whole shows goes to `dx`.
pub(crate) fn lower(corpus: &Corpus, names: &Names, dx: &mut Diagnostics) -> Package {
    let mut catalog = Catalog::new();
    corpus.iter().for_each(|entry| catalog.add(&entry.document));
    let lowering = Lowering { corpus, names, catalog };
    let mut package = Package::default();
    for entry in corpus.local() {
        let module = lowering.module(&entry.document);
        package.modules.insert(names.module(entry.document.id.as_str()).to_vec(), module);
    }
    group::add(&mut package);
    graph::box_cycles(&mut package);
    for (nsid, path) in graph::choose_blanks(&mut package) {
        dx.push(endless(corpus, &nsid, &path));
    }
    package
}

fn endless(corpus: &Corpus, nsid: &str, path: &str) -> Diagnostic {
    let message = format!("every member of `{path}` requires it, so no value of it can exist");
    let diagnostic = Diagnostic::error("unsatisfiable", message)
        .expected("a closed union with a member that does without it")
        .help("make one of the properties on the way optional, or the union open");
    match corpus.entry(nsid) {
        Some(entry) => diagnostic.in_file(entry.file),
        None => diagnostic,
    }
}

struct Lowering<'c> {
    corpus: &'c Corpus,
    names: &'c Names,
    catalog: Catalog,
}

/// The document at hand.
#[derive(Clone, Copy)]
struct Here<'d> {
    document: &'d Document,
    nsid: &'d str,
}

impl Lowering<'_> {
    fn module(&self, document: &Document) -> Module {
        let here = Here { document, nsid: document.id.as_str() };
        let mut module = Module { nsid: here.nsid.to_owned(), docs: docs::module(document), ..Module::default() };
        for part in parts(document) {
            self.part(here, &part.at, part.what, &mut module.items);
        }
        let mut scope = Scope::default();
        for item in &module.items {
            scope.claim(&item.name);
            if let Some(schema) = &item.schema {
                scope.claim(&schema.name);
            }
        }
        for (name, def) in &document.defs {
            self.without_type(here, name, def, &mut scope, &mut module.items);
        }
        module.exports = self.exports(here, &module.items);
        module
    }

    /// What the module above names again: what the main definition became.
    fn exports(&self, here: Here<'_>, items: &[Item]) -> Vec<String> {
        let main = ["", "#main/params", "#main/input"];
        let request = main.iter().filter_map(|part| self.names.get(&format!("{}{part}", here.nsid)));
        let types: Vec<_> = request.map(|name| name.name.clone()).take(1).collect();
        if !types.is_empty() {
            return types;
        }
        let constant = const_ident(last_segment(here.nsid));
        items.iter().filter(|item| item.name == constant).map(|item| item.name.clone()).collect()
    }

    fn part(&self, here: Here<'_>, at: &str, what: What<'_>, items: &mut Vec<Item>) {
        let Some(name) = self.names.get(at) else { return };
        let mut key = Vec::new();
        let kind = match what {
            What::Object(object) => ItemKind::Struct(self.object(at, object, self.record(here, at, &mut key))),
            What::Params(params) => {
                let empty = (Map::new(), Vec::new());
                let (properties, required) =
                    params.map_or((&empty.0, &empty.1), |params| (&params.properties, &params.required));
                let fields = self.fields(at, properties, required, &[], false);
                ItemKind::Struct(Struct { fields, extra: false, record: None, nsid: here.nsid.to_owned() })
            }
            What::Union(union) => ItemKind::Union(self.union(here, union)),
            What::Strings(text) => ItemKind::Strings(strings::lower(text)),
            What::Alias(kind) => ItemKind::Alias(self.kind(at, kind)),
        };
        items.push(Item {
            name: name.name.clone(),
            docs: docs::part(here.document, at, what, &kind),
            kind,
            schema: self.descriptor(at, name),
            path: at.to_owned(),
        });
        items.append(&mut key);
    }

    /// If the part is a record: what its keys are.
    fn record(&self, here: Here<'_>, at: &str, items: &mut Vec<Item>) -> Option<RecordKey> {
        let DefKind::Record(record) = &here.document.def("main").filter(|_| at == here.nsid)?.kind else {
            return None;
        };
        Some(match &record.key {
            RecordKeyType::Tid => RecordKey::Format(Format::Tid),
            RecordKeyType::Nsid => RecordKey::Format(Format::Nsid),
            RecordKeyType::Any => RecordKey::Format(Format::RecordKey),
            RecordKeyType::Literal(text) => {
                items.push(Item {
                    name: "Key".to_owned(),
                    docs: vec![format!("The key of a `{}` record: always `{text}`.", here.nsid)],
                    kind: ItemKind::LiteralKey(text.clone()),
                    schema: None,
                    path: format!("{}/key", here.nsid),
                });
                RecordKey::Literal("Key".to_owned())
            }
        })
    }

    /// Definitions that become no type of their own, and what belongs to a method besides its types.
    fn without_type(&self, here: Here<'_>, name: &str, def: &Def, scope: &mut Scope, items: &mut Vec<Item>) {
        let ident = const_ident(if name == "main" { last_segment(here.nsid) } else { name });
        match &def.kind {
            DefKind::Token => {
                let text = type_name(here.nsid, name);
                items.push(Item {
                    name: scope.claim(&ident),
                    docs: docs::token(&text, def),
                    path: place_name(here.nsid, name),
                    kind: ItemKind::Token(text),
                    schema: None,
                });
            }
            DefKind::PermissionSet(set) => items.push(Item {
                name: scope.claim(&ident),
                docs: docs::permission_set(here.nsid, def, set),
                kind: ItemKind::Permissions(Box::new(permission::lower(here.nsid, set))),
                schema: None,
                path: here.nsid.to_owned(),
            }),
            _ => {
                let mut method = self.endpoint(here, def, items);
                items.append(&mut method);
            }
        }
    }

    fn object(&self, at: &str, object: &Object, record: Option<RecordKey>) -> Struct {
        let fields = self.fields(at, &object.properties, &object.required, &object.nullable, true);
        Struct { fields, extra: true, record, nsid: at.to_owned() }
    }

    fn fields(
        &self,
        at: &str,
        properties: &Map<Node>,
        required: &[String],
        nullable: &[String],
        extra: bool,
    ) -> Vec<Field> {
        let mut scope = Scope::default();
        if extra {
            scope.claim("extra");
        }
        let compiled = self.catalog.find(at).map(Schema::fields).unwrap_or_default();
        let indexes: BTreeMap<_, _> = compiled.iter().enumerate().map(|(index, field)| (&*field.key, index)).collect();
        let arguments: BTreeMap<_, _> = required.iter().enumerate().map(|(index, name)| (name, index)).collect();
        let nullable: BTreeSet<_> = nullable.iter().collect();
        let field = |(key, node): &(String, Node)| Field {
            key: key.clone(),
            ident: scope.claim(&snake_ident(key)),
            setter: None,
            index: indexes.get(key.as_str()).copied().unwrap_or(usize::MAX),
            argument: arguments.get(key).copied(),
            ty: self.kind(&inner(at, key), &node.kind),
            nullable: nullable.contains(key),
            docs: docs::field(node),
            default: self.default(&node.kind).map(|default| (String::new(), default)),
        };
        let mut fields: Vec<_> = properties.iter().map(field).collect();
        name_methods(&mut fields);
        fields
    }

    /// The default of a type, also where a reference leads to it.
    fn default(&self, kind: &Kind) -> Option<Default> {
        match kind {
            Kind::Boolean(boolean) => boolean.default.map(Default::Bool),
            Kind::Integer(integer) => integer.default.map(Default::Int),
            Kind::String(text) => text.default.clone().map(Default::Text),
            Kind::Ref(reference) => match &self.corpus.lookup(reference)?.kind {
                // A definition is no reference itself, so this ends.
                DefKind::Type(kind) => self.default(kind),
                _ => None,
            },
            _ => None,
        }
    }

    fn union(&self, here: Here<'_>, union: &arobase_lexicon::document::Union) -> Union {
        let mut scope = Scope::default();
        scope.claim("Unknown");
        let known = union.refs.iter().filter_map(|reference| {
            Some((reference, self.names.get(&place_name(reference.nsid.as_str(), &reference.name))?))
        });
        let members = known.enumerate().map(|(index, (reference, ty))| Member {
            name: {
                let [short, long] = member_names(here.nsid, reference);
                scope.claim_first(&[&short, &long])
            },
            ty: ty.clone(),
            id: type_name(reference.nsid.as_str(), &reference.name),
            index,
        });
        let members: Vec<_> = members.collect();
        // What a missing document says of its member must be able to stay.
        let closed = union.closed && members.len() == union.refs.len();
        let closed = members.first().filter(|_| closed).map(|member| member.name.clone());
        Union { members, closed }
    }

    /// The Rust type of a type at a place.
    fn kind(&self, at: &str, kind: &Kind) -> Ty {
        match kind {
            Kind::Boolean(_) => Ty::Bool,
            Kind::Integer(_) => Ty::Int,
            Kind::String(text) if has_values(text) => self.item(at),
            Kind::String(text) => text.format.map_or(Ty::Text, Ty::Format),
            Kind::Bytes(_) => Ty::Bytes,
            Kind::CidLink => Ty::Link,
            Kind::Blob(_) => Ty::Blob,
            Kind::Unknown => Ty::Value,
            Kind::Object(_) | Kind::Union(_) => self.item(at),
            Kind::Array(array) => Ty::List(Box::new(self.kind(&format!("{at}/items"), &array.items.kind))),
            Kind::Ref(reference) => self.reference(reference),
        }
    }

    fn item(&self, at: &str) -> Ty {
        self.names.get(at).map_or(Ty::Value, |name| Ty::Item(name.clone()))
    }

    /// An array that contains nothing but itself has no Rust type; it stays untyped.
    fn reference(&self, reference: &Reference) -> Ty {
        let at = place_name(reference.nsid.as_str(), &reference.name);
        if self.is_endless(reference) { Ty::Value } else { self.item(&at) }
    }

    fn is_endless(&self, reference: &Reference) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = Some(reference);
        while let Some(reference) = next {
            if !seen.insert(reference) {
                return true;
            }
            next = match self.corpus.lookup(reference).map(|def| &def.kind) {
                Some(DefKind::Type(Kind::Array(array))) => element_reference(&array.items.kind),
                _ => None,
            };
        }
        false
    }

    fn descriptor(&self, at: &str, name: &TypeName) -> Option<Descriptor> {
        let schema = self.catalog.find(at)?;
        let mut targets = BTreeMap::new();
        self.collect(&schema.ty, &mut targets);
        Some(Descriptor { name: name.static_name(), schema: schema.clone(), targets })
    }

    fn collect(&self, ty: &Type, targets: &mut BTreeMap<u32, Option<TypeName>>) {
        let mut target = |reference: &Ref| {
            if let Ref::Id(id) = reference {
                let known = self.catalog.get(*reference).is_some();
                let name = self.catalog.place(*reference).and_then(|at| self.names.get(at)).filter(|_| known);
                targets.insert(*id, name.cloned());
            }
        };
        match ty {
            Type::Ref(reference) => target(reference),
            Type::Union(union) => union.members.iter().for_each(target),
            Type::Array(array) => self.collect(&array.items, targets),
            Type::Object(fields) => fields.iter().for_each(|field| self.collect(&field.ty, targets)),
            _ => {}
        }
    }
}

fn element_reference(kind: &Kind) -> Option<&Reference> {
    match kind {
        Kind::Ref(reference) => Some(reference),
        Kind::Array(array) => element_reference(&array.items.kind),
        _ => None,
    }
}

/// What a member of a union may be called: its own name, behind that of its document where it is
/// another one that says more than `defs`; and if that is taken, behind the group's too.
fn member_names(here: &str, reference: &Reference) -> [String; 2] {
    let nsid = reference.nsid.as_str();
    let document = last_segment(nsid);
    let short = match reference.name.as_str() {
        "main" => variant_ident(document),
        name if nsid == here || document == "defs" => variant_ident(name),
        name => format!("{}{}", variant_ident(document), variant_ident(name)),
    };
    let group = nsid.rsplit('.').nth(1).map(variant_ident).unwrap_or_default();
    let long = format!("{group}{short}");
    [short, long]
}

/// Setters are called like their fields, accessors have `_or_default` behind that; the constructor
/// has its name first.
fn name_methods(fields: &mut [Field]) {
    let mut scope = Scope::default();
    scope.claim("new");
    let mut optional: Vec<_> = fields.iter_mut().filter(|field| field.argument.is_none()).collect();
    for field in &mut optional {
        field.setter = Some(scope.claim(&field.ident));
    }
    for field in optional {
        if let Some((accessor, _)) = &mut field.default {
            let field = field.ident.trim_start_matches("r#").trim_end_matches('_');
            *accessor = scope.claim(&format!("{field}_or_default"));
        }
    }
}
