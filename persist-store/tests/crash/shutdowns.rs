//! Programs that end: by a signal, by themselves, by a panic, and beside the handlers of others.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use persist_store::fs::{Disk, FileSystem, Folder, Locking, OpenFile, Status};
use persist_store::{Persistent, Shutdown, on_shutdown};
use tokio::signal::unix::{SignalKind, signal};

use crate::children::{Counters, Running, Task, Told, on_disk, tell, work};

const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

/// A value that nobody drops.
fn leak(held: Persistent<Counters>) -> &'static Persistent<Counters> {
    Box::leak(Box::new(held))
}

/// What the child of each test does.
pub(crate) fn child(role: &str, task: &Task) {
    match role {
        "signalled" => {
            let _guard = on_shutdown().unwrap();
            let held = task.open(Arc::new(Disk)).unwrap();
            work(task, &held);
        }
        "slow" => {
            let _guard =
                Shutdown::new().patience(Duration::from_secs(if task.keep == 0 { 600 } else { 1 })).install().unwrap();
            let held = leak(task.open(Arc::new(Slow(Disk))).unwrap());
            held.update(|(counters, _)| counters[0] = 1).unwrap();
            tell("ready");
            loop {
                thread::park();
            }
        }
        "returns" | "panics" => {
            let _guard = on_shutdown().unwrap();
            let held = leak(task.open(Arc::new(Disk)).unwrap());
            held.update(|(counters, _)| counters[0] = 5).unwrap();
            assert_eq!(role, "returns", "a panic in the middle");
        }
        "ctrlc before" | "ctrlc after" => {
            let set = || {
                ctrlc::set_handler(|| {
                    // The last save goes on beside this.
                    thread::sleep(Duration::from_secs(2));
                    tell("ctrlc");
                    std::process::exit(7);
                })
                .unwrap();
            };
            if role == "ctrlc before" {
                set();
            }
            let _guard = Shutdown::new().exit(false).install().unwrap();
            if role == "ctrlc after" {
                set();
            }
            update_and_wait(task);
        }
        "ctrlc ended" => {
            ctrlc::set_handler(|| thread::sleep(Duration::from_secs(600))).unwrap();
            let _guard = on_shutdown().unwrap();
            update_and_wait(task);
        }
        "tokio before" | "tokio after" | "tokio ended" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let early = (role != "tokio after").then(|| signal(SignalKind::terminate()).unwrap());
                let _guard = Shutdown::new().exit(role == "tokio ended").install().unwrap();
                let mut signals = early.unwrap_or_else(|| signal(SignalKind::terminate()).unwrap());
                let held = task.open(Arc::new(Disk)).unwrap();
                held.update(|(counters, _)| counters[0] = 5).unwrap();
                let held = leak(held);
                tell("ready");
                signals.recv().await;
                if role == "tokio ended" {
                    std::future::pending::<()>().await;
                }
                // An end in an order of its own: updates go on.
                held.update(|(counters, _)| counters[0] += 1).unwrap();
                tell("tokio");
            });
        }
        _ => panic!("no such role: {role}"),
    }
}

fn update_and_wait(task: &Task) {
    let held = leak(task.open(Arc::new(Disk)).unwrap());
    held.update(|(counters, _)| counters[0] = 5).unwrap();
    tell("ready");
    loop {
        thread::park();
    }
}

/// Runs a child that saves on exit; sends it a signal once it is ready.
fn run(role: &'static str, signal: Option<&str>) -> (ExitStatus, Told, u64) {
    let folder = tempfile::tempdir().unwrap();
    let mut task = Task::new(role, &folder.path().join("state"));
    task.durability = "exit";
    let mut running = Running::start(task.command(&[]));
    if let Some(signal) = signal {
        running.wait_for("ready");
        running.signal(signal);
    }
    let (status, told) = running.end();
    (status, told, on_disk(&task.path)[0])
}

