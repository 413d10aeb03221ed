//! The command line of `arobase repo`.

use std::path::PathBuf;

use arobase::{
    crypto::PublicKey,
    syntax::{Did, Nsid},
};

use crate::{
    args::{self, Given, Group, Spec, text},
    source::Source,
};

use super::target::Target;

const HELP: &str = "\
Looks into CAR files of repositories.

Usage: arobase repo <command> FILE... [options]

Commands:
  inspect FILE...    Say what is in files: commit, tree, collections, what is missing
  verify FILE        Check blocks, commit, tree, records and, with --key, the signature;
                     warn of records of more than 1000000 bytes and of revisions in the future
    --key KEY          the commit must be signed by this key, a did:key
    --did DID          the repository must belong to this account
  ls FILE [COLLECTION]
                     List the paths of records, in order
    --reverse          from the last to the first
    --limit N          N at most
    --long             with CID and size
  get FILE PATH...   Print records as JSON; PATH is collection/rkey or an AT-URI
    --cbor             their bytes instead, DAG-CBOR
    --cid              their CIDs instead
  export-records FILE
                     Print records as lines of JSON: uri, cid, value
    --collection C     those of one collection only
    --out DIR          write files DIR/collection/rkey.json instead
    --force            also over files that are there
  diff OLD NEW       Say which records were created, updated and deleted between two files

Options:
  --json             Print results and errors as JSON
  --progress         Show progress even if standard error is no terminal
  -h, --help         Print this text

Results are text; with --json one object, and for inspect, ls and export-records one in each line.
FILE may be `-`, standard input, for verify, ls and export-records.
Exit code: 0 if all is well; 1 if a file is faulty, a record is not there or two files differ;
2 if the command line is wrong or a file cannot be read (for diff: also if it is faulty).
";

/// The group of commands.
pub(crate) static GROUP: Group = Group {
    name: "repo",
    help: HELP,
    commands: &[
        Spec { name: "inspect", flags: &[], options: &[] },
        Spec { name: "verify", flags: &[], options: &["key", "did"] },
        Spec { name: "ls", flags: &["reverse", "long"], options: &["limit"] },
        Spec { name: "get", flags: &["cbor", "cid"], options: &[] },
        Spec { name: "export-records", flags: &["force"], options: &["collection", "out"] },
        Spec { name: "diff", flags: &[], options: &[] },
    ],
    parse: |given| parse(given).map(args::Command::Repo),
};

/// A command of the group.
#[derive(Debug)]
pub(crate) enum Command {
    Inspect { files: Vec<Source> },
    Verify(Verify),
    Ls(Ls),
    Get(Get),
    ExportRecords(ExportRecords),
    Diff { old: Source, new: Source },
}

#[derive(Debug)]
pub(crate) struct Verify {
    pub(crate) file: Source,
    pub(crate) key: Option<PublicKey>,
    pub(crate) did: Option<Did>,
}

#[derive(Debug)]
pub(crate) struct Ls {
    pub(crate) file: Source,
    pub(crate) collection: Option<Nsid>,
    pub(crate) reverse: bool,
    pub(crate) limit: Option<u64>,
    pub(crate) long: bool,
}

#[derive(Debug)]
pub(crate) struct Get {
    pub(crate) file: Source,
    pub(crate) targets: Vec<Target>,
    pub(crate) form: Form,
}

/// As what a record is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Cbor,
    Cid,
}

#[derive(Debug)]
pub(crate) struct ExportRecords {
    pub(crate) file: Source,
    pub(crate) collection: Option<Nsid>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) force: bool,
}

fn parse(given: &Given) -> Result<Command, String> {
    match given.command() {
        "inspect" => inspect(given),
        "verify" => verify(given).map(Command::Verify),
        "ls" => ls(given).map(Command::Ls),
        "get" => get(given).map(Command::Get),
        "export-records" => export_records(given).map(Command::ExportRecords),
        _ => diff(given),
    }
}

