//! The command `arobase`: looks into what the AT Protocol is made of. So far repositories and identities.

mod args;
mod failure;
mod identity;
mod output;
mod progress;
mod repo;
mod source;
mod units;

use std::process::ExitCode;

use self::{args::Command, failure::Failure, output::Out};

fn main() -> ExitCode {
    ExitCode::from(run())
}

fn run() -> u8 {
    let args = match args::parse(std::env::args_os()) {
        Ok(args) => args,
        // Wrong as it is, it says in which form the error is wanted.
        Err(failure) => return failure.report(std::env::args_os().any(|argument| argument == "--json")),
    };
    let mut out = Out::new(args.json);
    let done = match &args.command {
        Command::Help(text) => out.text(text).map(|()| failure::SUCCESS),
        Command::Version => out.text(concat!("arobase ", env!("CARGO_PKG_VERSION"), "\n")).map(|()| failure::SUCCESS),
        Command::Identity(command) => identity::run(command, &mut out),
        Command::Repo(command) => repo::run(command, &mut out, args.progress),
    };
    let code = done.unwrap_or_else(|failure: Failure| {
        // What was found before it comes first.
        let _ = out.flush();
        failure.report(args.json)
    });
    out.finish(code)
}
