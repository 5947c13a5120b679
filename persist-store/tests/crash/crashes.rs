//! Crashes of a simulated disk, and the variants that the harness has to catch.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use crate::broken::{Fault, Wrong};
use crate::chance::Chance;
use crate::explore::{CONFIGS, Count, Depth, STARTS, crash_everywhere, fail_everywhere, live, start};
use crate::workload::{Broken, Config, Kept, OPS, Op, Wrap, plain};
use crate::{effort, long, seed};

/// All workloads of so many operations at most.
fn workloads(most: usize) -> Vec<Vec<Op>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..most {
        let end = all.len();
        for at in from..end {
            for op in OPS {
                all.push([&all[at][..], &[op]].concat());
            }
        }
        from = end;
    }
    all
}

/// Goes through workloads by several threads, of each kind and from each start.
fn each(
    jobs: &[(Config, Vec<Op>)],
    seed: u64,
    run: impl Fn(usize, &(Config, Vec<Op>), &mut Chance, &mut Count) -> Kept + Sync,
) -> Count {
    let (next, total) = (AtomicUsize::new(0), Mutex::new(Count::default()));
    thread::scope(|scope| {
        for _ in 0..effort(1, 2) {
            scope.spawn(|| {
                let mut count = Count::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else { break };
                    if let Err(broken) = run(at, job, &mut Chance::new(seed ^ at as u64), &mut count) {
                        panic!("{}", broken.at(format_args!("job {at}, {:?}, {:?}", job.0, job.1)));
                    }
                }
                total.lock().unwrap().add(count);
            });
        }
    });
    total.into_inner().unwrap()
}

fn jobs(most: usize) -> Vec<(Config, Vec<Op>)> {
    let workloads = workloads(most);
    CONFIGS.iter().flat_map(|&config| workloads.iter().map(move |ops| (config, ops.clone()))).collect()
}

fn tell(what: &str, since: Instant, count: Count) {
    let form = if long() { "long" } else { "quick" };
    println!("{what}, {form} form: {count:?} in {:.1} s", since.elapsed().as_secs_f64());
}

#[test]
fn every_crash_of_every_short_workload() {
    let seed = seed(2026);
    let since = Instant::now();
    let depth = Depth { images: effort(12, 256), levels: 2, one_in: effort(100, 30) };
    // The quick form takes all workloads of up to one operation, and one of so many longer ones.
    let jobs: Vec<_> = jobs(3)
        .into_iter()
        .enumerate()
        .filter(|(at, (_, ops))| long() || ops.len() <= 1 || at % [1, 1, 5, 61][ops.len()] == 0)
        .map(|(_, job)| job)
        .collect();
    let count = each(&jobs, seed, |at, (config, ops), chance, count| {
        for (number, from) in STARTS.into_iter().enumerate() {
            if long() || at % STARTS.len() == number {
                let start = start(from, plain, *config)?;
                crash_everywhere(start, plain, *config, ops, depth, chance, count)
                    .map_err(|broken| broken.at(format_args!("from {from:?}")))?;
            }
        }
        Ok(())
    });
    tell(&format!("every crash of every short workload, seed {seed}"), since, count);
    assert!(count.images > 1000);
}

#[test]
fn every_call_that_fails() {
    let seed = seed(11);
    let since = Instant::now();
    let jobs: Vec<_> = jobs(effort(1, 2)).into_iter().filter(|(_, ops)| !ops.is_empty()).collect();
    let count = each(&jobs, seed, |at, (config, ops), chance, count| {
        for (number, from) in STARTS.into_iter().enumerate() {
            if long() || at % STARTS.len() == number {
                let start = start(from, plain, *config)?;
                fail_everywhere(start, plain, *config, ops, chance, count)
                    .map_err(|broken| broken.at(format_args!("from {from:?}")))?;
            }
        }
        Ok(())
    });
    tell(&format!("every call that fails, seed {seed}"), since, count);
    assert!(count.faults > 100);
}

