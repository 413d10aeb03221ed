use super::*;

fn query(part: &str) -> String {
    format!(r#"{{"type": "query", {part}}}"#)
}

#[test]
fn parameters_are_of_type_params() {
    main_breaks(
        &query(r#""parameters": {"type": "object", "properties": {}}"#),
        Rule::TypeNotAllowed,
        ".parameters.type",
    );
    main_breaks(&query(r#""parameters": {"properties": {}}"#), Rule::TypeMissing, ".parameters");
    main_breaks(&query(r#""parameters": []"#), Rule::NotAnObject, ".parameters");
}

#[test]
fn a_parameter_is_a_scalar_or_a_list_of_scalars() {
    let params = |field: &str| query(&format!(r#""parameters": {{"type": "params", "properties": {{"p": {field}}}}}"#));
    for name in ["object", "ref", "union", "unknown", "bytes", "cid-link", "blob", "token", "params"] {
        let field = format!(r#"{{"type": "{name}"}}"#);
        main_breaks(&params(&field), Rule::TypeNotAllowed, ".parameters.properties.p.type");
        let array = format!(r#"{{"type": "array", "items": {field}}}"#);
        main_breaks(&params(&array), Rule::TypeNotAllowed, ".parameters.properties.p.items.type");
    }
    let nested = r#"{"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}"#;
    main_breaks(&params(nested), Rule::TypeNotAllowed, ".parameters.properties.p.items.type");
}

#[test]
fn a_body_has_one_encoding() {
    for encoding in ["\"\"", "\"a/b, c/d\"", "\"text/plain;charset=utf-8\"", "\"text / plain\"", "1", "null"] {
        let def = query(&format!(r#""output": {{"encoding": {encoding}}}"#));
        main_breaks(&def, Rule::BodyEncoding, ".output.encoding");
    }
    main_breaks(&query(r#""output": {}"#), Rule::BodyEncoding, ".output");
    main_breaks(r#"{"type": "procedure", "input": {}}"#, Rule::BodyEncoding, ".input");
    main_breaks(&query(r#""output": "application/json""#), Rule::NotAnObject, ".output");
    for encoding in ["*/*", "image/*", "application/vnd.ipld.car"] {
        loads(&with_main(&query(&format!(r#""output": {{"encoding": "{encoding}"}}"#))));
    }
}

#[test]
fn the_schema_of_a_body_is_an_object_a_ref_or_a_union() {
    let output = |schema: &str| query(&format!(r#""output": {{"encoding": "application/json", "schema": {schema}}}"#));
    for name in
        ["array", "string", "integer", "boolean", "bytes", "cid-link", "blob", "unknown", "token", "params", "record"]
    {
        main_breaks(&output(&format!(r#"{{"type": "{name}"}}"#)), Rule::BodySchema, ".output.schema.type");
    }
    loads(&with_main(&output(r#"{"type": "union", "refs": []}"#)));
}

#[test]
fn a_subscription_has_a_message_that_is_a_union() {
    let message = |message: &str| format!(r#"{{"type": "subscription", "message": {message}}}"#);
    main_breaks(r#"{"type": "subscription"}"#, Rule::MessageSchema, "");
    main_breaks(&message("{}"), Rule::MessageSchema, ".message");
    main_breaks(
        &message(r#"{"schema": {"type": "object", "properties": {}}}"#),
        Rule::MessageSchema,
        ".message.schema.type",
    );
    main_breaks(
        &message(r#"{"schema": {"type": "ref", "ref": "a.b.c"}}"#),
        Rule::MessageSchema,
        ".message.schema.type",
    );
    main_breaks(&message("true"), Rule::NotAnObject, ".message");
}

#[test]
fn a_query_has_no_input() {
    main_breaks(&query(r#""input": {"encoding": "application/json"}"#), Rule::QueryInput, ".input");
}

#[test]
fn a_declared_error_has_a_name() {
    main_breaks(&query(r#""errors": [{"description": "x"}]"#), Rule::ErrorName, ".errors[0]");
    main_breaks(&query(r#""errors": [{"name": ""}]"#), Rule::ErrorName, ".errors[0].name");
    main_breaks(&query(r#""errors": [{"name": 404}]"#), Rule::ErrorName, ".errors[0].name");
    main_breaks(&query(r#""errors": ["NotFound"]"#), Rule::NotAnObject, ".errors[0]");
    main_breaks(&query(r#""errors": {}"#), Rule::WrongType, ".errors");
}

#[test]
fn the_name_of_an_error_has_no_white_space() {
    for name in ["Not Found", "NotFound ", r"Not\tFound", r"Not\u00a0Found"] {
        let def = query(&format!(r#""errors": [{{"name": "{name}"}}]"#));
        main_breaks(&def, Rule::ErrorNameSpace, ".errors[0].name");
    }
}

#[test]
fn a_method_declares_an_error_once() {
    let errors = r#""errors": [{"name": "A"}, {"name": "B"}, {"name": "A"}]"#;
    main_breaks(&query(errors), Rule::ErrorNameRepeated, ".errors[2].name");
    loads(&with_main(&query(r#""errors": [{"name": "A"}, {"name": "a"}]"#)));
}
