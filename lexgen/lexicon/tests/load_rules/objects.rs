use super::*;

#[test]
fn properties_are_there() {
    main_breaks(r#"{"type": "object"}"#, Rule::PropertiesMissing, "");
    main_breaks(r#"{"type": "object", "required": ["a"]}"#, Rule::PropertiesMissing, "");
    main_breaks(r#"{"type": "query", "parameters": {"type": "params"}}"#, Rule::PropertiesMissing, ".parameters");
    main_breaks(r#"{"type": "object", "properties": []}"#, Rule::WrongType, ".properties");
}

#[test]
fn lenient_loading_takes_missing_properties_as_none() {
    let lenient = Options { lenient: true };
    let load = |def: &str| Document::from_json(&Json::parse(&with_main(def)).unwrap(), lenient);
    assert_eq!(load(r#"{"type": "object"}"#), load(EMPTY_OBJECT));
    assert!(load(r#"{"type": "query", "parameters": {"type": "params"}}"#).is_ok());
    let errors = load(r#"{"type": "object", "required": ["a"]}"#).unwrap_err();
    assert_eq!(errors.as_slice()[0].rule, Rule::RequiredUndeclared);
    assert!(load(r#"{"type": "object", "properties": null}"#).is_err());
}

#[test]
fn required_names_declared_properties() {
    let def = r#"{"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "boolean"}}}"#;
    main_breaks(def, Rule::RequiredUndeclared, ".required[1]");
    let params = r#"{"type": "query", "parameters": {"type": "params", "required": ["b"], "properties": {}}}"#;
    main_breaks(params, Rule::RequiredUndeclared, ".parameters.required[0]");
    main_breaks(r#"{"type": "object", "required": "a", "properties": {}}"#, Rule::WrongType, ".required");
    main_breaks(r#"{"type": "object", "required": [1], "properties": {}}"#, Rule::WrongType, ".required[0]");
}

#[test]
fn nullable_names_declared_properties() {
    let def = r#"{"type": "object", "nullable": ["b"], "properties": {"a": {"type": "boolean"}}}"#;
    main_breaks(def, Rule::NullableUndeclared, ".nullable[0]");
}

#[test]
fn a_property_has_a_name() {
    let def = r#"{"type": "object", "properties": {"": {"type": "boolean"}}}"#;
    main_breaks(def, Rule::PropertyNameEmpty, r#".properties[""]"#);
    let params = format!(r#"{{"type": "query", "parameters": {}}}"#, def.replace("object", "params"));
    main_breaks(&params, Rule::PropertyNameEmpty, r#".parameters.properties[""]"#);
}

#[test]
fn a_property_has_a_type_that_fields_can_have() {
    for name in ["record", "query", "procedure", "subscription", "permission-set", "token", "params", "permission"] {
        property_breaks(&format!(r#"{{"type": "{name}"}}"#), Rule::TypeNotAllowed, ".type");
        let array = format!(r#"{{"type": "array", "items": {{"type": "{name}"}}}}"#);
        property_breaks(&array, Rule::TypeNotAllowed, ".items.type");
    }
}

#[test]
fn an_array_has_items_and_a_union_has_refs() {
    property_breaks(r#"{"type": "array"}"#, Rule::MissingKey, "");
    property_breaks(r#"{"type": "array", "items": "string"}"#, Rule::NotAnObject, ".items");
    property_breaks(r#"{"type": "union"}"#, Rule::MissingKey, "");
    property_breaks(r#"{"type": "union", "refs": "a.b.c"}"#, Rule::WrongType, ".refs");
    property_breaks(r#"{"type": "union", "refs": [], "closed": 1}"#, Rule::WrongType, ".closed");
}
