use super::*;

#[test]
fn a_reference_has_the_form_of_one() {
    for target in ["", "#", "main", "a.b", "a.b.c#", "a.b.c#x#y", "#a.b", "##a", "a.b.c#d.e", " a.b.c", "at://a.b.c"] {
        let field = format!(r#"{{"type": "ref", "ref": "{target}"}}"#);
        property_breaks(&field, Rule::RefSyntax, ".ref");
        let union = format!(r#"{{"type": "union", "refs": ["a.b.c", "{target}"]}}"#);
        property_breaks(&union, Rule::RefSyntax, ".refs[1]");
    }
    property_breaks(r#"{"type": "ref"}"#, Rule::RefSyntax, "");
    property_breaks(r#"{"type": "ref", "ref": 1}"#, Rule::RefSyntax, ".ref");
    property_breaks(r#"{"type": "union", "refs": [null]}"#, Rule::RefSyntax, ".refs[0]");
}

#[test]
fn a_closed_union_has_members() {
    let union = r#"{"type": "union", "refs": [], "closed": true}"#;
    property_breaks(union, Rule::ClosedUnionEmpty, ".closed");
}
