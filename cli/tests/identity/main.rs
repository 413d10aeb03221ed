//! The command `arobase identity`, as people run it.

mod hostile;
mod key;
mod plc_log;
mod resolve;
#[allow(dead_code, reason = "the tests of repositories use all of it")]
#[path = "../repo/run.rs"]
mod run;
mod sample;
mod servers;
