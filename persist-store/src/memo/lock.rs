//! One process at a time computes a result: a lock file beside it, which ends with the process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use event_listener::Event;

/// The right to compute a result. Dropping it removes the file, and lets the next one have it.
#[derive(Debug)]
pub(super) struct KeyLock {
    /// Locked, and at the path.
    file: File,
    path: PathBuf,
}

impl KeyLock {
    /// Waits for it.
    pub(super) fn wait(path: &Path) -> io::Result<KeyLock> {
        loop {
            let file = open(path)?;
            lock(&file)?;
            if let Some(lock) = KeyLock::checked(file, path) {
                return Ok(lock);
            }
        }
    }

    /// Waits for it without blocking the thread: that takes another thread, where somebody has it.
    ///
    /// Where the future is dropped, that thread still waits, and then lets the next one have the lock.
    pub(super) async fn wait_async(path: &Path) -> io::Result<KeyLock> {
        if let Some(lock) = KeyLock::try_now(path)? {
            return Ok(lock);
        }
        let waited = Arc::new((Mutex::new(None), Event::new()));
        let listener = waited.1.listen();
        let (path, theirs) = (path.to_owned(), Arc::clone(&waited));
        thread::Builder::new().name("persist-memo".into()).spawn(move || {
            let lock = KeyLock::wait(&path);
            *theirs.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
            theirs.1.notify(1);
        })?;
        listener.await;
        let lock = waited.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        lock.unwrap_or_else(|| Err(io::Error::other("the thread that waits for the lock is gone")))
    }

    /// Takes it if nobody has it.
    pub(super) fn try_now(path: &Path) -> io::Result<Option<KeyLock>> {
        loop {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) => {
                    if let Some(lock) = KeyLock::checked(file, path) {
                        return Ok(Some(lock));
                    }
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// The one who had it before may have removed the file in the meantime: then it is the lock of nothing.
    fn checked(file: File, path: &Path) -> Option<KeyLock> {
        is_at(&file, path).then(|| KeyLock { file, path: path.to_owned() })
    }
}

impl Drop for KeyLock {
    fn drop(&mut self) {
        // While it is locked, so that nobody takes it for his.
        _ = fs::remove_file(&self.path);
        _ = self.file.unlock();
    }
}

fn lock(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            // A signal that the process handles.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path)
}

#[cfg(unix)]
use crate::draft::is_at;

/// Windows has no way, in std, to tell. Where it is not, a result may be computed twice, and no more than that.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let inside = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let lock = KeyLock::wait(&path).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        assert!(KeyLock::try_now(&path).unwrap().is_none());
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert!(!path.exists());
    }
}
