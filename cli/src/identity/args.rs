//! The command line of `arobase identity`.

use std::{net::SocketAddr, path::PathBuf};

use arobase::{
    crypto::{Curve, PublicKey},
    syntax::{AtIdentifier, Did},
};

use crate::{
    args::{self, Given, Group, Spec, text},
    source::Source,
};

const HELP: &str = "\
Looks into identities, and makes keys.

Usage: arobase identity <command> [options]

Commands:
  resolve HANDLE|DID Say who that is: DID, handle and whether it holds, signing key, PDS, all keys and services
    --development    let localhost, .test, plain http and addresses that are not public pass
  plc log DID|FILE   Check the whole history of a did:plc, from its directory or a file (the answer of /log/audit),
                     and print it
  key generate       Make a key and print its did:key
    --curve CURVE    k256 (default) or p256
    --out FILE       write the private key, as hex, to a new file that only its owner may read
    --print-secret   print the private key
  key show FILE|DID:KEY
                     Say what a key is: a did:key, or a file with a private key, of which nothing private is printed
    --curve CURVE    the curve of the private key, where the file does not say

Options for resolve and plc log:
  --plc URL          ask this PLC directory, not https://plc.directory
  --dns IP:PORT      ask this name server, not those of the system

Options:
  --json             Print results and errors as JSON
  -h, --help         Print this text

FILE may be `-`, standard input, for plc log and key show.
Exit code: 0 if all is well; 1 if the identity does not exist, its handle does not hold (where the handle was asked
for), or its history or a key is not to be believed; 2 if the command line is wrong, a file cannot be read or written,
or nobody could say.
";

/// The group of commands.
pub(crate) static GROUP: Group = Group {
    name: "identity",
    help: HELP,
    commands: &[
        Spec { name: "resolve", flags: &["development"], options: &["plc", "dns"] },
        Spec { name: "plc log", flags: &[], options: &["plc", "dns"] },
        Spec { name: "key generate", flags: &["print-secret"], options: &["curve", "out"] },
        Spec { name: "key show", flags: &[], options: &["curve"] },
    ],
    parse: |given| parse(given).map(args::Command::Identity),
};

/// A command of the group.
#[derive(Debug)]
pub(crate) enum Command {
    Resolve(Resolve),
    PlcLog(PlcLog),
    Generate(Generate),
    Show(Show),
}

/// Whom to ask.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) plc: Option<String>,
    pub(crate) dns: Option<SocketAddr>,
    pub(crate) development: bool,
}

#[derive(Debug)]
pub(crate) struct Resolve {
    pub(crate) who: AtIdentifier,
    pub(crate) network: Network,
}

#[derive(Debug)]
pub(crate) struct PlcLog {
    pub(crate) from: LogSource,
    pub(crate) network: Network,
}

/// Where a log comes from.
#[derive(Debug)]
pub(crate) enum LogSource {
    Directory(Did),
    File(Source),
}

#[derive(Debug)]
pub(crate) struct Generate {
    pub(crate) curve: Curve,
    pub(crate) out: Option<PathBuf>,
    pub(crate) print_secret: bool,
}

#[derive(Debug)]
pub(crate) enum Show {
    Public(PublicKey),
    File { file: Source, curve: Option<Curve> },
}

fn parse(given: &Given) -> Result<Command, String> {
    match given.command() {
        "resolve" => resolve(given).map(Command::Resolve),
        "plc log" => plc_log(given).map(Command::PlcLog),
        "key generate" => generate(given).map(Command::Generate),
        _ => show(given).map(Command::Show),
    }
}

fn resolve(given: &Given) -> Result<Resolve, String> {
    let [who] = given.values() else {
        return Err("`resolve` takes one handle or DID".to_owned());
    };
    let who = text(who)?;
    let who = who.parse().map_err(|error| format!("{who:?} is no handle and no DID: {error}"))?;
    Ok(Resolve { who, network: network(given)? })
}

fn network(given: &Given) -> Result<Network, String> {
    let development = given.flag("development");
    Ok(Network { plc: given.parsed("plc")?, dns: given.parsed("dns")?, development })
}

fn plc_log(given: &Given) -> Result<PlcLog, String> {
    let [from] = given.values() else {
        return Err("`plc log` takes one DID or file".to_owned());
    };
    let network = network(given)?;
    let from = match from.to_str().filter(|text| text.starts_with("did:")) {
        Some(did) => LogSource::Directory(did.parse().map_err(|error| format!("{did:?} is no DID: {error}"))?),
        None => LogSource::File(Source::from(from.clone())),
    };
    if matches!(from, LogSource::File(_)) && (network.plc.is_some() || network.dns.is_some()) {
        return Err("`--plc` and `--dns` go with a DID, not with a file".to_owned());
    }
    Ok(PlcLog { from, network })
}

