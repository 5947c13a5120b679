//! The real file system, except that the calls a test picks fail.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::fs::{Disk, FileSystem, Folder, Locking, OpenFile, Status};

/// Fails a call, of which it is given the number, and `at`, as `fails` decides.
pub(super) fn faulty(fails: fn(usize, usize) -> bool, at: usize, error: io::ErrorKind) -> Faulty {
    Faulty { calls: Arc::new(Calls { names: Mutex::default(), fails, at, error }) }
}

#[derive(Debug)]
pub(super) struct Faulty {
    calls: Arc<Calls>,
}

#[derive(Debug)]
struct Calls {
    names: Mutex<Vec<&'static str>>,
    fails: fn(usize, usize) -> bool,
    at: usize,
    error: io::ErrorKind,
}

impl Calls {
    fn count(&self, name: &'static str) -> io::Result<()> {
        let mut names = self.names.lock().unwrap();
        names.push(name);
        if (self.fails)(names.len() - 1, self.at) { Err(self.error.into()) } else { Ok(()) }
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn OpenFile>,
    calls: Arc<Calls>,
}

impl OpenFile for FaultyFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<usize> {
        if let Err(error) = self.calls.count("write_at") {
            // A failing disk may have taken a part.
            self.file.write_all_at(&bytes[..bytes.len() / 2], place)?;
            return Err(error);
        }
        self.file.write_at(bytes, place)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.calls.count("set_len")?;
        self.file.set_len(len)
    }

    fn take_on(&mut self, status: &Status) -> io::Result<()> {
        self.calls.count("take_on")?;
        self.file.take_on(status)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.calls.count("sync_data")?;
        self.file.sync_data()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.calls.count("sync")?;
        self.file.sync()
    }
}

#[derive(Debug)]
struct FaultyFolder {
    folder: Box<dyn Folder>,
    calls: Arc<Calls>,
}

impl Folder for FaultyFolder {
    fn sync(&self) -> io::Result<()> {
        self.calls.count("sync_folder")?;
        self.folder.sync()
    }
}

impl Faulty {
    fn file(&self, file: Box<dyn OpenFile>) -> Box<dyn OpenFile> {
        Box::new(FaultyFile { file, calls: Arc::clone(&self.calls) })
    }
}

impl FileSystem for Faulty {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.calls.count("read")?;
        Disk.read(path)
    }

    fn status(&self, path: &Path) -> io::Result<Status> {
        self.calls.count("status")?;
        Disk.status(path)
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        self.calls.count("link_target")?;
        Disk.link_target(path)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        self.calls.count("check_writable")?;
        Disk.check_writable(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.calls.count("list")?;
        Disk.list(folder)
    }

    fn open_folder(&self, path: &Path) -> io::Result<Box<dyn Folder>> {
        self.calls.count("open_folder")?;
        Ok(Box::new(FaultyFolder { folder: Disk.open_folder(path)?, calls: Arc::clone(&self.calls) }))
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        self.calls.count("open_file")?;
        Ok(self.file(Disk.open_file(path)?))
    }

    fn create_beside(&self, target: &Path, private: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)> {
        self.calls.count("create_beside")?;
        let (file, path) = Disk.create_beside(target, private)?;
        Ok((self.file(file), path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.calls.count("rename")?;
        Disk.rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.calls.count("link")?;
        Disk.link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.calls.count("remove")?;
        Disk.remove(path)
    }

    fn lock(&self, path: &Path, exclusive: bool) -> io::Result<Locking> {
        self.calls.count("lock")?;
        Disk.lock(path, exclusive)
    }
}

impl Faulty {
    pub(super) fn last_call(&self) -> &'static str {
        self.calls.names.lock().unwrap().last().copied().unwrap_or("none")
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        self.calls.names.lock().unwrap().clone()
    }
}
