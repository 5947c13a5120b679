//! One value in one file.

use std::path::Path;
use std::time::Duration;

use persist_core::{Decode, Dumper, Encode, Loader, Result};

use crate::atomic::Replacing;
use crate::fs::Disk;
use crate::generations::{self, Generation};
use crate::journal::Journal;
use crate::lock::{self, FileLock};
use crate::problem::{Problem, Step};

/// Saves a value to a file, replacing what was there: as a whole, or not at all.
///
/// When `save` returns `Ok`, the value is on disk for good, power loss included. On an error, and when the process is
/// killed at any point, the file still holds what it held before. [`atomic`](crate::atomic) tells how, and what becomes of
/// permissions and links. The checksum is always on, so [`open`] notices a file that has been damaged since.
///
/// Two savers of one file never mix their content: the later one wins. [`FileOptions`] has locks, files that only their
/// owner may read, and keeps what was replaced.
///
/// ```
/// # fn main() -> persist_core::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("scores");
/// persist_store::save(&path, &vec![("anna".to_owned(), 17_u32)])?;
/// let scores: Vec<(String, u32)> = persist_store::open(&path)?;
/// assert_eq!(scores, [("anna".to_owned(), 17)]);
/// # Ok(())
/// # }
/// ```
pub fn save<T: Encode>(path: impl AsRef<Path>, value: &T) -> Result<()> {
    FileOptions::new().save(path, value)
}

/// Opens a file that [`save`] wrote, or a `Persistent`, rebuilding what was left out of it.
///
/// The whole file is checked before the first hook runs, and it must hold exactly one value. A file that does not read is
/// left as it is. Where the file may be missing on a first start, use [`open_or_default`].
pub fn open<T: Decode>(path: impl AsRef<Path>) -> Result<T> {
    FileOptions::new().open(path)
}

/// Opens a file that [`save`] wrote, or gives the default where there is no file yet.
///
/// The default is for a missing file in an existing folder only. A file that does not read, may not be read, or whose
/// folder is missing (an unmounted disk, a misspelt path) is an error: a default in its place would be saved over it.
pub fn open_or_default<T: Decode + Default>(path: impl AsRef<Path>) -> Result<T> {
    FileOptions::new().open_or_else(path, T::default)
}

/// Opens a file that [`save`] wrote, or gives what the closure gives where there is no file yet; see [`open_or_default`].
pub fn open_or_else<T: Decode>(path: impl AsRef<Path>, make: impl FnOnce() -> T) -> Result<T> {
    FileOptions::new().open_or_else(path, make)
}

/// What [`FileOptions::compact`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compacted {
    /// Bytes of the file before.
    pub before: u64,
    /// Its bytes now.
    pub after: u64,
    /// Updates that were in its journal.
    pub updates: u64,
}

/// How files are saved and opened.
///
/// ```
/// # fn main() -> persist_core::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("keys");
/// use persist_store::FileOptions;
///
/// let options = FileOptions::new().private(true).keep(2);
/// for number in 1..=4u8 {
///     options.save(&path, &number)?;
/// }
/// let before: Vec<u8> = options.history(&path)?.iter().map(|old| persist_store::open(&old.path)).collect::<Result<_, _>>()?;
/// assert_eq!(before, [2, 3]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct FileOptions {
    replacing: Replacing,
    patience: Duration,
}

impl FileOptions {
    /// As [`save`] and [`open`] do it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a new file may be read and written by its owner only (mode 0600). An existing one keeps its permissions.
    pub fn private(mut self, private: bool) -> Self {
        self.replacing.private = private;
        self
    }

    /// Whether a symbolic link is followed, which it is unless this says otherwise, or refused.
    pub fn follow_links(mut self, follow_links: bool) -> Self {
        self.replacing.follow_links = follow_links;
        self
    }

    /// Keeps so many of the files that are replaced: `state` becomes `state.~1~`, the next one `state.~2~`, and so on.
    /// 0, unless this says otherwise.
    pub fn keep(mut self, keep: usize) -> Self {
        self.replacing.keep = keep;
        self
    }

