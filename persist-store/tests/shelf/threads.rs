//! Many threads at one shelf.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use persist_store::Shelf;

use crate::path;

const THREADS: u64 = 8;

#[test]
fn no_update_is_lost() {
    const EACH: u64 = 150;
    let (_folder, path) = path();
    let shelf = Shelf::<String, u64>::builder(&path).sync(false).open().unwrap();
    let start = Barrier::new(THREADS as usize);
    let seen: Vec<Vec<u64>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let count = |count: &mut u64| {
                        *count += 1;
                        *count
                    };
                    (0..EACH).map(|_| shelf.modify_or_default("count", count).unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(shelf.get("count").unwrap(), Some(THREADS * EACH));
    // Each number was seen by one of them, and by each in order: the history of one counter.
    assert!(seen.iter().all(|seen| seen.is_sorted()));
    let mut all = seen.concat();
    all.sort_unstable();
    assert_eq!(all, (1..=THREADS * EACH).collect::<Vec<_>>());
    drop(shelf);
    let shelf = Shelf::<String, u64>::open(&path).unwrap();
    assert_eq!(shelf.get("count").unwrap(), Some(THREADS * EACH), "closing it makes it durable");
}

/// A value before and after: a count, and who counted.
type Swap = ((u64, u64), (u64, u64));

/// A value is put in only if the one that is there is the one that was read: of all who try, one succeeds.
#[test]
fn compare_and_swap_has_one_winner() {
    const ROUNDS: u64 = 60;
    let (_folder, path) = path();
    let shelf = Shelf::<u8, (u64, u64)>::builder(&path).sync(false).open().unwrap();
    shelf.insert(&0, &(0, 0)).unwrap();
    let swap = |old: (u64, u64), new: (u64, u64)| {
        let swapped = shelf.modify(&0, |value| {
            let same = *value == old;
            if same {
                *value = new;
            }
            same
        });
        swapped.unwrap().unwrap()
    };
    let history: Vec<Vec<Swap>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|id| {
                let (shelf, swap) = (&shelf, &swap);
                scope.spawn(move || {
                    let mut won = Vec::new();
                    while won.len() < ROUNDS as usize {
                        let old = shelf.get(&0).unwrap().unwrap();
                        let new = (old.0 + 1, id);
                        if swap(old, new) {
                            won.push((old, new));
                        }
                    }
                    won
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    // Those that succeeded form one chain, from the first value to the last one.
    let mut all = history.concat();
    all.sort_unstable();
    assert_eq!(all.len() as u64, THREADS * ROUNDS);
    assert_eq!(all[0].0, (0, 0));
    assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0));
    assert_eq!(shelf.get(&0).unwrap(), all.last().map(|swap| swap.1));
}

/// Two entries always add up to the same, whoever looks, and whenever.
#[test]
fn readers_see_whole_transactions_while_others_write() {
    let (_folder, path) = path();
    let shelf = Shelf::<u64, u64>::builder(&path).sync(false).open().unwrap();
    shelf.extend((0..20).map(|i| (i, 100))).unwrap();
    let (done, looked) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                // At least once after the last change, too.
                let mut last = false;
                while !std::mem::replace(&mut last, done.load(Ordering::SeqCst)) {
                    let sum: u64 = shelf.values().unwrap().map(|value| value.unwrap()).sum();
                    assert_eq!(sum, 2000);
                    let snapshot = shelf.snapshot().unwrap();
                    let sum: u64 = (0..20).map(|i| snapshot.get(&i).unwrap().unwrap()).sum();
                    assert_eq!(sum, 2000);
                    looked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let writers: Vec<_> = (0..2u64)
            .map(|id| {
                let shelf = &shelf;
                scope.spawn(move || {
                    for i in 0..200 {
                        let (from, to) = ((i * 7 + id) % 20, (i * 3 + 1) % 20);
                        let moved = shelf.transaction(|shelf| {
                            shelf.modify(&from, |amount| *amount -= 1)?;
                            shelf.modify(&to, |amount| *amount += 1)
                        });
                        moved.unwrap();
                        // What was committed is seen by whoever committed it.
                        let sum: u64 = shelf.values().unwrap().map(|value| value.unwrap()).sum();
                        assert_eq!(sum, 2000);
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::SeqCst);
    });
    assert!(looked.into_inner() >= 3);
    shelf.file().verify().unwrap();
}

#[test]
fn what_a_thread_wrote_it_reads() {
    let (_folder, path) = path();
    let shelf = Shelf::<(u64, u64), u64>::builder(&path).sync(false).open().unwrap();
    thread::scope(|scope| {
        for id in 0..4 {
            let shelf = &shelf;
            scope.spawn(move || {
                for i in 0..100 {
                    shelf.insert(&(id, i), &(id * i)).unwrap();
                    assert_eq!(shelf.get(&(id, i)).unwrap(), Some(id * i));
                    assert_eq!(shelf.range((id, 0)..=(id, u64::MAX)).unwrap().count() as u64, i + 1);
                }
            });
        }
    });
    assert_eq!(shelf.len().unwrap(), 400);
}

/// Shelves that are opened while others are read find what is in them.
#[test]
fn shelves_may_be_opened_while_others_read() {
    let (_folder, path) = path();
    let first = Shelf::<u32, u32>::builder(&path).sync(false).open().unwrap();
    first.insert(&1, &1).unwrap();
    let file = first.file();
    for name in 0..40 {
        file.shelf::<u32, u32>(&format!("{name}")).unwrap().insert(&name, &name).unwrap();
    }
    drop((first, file));
    let first = Shelf::<u32, u32>::open(&path).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                assert_eq!(first.get(&1).unwrap(), Some(1));
            }
        });
        for name in 0..40 {
            let shelf = first.file().shelf::<u32, u32>(&format!("{name}")).unwrap();
            assert_eq!(shelf.get(&name).unwrap(), Some(name));
        }
        done.store(true, Ordering::SeqCst);
    });
}
