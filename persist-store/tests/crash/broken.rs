//! File systems that leave out one thing, or do it at another time: what the store would be if it did so. The harness has
//! to notice each.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use persist_store::fs::{FileSystem, Folder, Locking, OpenFile, Status};
use persist_store::journal::Journal;

use crate::simulated::{Simulated, is_generation};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The new file is not synced before it takes the old one's place.
    NoSyncOfNewFile,
    /// It is, but only after the rename.
    RenameBeforeSync,
    /// The folder is not synced after a rename.
    NoSyncOfFolder,
    /// It is, but only with the next call.
    LateSyncOfFolder,
    /// The folder is not synced before a journal is gone on with.
    NoSyncOfFolderOnOpening,
    /// A record is not synced.
    NoSyncOfRecord,
    /// It is, but only when the next one is written.
    LateSyncOfRecord,
    /// The second half of a record is written after the sync.
    HalfOfRecordSynced,
    /// A record is synced, but not the length of the file.
    NoSyncOfLength,
    /// A sync that fails is passed over.
    FailedSyncIgnored,
    /// A sync that fails is tried again, and has no error then.
    FailedSyncRetried,
    /// The journal of a killed process is gone on with, as if it had been closed.
    JournalOfKilledResumed,
    /// The old file is removed before the new one takes its name.
    OldFileRemovedFirst,
    /// The old file gets its name as a generation by a rename, not by a link.
    OldFileMovedAway,
    /// The old file is written over in its place.
    WrittenInPlace,
    /// Old generations are removed before the new one is durable.
    OldGenerationRemovedFirst,
    /// The mark that a file is closed is not synced, and the zeros behind it not cut off for good.
    NoSyncOfClosing,
    /// The zeros behind the closing mark are not cut off.
    ZerosNotCut,
}

#[derive(Debug)]
pub(crate) struct Wrong {
    simulated: Simulated,
    fault: Fault,
    late: Mutex<Option<Shared>>,
    renamed: Arc<AtomicBool>,
    owed: Arc<AtomicBool>,
}

type Shared = Arc<Mutex<Box<dyn OpenFile>>>;

impl Wrong {
    pub(crate) fn on(simulated: Simulated, fault: Fault) -> Arc<dyn FileSystem> {
        let (renamed, owed) = (Arc::default(), Arc::default());
        Arc::new(Wrong { simulated, fault, late: Mutex::default(), renamed, owed })
    }