fn inspect(given: &Given) -> Result<Command, String> {
    match given.values() {
        [] => Err("`inspect` takes one file or more".to_owned()),
        files => Ok(Command::Inspect { files: files.iter().cloned().map(Source::from).collect() }),
    }
}

fn verify(given: &Given) -> Result<Verify, String> {
    let file = one_file(given)?;
    let key = match given.option_value("key") {
        Some(value) => Some(key(text(value)?)?),
        None => None,
    };
    Ok(Verify { file, key, did: given.parsed("did")? })
}

fn key(text: &str) -> Result<PublicKey, String> {
    PublicKey::from_did_key(text).map_err(|error| format!("the value of `--key`, {text:?}: {error}"))
}

fn ls(given: &Given) -> Result<Ls, String> {
    let (file, collection) = match given.values() {
        [file] => (file, None),
        [file, collection] => (file, Some(nsid(text(collection)?)?)),
        _ => return Err("`ls` takes a file and perhaps a collection".to_owned()),
    };
    let file = Source::from(file.clone());
    let reverse = given.flag("reverse");
    if reverse && file == Source::Stdin {
        return Err("`ls --reverse` reads here and there in the file: give it the name of one, not `-`".to_owned());
    }
    Ok(Ls { file, collection, reverse, limit: given.parsed("limit")?, long: given.flag("long") })
}

fn nsid(text: &str) -> Result<Nsid, String> {
    text.parse().map_err(|error| format!("{text:?} is no collection: {error}"))
}

fn get(given: &Given) -> Result<Get, String> {
    let [file, paths @ ..] = given.values() else {
        return Err("`get` takes a file and paths of records".to_owned());
    };
    if paths.is_empty() {
        return Err("`get` takes paths of records behind the file".to_owned());
    }
    let targets = paths.iter().map(|path| text(path)?.parse()).collect::<Result<_, _>>()?;
    Ok(Get { file: Source::from(file.clone()), targets, form: form(given)? })
}

fn form(given: &Given) -> Result<Form, String> {
    match (given.flag("cbor"), given.flag("cid"), given.json()) {
        (true, false, false) => Ok(Form::Cbor),
        (false, true, false) => Ok(Form::Cid),
        (false, false, _) => Ok(Form::Json),
        _ => Err("`get` prints one of `--json`, `--cbor` and `--cid`".to_owned()),
    }
}

fn export_records(given: &Given) -> Result<ExportRecords, String> {
    let file = one_file(given)?;
    let out = given.option_value("out").map(PathBuf::from);
    let force = given.flag("force");
    if force && out.is_none() {
        return Err("`--force` goes with `--out`".to_owned());
    }
    Ok(ExportRecords { file, collection: given.parsed("collection")?, out, force })
}

fn one_file(given: &Given) -> Result<Source, String> {
    match given.values() {
        [file] => Ok(Source::from(file.clone())),
        _ => Err(format!("`{}` takes one file", given.command())),
    }
}

