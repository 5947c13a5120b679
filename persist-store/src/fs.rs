//! The file operations that everything here is made of, behind one trait.
//!
//! Durability rests on the order of a handful of calls. With the calls behind a trait, a test can stand in for the
//! file system: fail any one of them, or show what a crash between two of them would leave. [`Disk`] is the real one.

mod disk;

use std::any::Any;
use std::ffi::OsString;
use std::fmt::Debug;
use std::fs::Permissions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use disk::Disk;

/// What a file system does for us. [`Disk`] is the real one.
pub trait FileSystem: Debug + Send + Sync {
    /// The whole content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What stands at a path, symbolic links followed.
    fn status(&self, path: &Path) -> io::Result<Status>;

    /// Where a symbolic link points; [`io::ErrorKind::InvalidInput`] for anything but a link.
    fn link_target(&self, path: &Path) -> io::Result<PathBuf>;

    /// Whether this process may write to an existing file; changes nothing.
    fn check_writable(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, in any order.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Opens a folder.
    fn open_folder(&self, path: &Path) -> io::Result<Box<dyn Folder>>;

    /// Opens an existing file for writing in it.
    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;

    /// Creates a temporary file in the folder of `target`, and gives its name. That name may be reused as soon as the
    /// file is closed.
    ///
    /// If it is to be private, nobody but the owner may read it; else it has the permissions of any new file.
    fn create_beside(&self, target: &Path, private: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)>;

    /// Renames a file, over another if there is one, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file a second name, which must not be in use.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Takes the advisory lock that stands at a path, creating it where there is none; it ends when it is dropped, or
    /// with the process. Notes for others who has an exclusive one.
    fn lock(&self, path: &Path, exclusive: bool) -> io::Result<Locking>;
}

/// What came of asking for a lock.
#[derive(Debug)]
pub enum Locking {
    /// It is ours until this is dropped.
    Ours(Box<dyn Held>),
    /// Somebody else's: what its owner noted, if that is known.
    Taken(Option<String>),
}

/// A lock, as long as it lives.
pub trait Held: Any + Debug + Send + Sync {}

/// A file that is open for writing.
pub trait OpenFile: Debug + Send {
    /// Writes bytes from a place on, which may be behind the end; gives how many, as [`io::Write::write`] does.
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<usize>;

    /// Cuts or lengthens the file.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Gives it the permissions, and as far as this process may the owner and group, of another.
    fn take_on(&mut self, status: &Status) -> io::Result<()>;

    /// Whether a path still leads to this very file, as far as the system tells.
    fn is_at(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    /// Makes content and length durable (fdatasync).
    fn sync_data(&mut self) -> io::Result<()>;

    /// Makes content and all metadata durable (fsync).
    fn sync(&mut self) -> io::Result<()>;
}

impl dyn OpenFile + '_ {
    /// Writes all bytes from a place on.
    pub fn write_all_at(&mut self, mut bytes: &[u8], mut place: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(bytes, place) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    bytes = &bytes[count..];
                    place += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A folder that is open for its fsync.
pub trait Folder: Debug + Send {
    /// Makes the names in it durable (fsync).
    fn sync(&self) -> io::Result<()>;
}

/// What stands at a path.
#[derive(Clone, Debug)]
pub struct Status {
    /// File, folder, or neither.
    pub kind: Kind,
    /// Bytes of a file.
    pub len: u64,
    /// When it was written to last, where that is known.
    pub modified: Option<SystemTime>,
    /// Who may read and write it; none where the file system has no such thing.
    pub permissions: Option<Permissions>,
    /// User and group, on systems that number them.
    pub owner: Option<(u32, u32)>,
}

/// File, folder, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, a pipe, a socket.
    Other,
}

/// The folder that holds a path's last name.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
