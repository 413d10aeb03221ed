//! Goes through a document and hands out each part with its JSON path.

use arobase_lexicon::{
    document::{
        Body, Def, DefKind, Document, ErrorDef, Kind, Message, Node, Object, Params, Permission, PermissionSet,
        Reference, Union,
    },
    json::{Path, Segment},
};

/// A part of a document.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "most of it is for the lints"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// A named definition.
    Def { name: &'a str, def: &'a Def },
    /// A property of an object.
    Property { name: &'a str, node: &'a Node },
    /// A property of params.
    Param { name: &'a str, node: &'a Node },
    /// A type with constraints, wherever it stands.
    Kind(&'a Kind),
    /// The properties of an object, wherever it stands; for a record, its `record` object.
    Object(&'a Object),
    /// A query string.
    Params,
    /// A request or response body.
    Body(&'a Body),
    /// The message of a subscription.
    Message(&'a Message),
    /// A union, wherever it stands.
    Union(&'a Union),
    /// A reference, at the string that spells it; `index` is its place in a union.
    Reference { reference: &'a Reference, from: Referrer },
    /// A declared error.
    Error(&'a ErrorDef),
    /// A permission of a set.
    Permission(&'a Permission),
}

/// What holds a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referrer {
    /// A `ref` in place of a field type.
    Field,
    /// A `ref` as the schema of a body.
    Body,
    /// A member of a union.
    Union,
}

/// Hands all parts of a document to `see`, the outer before the inner.
///
/// Recursion is as deep as the document, which the loader limits.
pub(crate) fn walk<'a>(document: &'a Document, see: &mut dyn FnMut(&Path, Part<'a>)) {
    let mut walker = Walker { path: Path::default(), see };
    for (name, def) in &document.defs {
        walker.inside([key("defs"), key(name)], |walker| walker.def(name, def));
    }
}

/// A path of keys.
pub(crate) fn keys(names: &[&str]) -> Path {
    names.iter().map(|name| key(name)).collect()
}

/// A path with one more key.
pub(crate) fn child(path: &Path, name: &str) -> Path {
    let mut child = path.clone();
    child.push(key(name));
    child
}

/// A path with one more index.
pub(crate) fn element(path: &Path, index: usize) -> Path {
    let mut child = path.clone();
    child.push(Segment::Index(index));
    child
}

fn key(name: &str) -> Segment {
    Segment::Key(name.to_owned())
}

struct Walker<'w, 'a> {
    path: Path,
    see: &'w mut dyn FnMut(&Path, Part<'a>),
}

impl<'a> Walker<'_, 'a> {
    fn see(&mut self, part: Part<'a>) {
        (self.see)(&self.path, part);
    }

    fn inside<const N: usize>(&mut self, segments: [Segment; N], visit: impl FnOnce(&mut Self)) {
        let outer = self.path.clone();
        for segment in segments {
            self.path.push(segment);
        }
        visit(self);
        self.path = outer;
    }

    fn def(&mut self, name: &'a str, def: &'a Def) {
        self.see(Part::Def { name, def });
        match &def.kind {
            DefKind::Record(record) => self.inside([key("record")], |walker| walker.object(&record.record)),
            DefKind::Query(query) => {
                self.endpoint(query.parameters.as_ref(), None, query.output.as_ref(), &query.errors);
            }
            DefKind::Procedure(procedure) => {
                let (input, output) = (procedure.input.as_ref(), procedure.output.as_ref());
                self.endpoint(procedure.parameters.as_ref(), input, output, &procedure.errors);
            }
            DefKind::Subscription(subscription) => {
                self.endpoint(subscription.parameters.as_ref(), None, None, &subscription.errors);
                self.message(&subscription.message);
            }
            DefKind::PermissionSet(set) => self.permissions(set),
            DefKind::Token => {}
            DefKind::Type(kind) => self.kind(kind, Referrer::Field),
        }
    }

    fn endpoint(
        &mut self,
        params: Option<&'a Params>,
        input: Option<&'a Body>,
        output: Option<&'a Body>,
        errors: &'a [ErrorDef],
    ) {
        if let Some(params) = params {
            self.inside([key("parameters")], |walker| walker.params(params));
        }
        for (name, body) in [("input", input), ("output", output)] {
            if let Some(body) = body {
                self.inside([key(name)], |walker| walker.body(body));
            }
        }
        for (index, error) in errors.iter().enumerate() {
            self.inside([key("errors"), Segment::Index(index)], |walker| walker.see(Part::Error(error)));
        }
    }

    fn params(&mut self, params: &'a Params) {
        self.see(Part::Params);
        for (name, node) in &params.properties {
            self.inside([key("properties"), key(name)], |walker| {
                walker.see(Part::Param { name, node });
                walker.kind(&node.kind, Referrer::Field);
            });
        }
    }

    fn body(&mut self, body: &'a Body) {
        self.see(Part::Body(body));
        if let Some(schema) = &body.schema {
            self.inside([key("schema")], |walker| walker.kind(&schema.kind, Referrer::Body));
        }
    }

    fn message(&mut self, message: &'a Message) {
        self.inside([key("message")], |walker| {
            walker.see(Part::Message(message));
            walker.inside([key("schema")], |walker| walker.union(&message.schema));
        });
    }

    fn permissions(&mut self, set: &'a PermissionSet) {
        for (index, permission) in set.permissions.iter().enumerate() {
            self.inside([key("permissions"), Segment::Index(index)], |walker| {
                walker.see(Part::Permission(permission));
            });
        }
    }

    fn kind(&mut self, kind: &'a Kind, from: Referrer) {
        self.see(Part::Kind(kind));
        match kind {
            Kind::Array(array) => {
                self.inside([key("items")], |walker| walker.kind(&array.items.kind, Referrer::Field));
            }
            Kind::Object(object) => self.object(object),
            Kind::Union(union) => self.union(union),
            Kind::Ref(reference) => {
                self.inside([key("ref")], |walker| walker.see(Part::Reference { reference, from }));
            }
            _ => {}
        }
    }

    fn object(&mut self, object: &'a Object) {
        self.see(Part::Object(object));
        for (name, node) in &object.properties {
            self.inside([key("properties"), key(name)], |walker| {
                walker.see(Part::Property { name, node });
                walker.kind(&node.kind, Referrer::Field);
            });
        }
    }

    fn union(&mut self, union: &'a Union) {
        self.see(Part::Union(union));
        for (index, reference) in union.refs.iter().enumerate() {
            self.inside([key("refs"), Segment::Index(index)], |walker| {
                walker.see(Part::Reference { reference, from: Referrer::Union });
            });
        }
    }
}

/// Hands all references of a document to `see`.
pub(crate) fn references(document: &Document, see: &mut dyn FnMut(&Reference)) {
    walk(document, &mut |_, part| {
        if let Part::Reference { reference, .. } = part {
            see(reference);
        }
    });
}