#[test]
fn random_lives() {
    let seed = seed(22_112_026);
    let since = Instant::now();
    let lives: Vec<_> = (0..effort(8, 240)).map(|_| (CONFIGS[0], Vec::new())).collect();
    let images = effort(1_500, 5_000);
    let count = each(&lives, 0, |at, _, _, count| {
        let mut own = Count::default();
        let result = live(seed + at as u64, plain, images, &mut own);
        count.add(own);
        result
    });
    tell(&format!("random lives, seeds from {seed}"), since, count);
}

/// Looks for a promise that is not kept.
fn hunt(wrap: Wrap, configs: &[Config], one_in: usize) -> Option<Broken> {
    let chance = &mut Chance::new(7);
    let mut count = Count::default();
    let depth = Depth { images: 24, levels: 1, one_in };
    for &config in configs {
        for ops in [&[][..], &[Op::Small], &[Op::Save], &[Op::Whole, Op::Save], &[Op::Reopen, Op::Small]] {
            for from in STARTS {
                let found = start(from, wrap, config).and_then(|start| {
                    crash_everywhere(start.clone(), wrap, config, ops, depth, chance, &mut count)?;
                    fail_everywhere(start, wrap, config, ops, chance, &mut count)
                });
                if let Err(broken) = found {
                    return Some(broken.at(format_args!("{config:?}, from {from:?}")));
                }
            }
        }
    }
    live(7, wrap, effort(1_000, 20_000), &mut count).err()
}

macro_rules! variants {
    ($run:ident: $($name:ident = $fault:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            fn wrap(simulated: crate::simulated::Simulated) -> Arc<dyn persist_store::fs::FileSystem> {
                Wrong::on(simulated, Fault::$fault)
            }
            $run(stringify!($fault), wrap);
        }
    )*};
}

fn caught(name: &str, wrap: Wrap) {
    let Some(broken) = hunt(wrap, &CONFIGS, 3) else { panic!("{name} was not noticed") };
    println!("{name} was caught: {broken}");
}

variants! { caught:
    catches_a_new_file_that_is_not_synced = NoSyncOfNewFile,
    catches_a_rename_before_the_sync = RenameBeforeSync,
    catches_a_folder_that_is_not_synced = NoSyncOfFolder,
    catches_a_folder_that_is_synced_late = LateSyncOfFolder,
    catches_a_folder_that_is_not_synced_on_opening = NoSyncOfFolderOnOpening,
    catches_a_record_that_is_not_synced = NoSyncOfRecord,
    catches_a_record_that_is_acknowledged_before_its_sync = LateSyncOfRecord,
    catches_a_record_of_which_half_is_synced = HalfOfRecordSynced,
    catches_a_length_that_is_not_synced = NoSyncOfLength,
    catches_a_failed_sync_that_is_ignored = FailedSyncIgnored,
    catches_a_failed_sync_that_is_tried_again = FailedSyncRetried,
    catches_the_journal_of_a_killed_process_gone_on_with = JournalOfKilledResumed,
    catches_an_old_file_that_is_removed_first = OldFileRemovedFirst,
    catches_an_old_file_that_is_moved_away = OldFileMovedAway,
    catches_a_file_that_is_written_in_place = WrittenInPlace,
    catches_a_generation_that_is_removed_too_early = OldGenerationRemovedFirst,
}

/// Two steps are for tidiness, not for safety: all that was acknowledged is durable before a file is closed.
fn harmless(name: &str, wrap: Wrap) {
    if let Some(broken) = hunt(wrap, &CONFIGS[..effort(1, CONFIGS.len())], effort(20, 3)) {
        panic!("{name} was to be harmless: {broken}");
    }
}

variants! { harmless:
    a_closing_mark_need_not_be_synced = NoSyncOfClosing,
    zeros_behind_it_need_not_be_cut_off = ZerosNotCut,
}
