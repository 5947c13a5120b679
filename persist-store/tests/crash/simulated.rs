//! A file system on a [`Platter`]: calls that are counted, recorded, and made to fail.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use persist_store::fs::{FileSystem, Folder, Held, Kind, Locking, OpenFile, Status};

use crate::platter::Platter;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// EIO; a write has written half, a sync nothing, for good.
    Io,
    /// ENOSPC; a write has written half.
    NoSpace,
    /// A write writes less than it was given, and says so.
    Short,
    /// The process is dead from here on.
    Death,
}

/// What a crash finds: the disk, and how far the process had come.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) platter: Platter,
    pub(crate) call: &'static str,
    /// The last value that was acknowledged, and the last one that was attempted.
    pub(crate) acked: usize,
    pub(crate) attempted: usize,
    /// Generations that have to be there, at least.
    pub(crate) kept: usize,
}

/// One process on a disk.
#[derive(Clone, Debug)]
pub(crate) struct Simulated(Arc<Mutex<Process>>);

#[derive(Debug)]
struct Process {
    platter: Platter,
    lock: Arc<()>,
    calls: usize,
    fault: Option<(usize, Fault)>,
    /// A fault came to pass.
    failed: bool,
    dead: bool,
    moments: Option<Vec<Moment>>,
    acked: usize,
    attempted: usize,
    kept: usize,
}

impl Simulated {
    pub(crate) fn new(platter: Platter) -> Self {
        let lock = Arc::new(());
        Simulated(Arc::new(Mutex::new(Process {
            platter,
            lock,
            calls: 0,
            fault: None,
            failed: false,
            dead: false,
            moments: None,
            acked: 0,
            attempted: 0,
            kept: 0,
        })))
    }

    /// One in which the call of this number fails.
    pub(crate) fn failing(platter: Platter, at: usize, fault: Fault) -> Self {
        let simulated = Self::new(platter);
        simulated.process().fault = Some((at, fault));
        simulated
    }

    /// One that remembers each moment at which a crash would find something else.
    pub(crate) fn recording(platter: Platter) -> Self {
        let simulated = Self::new(platter);
        simulated.process().moments = Some(Vec::new());
        simulated
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the process has come; a crash may come now.
    pub(crate) fn note(&self, acked: usize, attempted: usize) {
        let mut process = self.process();
        (process.acked, process.attempted) = (acked, attempted);
        process.remember("no call");
    }

    /// So many generations are there, and have to stay.
    pub(crate) fn expect_kept(&self, kept: usize) {
        self.process().kept = kept;
    }

    pub(crate) fn kept(&self) -> usize {
        self.process().kept
    }

    /// Every call fails from now on, and does nothing.
    pub(crate) fn kill(&self) {
        self.process().dead = true;
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.process().dead
    }

    pub(crate) fn failed(&self) -> bool {
        self.process().failed
    }

    pub(crate) fn platter(&self) -> Platter {
        self.process().platter.clone()
    }

    pub(crate) fn take_moments(&self) -> Vec<Moment> {
        self.process().moments.take().unwrap_or_default()
    }

    /// Syncs the content of a file, but not its length: a sync that does less than it should.
    pub(crate) fn sync_without_length(&self, path: &Path) {
        let mut process = self.process();
        if let Some(inode) = process.platter.find(&name(path)) {
            process.platter.sync_without_length(inode);
        }
    }
}

impl Process {
    fn remember(&mut self, call: &'static str) {
        let (acked, attempted, kept) = (self.acked, self.attempted, self.kept);
        if let Some(moments) = &mut self.moments {
            moments.push(Moment { platter: self.platter.clone(), call, acked, attempted, kept });
        }
    }

    /// Counts a call; an error where it is to do nothing, a fault where it is to do less.
    fn call(&mut self) -> io::Result<Option<Fault>> {
        let number = self.calls;
        self.calls += 1;
        let fault = self.fault.filter(|&(at, _)| at == number).map(|(_, fault)| fault);
        self.failed |= fault.is_some();
        self.dead |= fault == Some(Fault::Death);
        if self.dead { Err(io::Error::other("the process is dead")) } else { Ok(fault) }
    }

