//! A line on the terminal while a command takes long.

use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long a command works in silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line changes after that.
const TICK: Duration = Duration::from_millis(200);

/// Shows on standard error what is going on, from one second on and until it is dropped. Where
/// standard error is no terminal, it shows nothing.
#[derive(Debug)]
pub struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to wait. `what` is a present participle: "checking".
    pub fn start(what: &'static str, quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Self { running: None };
        }
        let (stop, stopped) = mpsc::channel();
        let started = Instant::now();
        let shower = thread::spawn(move || {
            let mut wait = PATIENCE;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                show(&format!("\r{what} ... {} s", started.elapsed().as_secs()));
                wait = TICK;
            }
            if wait == TICK {
                show("\r\u{1b}[K");
            }
        });
        Self { running: Some((stop, shower)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, shower)) = self.running.take() {
            drop(stop);
            let _ = shower.join();
        }
    }
}

/// A terminal that is gone is no reason to fail.
fn show(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
