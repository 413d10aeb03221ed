use super::*;

fn set(part: &str) -> String {
    format!(r#"{{"type": "permission-set", "permissions": [], {part}}}"#)
}

fn with_permission(permission: &str) -> String {
    format!(r#"{{"type": "permission-set", "permissions": [{permission}]}}"#)
}

#[test]
fn translations_are_keyed_by_language() {
    main_breaks(&set(r#""title:lang": {"german": "x"}"#), Rule::LanguageTag, r#"["title:lang"].german"#);
    main_breaks(&set(r#""detail:lang": {"": "x"}"#), Rule::LanguageTag, r#"["detail:lang"][""]"#);
    main_breaks(&set(r#""title:lang": {"de": 1}"#), Rule::WrongType, r#"["title:lang"].de"#);
    main_breaks(&set(r#""title:lang": []"#), Rule::WrongType, r#"["title:lang"]"#);
    main_breaks(&set(r#""title": 1"#), Rule::WrongType, ".title");
}

#[test]
fn a_set_has_permissions() {
    main_breaks(r#"{"type": "permission-set"}"#, Rule::MissingKey, "");
    main_breaks(r#"{"type": "permission-set", "permissions": {}}"#, Rule::WrongType, ".permissions");
    main_breaks(&with_permission("\"repo\""), Rule::NotAnObject, ".permissions[0]");
    main_breaks(&with_permission(r#"{"resource": "repo"}"#), Rule::TypeMissing, ".permissions[0]");
    main_breaks(
        &with_permission(r#"{"type": "object", "resource": "repo"}"#),
        Rule::TypeNotAllowed,
        ".permissions[0].type",
    );
}

#[test]
fn a_permission_has_a_resource() {
    main_breaks(&with_permission(r#"{"type": "permission"}"#), Rule::PermissionResource, ".permissions[0]");
    for resource in ["\"\"", "null", "[\"repo\"]"] {
        let permission = format!(r#"{{"type": "permission", "resource": {resource}}}"#);
        main_breaks(&with_permission(&permission), Rule::PermissionResource, ".permissions[0].resource");
    }
}

#[test]
fn the_fields_of_a_permission_are_scalars_or_lists_of_scalars() {
    for value in ["{}", "null", "1.5", "[[]]", "[\"a\", {}]"] {
        let permission = format!(r#"{{"type": "permission", "resource": "x", "f": {value}}}"#);
        main_breaks(&with_permission(&permission), Rule::PermissionField, ".permissions[0].f");
    }
}
