//! Files that were replaced, and kept: `state` has been `state.~1~`, `state.~2~` and so on, the newest with the highest
//! number.
//!
//! A generation is a second name of the very file that was replaced, given to it before the new one takes its place. So
//! there is no moment without a file at the target's own name, and a crash at most leaves a generation that equals it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::fs::{FileSystem, parent};

/// A file that was replaced, and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generation {
    /// Its number: newer ones have higher numbers.
    pub number: u64,
    /// Where it is: what [`open`](crate::open) takes.
    pub path: PathBuf,
    /// When it was written to last, where that is known.
    pub modified: Option<SystemTime>,
    /// Its bytes.
    pub len: u64,
}

/// The generations of a file, from the oldest to the newest.
pub(crate) fn list(fs: &dyn FileSystem, target: &Path) -> io::Result<Vec<Generation>> {
    let mut generations = Vec::new();
    for (number, path) in numbers(fs, target)? {
        // It may have been forgotten in between.
        let Ok(status) = fs.status(&path) else { continue };
        generations.push(Generation { number, path, modified: status.modified, len: status.len });
    }
    Ok(generations)
}

/// Keeps the file that is about to be replaced.
pub(crate) fn keep(fs: &dyn FileSystem, target: &Path) -> io::Result<()> {
    let mut number = numbers(fs, target)?.last().map_or(1, |(newest, _)| newest + 1);
    loop {
        match fs.link(target, &path_of(target, number)) {
            // Somebody else's save, just now.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            result => return result,
        }
    }
}

/// Removes all but the newest generations. One that cannot be removed is in nobody's way, and is tried again next time.
pub(crate) fn forget(fs: &dyn FileSystem, target: &Path, keep: usize) {
    let Ok(numbers) = numbers(fs, target) else { return };
    for (_, path) in numbers.iter().rev().skip(keep) {
        _ = fs.remove(path);
    }
}

/// The path of a generation.
pub(crate) fn path_of(target: &Path, number: u64) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".~{number}~"));
    target.with_file_name(name)
}

/// Numbers and paths, from the lowest on.
fn numbers(fs: &dyn FileSystem, target: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let Some(own) = target.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    let mut numbers = Vec::new();
    for name in fs.list(parent(target))? {
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(own)?.strip_prefix(".~")?.strip_suffix('~'))
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok());
        numbers.extend(number.map(|number| (number, path_of(target, number))));
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}
