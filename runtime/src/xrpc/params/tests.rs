use arobase_lexicon::document::Document;
use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::__codegen::{self as rt, Data, Slot};

const LEXICON: &str = r#"{ "lexicon": 1, "id": "com.example.list", "defs": { "main": {
    "type": "query", "parameters": { "type": "params", "required": ["q"], "properties": {
        "q": { "type": "string", "maxLength": 20 },
        "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 50 },
        "sort": { "type": "string", "enum": ["new", "old"], "default": "new" },
        "deep": { "type": "boolean" },
        "author": { "type": "string", "format": "did" },
        "tags": { "type": "array", "maxLength": 3, "items": { "type": "string", "minLength": 2 } },
        "sizes": { "type": "array", "items": { "type": "integer" } },
        "flags": { "type": "array", "items": { "type": "boolean" } }
    } } } } }"#;

const FREE: &str = r#"{ "lexicon": 1, "id": "com.example.list", "defs": { "main": {
    "type": "query", "parameters": { "type": "params", "properties": {
        "b": { "type": "boolean" }, "i": { "type": "integer" }, "s": { "type": "string" }, "a b&=é": { "type": "string" },
        "bs": { "type": "array", "items": { "type": "boolean" } },
        "is": { "type": "array", "items": { "type": "integer" } },
        "ss": { "type": "array", "items": { "type": "string" } }
    } } } } }"#;

static LIST_SCHEMA: Schema = Schema {
    id: rt::name("com.example.list"),
    role: rt::Role::Params,
    ty: Type::Object(rt::Shared::Static(&[
        rt::required("q", rt::text()),
        rt::list!(optional, "tags", rt::text(), rt::lengths(0, 3)),
        rt::optional("limit", Type::Integer(rt::IntegerSchema { default: Some(50), ..rt::IntegerSchema::ANY })),
    ])),
};

#[derive(Clone)]
struct List {
    q: String,
    tags: Option<Vec<String>>,
    limit: Option<i64>,
}

rt::params! { List, LIST_SCHEMA, [0 q, 1 tags, 2 limit] }

struct Method(Catalog);

impl Method {
    fn new(lexicon: &str) -> Self {
        let mut catalog = Catalog::new();
        catalog.add(&Document::parse(lexicon).unwrap());
        Self(catalog)
    }

    fn schema(&self) -> &Schema {
        self.0.find("com.example.list#main/params").unwrap()
    }

    fn encode(&self, value: &Value) -> Result<String, Error> {
        encode(&self.0, self.schema(), View::Value(value))
    }

    fn decode_with(&self, query: &str, unknown: UnknownParams) -> Result<Value, Error> {
        decode(&self.0, self.schema(), query, unknown).map(Value::Map)
    }
}

/// Decodes by the lexicon above, with a `q` before the query.
fn read(query: &str) -> Result<Value, Error> {
    Method::new(LEXICON).decode_with(&format!("q=x&{query}"), UnknownParams::Ignore)
}

fn fault(query: &str) -> String {
    read(query).unwrap_err().to_string()
}

fn json(text: &str) -> Value {
    Value::from_json(text.as_bytes()).unwrap()
}

/// Encodes JSON by the lexicon above.
fn write(text: &str) -> Result<String, String> {
    Method::new(LEXICON).encode(&json(text)).map_err(|error| error.to_string())
}

#[test]
fn parameters_have_the_types_of_the_schema() {
    let query = "limit=10&deep=true&author=did:web:a.example&tags=aa&tags=bb&sizes=-3&flags=false&flags=true";
    let expected = r#"{ "q": "x", "limit": 10, "sort": "new", "deep": true, "author": "did:web:a.example",
        "tags": ["aa", "bb"], "sizes": [-3], "flags": [false, true] }"#;
    assert_eq!(read(query).unwrap(), json(expected));
}

