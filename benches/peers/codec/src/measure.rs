//! One measured case: CPU time of this thread per call, and what one call allocates.

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

/// Measures `run`, which handles `bytes` bytes per call, and prints one row:
/// task, who, µs (fastest), µs (median), MB/s, allocations, bytes allocated; fields are parted by tabs.
pub fn case<T, E: Display>(task: &str, who: &str, bytes: usize, mut run: impl FnMut() -> Result<T, E>) {
    if std::env::args().nth(1).is_some_and(|wanted| !task.contains(&wanted) && !who.contains(&wanted)) {
        return;
    }
    let (first, allocated) = allocations::during(&mut run);
    if let Err(error) = first {
        let error: String = error.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(90).collect();
        println!("{task}\t{who}\tfails: {error}\t\t\t\t");
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
