use super::*;

#[test]
fn a_constraint_has_its_json_type() {
    for (field, path) in [
        (r#"{"type": "string", "maxLength": "5"}"#, ".maxLength"),
        (r#"{"type": "string", "maxLength": 5.0}"#, ".maxLength"),
        (r#"{"type": "string", "format": 1}"#, ".format"),
        (r#"{"type": "string", "enum": {}}"#, ".enum"),
        (r#"{"type": "string", "enum": ["a", 1]}"#, ".enum[1]"),
        (r#"{"type": "string", "knownValues": [null]}"#, ".knownValues[0]"),
        (r#"{"type": "string", "default": 1}"#, ".default"),
        (r#"{"type": "string", "const": true}"#, ".const"),
        (r#"{"type": "string", "description": 1}"#, ".description"),
        (r#"{"type": "integer", "minimum": 0.5}"#, ".minimum"),
        (r#"{"type": "integer", "default": "1"}"#, ".default"),
        (r#"{"type": "integer", "enum": [1, 2.0]}"#, ".enum[1]"),
        (r#"{"type": "boolean", "default": "true"}"#, ".default"),
        (r#"{"type": "bytes", "minLength": null}"#, ".minLength"),
        (r#"{"type": "blob", "accept": "image/png"}"#, ".accept"),
        (r#"{"type": "blob", "maxSize": "1MB"}"#, ".maxSize"),
        (r#"{"type": "array", "items": {"type": "integer"}, "minLength": []}"#, ".minLength"),
    ] {
        property_breaks(field, Rule::WrongType, path);
    }
}

#[test]
fn a_lower_bound_is_not_above_the_upper_one() {
    for (field, path) in [
        (r#"{"type": "string", "minLength": 3, "maxLength": 2}"#, ".minLength"),
        (r#"{"type": "string", "minGraphemes": 3, "maxGraphemes": 2}"#, ".minGraphemes"),
        (r#"{"type": "integer", "minimum": 0, "maximum": -1}"#, ".minimum"),
        (r#"{"type": "bytes", "minLength": 1, "maxLength": 0}"#, ".minLength"),
        (r#"{"type": "array", "items": {"type": "integer"}, "minLength": 3, "maxLength": 2}"#, ".minLength"),
    ] {
        property_breaks(field, Rule::BoundsCrossed, path);
    }
    loads(&with_property(r#"{"type": "integer", "minimum": -1, "maximum": -1}"#));
}

#[test]
fn lengths_are_not_negative() {
    for (kind, key) in [
        (r#""string""#, "minLength"),
        (r#""string""#, "maxLength"),
        (r#""string""#, "minGraphemes"),
        (r#""string""#, "maxGraphemes"),
        (r#""bytes""#, "minLength"),
        (r#""bytes""#, "maxLength"),
        (r#""array", "items": {"type": "integer"}"#, "minLength"),
        (r#""array", "items": {"type": "integer"}"#, "maxLength"),
    ] {
        let field = format!(r#"{{"type": {kind}, "{key}": -1}}"#);
        property_breaks(&field, Rule::LengthNegative, &format!(".{key}"));
    }
}

#[test]
fn a_blob_may_have_a_size() {
    property_breaks(r#"{"type": "blob", "maxSize": 0}"#, Rule::BlobMaxSize, ".maxSize");
    property_breaks(r#"{"type": "blob", "maxSize": -5}"#, Rule::BlobMaxSize, ".maxSize");
    loads(&with_property(r#"{"type": "blob", "maxSize": 1, "accept": []}"#));
}

#[test]
fn default_and_const_exclude_each_other() {
    for field in [
        r#"{"type": "boolean", "default": true, "const": true}"#,
        r#"{"type": "integer", "default": 1, "const": 1}"#,
        r#"{"type": "string", "default": "a", "const": "a"}"#,
    ] {
        property_breaks(field, Rule::DefaultAndConst, ".default");
    }
}

#[test]
fn the_format_is_known() {
    property_breaks(r#"{"type": "string", "format": "email"}"#, Rule::FormatUnknown, ".format");
    property_breaks(r#"{"type": "string", "format": "DID"}"#, Rule::FormatUnknown, ".format");
}

#[test]
fn an_enum_has_a_value() {
    property_breaks(r#"{"type": "string", "enum": []}"#, Rule::EnumEmpty, ".enum");
    property_breaks(r#"{"type": "integer", "enum": []}"#, Rule::EnumEmpty, ".enum");
    loads(&with_property(r#"{"type": "string", "knownValues": []}"#));
}

#[test]
fn values_satisfy_the_bounds() {
    for (field, path) in [
        (r#"{"type": "integer", "minimum": 1, "default": 0}"#, ".default"),
        (r#"{"type": "integer", "maximum": 1, "const": 2}"#, ".const"),
        (r#"{"type": "integer", "maximum": 1, "enum": [1, 2]}"#, ".enum[1]"),
        (r#"{"type": "string", "minLength": 2, "default": "a"}"#, ".default"),
        (r#"{"type": "string", "maxLength": 1, "const": "é"}"#, ".const"),
        (r#"{"type": "string", "maxLength": 1, "enum": ["a", "ab"]}"#, ".enum[1]"),
        (r#"{"type": "string", "minGraphemes": 2, "default": "é"}"#, ".default"),
        (r#"{"type": "string", "maxGraphemes": 1, "default": "ab"}"#, ".default"),
    ] {
        property_breaks(field, Rule::ValueConstraint, path);
    }
    loads(&with_property(r#"{"type": "string", "maxGraphemes": 1, "default": "👩‍👩‍👧"}"#));
}

#[test]
fn values_have_the_format() {
    for (field, path) in [
        (r#"{"type": "string", "format": "did", "default": "example.org"}"#, ".default"),
        (r#"{"type": "string", "format": "datetime", "const": "2020-01-01"}"#, ".const"),
        (r#"{"type": "string", "format": "nsid", "enum": ["a.b.c", "a.b"]}"#, ".enum[1]"),
    ] {
        property_breaks(field, Rule::ValueConstraint, path);
    }
    loads(&with_property(r#"{"type": "string", "format": "did", "knownValues": ["example.org"]}"#));
}

#[test]
fn default_and_const_are_among_the_enum() {
    for (field, path) in [
        (r#"{"type": "integer", "enum": [1, 2], "default": 3}"#, ".default"),
        (r#"{"type": "integer", "enum": [1, 2], "const": 3}"#, ".const"),
        (r#"{"type": "string", "enum": ["a"], "default": "b"}"#, ".default"),
        (r#"{"type": "string", "enum": ["a"], "const": "b"}"#, ".const"),
    ] {
        property_breaks(field, Rule::ValueConstraint, path);
    }
    loads(&with_property(r#"{"type": "string", "enum": ["a", "b"], "const": "a"}"#));
}