#[test]
fn absent_parameters_take_their_defaults() {
    assert_eq!(read("").unwrap(), json(r#"{ "q": "x", "limit": 50, "sort": "new" }"#));
}

#[test]
fn a_required_parameter_must_be_there_and_have_a_value() {
    let method = Method::new(LEXICON);
    for query in ["", "limit=3", "q", "q=", "q=&q"] {
        let error = method.decode_with(query, UnknownParams::Ignore).unwrap_err();
        assert_eq!(error.to_string(), "$.q: required but missing", "{query}");
    }
}

#[test]
fn empty_values_count_as_not_given() {
    let all_empty = "limit=&sort=&deep&author=&tags=&tags&sizes=&flags=";
    assert_eq!(read(all_empty).unwrap(), read("").unwrap());
    assert_eq!(read("limit=&limit=7&limit").unwrap().get("limit"), Some(&Value::Int(7)));
    assert_eq!(read("tags=&tags=aa").unwrap().get("tags"), Some(&json(r#"["aa"]"#)));
}

#[test]
fn a_repeated_scalar_is_refused() {
    for (query, expected) in [
        ("q=y", "$.q: stands more than once, but takes one value"),
        ("limit=3&limit=3", "$.limit: stands more than once, but takes one value"),
        ("deep=true&deep=false", "$.deep: stands more than once, but takes one value"),
    ] {
        assert_eq!(fault(query), expected);
    }
}

#[test]
fn integers_are_digits_and_a_minus() {
    for (text, expected) in [
        ("0", 0),
        ("-0", 0),
        ("007", 7),
        ("-9223372036854775808", i64::MIN),
        ("9223372036854775807", i64::MAX),
        ("%31", 1),
    ] {
        let sizes = Value::List(vec![expected.into()]);
        assert_eq!(read(&format!("sizes={text}")).unwrap().get("sizes"), Some(&sizes), "{text}");
    }
    for text in [
        "1.0",
        "1e3",
        "+1",
        "%2B1",
        "1_000",
        "+3+",
        " 3",
        "3+",
        "-",
        "--1",
        "0x10",
        "%D9%A3",
        "abc",
        "1-",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    ] {
        assert!(fault(&format!("limit={text}")).starts_with("$.limit: "), "{text}");
        assert!(fault(&format!("sizes=1&sizes={text}")).starts_with("$.sizes[1]: "), "{text}");
    }
}

#[test]
fn booleans_are_true_and_false_and_nothing_else() {
    for text in ["1", "0", "yes", "True", "TRUE", "on", "true+", "null"] {
        assert_eq!(fault(&format!("deep={text}")), "$.deep: a boolean is `true` or `false`");
        assert_eq!(fault(&format!("flags={text}")), "$.flags[0]: a boolean is `true` or `false`");
    }
}

#[test]
fn constraints_are_checked_and_name_the_parameter() {
    for (query, expected) in [
        ("limit=101", "$.limit: 101 is more than 100"),
        ("limit=0", "$.limit: 0 is less than 1"),
        ("sort=top", r#"$.sort: "top" is none of the allowed values"#),
        ("tags=aa&tags=b", "$.tags[1]: shorter than 2 UTF-8 bytes (has 1)"),
        ("tags=aa&tags=aa&tags=aa&tags=aa", "$.tags: longer than 3 items (has 4)"),
    ] {
        assert_eq!(fault(query), expected);
    }
    assert!(fault("author=a.example").starts_with("$.author: "));
}

#[test]
fn text_is_unescaped_as_forms_are() {
    let method = Method::new(LEXICON);
    for (text, expected) in [
        ("a+b%20c", "a b c"),
        ("%C3%A9", "é"),
        ("%c3%a9%2B", "é+"),
        ("100%", "100%"),
        ("%zz%4", "%zz%4"),
        ("a=b", "a=b"),
        ("é", "é"),
        ("a;b", "a;b"),
        ("%00", "\0"),
    ] {
        let map = method.decode_with(&format!("&%71={text}&"), UnknownParams::Refuse).unwrap();
        assert_eq!(map.get("q"), Some(&expected.into()), "{text}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    assert_eq!(fault("author=%ff"), "$.author: the text is not UTF-8");
    assert_eq!(fault("other=%C3"), "$.other: the text is not UTF-8");
    assert_eq!(fault("%FF=1"), "$: the text is not UTF-8");
}

#[test]
fn unknown_parameters_are_ignored_or_refused() {
    let query = "other=1&tags[]=aa&tags[0]=aa&Limit=3&limit%20=3&$type=a&other=2";
    assert_eq!(read(query).unwrap(), read("").unwrap());
    let method = Method::new(LEXICON);
    let error = method.decode_with("q=x&Limit=3", UnknownParams::Refuse).unwrap_err();
    assert_eq!(error.to_string(), "$.Limit: the method has no such parameter");
    let error = method.decode_with(&format!("{}=3", "é".repeat(1_000)), UnknownParams::Refuse).unwrap_err();
    assert!(error.to_string().len() < 200, "errors do not repeat long names");
}

#[test]
fn a_query_has_a_size() {
    let long = "a".repeat(MAX_QUERY);
    assert!(matches!(read(&long).unwrap_err().kind(), ErrorKind::Limit(_)));
    assert!(read(&"&".repeat(MAX_PAIRS - 2)).is_ok());
    assert!(matches!(read(&"&".repeat(MAX_PAIRS - 1)).unwrap_err().kind(), ErrorKind::Limit(_)));
}

#[test]
fn declared_defaults_are_sent_where_nothing_is_set() {
    assert_eq!(write(r#"{ "q": "x" }"#).unwrap(), "q=x&sort=new&limit=50");
    assert_eq!(write(r#"{ "q": "x", "sort": "old", "limit": 1 }"#).unwrap(), "q=x&sort=old&limit=1");
}

#[test]
fn lists_are_repeated_and_empty_ones_left_out() {
    let given = r#"{ "q": "x", "sort": "new", "limit": 1, "tags": [], "sizes": [-1, 2], "flags": [true, false] }"#;
    assert_eq!(write(given).unwrap(), "q=x&sort=new&flags=true&flags=false&limit=1&sizes=-1&sizes=2");
}

#[test]
fn an_empty_text_is_sent_as_it_is() {
    assert_eq!(write(r#"{ "q": "" }"#).unwrap(), "q=&sort=new&limit=50");
}

#[test]
fn what_breaks_the_schema_is_not_sent() {
    for (given, expected) in [
        ("{}", "$.q: required but missing"),
        (r#"{ "q": null }"#, "$.q: null, but not nullable"),
        (r#"{ "q": 3 }"#, "$.q: expected a string, found an integer"),
        (r#"{ "q": "x", "limit": 101 }"#, "$.limit: 101 is more than 100"),
        (r#"{ "q": "x", "limit": "3" }"#, "$.limit: expected an integer, found a string"),
        (r#"{ "q": "x", "tags": "aa" }"#, "$.tags: expected an array, found a string"),
        (r#"{ "q": "x", "tags": ["aa", null] }"#, "$.tags[1]: expected a string, found null"),
        (r#"{ "q": "x", "Limit": 3 }"#, "$.Limit: the method has no such parameter"),
        ("[]", "$: parameters are a map"),
    ] {
        assert_eq!(write(given).unwrap_err(), expected);
    }
}

#[test]
fn a_request_struct_is_written_and_read() {
    let catalog = Catalog::new();
    let list = List { q: "a b".into(), tags: Some(vec!["c&d".into(), "e".into()]), limit: None };
    let query = encode(&catalog, List::SCHEMA, Slot::view(&list)).unwrap();
    assert_eq!(query, "q=a+b&tags=c%26d&tags=e&limit=50");
    let map = decode(&catalog, List::SCHEMA, &query, UnknownParams::Refuse).unwrap();
    assert_eq!(List::from_value(&Value::Map(map)).unwrap(), List { limit: Some(50), ..list });
}

#[test]
fn a_request_struct_that_breaks_its_schema_is_not_sent() {
    let tags = Some(vec![String::from("t"); 4]);
    let list = List { q: "x".into(), tags, limit: None };
    let error = encode(&Catalog::new(), List::SCHEMA, Slot::view(&list)).unwrap_err();
    assert_eq!(error.to_string(), "$.tags: longer than 3 items (has 4)");
}

/// Any parameters of the lexicon without constraints. An empty text or list cannot be sent.
fn any_params() -> impl Strategy<Value = Map> {
    let text = || ".{1,12}|[+%&=;# ]{1,6}";
    let scalars = (option::of(any::<bool>()), option::of(any::<i64>()), option::of(text()), option::of(text()));
    let lists = (vec(any::<bool>(), 0..4), vec(any::<i64>(), 0..4), vec(text(), 0..4));
    (scalars, lists).prop_map(|((b, i, s, odd), (bs, is, ss))| {
        let list = |items: Vec<Value>| (!items.is_empty()).then_some(Value::List(items));
        let lists = [
            ("bs", list(bs.into_iter().map(Value::Bool).collect())),
            ("is", list(is.into_iter().map(Value::Int).collect())),
            ("ss", list(ss.into_iter().map(Value::String).collect())),
        ];
        let scalars = [
            ("b", b.map(Value::Bool)),
            ("i", i.map(Value::Int)),
            ("s", s.map(Value::String)),
            ("a b&=é", odd.map(Value::String)),
        ];
        scalars.into_iter().chain(lists).filter_map(|(key, value)| Some((key, value?))).collect()
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(map in any_params()) {
        let method = Method::new(FREE);
        let value = Value::Map(map);
        let query = method.encode(&value).unwrap();
        prop_assert!(query.is_ascii());
        prop_assert_eq!(method.decode_with(&query, UnknownParams::Refuse).unwrap(), value);
    }

    #[test]
    fn what_was_read_is_written_and_read_again(
        query in vec("(b|i|s|bs|is|ss|q|limit|tags|x)(=(true|-?[0-9]{1,20}|%[0-9a-fA-F]{2}|.{0,3})){0,2}", 0..8)
    ) {
        for method in [Method::new(FREE), Method::new(LEXICON)] {
            if let Ok(value) = method.decode_with(&query.join("&"), UnknownParams::Ignore) {
                let again = method.decode_with(&method.encode(&value).unwrap(), UnknownParams::Refuse);
                prop_assert_eq!(again.unwrap(), value);
            }
        }
    }

    #[test]
    fn any_query_is_read_or_refused(query in any::<Vec<u8>>()) {
        let query = String::from_utf8_lossy(&query);
        let method = Method::new(FREE);
        if let Ok(value) = method.decode_with(&query, UnknownParams::Ignore) {
            prop_assert!(value.check().is_ok());
        }
    }
}
