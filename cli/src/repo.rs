//! `arobase repo`: repositories as CAR files.

mod args;
mod diff;
mod export_records;
mod fault;
mod get;
mod inspect;
mod ls;
mod opened;
mod record;
mod rest;
mod revision;
mod signature;
mod stream;
mod target;
mod verify;

use crate::{failure::Failure, output::Out, progress::Show};

pub(crate) use args::{Command, GROUP};

/// Carries out a command.
///
/// # Errors
/// Why it could not be carried out to the end.
pub(crate) fn run(command: &Command, out: &mut Out, progress: Show) -> Result<u8, Failure> {
    match command {
        Command::Inspect { files } => inspect::run(files, out, progress),
        Command::Verify(verify) => verify::run(verify, out, progress),
        Command::Ls(ls) => ls::run(ls, out, progress),
        Command::Get(get) => get::run(get, out, progress),
        Command::ExportRecords(export) => export_records::run(export, out, progress),
        Command::Diff { old, new } => diff::run(old, new, out, progress),
    }
}
