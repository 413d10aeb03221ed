//! How far a long reading is, on standard error.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use crate::output;

/// How long a command works in silence on a terminal.
const PATIENCE: Duration = Duration::from_millis(500);

/// The least time between two lines.
const TICK: Duration = Duration::from_millis(100);

/// Whether to show progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// If standard error is a terminal.
    Auto,
    /// In any case.
    Always,
    Never,
}

/// Shows on standard error how much of a file was read and how fast; nothing unless standard error is a terminal or
/// it was asked for.
#[derive(Debug)]
pub(crate) struct Progress {
    style: Style,
    what: &'static str,
    /// The bytes in all, if they are known.
    total: Option<u64>,
    done: u64,
    started: Instant,
    due: Instant,
    shown: bool,
}

/// How to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Silent,
    /// One line that changes.
    Terminal,
    /// A line each time.
    Lines,
}

impl Show {
    /// The same for a command that prints while it reads: both on one terminal would be a mess.
    pub(crate) fn beside_output(self) -> Self {
        if self == Self::Auto && io::stdout().is_terminal() { Self::Never } else { self }
    }
}

impl Progress {
    /// Begins to read. `what` is a present participle: "reading".
    pub(crate) fn start(what: &'static str, total: Option<u64>, show: Show) -> Self {
        let style = match (show, io::stderr().is_terminal()) {
            (Show::Never, _) | (Show::Auto, false) => Style::Silent,
            (_, true) => Style::Terminal,
            (Show::Always, false) => Style::Lines,
        };
        let started = Instant::now();
        let due = started + if show == Show::Always { TICK } else { PATIENCE };
        Self { style, what, total, done: 0, started, due, shown: false }
    }

    /// So many more bytes were read.
    pub(crate) fn advance(&mut self, bytes: u64) {
        self.reach(self.done + bytes);
    }

    /// So many bytes were read in all.
    pub(crate) fn reach(&mut self, done: u64) {
        self.done = done;
        if self.style == Style::Silent {
            return;
        }
        let now = Instant::now();
        if now >= self.due {
            self.due = now + TICK;
            self.show();
        }
    }

    /// The bytes read so far.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn show(&mut self) {
        self.shown = true;
        let line = line(self.what, self.done, self.total, self.elapsed());
        match self.style {
            Style::Silent => {}
            Style::Terminal => output::error(&format!("\r{line}\u{1b}[K")),
            Style::Lines => output::error(&format!("{line}\n")),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        match self.style {
            Style::Lines => self.show(),
            Style::Terminal if self.shown => output::error("\r\u{1b}[K"),
            _ => {}
        }
    }
}

/// `reading: 42 %, 530.1 MB/s`; without the size of the whole, the bytes read.
fn line(what: &str, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let far = match total {
        Some(0) => "100 %".to_owned(),
        Some(total) => format!("{} %", u128::from(done) * 100 / u128::from(total)),
        None => format!("{:.1} MB", megabytes(done)),
    };
    format!("{what}: {far}, {:.1} MB/s", speed(done, elapsed))
}

/// Megabytes a second.
pub(crate) fn speed(bytes: u64, elapsed: Duration) -> f64 {
    // A clock that stands still makes no infinite speed.
    megabytes(bytes) / elapsed.as_secs_f64().max(1e-6)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_percent_and_speed() {
        let second = Duration::from_secs(1);
        assert_eq!(line("reading", 5_000_000, Some(20_000_000), second), "reading: 25 %, 5.0 MB/s");
        assert_eq!(line("reading", 5_000_000, None, second * 2), "reading: 5.0 MB, 2.5 MB/s");
        assert_eq!(line("reading", 0, Some(0), second), "reading: 100 %, 0.0 MB/s");
        assert_eq!(line("reading", u64::MAX, Some(u64::MAX), second).split(',').next(), Some("reading: 100 %"));
    }

    #[test]
    fn no_time_is_no_infinite_speed() {
        assert!(speed(1, Duration::ZERO).is_finite());
    }
}