    /// A call that fails as a whole.
    fn plain(&mut self) -> io::Result<()> {
        match self.call()?.and_then(error) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

fn error(fault: Fault) -> Option<io::Error> {
    match fault {
        // What Linux numbers EIO and ENOSPC.
        Fault::Io => Some(io::Error::from_raw_os_error(5)),
        Fault::NoSpace => Some(io::Error::from_raw_os_error(28)),
        Fault::Short | Fault::Death => None,
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Everything is in one folder.
const FOLDER: &str = "/simulated";

/// The file of all workloads.
pub(crate) fn state() -> PathBuf {
    Path::new(FOLDER).join("state")
}

/// Whether a name is that of a generation of [`state`].
pub(crate) fn is_generation(name: &str) -> bool {
    name.starts_with("state.~")
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl FileSystem for Simulated {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut process = self.process();
        process.plain()?;
        let inode = process.platter.find(&name(path)).ok_or_else(not_found)?;
        Ok(process.platter.content(inode).whole())
    }

    fn status(&self, path: &Path) -> io::Result<Status> {
        let mut process = self.process();
        process.plain()?;
        let (kind, len) = if path == Path::new(FOLDER) {
            (Kind::Folder, 0)
        } else {
            let inode = process.platter.find(&name(path)).ok_or_else(not_found)?;
            (Kind::File, process.platter.content(inode).len as u64)
        };
        Ok(Status { kind, len, modified: None, permissions: None, owner: None })
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        let mut process = self.process();
        process.plain()?;
        process.platter.find(&name(path)).ok_or_else(not_found)?;
        Err(io::ErrorKind::InvalidInput.into())
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        let mut process = self.process();
        process.plain()?;
        process.platter.find(&name(path)).map(drop).ok_or_else(not_found)
    }

    fn list(&self, _: &Path) -> io::Result<Vec<OsString>> {
        let mut process = self.process();
        process.plain()?;
        Ok(process.platter.names().map(OsString::from).collect())
    }

    fn open_folder(&self, _: &Path) -> io::Result<Box<dyn Folder>> {
        self.process().plain()?;
        Ok(Box::new(SimulatedFolder(self.clone())))
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut process = self.process();
        process.plain()?;
        let inode = process.platter.find(&name(path)).ok_or_else(not_found)?;
        Ok(Box::new(SimulatedFile { simulated: self.clone(), inode }))
    }

    fn create_beside(&self, target: &Path, _: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)> {
        let mut process = self.process();
        process.plain()?;
        let path = target.with_file_name(format!(".{}.persist-tmp", name(target)));
        let inode = process.platter.create(&name(&path));
        process.remember("create");
        Ok((Box::new(SimulatedFile { simulated: self.clone(), inode }), path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut process = self.process();
        process.plain()?;
        let inode = process.platter.find(&name(from)).ok_or_else(not_found)?;
        process.platter.point(&name(to), Some(inode));
        process.platter.point(&name(from), None);
        process.remember("rename");
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut process = self.process();
        process.plain()?;
        let inode = process.platter.find(&name(from)).ok_or_else(not_found)?;
        if process.platter.find(&name(to)).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        process.platter.point(&name(to), Some(inode));
        process.remember("link");
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut process = self.process();
        process.plain()?;
        process.platter.find(&name(path)).ok_or_else(not_found)?;
        process.platter.point(&name(path), None);
        process.remember("remove");
        Ok(())
    }

    fn lock(&self, _: &Path, _: bool) -> io::Result<Locking> {
        let mut process = self.process();
        process.plain()?;
        if Arc::strong_count(&process.lock) > 1 {
            return Ok(Locking::Taken(Some("another".to_owned())));
        }
        Ok(Locking::Ours(Box::new(SimulatedLock(Arc::clone(&process.lock)))))
    }
}

#[derive(Debug)]
struct SimulatedLock(#[allow(dead_code, reason = "it is counted")] Arc<()>);

impl Held for SimulatedLock {}

#[derive(Debug)]
struct SimulatedFolder(Simulated);

impl Folder for SimulatedFolder {
    fn sync(&self) -> io::Result<()> {
        let mut process = self.0.process();
        process.plain()?;
        process.platter.sync_names();
        process.kept = process.platter.names().filter(|name| is_generation(name)).count();
        process.remember("folder sync");
        Ok(())
    }
}

#[derive(Debug)]
struct SimulatedFile {
    simulated: Simulated,
    inode: usize,
}

impl SimulatedFile {
    fn sync_as(&self, call: &'static str) -> io::Result<()> {
        let mut process = self.simulated.process();
        let fault = process.call()?.and_then(error);
        match fault {
            Some(_) => process.platter.fail_to_sync(self.inode),
            None => process.platter.sync(self.inode),
        }
        process.remember(call);
        fault.map_or(Ok(()), Err)
    }
}

impl OpenFile for SimulatedFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<usize> {
        let mut process = self.simulated.process();
        let fault = process.call()?;
        let written = if fault.is_some() { &bytes[..bytes.len().div_ceil(2)] } else { bytes };
        process.platter.write(self.inode, written, place as usize);
        process.remember("write");
        fault.and_then(error).map_or(Ok(written.len()), Err)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let mut process = self.simulated.process();
        process.plain()?;
        process.platter.set_len(self.inode, len as usize);
        process.remember("set_len");
        Ok(())
    }

    fn take_on(&mut self, _: &Status) -> io::Result<()> {
        self.simulated.process().plain()
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.sync_as("fdatasync")
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_as("fsync")
    }
}
