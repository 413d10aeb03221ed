//! The command `lexgen`: checks, compares, copies and generates from lexicons.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
