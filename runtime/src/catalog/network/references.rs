//! What a lexicon and what data lead to.

use std::collections::BTreeSet;

use arobase_lexicon::{
    document::{Body, Def, DefKind, Document, Kind, Object, Params, Reference},
    syntax::Nsid,
};

use crate::data::Value;

/// The lexicons that a lexicon refers to, without itself, sorted.
pub(super) fn of_document(document: &Document) -> BTreeSet<Nsid> {
    let mut found = Found(BTreeSet::new());
    document.defs.iter().for_each(|(_, def)| found.def(def));
    found.0.remove(&document.id);
    found.0
}

/// The lexicons that the types anywhere below the top of data belong to, in the order of finding; `max` at most.
pub(super) fn of_data(data: &Value, max: usize) -> Vec<Nsid> {
    let mut found: Vec<Nsid> = Vec::new();
    let mut rest: Vec<&Value> = children(data).collect();
    while let Some(value) = rest.pop() {
        if found.len() == max {
            break;
        }
        if let Some(nsid) = value.type_name().and_then(lexicon_of).filter(|nsid| !found.contains(nsid)) {
            found.push(nsid);
        }
        rest.extend(children(value));
    }
    found
}

/// `com.example.thing` for `com.example.thing#part`. A blob has a type, but no lexicon.
fn lexicon_of(type_name: &str) -> Option<Nsid> {
    type_name.split('#').next()?.parse().ok()
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value.as_list().unwrap_or_default().iter();
    let members = value.as_map().into_iter().flat_map(|map| map.iter().map(|(_, value)| value));
    items.chain(members)
}

/// Recursion is as deep as the document, which the loader limits.
struct Found(BTreeSet<Nsid>);

impl Found {
    fn def(&mut self, def: &Def) {
        match &def.kind {
            DefKind::Record(record) => self.object(&record.record),
            DefKind::Query(query) => {
                self.params(query.parameters.as_ref());
                self.body(query.output.as_ref());
            }
            DefKind::Procedure(procedure) => {
                self.params(procedure.parameters.as_ref());
                self.body(procedure.input.as_ref());
                self.body(procedure.output.as_ref());
            }
            DefKind::Subscription(subscription) => {
                self.params(subscription.parameters.as_ref());
                self.members(&subscription.message.schema.refs);
            }
            DefKind::PermissionSet(_) | DefKind::Token => {}
            DefKind::Type(kind) => self.kind(kind),
        }
    }

    fn params(&mut self, params: Option<&Params>) {
        let nodes = params.into_iter().flat_map(|params| &params.properties);
        nodes.for_each(|(_, node)| self.kind(&node.kind));
    }

    fn body(&mut self, body: Option<&Body>) {
        if let Some(schema) = body.and_then(|body| body.schema.as_ref()) {
            self.kind(&schema.kind);
        }
    }

    fn kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Array(array) => self.kind(&array.items.kind),
            Kind::Object(object) => self.object(object),
            Kind::Union(union) => self.members(&union.refs),
            Kind::Ref(reference) => self.members(std::slice::from_ref(reference)),
            _ => {}
        }
    }

    fn object(&mut self, object: &Object) {
        object.properties.iter().for_each(|(_, node)| self.kind(&node.kind));
    }

    fn members(&mut self, references: &[Reference]) {
        self.0.extend(references.iter().map(|reference| reference.nsid.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: impl IntoIterator<Item = Nsid>) -> Vec<String> {
        found.into_iter().map(Nsid::into_string).collect()
    }

    #[test]
    fn all_places_that_hold_references_are_looked_at() {
        let document = Document::parse(
            r##"{ "lexicon": 1, "id": "com.example.all", "defs": {
                "record": { "type": "object", "properties": {
                    "a": { "type": "ref", "ref": "com.a.x#y" },
                    "b": { "type": "array", "items": { "type": "union", "refs": ["com.b.x", "#own"] } },
                    "c": { "type": "object", "properties": { "d": { "type": "ref", "ref": "com.c.x" } } } } },
                "own": { "type": "object", "properties": {} },
                "main": { "type": "procedure",
                    "input": { "encoding": "application/json", "schema": { "type": "ref", "ref": "com.d.x" } },
                    "output": { "encoding": "application/json", "schema": { "type": "union", "refs": ["com.e.x"] } } }
            } }"##,
        );
        let found = names(of_document(&document.unwrap()));
        assert_eq!(found, ["com.a.x", "com.b.x", "com.c.x", "com.d.x", "com.e.x"]);
    }

    #[test]
    fn records_queries_and_subscriptions_hold_references_too() {
        for (main, expected) in [
            (
                r#"{ "type": "record", "key": "tid", "record": { "type": "object", "properties": {
                "a": { "type": "ref", "ref": "com.a.x" } } } }"#,
                "com.a.x",
            ),
            (
                r#"{ "type": "query", "output": { "encoding": "application/json", "schema":
                { "type": "ref", "ref": "com.b.x" } } }"#,
                "com.b.x",
            ),
            (
                r#"{ "type": "subscription", "message": { "schema": { "type": "union", "refs": ["com.c.x"] } } }"#,
                "com.c.x",
            ),
        ] {
            let text = format!(r#"{{ "lexicon": 1, "id": "com.example.all", "defs": {{ "main": {main} }} }}"#);
            assert_eq!(names(of_document(&Document::parse(&text).unwrap())), [expected]);
        }
    }

    #[test]
    fn types_in_data_are_found_below_its_top_and_not_without_end() {
        let data = Value::from_json(
            br#"{ "$type": "com.example.top", "a": { "$type": "com.a.x#y" }, "b": [{ "$type": "com.a.x" },
                { "$type": "blob", "ref": { "$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku" },
                  "mimeType": "a/b", "size": 1 }, { "$type": "nothing" }, { "c": { "$type": "com.b.x" } }] }"#,
        );
        let mut found = names(of_data(&data.unwrap(), 10));
        found.sort();
        assert_eq!(found, ["com.a.x", "com.b.x"]);
        let many: Vec<String> = (0..50).map(|n| format!(r#"{{ "$type": "com.example.n{n}" }}"#)).collect();
        let data = Value::from_json(format!(r#"{{ "a": [{}] }}"#, many.join(",")).as_bytes()).unwrap();
        assert_eq!(of_data(&data, 20).len(), 20);
    }
}
