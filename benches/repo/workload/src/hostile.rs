//! What an engine does with CAR files that are made to harm.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use crate::engine::{Engine, Lack};
use crate::measure::text;

/// How long one file may take, by the clock on the wall.
const PATIENCE: Duration = Duration::from_secs(10);
/// The exit codes of a child that came to a verdict.
const ACCEPTED: i32 = 10;
const REJECTED: i32 = 11;
const NONE: i32 = 12;

/// Judges one file and ends the process with the verdict.
pub fn judge<E: Engine>(file: &Path) -> io::Result<()> {
    let car = fs::read(file)?;
    std::process::exit(match E::judge(&car) {
        Ok(_) => ACCEPTED,
        Err(Lack::Failed(reason)) => {
            eprintln!("{}: {reason}", file.display());
            REJECTED
        }
        Err(Lack::None) => NONE,
    });
}

/// Judges all files of a folder, each in a child process.
pub fn all<E: Engine>(folder: &Path) -> io::Result<()> {
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let child = Command::new(env::current_exe()?).arg("judge").arg(&file).stderr(Stdio::null()).spawn()?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        text(name.get(3..).unwrap_or_default(), 0, E::NAME, &verdict(child)?);
    }
    Ok(())
}

/// R rejected, A accepted, P panic, X abort of the process, T no end.
fn verdict(mut child: Child) -> io::Result<String> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return Ok(letter(status).to_owned());
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok("T".to_owned())
}

fn letter(status: ExitStatus) -> &'static str {
    match status.code() {
        Some(ACCEPTED) => "A",
        Some(REJECTED) => "R",
        Some(NONE) => "none",
        Some(101) => "P",
        _ => "X",
    }
}
