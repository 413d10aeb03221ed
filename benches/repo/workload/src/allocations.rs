//! Counts the bytes that live on the heap. Counting is off unless memory is measured: then the only
//! cost is one relaxed load per allocation.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;
static ON: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

/// How many bytes an operation left on the heap, and how many it had there at most, both beyond
/// what was there before.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    pub left: i64,
    pub peak: i64,
}

/// Runs `run` with counting on.
pub fn during<T>(run: impl FnOnce() -> T) -> (T, Growth) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    ON.store(true, Relaxed);
    let result = run();
    ON.store(false, Relaxed);
    (result, Growth { left: LIVE.load(Relaxed) - before, peak: PEAK.load(Relaxed) - before })
}

struct Counting;

/// What the allocator of glibc takes for a request on 64 bits: a header of 8 bytes, multiples of
/// 16, at least 32. Peers with many small allocations pay for them in practice.
fn taken(size: usize) -> i64 {
    ((size + 8).next_multiple_of(16)).max(32) as i64
}

fn note(change: i64) {
    if ON.load(Relaxed) {
        let live = LIVE.fetch_add(change, Relaxed) + change;
        if change > 0 {
            PEAK.fetch_max(live, Relaxed);
        }
    }
}

// SAFETY: every call goes to the system's allocator with the same arguments; counting touches only
// atomics and does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(taken(layout.size()));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(taken(layout.size()));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-taken(layout.size()));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(taken(size) - taken(layout.size()));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
