//! One measured case: CPU time of this thread per call, and what one call allocates.

use std::error::Error;
use std::fmt::Display;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

use crate::allocations;

/// Batches per case, short and many: on a busy machine noise only ever adds, so the fastest is the
/// truest, and among many short ones some fall into a quiet moment.
const SAMPLES: usize = 201;
/// CPU time of one batch, in nanoseconds: long enough that reading the clock does not count.
const BATCH: u64 = 1_500_000;

/// CPU time that this thread has used, in nanoseconds: other programs do not count.
fn cpu_nanos() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

fn batch<T>(calls: u64, run: &mut impl FnMut() -> T) -> u64 {
    let start = cpu_nanos();
    for _ in 0..calls {
        black_box(run());
    }
    cpu_nanos() - start
}

/// How many calls fill a batch.
fn calibrate<T>(run: &mut impl FnMut() -> T) -> u64 {
    let mut calls = 1;
    loop {
        let spent = batch(calls, run).max(1);
        if spent >= BATCH {
            return calls;
        }
        calls = (calls * BATCH / spent).clamp(calls + 1, calls * 16);
    }
}

/// Whether the arguments, a part of the task and a part of the subject, let this case pass.
fn wanted(task: &str, who: &str) -> bool {
    std::env::args().skip(1).zip([task, who]).all(|(part, whole)| whole.contains(&part))
}

/// Measures `run`, which handles `bytes` bytes per call, and prints one row:
/// task, who, µs (fastest), µs (median), MB/s, allocations, bytes allocated; fields are parted by tabs.
pub fn case<T, E: Display>(task: &str, who: &str, bytes: usize, mut run: impl FnMut() -> Result<T, E>) {
    if !wanted(task, who) {
        return;
    }
    let (first, allocated) = allocations::during(&mut run);
    if let Err(error) = first {
        println!("{task}\t{who}\tfails: {}\t\t\t\t", cell(&error));
        return;
    }
    let calls = calibrate(&mut run);
    let mut samples: Vec<u64> = (0..SAMPLES).map(|_| batch(calls, &mut run)).collect();
    samples.sort_unstable();
    let micros = |spent: u64| spent as f64 / calls as f64 / 1e3;
    let (best, median) = (micros(samples[0]), micros(samples[SAMPLES / 2]));
    println!(
        "{task}\t{who}\t{best:.2}\t{median:.2}\t{:.0}\t{}\t{}",
        bytes as f64 / best,
        allocated.count,
        allocated.bytes
    );
}

/// An error text that fits a table.
fn cell(error: &impl Display) -> String {
    error.to_string().chars().map(|c| if c.is_control() || c == '|' { ' ' } else { c }).take(90).collect()
}

/// Prints a row that says whether data that was read and written again is what it was.
pub fn verdict(task: &str, who: &str, equal: impl FnOnce() -> Result<bool, Box<dyn Error>>) {
    if !wanted(task, who) {
        return;
    }
    match equal() {
        Ok(true) => println!("{task}\t{who}\tequal\t\t\t\t"),
        Ok(false) => println!("{task}\t{who}\tDIFFERS\t\t\t\t"),
        Err(error) => println!("{task}\t{who}\tfails: {}\t\t\t\t", cell(&error)),
    }
}
