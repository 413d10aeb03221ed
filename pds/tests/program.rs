//! The program, from the outside.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pds-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let config = "listen = '127.0.0.1:0'\nplc.listen = '127.0.0.1:0'\nlexicons.resolve = false\n";
        std::fs::write(path.join("pds.toml"), config).unwrap();
        Self(path)
    }

    /// The program in this folder, with nothing from the environment of the test.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arobase-pds"));
        command.current_dir(&self.0).env_clear().args(line.split_whitespace());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// The result of a command as JSON.
    fn ask(&self, line: &str) -> Value {
        let output = self.run(&format!("{line} --json"));
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn serve(&self, line: &str) -> Server {
        let mut child = self.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let Some(address) = first.trim_end().strip_prefix("http://") else {
            panic!("it did not start: {}", told(child))
        };
        let address = address.to_owned();
        // Whoever does not read what is told holds up who tells it.
        let stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || BufReader::new(stderr).lines().map_while(Result::ok).collect());
        Server { child, address, log: Some(log) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn told(mut child: Child) -> String {
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    told
}

/// The program while it serves.
struct Server {
    child: Child,
    address: String,
    log: Option<std::thread::JoinHandle<Vec<String>>>,
}

impl Server {
    fn request(&self, verb: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!("{verb} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{token}");
        let head = format!("{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn get(&self, path: &str) -> Value {
        let (status, answer) = self.request("GET", path, None, &Value::Null);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn post(&self, method: &str, token: Option<&str>, body: &Value) -> Value {
        let (status, answer) = self.request("POST", &format!("/xrpc/{method}"), token, body);
        assert_eq!(status, 200, "{method}: {answer}");
        answer
    }

    fn log_in(&self, handle: &str, password: &Value) -> String {
        let session = json!({ "identifier": handle, "password": password });
        let session = self.post("com.atproto.server.createSession", None, &session);
        session["accessJwt"].as_str().unwrap().to_owned()
    }

    fn note(&self, token: &str, did: &Value, text: &str) {
        let record = json!({ "$type": "com.example.note", "text": text });
        let create = json!({ "repo": did, "collection": "com.example.note", "record": record });
        self.post("com.atproto.repo.createRecord", Some(token), &create);
    }

    /// Asks it to end; its exit code, and what it had logged.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        let begin = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        (code, self.log.take().unwrap().join().unwrap().join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_server_is_used_backed_up_ended_and_restored() {
    let folder = Folder::new("life");
    let server = folder.serve("serve");
    let created = folder.ask("account create alice.test --email alice@example.com");
    let token = server.log_in("alice.test", &created["password"]);
    for n in 0..5 {
        server.note(&token, &created["did"], &format!("note {n}"));
    }
    assert_eq!(folder.ask("account info alice.test")["records"], 5);
    let manifest = folder.ask("backup backup --blobs");
    assert_eq!(manifest["accounts"], 1);
    server.note(&token, &created["did"], "lost");
    let lost = folder.ask("account info alice.test")["rev"].as_str().unwrap().to_owned();
    assert_eq!((mode(&folder.0.join("data")), mode(&folder.0.join("data/admin.sock"))), (0o700, 0o600));
    let (code, log) = server.end("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("com.atproto.repo.createRecord"), "{log}");
    assert!(!log.contains(&token) && !log.contains(created["password"].as_str().unwrap()), "{log}");

    let restored = folder.run("restore backup --into data2");
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    let toml = folder.0.join("pds.toml");
    let config = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("data = 'data2'\n{config}")).unwrap();
    let check = folder.run("check");
    assert!(check.status.success() && text(&check.stdout).contains("all is well"), "{}", text(&check.stdout));
    let info = folder.ask("account info alice.test");
    assert_eq!((&info["records"], &info["state"]), (&json!(5), &json!("active")));
    assert!(info["rev"].as_str().unwrap() > lost.as_str());
    let server = folder.serve("");
    server.note(&server.log_in("alice.test", &created["password"]), &created["did"], "after all");
    assert_eq!(folder.ask("account info alice.test")["records"], 6);
    assert_eq!(server.end("-INT").0, Some(0));
}

#[test]
fn commands_work_with_a_server_and_without() {
    let folder = Folder::new("commands");
    let created = folder.ask("account create alice.test --no-password");
    assert_eq!((&created["handle"], &created["password"]), (&json!("alice.test"), &Value::Null));
    let steps = |folder: &Folder| {
        for (step, state) in [
            ("deactivate", "deactivated"),
            ("activate", "active"),
            ("suspend", "suspended"),
            ("takedown", "takendown"),
            ("restore", "active"),
        ] {
            assert_eq!(folder.ask(&format!("account {step} alice.test"))["state"], state, "{step}");
        }
        assert!(text(&folder.run("account list").stdout).contains("active       alice.test"));
        assert_eq!(folder.ask("blob audit --deep")["well"], true);
        assert_eq!(folder.ask("blob gc")["deleted"], 0);
        assert_eq!(folder.ask("check")["well"], true);
    };
    steps(&folder);
    folder.ask("repo export alice.test alice.car");
    let server = folder.serve("serve");
    steps(&folder);
    assert!(server.get("/xrpc/com.atproto.sync.listRepos")["repos"][0]["active"] == json!(true));
    let before = folder.ask("account info alice.test");
    folder.ask("repo import alice.test alice.car");
    assert!(folder.ask("account info alice.test")["rev"].as_str() > before["rev"].as_str());
    let refused = folder.run("account delete alice.test");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--yes"));
    folder.ask("account delete alice.test --yes");
    let gone = folder.run("account info alice.test");
    assert_eq!(
        (gone.status.code(), text(&gone.stderr)),
        (Some(1), "arobase-pds: there is no account alice.test\n".into())
    );
}

#[test]
fn the_directory_of_a_server_for_development_can_be_asked_by_others() {
    let folder = Folder::new("plc");
    let server = folder.serve("serve");
    let did = folder.ask("account create alice.test --no-password")["did"].as_str().unwrap().to_owned();
    let repo = server.get(&format!("/xrpc/com.atproto.repo.describeRepo?repo={did}"));
    assert_eq!(repo["didDoc"]["alsoKnownAs"][0], "at://alice.test");
    let (code, log) = server.end("-TERM");
    assert_eq!(code, Some(0));
    assert!(log.contains("its PLC directory is at http://127.0.0.1:"), "{log}");
}

#[test]
fn what_is_wrong_is_told_with_an_exit_code() {
    let folder = Folder::new("wrong");
    std::fs::write(folder.0.join("bad.toml"), "lissten = 1\nproxies = 'two'\n").unwrap();
    for (line, code, told) in [
        ("sing", 2, "arobase-pds: there is no command `sing`; try --help\n"),
        (
            "--config bad.toml",
            2,
            "arobase-pds: bad.toml:1: there is no key `lissten`; is it `listen`?\n\
             arobase-pds: bad.toml:2: `proxies` must be a whole number, not \"two\"\n",
        ),
        ("account list", 1, "arobase-pds: data: there is no such data folder\n"),
    ] {
        let output = folder.run(line);
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(code), told), "{line}");
    }
}

#[test]
fn whoever_asks_twice_does_not_wait_for_requests() {
    let folder = Folder::new("hurry");
    let server = folder.serve("serve");
    let mut unfinished = TcpStream::connect(&server.address).unwrap();
    let head = "POST /xrpc/com.atproto.server.createSession HTTP/1.1\r\nHost: localhost\r\n";
    let head = format!("{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{");
    unfinished.write_all(head.as_bytes()).unwrap();
    // Whatever came on another connection later has been answered, so that the one before has been begun.
    server.get("/xrpc/_health");
    let begin = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap().success());
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(server.end("-TERM").0, Some(130));
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn two_servers_do_not_share_a_folder() {
    let folder = Folder::new("two");
    let server = folder.serve("serve");
    let second = folder.run("serve");
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("in use by another process"), "{}", text(&second.stderr));
    assert_eq!(server.get("/xrpc/_health")["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_configuration_can_be_looked_at() {
    let folder = Folder::new("config");
    let output = folder.command("config check").env("AROBASE_PDS_ADMIN_PASSWORD", "hunter2").output().unwrap();
    let shown = text(&output.stdout);
    assert!(output.status.success() && shown.contains("lexicons.resolve = false"), "{shown}");
    assert!(shown.contains("admin.password = (hidden)") && !shown.contains("hunter2"), "{shown}");
}
