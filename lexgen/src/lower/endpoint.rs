//! Methods: what ties the request, the response and the errors together.

use arobase_lexicon::{
    compile::type_name,
    document::{Body, Def, DefKind, ErrorDef, Kind},
};

use super::{Here, Lowering, docs};
use crate::{
    ir::{Endpoint, EndpointKind, Item, ItemKind, Payload, Ty, TypeName, Variant},
    layout::{JSON, input_is_request},
    name::{Scope, variant_ident},
};

impl Lowering<'_> {
    /// The items of a method besides its types; none for other definitions.
    pub(super) fn endpoint(&self, here: Here<'_>, def: &Def, types: &[Item]) -> Vec<Item> {
        let at = |part: &str| format!("{}#main/{part}", type_name(here.nsid, "main"));
        let (errors, request, kind) = match &def.kind {
            DefKind::Query(query) => {
                let output = self.payload(&at("output"), query.output.as_ref());
                let paged = has_cursor(types, &at("params")) && has_cursor(types, &at("output"));
                (&query.errors, at("params"), EndpointKind::Query { output, paged })
            }
            DefKind::Procedure(procedure) => {
                let output = self.payload(&at("output"), procedure.output.as_ref());
                let mut input = self.payload(&at("input"), procedure.input.as_ref());
                let itself = input_is_request(procedure);
                if itself {
                    input.ty = Ty::Itself;
                }
                let request = at(if itself { "input" } else { "params" });
                (&procedure.errors, request, EndpointKind::Procedure { input, output })
            }
            DefKind::Subscription(subscription) => {
                let kind = EndpointKind::Subscription { message: self.item(&at("message")) };
                (&subscription.errors, at("params"), kind)
            }
            _ => return Vec::new(),
        };
        let Some(request) = self.names.get(&request) else { return Vec::new() };
        let error = if errors.is_empty() {
            Ty::Never
        } else {
            Ty::Item(TypeName { name: "Error".to_owned(), ..request.clone() })
        };
        let endpoint = Endpoint { nsid: here.nsid.to_owned(), request: request.name.clone(), error, kind };
        let mut items = vec![item(here, request.name.clone(), Vec::new(), ItemKind::Endpoint(Box::new(endpoint)))];
        if !errors.is_empty() {
            let docs =
                vec![format!("The errors that `{}` declares. Each carries the message that came with it.", here.nsid)];
            items.push(item(here, "Error".to_owned(), docs, ItemKind::Errors(variants(errors))));
        }
        items
    }

    fn payload(&self, at: &str, body: Option<&Body>) -> Payload {
        let Some(body) = body else { return Payload { encoding: String::new(), ty: Ty::Unit } };
        let ty = match &body.schema {
            Some(node) if body.encoding == JSON && self.is_map(&node.kind) => self.item(at),
            _ if body.encoding == JSON => Ty::Value,
            _ => Ty::Body,
        };
        Payload { encoding: body.encoding.clone(), ty }
    }

    /// Whether a type is one that has codecs of its own; lists and scalars stay untyped as bodies.
    fn is_map(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Object(_) | Kind::Union(_) => true,
            Kind::Ref(reference) => self.corpus.lookup(reference).is_some_and(|def| match &def.kind {
                DefKind::Record(_) => true,
                // A definition is no reference itself, so this ends.
                DefKind::Type(kind) => self.is_map(kind),
                _ => false,
            }),
            _ => false,
        }
    }
}

/// Whether a struct has an optional string `cursor`, and Rust calls it so.
fn has_cursor(types: &[Item], at: &str) -> bool {
    let of = |item: &&Item| item.path == at;
    let Some(ItemKind::Struct(it)) = types.iter().find(of).map(|item| &item.kind) else { return false };
    it.fields.iter().any(|field| {
        let optional = field.argument.is_none() && !field.nullable;
        field.key == "cursor" && field.ident == "cursor" && optional && field.ty == Ty::Text
    })
}

fn item(here: Here<'_>, name: String, docs: Vec<String>, kind: ItemKind) -> Item {
    Item { name, docs, kind, schema: None, path: here.nsid.to_owned() }
}

fn variants(errors: &[ErrorDef]) -> Vec<Variant> {
    let mut scope = Scope::default();
    errors
        .iter()
        .map(|error| Variant {
            name: scope.claim(&variant_ident(&error.name)),
            text: error.name.clone(),
            docs: docs::error(error),
        })
        .collect()
}