    fn file(&self, file: Box<dyn OpenFile>, path: PathBuf, new: bool) -> (Shared, Box<dyn OpenFile>) {
        let file = Arc::new(Mutex::new(file));
        let wrong = WrongFile {
            file: Arc::clone(&file),
            simulated: self.simulated.clone(),
            fault: self.fault,
            path,
            draft: new.then(|| Arc::clone(&self.renamed)),
            held_back: Vec::new(),
            owed: false,
        };
        (file, Box::new(wrong))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FileSystem for Wrong {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = self.simulated.read(path)?;
        if self.fault == Fault::JournalOfKilledResumed {
            close(&mut bytes);
        }
        Ok(bytes)
    }

    fn status(&self, path: &Path) -> io::Result<Status> {
        self.simulated.status(path)
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        self.simulated.link_target(path)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        self.simulated.check_writable(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.simulated.list(folder)
    }

    fn open_folder(&self, path: &Path) -> io::Result<Box<dyn Folder>> {
        let folder = self.simulated.open_folder(path)?;
        if self.owed.swap(false, Ordering::SeqCst) {
            folder.sync()?;
        }
        let (renamed, owed) = (Arc::clone(&self.renamed), Arc::clone(&self.owed));
        Ok(Box::new(WrongFolder { folder, fault: self.fault, renamed, owed }))
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(self.file(self.simulated.open_file(path)?, path.to_owned(), false).1)
    }

    fn create_beside(&self, target: &Path, private: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)> {
        let (file, path) = self.simulated.create_beside(target, private)?;
        self.renamed.store(false, Ordering::SeqCst);
        let (shared, file) = self.file(file, target.to_owned(), true);
        *lock(&self.late) = Some(shared);
        Ok((file, path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.fault {
            Fault::OldFileRemovedFirst => _ = self.simulated.remove(to),
            Fault::WrittenInPlace if self.simulated.status(to).is_ok() => {
                let bytes = self.simulated.read(from)?;
                let mut file = self.simulated.open_file(to)?;
                file.set_len(bytes.len() as u64)?;
                file.write_all_at(&bytes, 0)?;
                file.sync()?;
                self.simulated.remove(from)?;
                // What is appended from now on goes there, too.
                if let Some(shared) = &*lock(&self.late) {
                    *lock(shared) = file;
                }
                return Ok(());
            }
            _ => {}
        }
        self.simulated.rename(from, to)?;
        self.renamed.store(true, Ordering::SeqCst);
        if self.fault == Fault::RenameBeforeSync
            && let Some(file) = &*lock(&self.late)
        {
            lock(file).sync()?;
        }
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.fault {
            Fault::OldFileMovedAway => return self.simulated.rename(from, to),
            Fault::OldGenerationRemovedFirst => {
                let folder = from.parent().unwrap_or(from);
                for name in self.simulated.list(folder)? {
                    if is_generation(&name.to_string_lossy()) {
                        self.simulated.remove(&folder.join(name))?;
                    }
                }
            }
            _ => {}
        }
        self.simulated.link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.simulated.remove(path)
    }

    fn lock(&self, path: &Path, exclusive: bool) -> io::Result<Locking> {
        self.simulated.lock(path, exclusive)
    }
}

/// Puts a closing mark behind the records of a journal that was not closed, where it reads so far.
fn close(file: &mut Vec<u8>) {
    let Ok(journal) = Journal::read(file.clone()) else { return };
    let (Some(last), None, false) = (journal.records.last(), &journal.damage, journal.closed) else { return };
    let id = file[journal.base as usize + 8..journal.base as usize + 16].to_vec();
    let payload = [2, 0];
    let mut mark = Vec::from((payload.len() as u32).to_le_bytes());
    mark.extend((last.sequence + 1).to_le_bytes());
    let check = crc32fast::hash(&[&id[..], &mark, &payload].concat());
    mark.extend(check.to_le_bytes());
    mark.extend(payload);
    file.truncate(last.bytes.end as usize);
    file.extend(mark);
}

#[derive(Debug)]
struct WrongFolder {
    folder: Box<dyn Folder>,
    fault: Fault,
    renamed: Arc<AtomicBool>,
    owed: Arc<AtomicBool>,
}

impl Folder for WrongFolder {
    fn sync(&self) -> io::Result<()> {
        match self.fault {
            Fault::NoSyncOfFolder => Ok(()),
            Fault::LateSyncOfFolder => {
                self.owed.store(true, Ordering::SeqCst);
                Ok(())
            }
            Fault::NoSyncOfFolderOnOpening if !self.renamed.load(Ordering::SeqCst) => Ok(()),
            _ => self.folder.sync(),
        }
    }
}

#[derive(Debug)]
struct WrongFile {
    file: Shared,
    simulated: Simulated,
    fault: Fault,
    path: PathBuf,
    /// For a new file, whether it was renamed.
    draft: Option<Arc<AtomicBool>>,
    held_back: Vec<(Vec<u8>, u64)>,
    owed: bool,
}

impl WrongFile {
    /// Whether it has yet to take the old one's place.
    fn is_draft(&self) -> bool {
        self.draft.as_ref().is_some_and(|renamed| !renamed.load(Ordering::SeqCst))
    }

    fn sync_by(&self, sync: fn(&mut dyn OpenFile) -> io::Result<()>) -> io::Result<()> {
        let mut file = lock(&self.file);
        match (sync(&mut **file), self.fault) {
            (Err(_), Fault::FailedSyncIgnored) => Ok(()),
            (Err(_), Fault::FailedSyncRetried) => sync(&mut **file),
            (result, _) => result,
        }
    }
}

impl OpenFile for WrongFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<usize> {
        if std::mem::take(&mut self.owed) {
            lock(&self.file).sync_data()?;
        }
        let is_record = !self.is_draft() && bytes.iter().any(|&byte| byte != 0);
        if self.fault == Fault::HalfOfRecordSynced && is_record {
            let half = bytes.len() / 2;
            self.held_back.push((bytes[half..].to_vec(), place + half as u64));
            lock(&self.file).write_all_at(&bytes[..half], place)?;
            return Ok(bytes.len());
        }
        lock(&self.file).write_at(bytes, place)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        if self.fault == Fault::ZerosNotCut {
            return Ok(());
        }
        lock(&self.file).set_len(len)
    }

    fn take_on(&mut self, status: &Status) -> io::Result<()> {
        lock(&self.file).take_on(status)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        match self.fault {
            Fault::NoSyncOfRecord => return Ok(()),
            Fault::LateSyncOfRecord => {
                self.owed = true;
                return Ok(());
            }
            Fault::NoSyncOfLength => {
                self.simulated.sync_without_length(&self.path);
                return Ok(());
            }
            _ => {}
        }
        self.sync_by(|file| file.sync_data())?;
        for (bytes, place) in self.held_back.drain(..) {
            lock(&self.file).write_all_at(&bytes, place)?;
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let left_out = match self.fault {
            Fault::NoSyncOfNewFile | Fault::RenameBeforeSync => self.is_draft(),
            Fault::NoSyncOfClosing => !self.is_draft(),
            _ => false,
        };
        if left_out { Ok(()) } else { self.sync_by(|file| file.sync()) }
    }
}
