//! The files of a function's results.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use persist_core::Result;

use super::key::Key;
use super::lock::KeyLock;
use crate::atomic;
use crate::fs::Disk;
use crate::problem::{Problem, Step};

/// A folder that is made when the first result is kept.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Whether to note when a file was used last.
    pub(super) notes_use: bool,
}

/// What lies in a folder.
pub(super) enum Found {
    /// A result.
    Result {
        path: PathBuf,
        bytes: u64,
        used: SystemTime,
    },
    /// What a killed process may have left.
    Leftover {
        path: PathBuf,
        written: SystemTime,
    },
    Lock(PathBuf),
}

const LOCK: &str = "lock";

impl Folder {
    fn file(&self, key: Key) -> PathBuf {
        let (folder, file) = key.names();
        self.path.join(folder).join(file)
    }

    fn lock_file(&self, key: Key) -> PathBuf {
        self.file(key).with_extension(LOCK)
    }

    /// The bytes that are kept of a key.
    pub(super) fn read(&self, key: Key) -> Result<Option<Vec<u8>>> {
        let path = self.file(key);
        let read = || -> io::Result<Vec<u8>> {
            let mut file = OpenOptions::new().read(true).write(cfg!(windows) && self.notes_use).open(&path)?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            if self.notes_use {
                // Where that is not possible, the first in is the first out.
                _ = file.set_modified(SystemTime::now());
            }
            Ok(bytes)
        };
        match read() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Problem::opening(&path).at(Step::Read, error)),
        }
    }

    /// Keeps the bytes of a key.
    pub(super) fn write(&self, key: Key, bytes: &[u8]) -> Result<()> {
        let path = self.file(key);
        // A folder that someone removed in the meantime is made again.
        self.make(&path)?;
        atomic::write_unsynced(&Disk, &path, |file| Ok(file.write_all(bytes)?))
    }

    /// Forgets what is kept of a key; false where nothing is.
    pub(super) fn remove(&self, key: Key) -> Result<bool> {
        remove(&self.file(key))
    }

    /// The right to compute a key, once nobody else has it.
    pub(super) fn lock(&self, key: Key) -> Result<KeyLock> {
        let path = self.lock_file(key);
        self.make(&path)?;
        KeyLock::wait(&path).map_err(|error| Problem::saving(&path).at(Step::Create, error))
    }

    /// The same, without blocking the thread.
    pub(super) async fn lock_async(&self, key: Key) -> Result<KeyLock> {
        let path = self.lock_file(key);
        self.make(&path)?;
        KeyLock::wait_async(&path).await.map_err(|error| Problem::saving(&path).at(Step::Create, error))
    }

    /// Makes the folder of a file, for the user alone.
    fn make(&self, file: &Path) -> Result<()> {
        let folder = file.parent().unwrap_or(&self.path);
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| Problem::saving(folder).at(Step::Create, error))
    }

    /// Looks at all there is. What vanishes while it is looked at is not there.
    pub(super) fn each(&self, mut found: impl FnMut(Found) -> Result<()>) -> Result<()> {
        for (folder, name) in entries(&self.path)? {
            if !Key::is_folder_name(&name) {
                continue;
            }
            for (path, name) in entries(&folder)? {
                let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
                let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                if !metadata.is_file() {
                    continue;
                }
                if Key::is_file_name(&name) {
                    found(Found::Result { path, bytes: metadata.len(), used: written })?;
                } else if path.extension().is_some_and(|extension| extension == LOCK) {
                    found(Found::Lock(path))?;
                } else {
                    found(Found::Leftover { path, written })?;
                }
            }
        }
        Ok(())
    }
}

/// Removes a file; false where there is none.
pub(super) fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Problem::removing(path).at(Step::Remove, error)),
    }
}

/// What is in a folder, with names; nothing where there is no such folder.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let list = || fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>();
    match list() {
        Ok(entries) => {
            let named =
                entries.into_iter().map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()));
            Ok(named.collect())
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(Problem::opening(folder).at(Step::OpenFolder, error)),
    }
}

/// Removes a lock file that nobody has.
pub(super) fn remove_lock(path: &Path) {
    // Taking it is enough: dropping it removes it.
    drop(KeyLock::try_now(path));
}
