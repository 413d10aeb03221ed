//! How far long work is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use arobase_pds::{Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tell;

/// How much time lies between two lines.
const LINES: Duration = Duration::from_secs(5);
/// How often a bar moves in a second, at most.
const RATE: u8 = 10;

/// Shows how far work is.
pub(crate) struct Shown {
    bar: ProgressBar,
    /// When the next line is due, if lines are told.
    due: Option<Mutex<Instant>>,
}

impl Shown {
    pub(crate) fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if is_terminal { ProgressDrawTarget::stderr_with_hz(RATE) } else { ProgressDrawTarget::hidden() };
        let due = (!is_terminal).then(|| Mutex::new(Instant::now() + LINES));
        Self { bar: ProgressBar::with_draw_target(None, target), due }
    }

    /// Shows how far it is.
    pub(crate) fn step(&self, what: &str, done: u64, total: Option<u64>) {
        let Some(due) = &self.due else { return self.draw(what, done, total) };
        let mut due = due.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() < *due {
            return;
        }
        *due = Instant::now() + LINES;
        match total {
            Some(total) => tell(&format!("{what}: {done} of {total}")),
            None => tell(&format!("{what}: {done}")),
        }
    }

    fn draw(&self, what: &str, done: u64, total: Option<u64>) {
        if self.bar.message() != what || self.bar.length() != total {
            self.bar.set_style(style(total.is_some()));
            match total {
                Some(total) => self.bar.set_length(total),
                None => self.bar.unset_length(),
            }
            self.bar.reset_eta();
            self.bar.set_message(what.to_owned());
        }
        self.bar.set_position(done);
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(is_bounded: bool) -> ProgressStyle {
    let form = if is_bounded { "{msg} {wide_bar} {pos}/{len} {eta}" } else { "{msg} {spinner} {pos}" };
    ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Progress that is shown.
pub(crate) fn shown() -> Progress {
    let shown = Shown::new();
    Progress::new(move |Step { what, done, total }| shown.step(what, done, total))
}
