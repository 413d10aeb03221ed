//! Two methods written for bare axum, with serde.

use axum::{Json, extract::Query, routing};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct ListNumbers {
    below: i64,
    #[serde(default = "limit")]
    limit: usize,
    #[serde(default)]
    even: bool,
    cursor: Option<String>,
    tags: Option<String>,
}

fn limit() -> usize {
    50
}

#[derive(Serialize)]
struct Numbers {
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    numbers: Vec<i64>,
}

#[derive(Deserialize)]
struct Greet {
    name: String,
}

#[derive(Serialize)]
struct Greeting {
    greeting: String,
}

/// The methods of the benchmarks without a lexicon.
pub(crate) fn router() -> axum::Router {
    axum::Router::new()
        .route("/xrpc/com.example.interop.listNumbers", routing::get(list_numbers))
        .route("/xrpc/com.example.interop.greet", routing::post(greet))
}

async fn list_numbers(Query(query): Query<ListNumbers>) -> Json<Numbers> {
    let from = query.cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let wanted = |n: &i64| !query.even || n % 2 == 0;
    let numbers: Vec<_> = (from..query.below).filter(wanted).take(query.limit).collect();
    let next = numbers.last().map_or(query.below, |last| last + 1);
    let cursor = (next < query.below).then(|| next.to_string());
    Json(Numbers { tags: query.tags.map(|tag| vec![tag]), cursor, numbers })
}

async fn greet(Json(input): Json<Greet>) -> Json<Greeting> {
    Json(Greeting { greeting: format!("Hello, {}!", input.name) })
}