/// Whatever was updated and returned is there, also where it was to be saved on exit only.
#[test]
fn signals_save_what_returned() {
    for (round, (signal, number)) in
        [("TERM", SIGTERM), ("INT", SIGINT), ("HUP", 1), ("TERM", SIGTERM)].into_iter().enumerate()
    {
        for durability in ["exit", "every", "commit"] {
            let folder = tempfile::tempdir().unwrap();
            let mut task = Task::new("signalled", &folder.path().join("state"));
            (task.durability, task.keep) = (durability, round % 2);
            let mut running = Running::start(task.command(&[]));
            running.wait_for("ack");
            thread::sleep(Duration::from_millis(7 * round as u64));
            running.signal(signal);
            let (status, told) = running.end();
            assert_eq!(status.signal(), Some(number), "{status:?}");
            // As if each update had been committed.
            told.check("commit", &[0; 4], &on_disk(&task.path));
        }
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut task = Task::new("slow", &folder.path().join("state"));
    task.durability = "exit";
    let mut running = Running::start(task.command(&[]));
    running.wait_for("ready");
    running.signal("TERM");
    running.wait_for("renaming");
    let since = Instant::now();
    running.signal("TERM");
    let (status, _) = running.end();
    assert_eq!(status.signal(), Some(SIGTERM));
    assert!(since.elapsed() < Duration::from_secs(60));
    assert!(!task.path.exists(), "what was there before stays, which was nothing");
}

#[test]
fn the_last_save_may_take_so_long() {
    let folder = tempfile::tempdir().unwrap();
    let mut task = Task::new("slow", &folder.path().join("state"));
    (task.durability, task.keep) = ("exit", 1);
    let mut running = Running::start(task.command(&[]));
    running.wait_for("ready");
    running.signal("TERM");
    running.wait_for("renaming");
    let since = Instant::now();
    assert_eq!(running.end().0.signal(), Some(SIGTERM));
    assert!(since.elapsed() < Duration::from_secs(60));
}

#[test]
fn the_guard_saves_on_return_and_on_a_panic() {
    let (status, _, found) = run("returns", None);
    assert_eq!((status.code(), found), (Some(0), 5));
    let (status, _, found) = run("panics", None);
    assert_eq!((status.code(), found), (Some(101), 5));
}

#[test]
fn beside_ctrlc() {
    // Set up first, it hears of the signal, and so do we.
    let (status, told, found) = run("ctrlc before", Some("INT"));
    assert_eq!((status.code(), told.says("ctrlc"), found), (Some(7), true, 5));
    // Set up later, it keeps the signal for itself.
    let (status, told, found) = run("ctrlc after", Some("INT"));
    assert_eq!((status.code(), told.says("ctrlc"), found), (Some(7), true, 0));
    // Without `exit(false)`, the process ends after the last save, whatever its handler does.
    let (status, _, found) = run("ctrlc ended", Some("INT"));
    assert_eq!((status.signal(), found), (Some(SIGINT), 5));
}

#[test]
fn beside_tokio() {
    for role in ["tokio before", "tokio after"] {
        let (status, told, found) = run(role, Some("TERM"));
        assert_eq!((status.code(), told.says("tokio"), found), (Some(0), true, 6), "{role}");
    }
    let (status, _, found) = run("tokio ended", Some("TERM"));
    assert_eq!((status.signal(), found), (Some(SIGTERM), 5));
}

/// A disk on which a rename takes longer than anybody waits.
#[derive(Debug)]
struct Slow(Disk);

impl FileSystem for Slow {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }

    fn status(&self, path: &Path) -> io::Result<Status> {
        self.0.status(path)
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.link_target(path)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        self.0.check_writable(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.0.list(folder)
    }

    fn open_folder(&self, path: &Path) -> io::Result<Box<dyn Folder>> {
        self.0.open_folder(path)
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        self.0.open_file(path)
    }

    fn create_beside(&self, target: &Path, private: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)> {
        self.0.create_beside(target, private)
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        tell("renaming");
        loop {
            thread::sleep(Duration::from_secs(3600));
        }
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }

    fn lock(&self, path: &Path, exclusive: bool) -> io::Result<Locking> {
        self.0.lock(path, exclusive)
    }
}