    /// How long [`lock`](Self::lock) waits while somebody else has the lock: not at all, unless this says otherwise.
    pub fn wait(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Saves a value; see [`save`].
    pub fn save<T: Encode>(&self, path: impl AsRef<Path>, value: &T) -> Result<()> {
        self.save_with(path, value, &mut Dumper::new())
    }

    /// Saves a value with a dumper of one's own: another protocol or level. A packed value is saved with checksums only.
    pub fn save_with<T: Encode>(&self, path: impl AsRef<Path>, value: &T, dumper: &mut Dumper) -> Result<()> {
        // Not generic over the path, so that each type compiles once.
        fn save<T: Encode>(options: Replacing, path: &Path, value: &T, dumper: &mut Dumper) -> Result<()> {
            let mut checked = std::mem::take(dumper).checksum(true).bare(false);
            let result = options.write(&Disk, path, |file| checked.dump(value, file));
            *dumper = checked;
            result.map(drop)
        }
        save(self.replacing, path.as_ref(), value, dumper)
    }

    /// Opens a file; see [`open`].
    pub fn open<T: Decode>(&self, path: impl AsRef<Path>) -> Result<T> {
        self.open_with(path, &mut Loader::new())
    }

    /// Opens a file with a loader of one's own: with limits, or values for the hooks.
    pub fn open_with<T: Decode>(&self, path: impl AsRef<Path>, loader: &mut Loader) -> Result<T> {
        let path = path.as_ref();
        self.load(path, loader)?.ok_or_else(|| Problem::opening(path).no_file())
    }

    /// Opens a file, or gives what the closure gives where there is none yet; see [`open_or_default`].
    pub fn open_or_else<T: Decode>(&self, path: impl AsRef<Path>, make: impl FnOnce() -> T) -> Result<T> {
        Ok(self.load(path.as_ref(), &mut Loader::new())?.unwrap_or_else(make))
    }

    fn load<T: Decode>(&self, path: &Path, loader: &mut Loader) -> Result<Option<T>> {
        let Some(file) = self.replacing.read(&Disk, path)? else { return Ok(None) };
        let value = Journal::read(file).and_then(Journal::into_value).and_then(|bytes| loader.loads(&bytes));
        value.map(Some).map_err(|error| Problem::opening(path).with(error))
    }

    /// Takes the lock of a file, for those who read, change and save it: nobody else gets it until it is dropped, and no
    /// `Persistent` opens the file. A `save` or `open` without a lock does not wait for it.
    ///
    /// # Errors
    ///
    /// Where somebody else has it: the error names the process.
    pub fn lock(&self, path: impl AsRef<Path>) -> Result<FileLock> {
        self.lock_as(path.as_ref(), true)
    }

    /// Takes the lock of a file, which others may share: as long as it is held, nobody gets it for himself.
    pub fn lock_shared(&self, path: impl AsRef<Path>) -> Result<FileLock> {
        self.lock_as(path.as_ref(), false)
    }

    fn lock_as(&self, path: &Path, exclusive: bool) -> Result<FileLock> {
        let problem = Problem::opening(path);
        let target = self.replacing.target(&Disk, path, &problem)?;
        crate::atomic::status(&Disk, &target, &problem)?;
        Ok(FileLock { _held: lock::wait(&Disk, path, &target, exclusive, self.patience)? })
    }

    /// Folds the journal of a file into its value, so that the file is a plain packed one; a file without a journal stays
    /// as it is. It takes the lock of the file, and replaces it as [`save`](Self::save) does.
    ///
    /// # Errors
    ///
    /// Where somebody has the file open, where it does not read, and where updates in its journal are damaged.
    pub fn compact(&self, path: impl AsRef<Path>) -> Result<Compacted> {
        let path = path.as_ref();
        let _lock = self.lock(path)?;
        let problem = Problem::opening(path);
        let file = self.replacing.read(&Disk, path)?.ok_or_else(|| problem.is_missing())?;
        let before = file.len() as u64;
        let journal = Journal::read(file).and_then(|journal| journal.check().map(|()| journal));
        let journal = journal.map_err(|error| problem.with(error))?;
        let updates = journal.records.iter().map(|record| record.updates).sum();
        let compacted = Compacted { before, after: journal.value.len() as u64, updates };
        if compacted.after != before {
            persist_core::inspect(&journal.value).map_err(|error| problem.with(error))?;
            self.replacing.write(&Disk, path, |out| Ok(out.write_all(&journal.value)?))?;
        }
        Ok(compacted)
    }

    /// The files that were replaced, and kept, from the oldest to the newest; [`open`] reads them.
    pub fn history(&self, path: impl AsRef<Path>) -> Result<Vec<Generation>> {
        let problem = Problem::opening(path.as_ref());
        let target = self.replacing.target(&Disk, path.as_ref(), &problem)?;
        generations::list(&Disk, &target).map_err(|error| problem.at(Step::Look, error))
    }
}

#[cfg(test)]
mod tests;
