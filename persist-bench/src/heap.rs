//! The heap, counted: the program's allocator, which adds up what is allocated while somebody watches.
//!
//! Crates that do so (`peak_alloc`, `cap`) count always, and would slow down everything else this program times;
//! they also take each vector that grows for two.
#![allow(unsafe_code, reason = "the one module here that needs it: an allocator is unsafe to be and to call")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};

/// The system's allocator, which counts while [`watch`] runs.
///
/// A binary that calls [`watch`] has to have it as its `#[global_allocator]`.
#[derive(Debug)]
pub struct Heap;

static WATCHED: AtomicBool = AtomicBool::new(false);
/// Bytes that live now, more than when watching began: fewer, where what is older was freed.
static LIVE: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

/// What a call did to the heap, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The most that lived at once.
    pub peak: usize,
    /// What still lives: the result, as a rule.
    pub kept: usize,
}

/// Counts what is allocated during a call, by all threads. Only one call may be watched at a time.
pub fn watch<T>(call: impl FnOnce() -> T) -> (T, Use) {
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    WATCHED.store(true, Relaxed);
    let result = call();
    WATCHED.store(false, Relaxed);
    let bytes = |count: &AtomicIsize| count.load(Relaxed).max(0).unsigned_abs();
    (result, Use { peak: bytes(&PEAK), kept: bytes(&LIVE) })
}

fn count(change: isize) {
    if WATCHED.load(Relaxed) {
        let live = LIVE.fetch_add(change, Relaxed) + change;
        PEAK.fetch_max(live, Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator as it is, which keeps the trait's promises; counting
// allocates nothing and does not panic. Sizes of layouts fit an `isize`.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the same conditions.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the same conditions.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // What is large is moved by moving its pages, not by copying it.
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller keeps the same conditions.
        unsafe { System.realloc(place, layout, size) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the same conditions.
        unsafe { System.dealloc(place, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lives_and_the_most_that_lived_are_counted() {
        // The tests' own allocator is another one, so that these calls stand for a program's.
        let ((), used) = watch(|| {
            let layout = Layout::array::<u8>(1000).unwrap();
            let half = Layout::array::<u8>(500).unwrap();
            // SAFETY: the layouts are those of the places.
            unsafe {
                let first = Heap.alloc(layout);
                let second = Heap.alloc_zeroed(layout);
                let second = Heap.realloc(second, layout, 500);
                Heap.dealloc(first, layout);
                let _third = Heap.alloc(half);
                Heap.dealloc(second, half);
            }
        });
        assert_eq!(used, Use { peak: 2000, kept: 500 });
    }
}
