//! `#[persist::memoize]`: what is computed, and what is not.

/// Counts what is computed.
macro_rules! counted {
    ($($name:ident),*) => {$(
        static $name: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    )*};
}

mod asynchronous;
mod forms;
mod processes;
mod threads;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

/// A folder for all memos of this process. It is removed where the process is not killed.
fn folder() -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("there is a place for temporary files"));
    folder.path().join("not").join("there").join("yet")
}

fn count(counter: &std::sync::atomic::AtomicUsize) {
    counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
}

fn counts<const N: usize>(counters: [&std::sync::atomic::AtomicUsize; N]) -> [usize; N] {
    counters.map(|counter| counter.load(std::sync::atomic::Ordering::SeqCst))
}

/// The entries of a folder and all below it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
