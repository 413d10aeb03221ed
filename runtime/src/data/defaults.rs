//! Declared defaults in untyped data (Lexicon, `default`).

use arobase_lexicon::{
    compile::Catalog,
    schema::{Field, Schema, Type, UnionSchema},
};

use super::{Limits, Map, Value};

/// The most steps into a value: one for each list and map, and one for each reference to a list.
const MAX_STEPS: usize = 2 * Limits::DEFAULT.max_depth;

/// Fills in what is absent and has a default, as servers do with requests and clients with answers
/// before they check them: at every depth that the schema describes, but not inside `unknown` and
/// not inside union members that the schema does not list. Null stays null.
///
/// Nothing is checked here: what does not fit the schema stays as it is, and so does what is nested
/// deeper than any reader accepts.
pub fn fill_defaults(catalog: &Catalog, schema: &Schema, value: &mut Value) {
    Filler { catalog }.schema(schema, value, 0);
}

/// The default of a type, also where a reference leads to it.
pub(crate) fn default_of(catalog: &Catalog, ty: &Type) -> Option<Value> {
    let ty = match ty {
        Type::Ref(reference) => &catalog.get(*reference)?.ty,
        ty => ty,
    };
    match ty {
        Type::Boolean(schema) => schema.default.map(Value::Bool),
        Type::Integer(schema) => schema.default.map(Value::Int),
        Type::String(schema) => schema.default.as_deref().map(Value::from),
        _ => None,
    }
}

struct Filler<'c> {
    catalog: &'c Catalog,
}

impl Filler<'_> {
    fn schema(&self, schema: &Schema, value: &mut Value, steps: usize) {
        match (&schema.ty, value) {
            (Type::Object(fields), Value::Map(map)) => self.object(fields, map, steps),
            (Type::Union(union), Value::Map(map)) => self.union(union, map, steps),
            (ty, value) => self.ty(ty, value, steps),
        }
    }

    fn ty(&self, ty: &Type, value: &mut Value, steps: usize) {
        if steps >= MAX_STEPS {
            return;
        }
        match (ty, value) {
            (Type::Ref(reference), value) => {
                if let Some(schema) = self.catalog.get(*reference) {
                    self.schema(schema, value, steps + 1);
                }
            }
            (Type::Array(schema), Value::List(items)) => {
                items.iter_mut().for_each(|item| self.ty(&schema.items, item, steps + 1));
            }
            _ => {}
        }
    }

    fn object(&self, fields: &[Field], map: &mut Map, steps: usize) {
        for field in fields {
            if let Some(value) = map.get_mut(&field.key) {
                self.ty(&field.ty, value, steps);
            } else if let Some(default) = default_of(self.catalog, &field.ty) {
                map.insert((*field.key).to_owned(), default);
            }
        }
    }

    fn union(&self, union: &UnionSchema, map: &mut Map, steps: usize) {
        let Some(name) = map.get("$type").and_then(Value::as_str) else { return };
        let member = union.members.iter().find(|member| self.catalog.name(**member) == name);
        if let Some(schema) = member.and_then(|member| self.catalog.get(*member)) {
            self.object(schema.fields(), map, steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use arobase_lexicon::document::Document;

    use super::*;

    const LEXICON: &str = r##"{ "lexicon": 1, "id": "com.example.thing", "defs": {
        "main": { "type": "object", "required": ["size"], "nullable": ["note"], "properties": {
            "size": { "type": "integer", "default": 3 },
            "note": { "type": "string", "default": "none" },
            "shown": { "type": "boolean", "default": true },
            "colour": { "type": "ref", "ref": "#colour" },
            "inside": { "type": "ref", "ref": "com.example.thing" },
            "list": { "type": "array", "items": { "type": "ref", "ref": "com.example.thing" } },
            "either": { "type": "union", "refs": ["#leaf"] },
            "free": { "type": "unknown" }
        } },
        "colour": { "type": "string", "default": "red" },
        "leaf": { "type": "object", "properties": { "count": { "type": "integer", "default": 1 } } }
    } }"##;

    fn filled(json: &str) -> Value {
        let mut catalog = Catalog::new();
        catalog.add(&Document::parse(LEXICON).unwrap());
        let mut value = Value::from_json(json.as_bytes()).unwrap();
        fill_defaults(&catalog, catalog.find("com.example.thing").unwrap(), &mut value);
        value
    }

    fn json(text: &str) -> Value {
        Value::from_json(text.as_bytes()).unwrap()
    }

    #[test]
    fn absent_fields_take_their_defaults_required_or_not() {
        let expected = json(r#"{ "size": 3, "note": "none", "shown": true, "colour": "red" }"#);
        assert_eq!(filled("{}"), expected);
    }

    #[test]
    fn what_is_there_stays_and_so_does_null() {
        let given = r#"{ "size": 9, "note": null, "shown": false, "colour": null }"#;
        assert_eq!(filled(given), json(given));
    }

    #[test]
    fn defaults_are_filled_in_at_every_depth() {
        let all = r#""size": 3, "note": "none", "shown": true, "colour": "red""#;
        let expected = format!(r#"{{ {all}, "inside": {{ {all} }}, "list": [{{ {all} }}, 5] }}"#);
        assert_eq!(filled(r#"{ "inside": {}, "list": [{}, 5] }"#), json(&expected));
    }

    #[test]
    fn only_union_members_that_the_schema_lists_are_filled() {
        let known = filled(r#"{ "either": { "$type": "com.example.thing#leaf" } }"#);
        assert_eq!(known.get("either").unwrap().get("count"), Some(&Value::Int(1)));
        for other in [r#"{ "$type": "com.example.thing#other" }"#, r##"{ "$type": "#leaf" }"##, "{}"] {
            let unknown = filled(&format!(r#"{{ "either": {other} }}"#));
            assert_eq!(unknown.get("either"), Some(&json(other)));
        }
    }

    #[test]
    fn unknown_is_left_alone() {
        let free = r#"{ "$type": "com.example.thing" }"#;
        assert_eq!(filled(&format!(r#"{{ "free": {free} }}"#)).get("free"), Some(&json(free)));
    }

    #[test]
    fn a_value_of_another_kind_stays() {
        assert_eq!(filled("[1]"), json("[1]"));
        assert_eq!(filled(r#"{ "inside": 4 }"#).get("inside"), Some(&Value::Int(4)));
    }

    #[test]
    fn nesting_beyond_what_readers_take_does_not_exhaust_the_stack() {
        let mut catalog = Catalog::new();
        catalog.add(&Document::parse(LEXICON).unwrap());
        let wrap = |value| Value::Map([("inside", value)].into_iter().collect());
        let mut value = (0..2_000).fold(Value::Map(Map::new()), |value, _| wrap(value));
        fill_defaults(&catalog, catalog.find("com.example.thing").unwrap(), &mut value);
        assert_eq!(value.get("size"), Some(&Value::Int(3)));
    }
}
