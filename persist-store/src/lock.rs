//! Locks of files: one writer at a time, or several readers.
//!
//! A lock is an advisory one (`flock` on Linux) on a file of its own beside the target, `.NAME.persist-lock`, which is never
//! renamed or removed: the target itself is replaced by each save, and a lock on it would be one on the old file. It ends
//! with the process, however that ends. [`save`](crate::save) and [`open`](crate::open) take none, since each is atomic by
//! itself; who reads, changes and saves takes one around all three.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use persist_core::Result;

use crate::fs::{FileSystem, Held, Locking};
use crate::problem::{Problem, Step};

/// The lock of a file, held until this is dropped, or the process ends.
#[derive(Debug)]
#[must_use = "the lock ends when this is dropped"]
pub struct FileLock {
    pub(crate) _held: Box<dyn Held>,
}

/// How often a lock is tried while it is waited for.
const AGAIN: Duration = Duration::from_millis(10);

/// Takes the lock of a file, waiting for so long at most.
pub(crate) fn wait(
    fs: &dyn FileSystem,
    path: &Path,
    target: &Path,
    exclusive: bool,
    patience: Duration,
) -> Result<Box<dyn Held>> {
    let problem = Problem::opening(path);
    let (file, until) = (lock_path(target), Instant::now() + patience);
    loop {
        match fs.lock(&file, exclusive).map_err(|error| problem.at(Step::Lock, error))? {
            Locking::Ours(held) => return Ok(held),
            Locking::Taken(_) if Instant::now() < until => thread::sleep(AGAIN),
            Locking::Taken(owner) => return Err(problem.is_locked(owner.as_deref())),
        }
    }
}

/// The file whose lock stands for the target's.
fn lock_path(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".persist-lock");
    target.with_file_name(name)
}
