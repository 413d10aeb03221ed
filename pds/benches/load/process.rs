//! The server that is measured, and what it takes.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::Fallible;

/// A server that runs: one of ours, which ends when this goes, or another.
pub(crate) struct Server {
    pub(crate) url: String,
    pid: u32,
    _own: Option<Own>,
}

struct Own {
    child: Child,
    folder: Folder,
}

/// A folder that goes with this.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Fallible<Self> {
        let base = std::env::var_os("AROBASE_LOAD_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
        let path = base.join(format!("arobase-load-{name}-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl Server {
    pub(crate) fn given_or_started() -> Fallible<Self> {
        match (std::env::var("AROBASE_LOAD_URL"), std::env::var("AROBASE_LOAD_PID")) {
            (Ok(url), Ok(pid)) => Ok(Self { url, pid: pid.parse()?, _own: None }),
            _ => Self::start(Folder::new("data")?),
        }
    }

    /// Starts the program on a folder.
    pub(crate) fn start(folder: Folder) -> Fallible<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_arobase-pds"))
            .env("AROBASE_PDS_DATA", &folder.0)
            .env("AROBASE_PDS_LISTEN", "127.0.0.1:0")
            .env("AROBASE_PDS_PLC_LISTEN", "127.0.0.1:0")
            .env("AROBASE_PDS_LOG_LEVEL", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).ok_or("no address")?.to_owned();
        Ok(Self { url, pid: child.id(), _own: Some(Own { child, folder }) })
    }

    /// The CPU time of the process so far.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        Duration::from_millis(10 * (ticks(11) + ticks(12)))
    }

    /// The memory of the process, now and at its height.
    pub(crate) fn memory(&self) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0
        };
        format!("{:.1} MiB, at its height {:.1} MiB", field("VmRSS:"), field("VmHWM:"))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        tracing::debug!("{} goes", self.folder.0.display());
    }
}
