//! Calls at the same time, in one process.

use std::panic::catch_unwind;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use persist::{Memo, memoize};

use crate::{count, counts, folder};

counted! { SLOW, PANICS, FAILS, OTHERS }

const THREADS: usize = 8;

/// Calls at the same time.
fn all<R: Send>(call: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        let start = |i| {
            let (call, barrier) = (&call, &barrier);
            scope.spawn(move || {
                barrier.wait();
                call(i)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[memoize(path = folder(), handle = slow_memo)]
fn slow(n: u32) -> Vec<u32> {
    count(&SLOW);
    thread::sleep(Duration::from_millis(100));
    (0..n).collect()
}

#[test]
fn one_computes_and_the_others_wait() {
    let given = all(|_| slow(5));
    assert!(given.iter().all(|list| *list == [0, 1, 2, 3, 4]));
    assert_eq!(counts([&SLOW]), [1]);
    let statistics = slow_memo().statistics();
    assert_eq!(statistics.computed, 1);
    assert_eq!(statistics.hits + statistics.shared, THREADS as u64 - 1);
}

/// Memos that know nothing of each other: only the lock file tells them.
#[test]
fn several_memos_of_one_folder_compute_once() {
    counted! { COMPUTED }
    let given = all(|_| {
        let memo = Memo::builder(folder(), "several").build();
        memo.get_or_compute(&1u8, || {
            count(&COMPUTED);
            thread::sleep(Duration::from_millis(100));
            "a".to_owned()
        })
    });
    assert_eq!(given, ["a"; THREADS]);
    assert_eq!(counts([&COMPUTED]), [1]);
}

#[memoize(path = folder())]
fn others(n: usize) -> usize {
    count(&OTHERS);
    n % 3
}

#[test]
fn different_calls_do_not_mix() {
    for _ in 0..2 {
        let given = all(|i| (0..50).map(|n| others((n * 7 + i * 13) % 50)).collect::<Vec<_>>());
        for (i, list) in given.iter().enumerate() {
            assert!(list.iter().enumerate().all(|(n, given)| *given == (n * 7 + i * 13) % 50 % 3));
        }
    }
    assert_eq!(counts([&OTHERS]), [50]);
}

#[memoize(path = folder())]
fn panics_first(n: u32) -> u32 {
    count(&PANICS);
    thread::sleep(Duration::from_millis(20));
    assert!(counts([&PANICS])[0] >= 3, "too early");
    n
}

#[test]
fn after_a_panic_the_next_one_computes() {
    let given = all(|_| catch_unwind(|| panics_first(5)).ok());
    assert_eq!(given.iter().filter(|given| given.is_none()).count(), 2);
    assert!(given.iter().flatten().all(|given| *given == 5));
    assert_eq!(counts([&PANICS]), [3]);
}

#[memoize(path = folder())]
fn fails_first(n: u32) -> Result<u32, usize> {
    count(&FAILS);
    let [tries] = counts([&FAILS]);
    thread::sleep(Duration::from_millis(20));
    if tries < 4 { Err(tries) } else { Ok(n) }
}

#[test]
fn after_an_error_the_next_one_computes() {
    let mut errors: Vec<usize> = all(|_| fails_first(5)).into_iter().filter_map(Result::err).collect();
    errors.sort_unstable();
    assert_eq!(errors, [1, 2, 3]);
    assert_eq!(counts([&FAILS]), [4]);
}

/// What is computed is shared with those who wait, though it cannot be kept.
#[cfg(unix)]
#[test]
fn without_a_disk_one_computes_even_so() {
    counted! { COMPUTED }
    let memo = Memo::builder("/dev/null/not/there", "no disk").build();
    let given = all(|_| {
        memo.get_or_compute(&1u8, || {
            count(&COMPUTED);
            while counts([&COMPUTED])[0] < 1 {}
            thread::sleep(Duration::from_millis(300));
            7u64
        })
    });
    assert_eq!(given, [7; THREADS]);
    assert_eq!(memo.statistics().shared, THREADS as u64 - counts([&COMPUTED])[0] as u64);
    assert!(memo.statistics().shared > 0);
}
