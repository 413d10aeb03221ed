//! What all commands have in common.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use crate::{run::Dir, sample::Sample};

#[test]
fn help_and_version_are_printed() {
    let dir = Dir::new();
    assert!(dir.run("--help", b"").ok().contains("arobase <group> <command>"));
    assert!(dir.run("repo --help", b"").ok().contains("inspect FILE..."));
    assert_eq!(dir.run("--version", b"").ok(), concat!("arobase ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_wrong_command_line_is_code_2_and_one_line() {
    let dir = Dir::new();
    assert_eq!(dir.run("", b"").failed(2), "arobase: no command was given (try `arobase --help`)");
    let error = dir.run("--json repo ls", b"").json_error(2);
    assert_eq!((error["kind"].as_str(), error["file"].as_str()), (Some("usage"), None));
    assert_eq!(error["message"], "`ls` takes a file and perhaps a collection");
}

/// Commands with one file, of which the name is `FILE`.
const COMMANDS: [&str; 6] =
    ["inspect FILE", "verify FILE", "ls FILE", "get FILE com.example.note/a", "export-records FILE", "diff FILE FILE"];

#[test]
fn a_file_that_is_not_there_is_code_2() {
    let dir = Dir::new();
    for command in COMMANDS {
        let ran = dir.repo(&command.replace("FILE", "none.car"));
        assert_eq!(ran.failed(2), "arobase: none.car: no such file or directory", "{command}");
        let error = dir.repo(&(command.replace("FILE", "none.car") + " --json")).json_error(2);
        assert_eq!((error["kind"].as_str(), error["file"].as_str()), (Some("io"), Some("none.car")), "{command}");
    }
}

#[test]
fn a_directory_is_no_file() {
    let dir = Dir::new();
    std::fs::create_dir(dir.path().join("some.car")).unwrap();
    for command in COMMANDS {
        let ran = dir.repo(&command.replace("FILE", "some.car"));
        assert_eq!(ran.failed(2), "arobase: some.car: is a directory", "{command}");
    }
}

#[test]
fn what_reads_here_and_there_does_not_take_standard_input() {
    let dir = Dir::new();
    let car = Sample::new(3).car();
    for command in ["inspect -", "get - com.example.note/a", "diff - -", "ls - --reverse"] {
        let ran = dir.run(&format!("repo {command}"), &car);
        assert!(ran.failed(2).contains("give it the name of one, not `-`"), "{command}: {ran:?}");
    }
}

#[test]
fn progress_is_shown_when_it_is_wanted() {
    let dir = Dir::new().with("a.car", Sample::new(3).car());
    for (command, what) in [("verify a.car", "verifying"), ("ls a.car", "reading"), ("inspect a.car", "surveying")] {
        let ran = dir.repo(&format!("{command} --progress"));
        assert_eq!(ran.code, 0);
        let last = ran.err.lines().last().unwrap();
        assert!(last.starts_with(&format!("{what}: ")) && last.ends_with(" MB/s"), "{command}: {last}");
        assert!(ran.err.contains(": 100 %, "), "{command}: {ran:?}");
        assert_eq!(dir.repo(command).err, "", "{command}");
    }
    let ran = dir.run("repo verify - --progress", &Sample::new(3).car());
    assert!(ran.err.starts_with("verifying: 0.0 MB, "), "{ran:?}");
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let dir = Dir::new().with("a.car", Sample::new(2000).car());
    let mut command = Command::new(env!("CARGO_BIN_EXE_arobase"));
    command.args(["repo", "export-records", "a.car"]).current_dir(dir.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_like_standard_input() {
    let dir = Dir::new().with("a.car", Sample::new(30).car());
    for command in ["verify", "ls", "export-records"] {
        let script = format!("cat a.car | \"$0\" repo {command} /dev/stdin");
        let mut shell = Command::new("sh");
        let output =
            shell.args(["-c", &script, env!("CARGO_BIN_EXE_arobase")]).current_dir(dir.path()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{command}");
    }
}

#[test]
fn names_and_keys_do_not_reach_the_terminal_raw() {
    let dir = Dir::new();
    let ran = dir.repo("ls a\u{1b}[31m.car");
    assert_eq!(ran.failed(2), "arobase: a\\u{1b}[31m.car: no such file or directory");
}
