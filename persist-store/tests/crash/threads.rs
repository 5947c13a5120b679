//! Histories of several threads: no update is lost, and none is seen twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use persist_core::loads;
use persist_store::fs::{Disk, FileSystem};
use persist_store::journal::Journal;
use persist_store::{Durability, Persistent};

use crate::chance::Chance;
use crate::platter::Platter;
use crate::simulated::{Fault, Simulated, state};
use crate::{effort, seed};

/// A register, and a counter for each thread.
type Shared = (u64, Vec<u64>);

const THREADS: u64 = 4;

fn open(
    path: &Path,
    fs: Arc<dyn FileSystem>,
    durability: Durability,
    limit: u64,
) -> persist_core::Result<Persistent<Shared>> {
    Persistent::builder(path)
        .durability(durability)
        .journal_limit(limit)
        .on_error(|_| ())
        .file_system(fs)
        .open_or_else(|| (0, vec![0; THREADS as usize]))
}

/// Swaps of a register that succeeded: what was there, and what came. Every value that comes is a new one.
fn swaps(shared: &Persistent<Shared>, run: u64, thread: u64, rounds: u64) -> Vec<(u64, u64)> {
    let mut done = Vec::new();
    for round in 1..=rounds {
        let expected = shared.read().0;
        let new = (run * THREADS + thread) << 32 | round;
        let swapped = shared.update(|(register, counters)| {
            counters[thread as usize] += 1;
            let found = *register == expected;
            if found {
                *register = new;
            }
            found
        });
        if swapped.unwrap() {
            done.push((expected, new));
        }
    }
    done
}

/// Follows the register from the first value to the last: each swap that succeeded is on the way, once.
fn check(swaps: &[(u64, u64)], from: u64, to: u64) {
    let mut next = BTreeMap::new();
    for &(old, new) in swaps {
        assert_eq!(next.insert(old, new), None, "{old:#x} was swapped for two values");
    }
    let mut at = from;
    while let Some(new) = next.remove(&at) {
        at = new;
    }
    assert_eq!(at, to, "the way ends elsewhere");
    assert!(next.is_empty(), "swaps that are not on the way: {next:x?}");
}

#[test]
fn compare_and_swap_loses_no_update() {
    let rounds = effort(100, 2000);
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn FileSystem> = Arc::new(Disk);
    let simulated: Arc<dyn FileSystem> = Arc::new(Simulated::new(Platter::default()));
    for (fs, path) in [(disk, folder.path().join("state")), (simulated, state())] {
        let (mut register, mut counted) = (0, 0);
        let durabilities = [Durability::Commit, Durability::OnExit, Durability::Every(Duration::from_millis(1))];
        for durability in durabilities {
            for limit in [0, 1 << 20] {
                let shared = open(&path, Arc::clone(&fs), durability, limit).unwrap();
                assert_eq!(shared.read().0, register);
                let all = Mutex::new(Vec::new());
                thread::scope(|scope| {
                    for thread in 0..THREADS {
                        let (shared, all) = (&shared, &all);
                        let run = counted / rounds;
                        scope.spawn(move || {
                            let own = swaps(shared, run, thread, rounds);
                            all.lock().unwrap().extend(own);
                        });
                    }
                    // What is read again is never older than what was acknowledged.
                    for _ in 0..effort(5, 50) {
                        if durability == Durability::Commit {
                            shared.reload().unwrap();
                        }
                        thread::sleep(Duration::from_millis(1));
                    }
                });
                let (last, counters) = (shared.read().0, shared.read().1.clone());
                check(&all.into_inner().unwrap(), register, last);
                counted += rounds;
                assert!(counters.iter().all(|&count| count == counted), "{counters:?}, not {counted}");
                register = last;
                shared.close().unwrap();
                let bytes = Journal::read(fs.read(&path).unwrap()).unwrap().into_value().unwrap();
                assert_eq!(loads::<Shared>(&bytes).unwrap(), (last, counters));
            }
        }
    }
}

/// Updates of several threads share records: a crash takes none that returned.
#[test]
fn a_crash_among_threads_takes_nothing_that_returned() {
    let seed = seed(4);
    let since = Instant::now();
    let chance = &mut Chance::new(seed);
    let (runs, mut images) = (effort(60, 3000), 0);
    for _ in 0..runs {
        let fault = *chance.pick(&[Fault::Death, Fault::Death, Fault::Io]);
        let simulated = Simulated::failing(Platter::default(), 20 + chance.below(200), fault);
        let fs: Arc<dyn FileSystem> = Arc::new(simulated.clone());
        let Ok(shared) = open(&state(), fs, Durability::Commit, [0, 1000, 1 << 20][chance.below(3)]) else { continue };
        let update = |thread: usize| {
            let mut done = 0;
            while done < 100 && shared.update(|(_, counters)| counters[thread] += 1).is_ok() {
                done += 1;
            }
            done
        };
        let returned: Vec<u64> = thread::scope(|scope| {
            let update = &update;
            let threads: Vec<_> = (0..THREADS as usize).map(|thread| scope.spawn(move || update(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        simulated.kill();
        drop(shared);
        for image in simulated.platter().after_power_loss().all(8, chance) {
            images += 1;
            let fs: Arc<dyn FileSystem> = Arc::new(Simulated::new(image));
            let found = open(&state(), fs, Durability::Commit, 0).unwrap().read().1.clone();
            for (found, returned) in found.iter().zip(&returned) {
                assert!((*returned..=returned + 1).contains(found), "{found} of {returned}");
            }
        }
    }
    println!(
        "crashes among threads, seed {seed}: {runs} runs, {images} images, in {:.1} s",
        since.elapsed().as_secs_f64()
    );
    assert!(images > runs);
}
