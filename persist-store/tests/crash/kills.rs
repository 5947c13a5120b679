//! Processes that are killed, and processes whose system calls fail.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use persist_store::Persistent;

use crate::chance::Chance;
use crate::children::{Counters, Running, Task, on_disk};
use crate::{effort, seed};

/// `kill -9` at any time, over and over on the same file: each round finds what the ones before it were told.
#[test]
fn kill_9() {
    const WORKERS: u64 = 2;
    let seed = seed(9);
    let since = Instant::now();
    let rounds = effort(60, 10_000);
    let (killed, told) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (killed, told) = (&killed, &told);
            scope.spawn(move || {
                let chance = &mut Chance::new(seed + worker);
                let mut done = 0;
                while done < rounds / WORKERS {
                    let folder = tempfile::tempdir().unwrap();
                    let mut task = Task::new("work", &folder.path().join("state"));
                    task.durability = ["commit", "commit", "exit", "every"][chance.below(4)];
                    task.limit = *chance.pick(&[0, 3000, 1 << 20]);
                    task.keep = chance.below(3);
                    let mut before = vec![0; 4];
                    for _ in 0..effort(10, 25).min(rounds / WORKERS - done) {
                        done += 1;
                        told.fetch_add(kill(&task, &mut before, chance), Ordering::Relaxed);
                        killed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (killed, told) = (killed.into_inner(), told.into_inner());
    println!(
        "kill -9, seed {seed}: {killed} rounds, {told} updates acknowledged, in {:.1} s",
        since.elapsed().as_secs_f64()
    );
    assert!(told > killed);
}

/// One round; gives how many updates returned.
fn kill(task: &Task, before: &mut Vec<u64>, chance: &mut Chance) -> u64 {
    let mut running = Running::start(task.command(&[]));
    if chance.below(8) != 0 {
        running.wait_for("open");
        if chance.below(2) == 0 {
            running.wait_for("ack");
        }
    }
    thread::sleep(Duration::from_micros(chance.number() % 20_000));
    running.child.kill().unwrap();
    let (_, told) = running.end();
    if let Some(opened) = &told.opened {
        assert_eq!(opened, before, "what the next process finds is what was in the file");
    }
    let found = on_disk(&task.path);
    told.check(task.durability, before, &found);
    for generation in persist_store::FileOptions::new().history(&task.path).unwrap() {
        let old = on_disk(&generation.path);
        assert!(old.iter().zip(&found).all(|(old, new)| old <= new), "{old:?}, but {found:?}");
    }
    let returned = told.opened.map_or(0, |_| told.returned.iter().sum::<u64>() - before.iter().sum::<u64>());
    *before = found;
    returned
}

/// The system calls that change something, or make it last.
const CALLS: [&str; 8] = [
    "openat",
    "write,?pwrite64",
    "fsync",
    "fdatasync",
    "?rename,?renameat,renameat2",
    "?link,linkat",
    "ftruncate",
    "?unlink,unlinkat",
];

/// Each system call on the file and what is beside it fails once, and is once the last.
#[test]
fn every_system_call_fails_once() {
    let works = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !works.is_ok_and(|status| status.success()) {
        println!("SKIPPED: system calls that fail need `strace`, and leave to trace");
        return;
    }
    let since = Instant::now();
    let (mut runs, mut refused) = (0, 0);
    for limit in effort(&[3000][..], &[0, 3000, 1 << 20]) {
        for (number, calls) in CALLS.into_iter().enumerate() {
            for what in ["error=EIO", "error=ENOSPC", "signal=SIGKILL"] {
                let mut when = 1 + effort(number % 3, 0);
                while let Some(refuses) = fail(calls, what, when, *limit) {
                    runs += 1;
                    refused += usize::from(refuses);
                    when += effort(3, 1);
                }
            }
        }
    }
    println!(
        "system calls that fail: {runs} runs, {refused} of them with refused updates, in {:.1} s",
        since.elapsed().as_secs_f64()
    );
    assert!(runs > effort(20, 100) && refused > 5);
}

/// One run; gives whether an update was refused, none where there was no such call.
fn fail(calls: &str, what: &str, when: usize, limit: u64) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let mut task = Task::new("work", &path);
    (task.threads, task.updates, task.limit, task.keep) = (1, 12, limit, 1);
    let held = task.open(std::sync::Arc::new(persist_store::fs::Disk)).unwrap();
    held.update(|(counters, _)| counters[0] = 3).unwrap();
    held.close().unwrap();

    let log = folder.path().join("log");
    let mut through: Vec<String> =
        ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "signal=none", "-o"].map(String::from).into();
    through.push(log.display().to_string());
    for name in ["", "state", ".state.persist-tmp", ".state.persist-lock", "state.~1~", "state.~2~", "state.~3~"] {
        through
            .extend(["-P".to_owned(), folder.path().join(name).display().to_string().trim_end_matches('/').to_owned()]);
    }
    through.extend(["-e".to_owned(), format!("trace={calls}"), "-e".to_owned()]);
    through.push(format!("inject={calls}:{what}:when={when}"));
    let (status, told) = Running::start(task.command(&through)).end();
    let injected = match what {
        "signal=SIGKILL" => !status.success(),
        _ => fs::read_to_string(&log).unwrap().contains("(INJECTED)"),
    };
    let place = format!("{calls}, {what}, call {when}: {:?}", told.lines);
    let found = on_disk(&path);
    told.check("commit", &[3, 0, 0, 0], &found);
    for line in told.lines.iter().filter(|line| line.starts_with("refused")) {
        // Of both the update that failed and the next one.
        assert_eq!(line.matches("cannot be written to any more, after this failed").count(), 2, "{place}");
        assert!(!told.closed, "{place}");
    }
    goes_on(&path, &found);
    injected.then(|| told.says("refused"))
}

/// The file opens, and takes updates.
fn goes_on(path: &Path, found: &[u64]) {
    let held = Persistent::<Counters>::builder(path).open().unwrap();
    assert_eq!(held.read().0, found);
    held.update(|(counters, _)| counters[3] += 1).unwrap();
    held.close().unwrap();
    assert_eq!(on_disk(path)[3], found[3] + 1);
}