fn generate(given: &Given) -> Result<Generate, String> {
    if !given.values().is_empty() {
        return Err("`key generate` takes nothing but options".to_owned());
    }
    let out = given.option_value("out").map(PathBuf::from);
    let print_secret = given.flag("print-secret");
    if out.is_none() && !print_secret {
        return Err(
            "`key generate` keeps the private key in a file, `--out`, or prints it, `--print-secret`".to_owned()
        );
    }
    Ok(Generate { curve: curve(given)?.unwrap_or(Curve::K256), out, print_secret })
}

fn show(given: &Given) -> Result<Show, String> {
    let [key] = given.values() else {
        return Err("`key show` takes one did:key or file".to_owned());
    };
    let curve = curve(given)?;
    let Some(text) = key.to_str().filter(|text| text.starts_with("did:key:")) else {
        return Ok(Show::File { file: Source::from(key.clone()), curve });
    };
    if curve.is_some() {
        return Err("`--curve` goes with a file, since a did:key says its curve".to_owned());
    }
    PublicKey::from_did_key(text).map(Show::Public).map_err(|error| format!("{text:?}: {error}"))
}

fn curve(given: &Given) -> Result<Option<Curve>, String> {
    match given.option_value("curve").map(|value| text(value)).transpose()? {
        None => Ok(None),
        Some("k256") => Ok(Some(Curve::K256)),
        Some("p256") => Ok(Some(Curve::P256)),
        Some(other) => Err(format!("the value of `--curve` is `k256` or `p256`, not {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        let arguments = ["arobase", "identity"].into_iter().chain(line.split_whitespace());
        match args::parse(arguments.map(OsString::from)).map_err(|failure| failure.to_string())?.command {
            args::Command::Identity(command) => Ok(command),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_resolved_is_a_handle_or_a_did() {
        for who in ["alice.example.com", "did:plc:44ybard66vv44zksje25o7dz", "did:key:z1"] {
            assert!(matches!(read(&format!("resolve {who}")), Ok(Command::Resolve(_))), "{who}");
        }
        for who in ["alice", "@alice.example.com", "did:", "10.0.0.1"] {
            assert!(read(&format!("resolve {who}")).unwrap_err().contains("is no handle and no DID"), "{who}");
        }
    }

    #[test]
    fn whom_to_ask_may_be_said() {
        let line = "resolve alice.test --plc http://localhost:2582 --dns 127.0.0.1:53 --development";
        let Command::Resolve(Resolve { network, .. }) = read(line).unwrap() else { panic!("another command") };
        assert_eq!(network.plc.as_deref(), Some("http://localhost:2582"));
        assert_eq!((network.dns, network.development), (Some(([127, 0, 0, 1], 53).into()), true));
        assert!(read("resolve alice.test --dns localhost").is_err());
    }

    #[test]
    fn a_log_is_that_of_a_did_or_a_file() {
        let from = |line: &str| match read(line) {
            Ok(Command::PlcLog(log)) => log.from,
            other => panic!("{other:?}"),
        };
        assert!(matches!(from("plc log did:plc:44ybard66vv44zksje25o7dz"), LogSource::Directory(_)));
        assert!(matches!(from("plc log log.json"), LogSource::File(Source::File(_))));
        assert!(matches!(from("plc log -"), LogSource::File(Source::Stdin)));
        assert!(read("plc log").is_err());
        assert!(read("plc log a.json b.json").is_err());
        assert!(read("plc log a.json --plc http://localhost").unwrap_err().contains("go with a DID"));
    }

    #[test]
    fn a_private_key_goes_somewhere() {
        assert!(read("key generate").unwrap_err().contains("--print-secret"));
        assert!(read("key generate --out a.key more").is_err());
        assert!(read("key generate --out a.key --curve ed25519").unwrap_err().contains("`k256` or `p256`"));
        let Ok(Command::Generate(generate)) = read("key generate --out a.key") else { panic!("another command") };
        assert_eq!((generate.curve, generate.print_secret), (Curve::K256, false));
    }

    #[test]
    fn a_key_that_is_shown_is_a_did_key_or_a_file() {
        let key = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
        assert!(matches!(read(&format!("key show {key}")), Ok(Command::Show(Show::Public(_)))));
        assert!(matches!(read("key show a.key"), Ok(Command::Show(Show::File { .. }))));
        assert!(read("key show did:key:zQ3").is_err());
        assert!(read(&format!("key show {key} --curve k256")).is_err());
        assert!(read("key show").is_err());
    }
}
