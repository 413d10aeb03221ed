//! The descriptors that the generator prints are those that the catalog compiles out of the same
//! documents: typed and dynamic code go by the same data.

#[path = "support/catalog.rs"]
mod catalog;

use std::collections::{BTreeMap, BTreeSet};

use arobase::{
    __codegen::{ArraySchema, Field, List, Ref, Schema, Shared, Type, UnionSchema},
    xrpc::{BodySchema, Endpoint},
};
use catalog::{catalog, name};

fn printed() -> impl Iterator<Item = &'static Schema> {
    arobase::SCHEMAS.iter().copied().flatten().copied()
}

fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    arobase::ENDPOINTS.iter().copied().flatten().copied()
}

/// Makes references of both kinds comparable: each becomes the number of the name that it leads
/// to.
struct Numbers(BTreeMap<String, u32>);

impl Numbers {
    fn new() -> Self {
        let names = catalog().iter().map(|(name, _)| name.to_owned());
        Self(names.zip(0..).collect())
    }

    fn reference(&self, reference: Ref) -> Ref {
        let name = match reference {
            Ref::Static(schema) => name(schema),
            Ref::Id(_) => catalog().place(reference).unwrap_or_default().to_owned(),
        };
        Ref::Id(*self.0.get(&name).unwrap_or_else(|| panic!("a reference leads to {name}, which is nowhere")))
    }

    fn ty(&self, ty: &Type) -> Type {
        match ty {
            Type::Ref(reference) => Type::Ref(self.reference(*reference)),
            Type::Array(array) => {
                Type::Array(ArraySchema { items: Shared::Owned(self.ty(&array.items).into()), length: array.length })
            }
            Type::Object(fields) => Type::Object(fields.iter().map(|field| self.field(field)).collect()),
            Type::Union(union) => Type::Union(UnionSchema {
                members: union.members.iter().map(|member| self.reference(*member)).collect::<List<Ref>>(),
                closed: union.closed,
            }),
            scalar => scalar.clone(),
        }
    }

    fn field(&self, field: &Field) -> Field {
        Field { ty: self.ty(&field.ty), ..field.clone() }
    }

    /// A method with what its references lead to in the end: typed code skips a body that is
    /// nothing but a reference, and has no parameters where there are none.
    fn endpoint(&self, endpoint: &Endpoint) -> Endpoint {
        let reference = |it: Option<Ref>| it.map(|it| self.reference(followed(it)));
        let body = |body: &Option<BodySchema>| {
            body.as_ref().map(|body| BodySchema { encoding: body.encoding.clone(), schema: reference(body.schema) })
        };
        Endpoint {
            nsid: endpoint.nsid.clone(),
            kind: endpoint.kind,
            params: reference(endpoint.params.filter(|params| !schema(*params).fields().is_empty())),
            input: body(&endpoint.input),
            output: body(&endpoint.output),
            message: reference(endpoint.message),
        }
    }

    fn schema(&self, schema: &Schema) -> Schema {
        Schema { id: schema.id.clone(), role: schema.role.clone(), ty: self.ty(&schema.ty) }
    }
}

/// What a reference leads to.
fn schema(reference: Ref) -> &'static Schema {
    catalog().get(reference).expect("a reference leads somewhere")
}

/// The end of a chain of references.
fn followed(mut reference: Ref) -> Ref {
    while let Type::Ref(next) = schema(reference).ty {
        reference = next;
    }
    reference
}

/// A procedure whose request struct is its body has no parameters, and no type for them.
fn has_no_type(name: &str, schema: &Schema) -> bool {
    let Some(method) = name.strip_suffix("/params") else { return false };
    let input = catalog().find(&format!("{method}/input"));
    schema.fields().is_empty() && input.is_some_and(|input| matches!(input.ty, Type::Object(_)))
}

#[test]
fn every_compiled_descriptor_is_printed_once() {
    let typed = catalog().iter().filter(|(name, schema)| !has_no_type(name, schema));
    let compiled: BTreeSet<String> = typed.map(|(name, _)| name.to_owned()).collect();
    let printed: Vec<String> = printed().map(name).collect();
    let distinct: BTreeSet<String> = printed.iter().cloned().collect();
    assert_eq!(distinct.difference(&compiled).collect::<Vec<_>>(), [""; 0], "printed and not compiled");
    assert_eq!(compiled.difference(&distinct).collect::<Vec<_>>(), [""; 0], "compiled and not printed");
    assert_eq!(printed.len(), compiled.len(), "printed twice");
}

#[test]
fn every_printed_descriptor_is_the_compiled_one() {
    let numbers = Numbers::new();
    for schema in printed() {
        let name = name(schema);
        let compiled = catalog().find(&name).unwrap_or_else(|| panic!("{name} is not compiled"));
        assert_eq!(numbers.schema(schema), numbers.schema(compiled), "{name}");
    }
}

#[test]
fn every_method_is_listed_once() {
    let compiled: Vec<_> = catalog().endpoints().map(|endpoint| endpoint.nsid.to_string()).collect();
    let mut printed: Vec<_> = endpoints().map(|endpoint| endpoint.nsid.to_string()).collect();
    printed.sort();
    assert!(compiled.len() > 300, "the methods are gone");
    assert_eq!(printed, compiled);
}

#[test]
fn every_printed_method_is_the_compiled_one() {
    let numbers = Numbers::new();
    for endpoint in endpoints() {
        let compiled = catalog().endpoint(&endpoint.nsid).expect("a method of the catalog");
        assert_eq!(numbers.endpoint(endpoint), numbers.endpoint(compiled), "{}", &*endpoint.nsid);
    }
}

#[test]
fn every_reference_of_a_printed_descriptor_leads_to_a_printed_one() {
    let listed: BTreeSet<*const Schema> = printed().map(std::ptr::from_ref).collect();
    for schema in printed() {
        let mut found = Vec::new();
        references(&schema.ty, &mut found);
        for reference in found {
            let Ref::Static(target) = reference else { panic!("{} has a reference into a catalog", &*schema.id) };
            assert!(listed.contains(&std::ptr::from_ref(target)), "{} -> {}", &*schema.id, &*target.id);
        }
    }
}

fn references(ty: &Type, found: &mut Vec<Ref>) {
    match ty {
        Type::Ref(reference) => found.push(*reference),
        Type::Array(array) => references(&array.items, found),
        Type::Object(fields) => fields.iter().for_each(|field| references(&field.ty, found)),
        Type::Union(union) => found.extend_from_slice(&union.members),
        _ => {}
    }
}

#[test]
fn fields_stand_in_the_order_of_dag_cbor() {
    for schema in printed() {
        let keys: Vec<_> = schema.fields().iter().map(|field| (field.key.len(), &*field.key)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{}: {keys:?}", &*schema.id);
    }
}
