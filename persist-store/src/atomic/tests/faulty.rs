//! The real file system, except that the calls a test picks fail.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::fs::{Disk, FileSystem, Folder, Status};

/// Fails a call, of which it is given the number, and `at`, as `fails` decides.
pub(super) fn faulty(fails: fn(usize, usize) -> bool, at: usize, error: io::ErrorKind) -> Faulty {
    Faulty { calls: Rc::new(Calls { names: RefCell::default(), fails, at, error }) }
}

pub(super) struct Faulty {
    calls: Rc<Calls>,
}

struct Calls {
    names: RefCell<Vec<&'static str>>,
    fails: fn(usize, usize) -> bool,
    at: usize,
    error: io::ErrorKind,
}

impl Calls {
    fn count(&self, name: &'static str) -> io::Result<()> {
        let mut names = self.names.borrow_mut();
        names.push(name);
        if (self.fails)(names.len() - 1, self.at) { Err(self.error.into()) } else { Ok(()) }
    }
}

pub(super) struct FaultyFile {
    file: fs::File,
    calls: Rc<Calls>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.calls.count("write") {
            // A failing disk may have taken a part.
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl FileSystem for Faulty {
    type File = FaultyFile;
    type Folder = Folder;

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

    fn open_folder(&self, path: &Path) -> io::Result<Self::Folder> {
        self.calls.count("open_folder")?;
        Disk.open_folder(path)
    }

    fn create_beside(&self, target: &Path, existing: Option<&Status>) -> io::Result<(FaultyFile, PathBuf)> {
        self.calls.count("create_beside")?;
        let (file, path) = Disk.create_beside(target, existing)?;
        Ok((FaultyFile { file, calls: Rc::clone(&self.calls) }, path))
    }

    fn take_on(&self, file: &FaultyFile, status: &Status) -> io::Result<()> {
        self.calls.count("take_on")?;
        Disk.take_on(&file.file, status)
    }

    fn sync(&self, file: &FaultyFile) -> io::Result<()> {
        self.calls.count("sync")?;
        Disk.sync(&file.file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.calls.count("rename")?;
        Disk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Self::Folder) -> io::Result<()> {
        self.calls.count("sync_folder")?;
        Disk.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.calls.count("remove")?;
        Disk.remove(path)
    }
}

impl Faulty {
    pub(super) fn last_call(&self) -> &'static str {
        self.calls.names.borrow().last().copied().unwrap_or("none")
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        self.calls.names.borrow().clone()
    }
}
