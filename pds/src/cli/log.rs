//! The log, on standard error.

use std::io::{self, IsTerminal};

use arobase_pds::config::Log;
use tracing_subscriber::EnvFilter;

/// From here on there is a log. The first one counts.
pub(crate) fn install(log: &Log) {
    // The configuration was checked; a filter that is none would still not be worth a server that does not start.
    let filter = log.level.parse().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // It fails only where there is one already.
    drop(match log.json {
        true => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        false => builder.with_ansi(io::stderr().is_terminal()).with_target(false).try_init(),
    });
}

/// Only what goes wrong, for commands that are not servers.
pub(crate) fn quiet() -> Log {
    Log { json: false, level: "warn".into() }
}
