//! What `--help` says.

use super::command::{self, Command};

const HEAD: &str = "\
A personal data server of the AT Protocol

Usage: arobase-pds [COMMAND] [OPTIONS]

Commands:
  serve                                     Be a server (what it does without a command)
  config check                              Print what holds and where it comes from, or all mistakes
  config keys                               Print all keys of the configuration
  restore FOLDER                            Make a data folder of a backup
      [--into FOLDER]
";

const TAIL: &str = "
WHO is a handle or a DID. The commands of accounts, repositories, blobs and backups work while the
server runs.

Options:
  --config FILE   The configuration [default: pds.toml, if it is there]
  --json          Print results as JSON
  -V, --version   Print the version
  -h, --help      Print this text

Exit codes: 0 well done, 1 it failed or something is not well, 2 wrong arguments or configuration.
";

/// All of it.
pub(crate) fn text() -> String {
    let commands: String = command::all().map(line).collect();
    [HEAD, &commands, TAIL].concat()
}

fn line(command: &'static Command) -> String {
    let values: String = command.values.iter().map(|value| format!(" {}", value.to_uppercase())).collect();
    let usage = format!("{}{values}", command.name);
    let mut line = format!("  {usage:<42}{}\n", command.help);
    let options = command.options.iter().map(|name| format!("[--{name} {}]", value_name(name)));
    let flags = command.flags.iter().map(|name| format!("[--{name}]"));
    let options: Vec<_> = options.chain(flags).collect();
    for some in options.chunks(3) {
        line += &format!("      {}\n", some.join(" "));
    }
    line
}

/// What stands for the value of an option.
fn value_name(option: &str) -> &'static str {
    match option {
        option if option.ends_with("-file") => "FILE",
        "email" => "ADDRESS",
        "did" => "DID",
        "recovery-key" => "DID:KEY",
        _ => "TEXT",
    }
}
