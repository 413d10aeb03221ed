//! Servers on this machine that answer as a test says, and lie if it likes.

mod authority;
mod dns_server;
mod names;
mod script;
mod web_server;

pub(crate) use authority::Authority;
pub(crate) use dns_server::{DnsServer, Question, Reply, record, txt};
pub(crate) use names::{Names, Split};
pub(crate) use script::{Answer, Asked};
pub(crate) use web_server::WebServer;
