//! How a case is measured: in many short batches, of which the fastest counts, since noise only ever adds.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const BATCH: Duration = Duration::from_millis(5);
const SAMPLES: u32 = 100;

/// The nanoseconds of one run. `None` if nothing was measured: the arguments do not name the case, or, without
/// `--bench`, it only ran once.
pub(crate) fn nanos<T>(name: &str, mut run: impl FnMut() -> T) -> Option<f64> {
    let mut wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    if !wanted.all(|part| name.contains(&part)) {
        return None;
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        black_box(run());
        println!("{name}: runs");
        return None;
    }
    let calls = calibrate(&mut run);
    let best = (0..SAMPLES).map(|_| batch(calls, &mut run)).min().unwrap_or_default();
    Some(best.as_secs_f64() * 1e9 / f64::from(calls))
}

/// How many calls fill a batch.
fn calibrate<T>(run: &mut impl FnMut() -> T) -> u32 {
    let mut calls = 1;
    while batch(calls, run) < BATCH && calls < 1 << 24 {
        calls *= 2;
    }
    calls
}

fn batch<T>(calls: u32, run: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(run());
    }
    start.elapsed()
}
