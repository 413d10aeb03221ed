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
use crate::{Directory, DirectoryError, directory::PAGE, store::Record};

/// The most bytes of a page of several operations. A thousand of the usual ones have a quarter of that, but there may
/// be others, and many may ask and read slowly.
const MOST: usize = 4 << 20;

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
    let lines = match after(get(&parameters, "after")?)? {
        After::Seq(seq) => page(directory.export(seq, count).await, sequenced)?,
        After::Time(time) => page(directory.later(time, count).await, audited)?,
    };
    Ok(typed(LINES, lines))
}

/// The operations, a line each, as many as there is room for: whoever asks goes on behind the last.
fn page(records: Result<Vec<Record>, DirectoryError>, told: fn(&Record) -> String) -> Result<String, Failure> {
    let mut lines = String::new();
    for record in records.map_err(|error| Failure::from(&error))? {
        let line = told(&record);
        if !lines.is_empty() {
            if lines.len() + line.len() >= MOST {
                break;
            }
            lines.push('\n');
        }
        lines.push_str(&line);
    }
    Ok(lines)
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
