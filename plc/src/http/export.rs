//! All operations, page by page.

use arobase_runtime::syntax::Datetime;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};

use super::{
    answer::{Failure, LINES, typed},
    shown,
    told::{audited, sequenced},
};
use crate::{Directory, directory::PAGE};

/// The parameters of a request.
pub(super) type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Where a page begins.
enum After {
    /// Behind a number.
    Seq(u64),
    /// Behind a time in milliseconds since the start of 1970, or at the first operation.
    Time(Option<i64>),
}

pub(super) async fn export(State(directory): State<Directory>, parameters: Parameters) -> Result<Response, Failure> {
    let count = count(get(&parameters, "count")?)?;
    let lines: Vec<_> = match after(get(&parameters, "after")?)? {
        After::Seq(seq) => page(directory.export(seq, count).await)?.iter().map(sequenced).collect(),
        After::Time(time) => page(directory.later(time, count).await)?.iter().map(audited).collect(),
    };
    Ok(typed(LINES, lines.join("\n")))
}

fn page<T>(page: Result<T, crate::DirectoryError>) -> Result<T, Failure> {
    page.map_err(|error| Failure::from(&error))
}

/// A parameter; none if it is empty.
pub(super) fn get<'a>(parameters: &'a Parameters, name: &str) -> Result<Option<&'a str>, Failure> {
    let Ok(Query(parameters)) = parameters else {
        return Err(Failure::invalid("the query of the address is no text"));
    };
    let value = parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    Ok(value.filter(|value| !value.is_empty()))
}

fn count(text: Option<&str>) -> Result<usize, Failure> {
    let Some(text) = text else { return Ok(PAGE) };
    let count = text.parse().ok().filter(|count| *count > 0);
    count.map(|count: usize| count.min(PAGE)).ok_or_else(|| Failure::invalid("Invalid count parameter"))
}

fn after(text: Option<&str>) -> Result<After, Failure> {
    let Some(text) = text else { return Ok(After::Time(None)) };
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Behind a number that does not even fit comes nothing.
        return Ok(After::Seq(text.parse().unwrap_or(u64::MAX)));
    }
    let millis =
        text.parse::<Datetime>().ok().and_then(|time| time.unix_micros()).map(|micros| micros.div_euclid(1000));
    let invalid = || Failure::invalid(format!("Invalid after parameter: {}", shown(text)));
    millis.map(|millis| After::Time(Some(millis))).ok_or_else(invalid)
}
