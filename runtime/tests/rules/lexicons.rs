//! Which documents are lexicons, and what can be asked of them.

use arobase_runtime::{
    Catalog,
    data::{Map, Value},
    lexicon::document::{DefKind, Document, Kind},
};

use super::{NSID, document, fault, value};

fn main(def: &str) -> String {
    document(NSID, &format!(r#""main": {def}"#))
}

fn loads(text: &str) -> bool {
    Catalog::from_json(text).is_ok()
}

#[test]
fn a_document_that_breaks_a_rule_is_refused() {
    let object = r#""main": { "type": "object", "properties": {} }"#;
    assert!(loads(&document(NSID, object)));
    for text in [
        document("", object),
        document("example", object),
        document("com.example", object),
        document("com.example.thing#main", object),
        document("com.example.9thing", object),
        document(NSID, ""),
        document(NSID, r#""other": { "type": "query" }"#),
        document(
            NSID,
            r#""other": { "type": "record", "key": "any", "record": { "type": "object", "properties": {} } }"#,
        ),
        main(r#"{ "type": "record", "key": "any" }"#),
        main(r#"{ "type": "record", "key": "any", "record": { "type": "string" } }"#),
        main(r#"{ "type": "record", "key": "any", "record": { "type": "object" } }"#),
        main(r#"{ "type": "record", "record": { "type": "object", "properties": {} } }"#),
        main("{}"),
        main(r#"{ "type": "object", "properties": { "a": { "type": "thing" } } }"#),
        main(r#"{ "type": "object", "properties": { "a": { "type": "string", "format": "space-ref" } } }"#),
        document(NSID, object).replace(r#""lexicon": 1"#, r#""lexicon": 2"#),
        document(NSID, object).replace(r#""lexicon": 1"#, r#""lexicon": "1""#),
        document(NSID, object).replace(r#""lexicon": 1,"#, ""),
        document(NSID, object).replace(r#""id": "com.example.thing","#, ""),
        "[]".to_owned(),
    ] {
        assert!(!loads(&text), "{text}");
    }
}

#[test]
fn the_parts_of_a_method_are_looked_into() {
    let method = |part: &str| main(&format!(r#"{{ "type": "procedure", {part} }}"#));
    assert!(loads(&method(r#""parameters": { "type": "params", "properties": {} }"#)));
    for part in [
        r#""parameters": "bogus""#,
        r#""parameters": { "type": "params" }"#,
        r#""parameters": { "type": "params", "properties": { "a": { "type": "object", "properties": {} } } }"#,
        r#""parameters": { "type": "params", "required": ["a"], "properties": {} }"#,
        r#""input": "bogus""#,
        r#""input": { "encoding": "application/json", "schema": { "type": "object" } }"#,
        r#""output": { "schema": { "type": "object", "properties": {} } }"#,
        r#""output": { "encoding": "application/json", "schema": "bogus" }"#,
        r#""errors": ["bogus"]"#,
    ] {
        assert!(!loads(&method(part)), "{part}");
    }
    for message in [r#""bogus""#, "{}", r#"{ "schema": { "type": "object", "properties": {} } }"#] {
        assert!(!loads(&main(&format!(r#"{{ "type": "subscription", "message": {message} }}"#))), "{message}");
    }
}

#[test]
fn a_type_stands_at_the_top_or_only_in_fields() {
    for def in [
        r#"{ "type": "query" }"#,
        r#"{ "type": "procedure" }"#,
        r#"{ "type": "subscription", "message": { "schema": { "type": "union", "refs": [] } } }"#,
        r#"{ "type": "record", "key": "tid", "record": { "type": "object", "properties": {} } }"#,
        r#"{ "type": "permission-set", "permissions": [] }"#,
        r#"{ "type": "object", "properties": {} }"#,
        r#"{ "type": "array", "items": { "type": "integer" } }"#,
        r#"{ "type": "token" }"#,
        r#"{ "type": "boolean" }"#,
        r#"{ "type": "integer" }"#,
        r#"{ "type": "string" }"#,
        r#"{ "type": "bytes" }"#,
        r#"{ "type": "cid-link" }"#,
        r#"{ "type": "blob" }"#,
    ] {
        assert!(loads(&main(def)), "{def}");
    }
    for def in [
        r##"{ "type": "ref", "ref": "#other" }"##,
        r#"{ "type": "union", "refs": [] }"#,
        r#"{ "type": "unknown" }"#,
        r#"{ "type": "params", "properties": {} }"#,
        r#"{ "type": "permission", "resource": "repo" }"#,
        r#"{ "type": "space" }"#,
        r#"{ "type": "null" }"#,
        r#"{ "type": "float" }"#,
    ] {
        assert!(!loads(&main(def)), "{def}");
    }
}

#[test]
fn two_documents_of_one_nsid_are_refused() {
    let both = [r#""main": { "type": "token" }"#, r#""main": { "type": "string" }"#]
        .map(|def| Document::parse(&document(NSID, def)).unwrap());
    let error = Catalog::from_documents(both.clone()).unwrap_err();
    assert!(error.to_string().contains(NSID), "{error}");
    assert!(Catalog::from_documents([both[0].clone(), both[0].clone()]).is_err());
}

#[test]
fn a_reference_leads_to_main_however_it_is_written() {
    let whole = r##""main": { "type": "object", "properties": {
        "short": { "type": "ref", "ref": "com.example.thing" },
        "full": { "type": "ref", "ref": "com.example.thing#main" },
        "local": { "type": "ref", "ref": "#main" },
        "either": { "type": "union", "closed": true, "refs": ["com.example.thing#main"] },
        "flag": { "type": "boolean" } } }"##;
    let catalog = Catalog::from_json(document(NSID, whole)).unwrap();
    for name in ["short", "full", "local"] {
        assert_eq!(fault(&catalog, &format!(r#""{name}": {{ "flag": true }}"#)), None);
        let found = fault(&catalog, &format!(r#""{name}": {{ "flag": 1 }}"#));
        assert_eq!(found.unwrap(), format!("$.{name}.flag: expected a boolean, found an integer"));
    }
    assert_eq!(fault(&catalog, r#""either": { "$type": "com.example.thing", "flag": true }"#), None);
}

#[test]
fn what_a_document_declares_can_be_looked_up() {
    let text = r#"{ "lexicon": 1, "id": "com.example.getThing", "defs": { "main": {
        "type": "query", "description": "gets a thing",
        "parameters": { "type": "params", "properties": {
            "sort": { "type": "string", "knownValues": ["new", "old"], "default": "new" } } },
        "errors": [{ "name": "NotFound", "description": "there is none" }, { "name": "TooMany" }] } } }"#;
    let catalog = Catalog::from_json(text).unwrap();
    let main = catalog.document("com.example.getThing").unwrap().def("main").unwrap();
    assert_eq!(main.description.as_deref(), Some("gets a thing"));
    let DefKind::Query(query) = &main.kind else { panic!("a query") };
    let errors: Vec<_> = query.errors.iter().map(|error| (&*error.name, error.description.as_deref())).collect();
    assert_eq!(errors, [("NotFound", Some("there is none")), ("TooMany", None)]);
    let params = query.parameters.as_ref().unwrap();
    let Kind::String(sort) = &params.properties[0].1.kind else { panic!("a string") };
    assert_eq!(sort.known_values.as_deref(), Some(&["new".to_owned(), "old".to_owned()][..]));
    assert_eq!(sort.default.as_deref(), Some("new"));

    let text = r#"{ "lexicon": 1, "id": "com.example.authBasic", "defs": { "main": {
        "type": "permission-set", "title": "Basics", "title:lang": { "pt": "Básico" },
        "permissions": [{ "type": "permission", "resource": "repo", "collection": ["com.example.note"] }] } } }"#;
    let document = Document::parse(text).unwrap();
    let DefKind::PermissionSet(set) = &document.def("main").unwrap().kind else { panic!("a permission set") };
    assert_eq!(set.title_lang, [("pt".to_owned(), "Básico".to_owned())]);
    assert_eq!(set.permissions[0].resource, "repo");
    assert!(!loads(&text.replace("\"pt\"", "\"p\"")));
}

#[test]
fn a_default_is_filled_in_where_it_is_parsed_and_nowhere_else() {
    let catalog = super::object(
        r#""limit": { "type": "integer", "default": 50 },
           "inner": { "type": "object", "properties": { "flag": { "type": "boolean", "default": false } } }"#,
    );
    let given = value(r#"{ "inner": {} }"#);
    assert!(catalog.validate(NSID, &given).is_ok());
    let mut filled = given.clone();
    arobase_runtime::data::fill_defaults(catalog.compiled(), catalog.schema(NSID).unwrap(), &mut filled);
    assert_eq!(filled, value(r#"{ "inner": { "flag": false }, "limit": 50 }"#));
    assert_eq!(given, Value::Map(Map::from_iter([("inner", Value::Map(Map::new()))])), "validation changes nothing");
}

#[cfg(feature = "catalog")]
#[test]
fn official_methods_and_records_are_known_without_any_lexicon_of_ones_own() {
    use arobase_runtime::xrpc::EndpointKind;

    let catalog = Catalog::official();
    let count = |kind| catalog.endpoints().filter(|endpoint| endpoint.kind == kind).count();
    assert!(count(EndpointKind::Query) >= 177);
    assert!(count(EndpointKind::Procedure) >= 142);
    assert!(count(EndpointKind::Subscription) >= 3);
    let post = value(r#"{ "$type": "app.bsky.feed.post", "text": "hello", "createdAt": "2026-01-02T03:04:05Z" }"#);
    assert!(catalog.validate_record("app.bsky.feed.post", &post).is_ok());
    for family in ["app.bsky.", "chat.bsky.", "com.atproto.", "tools.ozone.", "community.lexicon.", "site.standard."] {
        assert!(catalog.documents().any(|document| document.id.as_str().starts_with(family)), "{family}");
    }
}
