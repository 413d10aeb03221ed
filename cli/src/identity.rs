//! `arobase identity`: DIDs, handles and keys.

mod args;
mod document;
mod history;
mod key;
mod network;
mod plc_log;
mod resolve;
mod secret;
mod text;

use crate::{failure::Failure, output::Out};

pub(crate) use args::{Command, GROUP};

/// Carries out a command.
///
/// # Errors
/// Why it could not be carried out to the end.
pub(crate) fn run(command: &Command, out: &mut Out) -> Result<u8, Failure> {
    match command {
        Command::Resolve(resolve) => resolve::run(resolve, out),
        Command::PlcLog(log) => plc_log::run(log, out),
        Command::Generate(generate) => key::generate(generate, out),
        Command::Show(show) => key::show(show, out),
    }
}
