//! CPU time, and the rows that a run prints.

use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

/// CPU time that this process has used in all its threads, in nanoseconds: other programs do not count.
pub fn cpu_nanos() -> u64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Runs once and says how many nanoseconds it took. The result is dropped outside of the time.
pub fn timed<T>(run: impl FnOnce() -> T) -> (T, f64) {
    let start = cpu_nanos();
    let result = black_box(run());
    let spent = cpu_nanos() - start;
    (result, spent as f64)
}

/// How the figures of one row belong together.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The same work again and again: the least is the truest, noise only adds.
    Repeats,
    /// One piece of work after the other: the least of each piece over the rounds counts, and of these the mean.
    Pieces,
    /// Text, or a figure that does not vary.
    Fixed,
}

/// Prints one row: case, N, who, unit, kind, figures; fields are parted by tabs.
pub fn row(case: &str, n: usize, who: &str, unit: &str, kind: Kind, figures: &[f64]) {
    if figures.is_empty() {
        return;
    }
    let figures: Vec<String> = figures.iter().map(|figure| format!("{figure:.4}")).collect();
    println!("{case}\t{n}\t{who}\t{unit}\t{kind:?}\t{}", figures.join(" "));
}

/// Prints a row that says why there is no figure, or whatever else is text.
pub fn text(case: &str, n: usize, who: &str, text: &str) {
    let text: String = text.chars().map(|c| if c.is_control() || c == '|' { ' ' } else { c }).take(60).collect();
    println!("{case}\t{n}\t{who}\t\t{:?}\t{text}", Kind::Fixed);
}