fn diff(given: &Given) -> Result<Command, String> {
    match given.values() {
        [old, new] => Ok(Command::Diff { old: Source::from(old.clone()), new: Source::from(new.clone()) }),
        _ => Err("`diff` takes two files, the old and the new".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        let arguments = ["arobase", "repo"].into_iter().chain(line.split_whitespace());
        let args = args::parse(arguments.map(OsString::from)).map_err(|failure| failure.to_string())?;
        match args.command {
            args::Command::Repo(command) => Ok(command),
            other => panic!("{other:?}"),
        }
    }

    fn file(name: &str) -> Source {
        Source::File(name.into())
    }

    #[test]
    fn inspect_takes_any_number_of_files() {
        let Command::Inspect { files } = read("inspect a.car b.car").unwrap() else { panic!() };
        assert_eq!(files, [file("a.car"), file("b.car")]);
    }

    #[test]
    fn ls_takes_a_collection_and_how_to_list_it() {
        let Command::Ls(ls) = read("ls a.car com.example.note --reverse --limit 5 --long").unwrap() else { panic!() };
        assert_eq!(ls.file, file("a.car"));
        assert_eq!(ls.collection.as_ref().map(Nsid::as_str), Some("com.example.note"));
        assert_eq!((ls.reverse, ls.limit, ls.long), (true, Some(5), true));
        let Command::Ls(ls) = read("ls -").unwrap() else { panic!() };
        assert_eq!((ls.file, ls.collection, ls.reverse, ls.limit, ls.long), (Source::Stdin, None, false, None, false));
    }

    #[test]
    fn get_prints_in_one_form() {
        for (flags, form) in [("", Form::Json), ("--json", Form::Json), ("--cbor", Form::Cbor), ("--cid", Form::Cid)] {
            let Command::Get(get) = read(&format!("get a.car com.example.note/a {flags}")).unwrap() else { panic!() };
            assert_eq!((get.form, get.targets.len()), (form, 1));
        }
    }

    #[test]
    fn export_records_goes_to_a_directory_only_if_one_is_named() {
        let line = "export-records a.car --collection com.example.note --out dir --force";
        let Command::ExportRecords(export) = read(line).unwrap() else { panic!() };
        assert_eq!((export.out, export.force), (Some("dir".into()), true));
        assert_eq!(export.collection.as_ref().map(Nsid::as_str), Some("com.example.note"));
        let Command::ExportRecords(export) = read("export-records a.car").unwrap() else { panic!() };
        assert_eq!((export.out, export.force, export.collection), (None, false, None));
    }

    #[test]
    fn diff_takes_two_files() {
        let Command::Diff { old, new } = read("diff a.car b.car").unwrap() else { panic!() };
        assert_eq!((old, new), (file("a.car"), file("b.car")));
    }

    #[test]
    fn verify_takes_a_did() {
        let Command::Verify(verify) = read("verify a.car --did did:web:example.com").unwrap() else { panic!() };
        assert_eq!(verify.did.as_ref().map(Did::as_str), Some("did:web:example.com"));
        assert!(verify.key.is_none());
    }

    #[test]
    fn wrong_arguments_are_named() {
        let wrong = [
            ("inspect", "`inspect` takes one file or more"),
            ("verify", "`verify` takes one file"),
            ("verify a.car b.car", "`verify` takes one file"),
            ("ls", "`ls` takes a file and perhaps a collection"),
            ("ls a.car com.example.note b", "`ls` takes a file and perhaps a collection"),
            ("get", "`get` takes a file and paths of records"),
            ("get a.car", "`get` takes paths of records behind the file"),
            ("get a.car com.example.note/a --cbor --cid", "`get` prints one of `--json`, `--cbor` and `--cid`"),
            ("get a.car com.example.note/a --json --cid", "`get` prints one of `--json`, `--cbor` and `--cid`"),
            ("export-records a.car --force", "`--force` goes with `--out`"),
            ("diff a.car", "`diff` takes two files, the old and the new"),
        ];
        for (line, message) in wrong {
            assert_eq!(read(line).unwrap_err(), message, "{line}");
        }
    }

    #[test]
    fn wrong_values_are_shown() {
        let wrong = [
            ("ls a.car note", "\"note\" is no collection: "),
            ("ls a.car --limit x", "the value of `--limit`: "),
            ("ls a.car --limit -1", "the value of `--limit`: "),
            ("ls - --reverse", "`ls --reverse` reads here and there in the file"),
            ("get a.car note", "\"note\" is no path of a record: "),
            ("verify a.car --key zzz", "the value of `--key`, \"zzz\": "),
            ("verify a.car --did alice.example.com", "the value of `--did`: "),
            ("export-records a.car --collection x", "the value of `--collection`: "),
        ];
        for (line, beginning) in wrong {
            let message = read(line).unwrap_err();
            assert!(message.starts_with(beginning), "{line}: {message}");
        }
    }
}
