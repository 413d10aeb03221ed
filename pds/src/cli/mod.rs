//! The command line.

mod args;
mod call;
mod command;
mod commands;
mod failure;
mod help;
mod log;
mod offline;
mod progress;
mod restore;
mod serve;
mod signals;
#[cfg(unix)]
mod socket;

use std::{
    ffi::OsString,
    io::{self, Write},
    path::Path,
};

use arobase_pds::Config;

use args::{Action, Args};
use failure::{FAILURE, Failure, SUCCESS};

/// Runs the program; its exit code.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> u8 {
    let args = match args::parse(arguments) {
        Ok(args) => args,
        Err(error) => return Failure::Usage(error).report(),
    };
    act(&args).unwrap_or_else(|failure| failure.report())
}

fn act(args: &Args) -> Result<u8, Failure> {
    match &args.action {
        Action::Say(text) => say(text).map(|()| SUCCESS),
        Action::Serve => serve::run(&load(args)?).map(|()| SUCCESS),
        Action::ConfigCheck => say(&load(args)?.to_string()).map(|()| SUCCESS),
        Action::ConfigKeys => say(&Config::reference()).map(|()| SUCCESS),
        Action::Restore(restore) => restore::run(&load(args)?, restore).map(|()| SUCCESS),
        Action::Command(command, call) => {
            let result = offline::ask(&load(args)?, call)?;
            let text = if args.json { format!("{result:#}\n") } else { (command.show)(&result) };
            say(&text)?;
            // What a command looked for and found not to be well is a failure of its own kind.
            Ok(if result.get("well").and_then(serde_json::Value::as_bool) == Some(false) { FAILURE } else { SUCCESS })
        }
    }
}

fn load(args: &Args) -> Result<Config, Failure> {
    Config::load(args.config.as_deref().map(Path::new)).map_err(|error| Failure::Config(error.to_string()))
}

/// Prints what was asked for.
fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Nobody reads on.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Tells whoever runs the program.
fn tell(text: &str) {
    // Where nobody listens, the exit code has to do.
    drop(writeln!(io::stderr(), "arobase-pds: {text}"));
}
