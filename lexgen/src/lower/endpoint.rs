//! Methods: what ties the request, the response and the errors together.

use arobase_lexicon::{
    compile::type_name,
    document::{Body, Def, DefKind, ErrorDef},
};

use super::{Here, Lowering, docs};
use crate::{
    ir::{Endpoint, EndpointKind, Item, ItemKind, Payload, Ty, TypeName, Variant},
    layout::{JSON, input_is_request},
    name::{Scope, variant_ident},
};

impl Lowering<'_> {
    /// The items of a method besides its types; none for other definitions.
    pub(super) fn endpoint(&self, here: Here<'_>, def: &Def) -> Vec<Item> {
        let at = |part: &str| format!("{}#main/{part}", type_name(here.nsid, "main"));
        let (errors, request, kind) = match &def.kind {
            DefKind::Query(query) => {
                let output = self.payload(&at("output"), query.output.as_ref());
                (&query.errors, at("params"), EndpointKind::Query { output })
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
            Some(_) if body.encoding == JSON => self.item(at),
            None if body.encoding == JSON => Ty::Value,
            _ => Ty::Body,
        };
        Payload { encoding: body.encoding.clone(), ty }
    }
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
