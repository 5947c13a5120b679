//! How long it takes to open what a killed process left, and a large file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use persist::Persistent;
use persist::fs::{Disk, FileSystem, Folder, Locking, OpenFile, Status};

use crate::Result;
use crate::growth::{Record, records};

/// Times of opening, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    /// Records of the journal, bytes of the file, and the time to open it.
    pub journal: (usize, u64, f64),
    /// Bytes of a large file; the times of `open`, of `load` from a buffered reader, and of reading its bytes alone.
    pub large: (u64, f64, f64, f64),
}

/// Opens a file with so many records in its journal, and one of about so many bytes.
pub fn recovery(folder: &Path, updates: usize, bytes: usize) -> Result<Recovery> {
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("state");
    let value = Persistent::<BTreeMap<u64, u64>>::builder(&path)
        .journal_limit(u64::MAX)
        .file_system(Arc::new(Unsynced))
        .open_or_else(|| (0..60).map(|key| (key, key)).collect())?;
    for update in 0..updates as u64 {
        value.update(|value| *value.entry(update % 64).or_default() += update)?;
    }
    // As a kill leaves it.
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy)?;
    let expected = value.read().clone();
    drop(value);
    let size = fs::metadata(&copy)?.len();
    let begin = Instant::now();
    let found: BTreeMap<u64, u64> = persist::open(&copy)?;
    let journal = (updates, size, begin.elapsed().as_secs_f64());
    if found != expected {
        return Err("the journal gives another value".into());
    }

    // A record takes about 30 bytes.
    let path = folder.path().join("large");
    persist::save(&path, &records(bytes / 30))?;
    let size = fs::metadata(&path)?.len();
    let mut best = [f64::INFINITY; 3];
    for _ in 0..3 {
        let begin = Instant::now();
        let value: Vec<Record> = persist::open(&path)?;
        best[0] = best[0].min(begin.elapsed().as_secs_f64());
        drop(value);
        let begin = Instant::now();
        let value: Vec<Record> = persist::load(BufReader::new(File::open(&path)?))?;
        best[1] = best[1].min(begin.elapsed().as_secs_f64());
        drop(value);
        let begin = Instant::now();
        drop(fs::read(&path)?);
        best[2] = best[2].min(begin.elapsed().as_secs_f64());
    }
    Ok(Recovery { journal, large: (size, best[0], best[1], best[2]) })
}

/// The disk, without waiting for it: to make a long journal in a short time.
#[derive(Debug)]
struct Unsynced;

#[derive(Debug)]
struct UnsyncedFile(Box<dyn OpenFile>);

impl OpenFile for UnsyncedFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<usize> {
        self.0.write_at(bytes, place)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn take_on(&mut self, status: &Status) -> io::Result<()> {
        self.0.take_on(status)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FileSystem for Unsynced {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Disk.read(path)
    }

    fn status(&self, path: &Path) -> io::Result<Status> {
        Disk.status(path)
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        Disk.link_target(path)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        Disk.check_writable(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        Disk.list(folder)
    }

    fn open_folder(&self, path: &Path) -> io::Result<Box<dyn Folder>> {
        Disk.open_folder(path)
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(UnsyncedFile(Disk.open_file(path)?)))
    }

    fn create_beside(&self, target: &Path, private: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)> {
        let (file, path) = Disk.create_beside(target, private)?;
        Ok((Box::new(UnsyncedFile(file)), path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }

    fn lock(&self, path: &Path, exclusive: bool) -> io::Result<Locking> {
        Disk.lock(path, exclusive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_is_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let Recovery { journal, large } = recovery(folder.path(), 100, 10_000).expect("they open");
        assert_eq!(journal.0, 100);
        assert!(journal.1 > 3_000 && large.0 > 5_000);
    }
}
