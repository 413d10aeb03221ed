use super::*;

#[test]
fn a_definition_is_an_object() {
    main_breaks("\"object\"", Rule::NotAnObject, "");
    property_breaks("[]", Rule::NotAnObject, "");
}

#[test]
fn a_definition_names_its_type_with_a_string() {
    main_breaks("{}", Rule::TypeMissing, "");
    main_breaks(r#"{"type": 1}"#, Rule::TypeMissing, ".type");
    property_breaks("{}", Rule::TypeMissing, "");
    property_breaks(r#"{"type": null}"#, Rule::TypeMissing, ".type");
}

#[test]
fn the_type_is_one_of_the_language() {
    for name in ["", "Object", "float", "number", "permissionSet", "null"] {
        let def = format!(r#"{{"type": "{name}"}}"#);
        main_breaks(&def, Rule::TypeUnknown, ".type");
        property_breaks(&def, Rule::TypeUnknown, ".type");
    }
}

#[test]
fn some_types_are_never_definitions() {
    for def in [
        r##"{"type": "ref", "ref": "#x"}"##,
        r#"{"type": "union", "refs": []}"#,
        r#"{"type": "unknown"}"#,
        r#"{"type": "params", "properties": {}}"#,
        r#"{"type": "permission", "resource": "repo"}"#,
    ] {
        main_breaks(def, Rule::TypeNotDefinable, ".type");
        let text = with_defs(&format!(r#"{{"other": {def}}}"#));
        document_breaks(&text, Rule::TypeNotDefinable, "$.defs.other.type");
    }
}

#[test]
fn a_primary_type_stands_under_main_only() {
    for def in [
        r#"{"type": "record", "key": "tid", "record": {"type": "object", "properties": {}}}"#,
        r#"{"type": "query"}"#,
        r#"{"type": "procedure"}"#,
        r#"{"type": "subscription", "message": {"schema": {"type": "union", "refs": []}}}"#,
        r#"{"type": "permission-set", "permissions": []}"#,
    ] {
        loads(&with_main(def));
        let text = with_defs(&format!(r#"{{"other": {def}}}"#));
        document_breaks(&text, Rule::PrimaryOutsideMain, "$.defs.other.type");
    }
}

#[test]
fn the_name_of_a_definition_is_not_empty_and_has_no_hash_or_dot() {
    for (name, path) in [("", r#"$.defs[""]"#), ("a#b", r##"$.defs["a#b"]"##), ("a.b", r#"$.defs["a.b"]"#)] {
        let text = with_defs(&format!(r#"{{"{name}": {{"type": "token"}}}}"#));
        document_breaks(&text, Rule::DefName, path);
    }
}
