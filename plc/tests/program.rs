//! The program, from the outside.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use arobase_runtime::{
    crypto::{Curve, Signer, SigningKey},
    identity::plc::{Content, Operation, PlcData},
};

/// The program while it runs.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(&["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("http://").expect("an address").to_owned();
        Self { child, address }
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
        write!(stream, "{method} {path} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n").unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end, and returns its exit code.
    fn end(mut self, signal: &str) -> Option<i32> {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("arobase-plc-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arobase-plc"));
    command.args(arguments);
    command
}

fn genesis() -> Operation {
    let key = SigningKey::generate(Curve::K256);
    let did_key = key.public_key().to_did_key();
    let data = PlcData::account(vec![did_key.clone()], did_key, "alice.example.com", "https://pds.example.com");
    Content::genesis(data).sign(&key).unwrap()
}

#[test]
fn it_serves_until_it_is_asked_to_end() {
    for signal in ["-TERM", "-INT"] {
        let program = Program::start(&["--database", "memory"]);
        let health = program.ask("GET", "/_health", b"");
        assert!(health.starts_with("HTTP/1.1 200") && health.contains("version"), "{health}");
        assert_eq!(program.end(signal), Some(0));
    }
}

#[test]
fn a_file_outlives_the_program() {
    let folder = Folder::new("outlives");
    let file = folder.0.join("plc.sqlite").display().to_string();
    let operation = genesis();
    let path = format!("/{}", operation.did().unwrap());

    let program = Program::start(&["--database", &file]);
    let answer = program.ask("POST", &path, &operation.to_json());
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("OK"), "{answer}");
    drop(program);
    let program = Program::start(&["--database", &file, "--no-rate-limits"]);
    let answer = program.ask("GET", &path, b"");
    assert!(answer.contains("at://alice.example.com"), "{answer}");
    assert_eq!(program.end("-TERM"), Some(0));
}

#[test]
fn a_store_that_fails_is_told_to_whoever_runs_it_and_not_to_strangers() {
    let folder = Folder::new("damaged");
    let file = folder.0.join("plc.sqlite").display().to_string();
    let operation = genesis();
    let path = format!("/{}", operation.did().unwrap());
    let mut program = Program::start(&["--database", &file]);
    assert!(program.ask("POST", &path, &operation.to_json()).ends_with("OK"));
    // The same file, in which somebody writes where nobody should.
    let damaged = rusqlite::Connection::open(&file).unwrap();
    damaged.execute("UPDATE operations SET operation = '{}'", ()).unwrap();
    let answer = program.ask("GET", &path, b"");
    assert!(
        answer.starts_with("HTTP/1.1 500") && answer.ends_with(r#"{"message":"Internal Server Error"}"#),
        "{answer}"
    );
    let mut said = String::new();
    let mut stderr = BufReader::new(program.child.stderr.take().unwrap());
    stderr.read_line(&mut said).unwrap();
    assert!(said.starts_with("arobase-plc: the store failed: operation 1 is damaged"), "{said}");
}

#[test]
fn what_is_wrong_is_told_with_an_exit_code() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap().to_string();
    let missing = "/no/such/folder/plc.sqlite";
    for (arguments, code, told) in [
        (vec!["--listen", "plc.example"], 2, "--help"),
        (vec!["--what"], 2, "--what"),
        (vec!["--listen", "127.0.0.1:0", "--database", missing], 1, missing),
        (vec!["--listen", &taken], 1, &taken),
    ] {
        let output = command(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.starts_with("arobase-plc: ") && said.contains(told), "{said}");
    }
}

#[test]
fn help_says_how_it_is_called() {
    let output = command(&["--help"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for option in ["--listen", "--database", "--no-rate-limits", "127.0.0.1:2582"] {
        assert!(said.contains(option), "{option}");
    }
}
