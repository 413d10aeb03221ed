//! Types that contain themselves.

use crate::support::{refused, round_trip};
use arobase::data::Data;
use lexgen_compile_tests::{
    fixtures::{array_of_itself, recursion::com::example::Tree},
    torture::com::recursive,
};

fn deep(levels: usize) -> String {
    let open = r#"{"name":"n","left":"#.repeat(levels);
    format!("{open}{{\"name\":\"n\"}}{}", "}".repeat(levels))
}

#[test]
fn a_tree_a_hundred_levels_deep_is_read_and_written() {
    let tree: Tree = round_trip(&deep(100));
    let mut depth = 0;
    let mut at = &tree;
    while let Some(next) = &at.left {
        (depth, at) = (depth + 1, next);
    }
    assert_eq!(depth, 100);
    assert_eq!(tree.clone(), tree);
}

#[test]
fn a_hostile_depth_is_an_error() {
    refused::<Tree>(&deep(100_000));
    refused::<Tree>(&r#"{"name":"n","left":"#.repeat(100_000));
    refused::<Tree>(&r#"{"name":"n","children":["#.repeat(100_000));
    let union = r#"{"name":"n","parent":{"$type":"com.example.tree","name":"n","parent":"#;
    refused::<Tree>(&union.repeat(50_000));
    let unknown = format!(r#"{{"name":"n","x":{}"#, "[".repeat(100_000));
    refused::<Tree>(&unknown);
}

#[test]
fn a_hostile_depth_in_dag_cbor_is_an_error() {
    let level = b"\xa2\x64left".to_vec();
    assert!(Tree::from_cbor(&level.repeat(100_000)).is_err());
    assert!(Tree::from_cbor(&b"\xa1\x68children\x81".repeat(100_000)).is_err());
}

#[test]
fn a_closed_union_of_itself_can_be_read() {
    use recursive::unions::{Choice, Unions};
    let end = r##"{"$type":"com.recursive.unions#end"}"##;
    let all: Unions = round_trip(&format!(
        r##"{{"choice":{{"$type":"com.recursive.unions#more","choice":{{"$type":"com.recursive.unions#most","main":{{"choice":{end}}},"more":{{"choice":{end}}}}}}}}}"##
    ));
    assert!(matches!(all.choice, Choice::More(_)));
    assert!(refused::<Unions>("{}").contains("choice"));
    assert!(Unions::from_json_lenient(b"{}").is_ok());
}

#[test]
fn required_fields_that_may_be_null_end() {
    round_trip::<recursive::fields::Fields>(
        r#"{"a":{"b":{"main":{"a":null,"again":{"a":null}},"inline":{"b":null}}}}"#,
    );
    round_trip::<recursive::unions::Listed>(r##"{"all":[{"$type":"com.recursive.unions#listed","all":[]}]}"##);
    round_trip::<recursive::unions::Nulled>(r##"{"one":{"$type":"com.recursive.unions#nulled","one":null}}"##);
}

#[test]
fn lexicons_that_refer_to_each_other_meet() {
    let left: recursive::left::Left = round_trip(r#"{"other":{"other":{"other":{}}}}"#);
    assert!(left.other.is_some());
}

#[test]
fn lists_of_themselves_stay_untyped_and_are_checked() {
    type Nested = array_of_itself::com::example::Nested;
    round_trip::<Nested>(r#"{"lists":[[],[[],[[]]]]}"#);
    assert!(refused::<Nested>(r#"{"lists":[[],[1]]}"#).contains("lists[1][0]"));
    round_trip::<recursive::lists::Lists>(r#"{"ring":[[[[],[[]]]]]}"#);
}
