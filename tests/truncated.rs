//! Shortening of typed data, which is the same as that of untyped data.
#![cfg(feature = "app-bsky")]

use arobase::{app::bsky::feed::Post, data::Data, syntax::Datetime};

fn post(text: &str) -> Post {
    let created_at: Datetime = "2026-01-02T03:04:05.678Z".parse().unwrap();
    Post::new(text, created_at)
}

#[test]
fn a_text_that_is_too_long_is_shortened() {
    let long = post(&"ü".repeat(301));
    assert!(long.validate().is_err());
    let short = long.truncated().unwrap();
    assert_eq!(short.text, format!("{}…", "ü".repeat(299)));
    assert!(short.validate().is_ok());
}

#[test]
fn a_text_that_fits_stays() {
    let post = post(&"ü".repeat(300));
    assert_eq!(post.truncated().unwrap(), post);
}

#[test]
fn other_faults_stay_faults() {
    let long = post("hello").tags(vec!["x".to_owned(); 9]);
    assert!(long.truncated().unwrap_err().to_string().starts_with("$.tags: "));
}
