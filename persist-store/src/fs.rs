//! The file operations that everything here is made of, behind one trait.
//!
//! Durability rests on the order of a handful of calls. With the calls behind a trait, a test can stand in for the
//! file system: fail any one of them, or show what a crash between two of them would leave.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::draft;

/// What a file system does for us. [`Disk`] is the real one.
pub trait FileSystem {
    /// A file open for writing.
    type File: Write;
    /// A folder open for [`sync_folder`](FileSystem::sync_folder).
    type Folder;

    /// The whole content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What stands at a path, symbolic links followed.
    fn status(&self, path: &Path) -> io::Result<Status>;

    /// Where a symbolic link points; [`io::ErrorKind::InvalidInput`] for anything but a link.
    fn link_target(&self, path: &Path) -> io::Result<PathBuf>;

    /// Whether this process may write to an existing file; changes nothing.
    fn check_writable(&self, path: &Path) -> io::Result<()>;

    /// Opens a folder.
    fn open_folder(&self, path: &Path) -> io::Result<Self::Folder>;

    /// Creates a temporary file in the folder of `target`, and gives its name. That name may be reused as soon as the
    /// file is closed.
    ///
    /// With an `existing` file to stand in for, nobody but the owner may read it until [`take_on`](Self::take_on);
    /// else it has the permissions of any new file.
    fn create_beside(&self, target: &Path, existing: Option<&Status>) -> io::Result<(Self::File, PathBuf)>;

    /// Gives a file the permissions, and as far as this process may the owner and group, of another.
    fn take_on(&self, file: &Self::File, status: &Status) -> io::Result<()>;

    /// Makes content and metadata of a file durable (fsync).
    fn sync(&self, file: &Self::File) -> io::Result<()>;

    /// Renames a file, over another if there is one, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable (fsync on the folder).
    fn sync_folder(&self, folder: &Self::Folder) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// What stands at a path.
#[derive(Clone, Debug)]
pub struct Status {
    /// File, folder, or neither.
    pub kind: Kind,
    /// Who may read and write it.
    pub permissions: Permissions,
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

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileSystem for Disk {
    type File = File;
    type Folder = Folder;

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn status(&self, path: &Path) -> io::Result<Status> {
        let metadata = fs::metadata(path)?;
        let kind = match () {
            () if metadata.is_file() => Kind::File,
            () if metadata.is_dir() => Kind::Folder,
            () => Kind::Other,
        };
        Ok(Status { kind, permissions: metadata.permissions(), owner: owner(&metadata) })
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path).map(drop)
    }

    fn open_folder(&self, path: &Path) -> io::Result<Folder> {
        Folder::open(path)
    }

    fn create_beside(&self, target: &Path, existing: Option<&Status>) -> io::Result<(File, PathBuf)> {
        draft::create(parent(target), target, existing.is_some())
    }

    fn take_on(&self, file: &File, status: &Status) -> io::Result<()> {
        file.set_permissions(take_owner(file, status)?)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Folder) -> io::Result<()> {
        folder.sync()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

/// The folder that holds a path's last name.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A folder on [`Disk`], open for its fsync.
#[derive(Debug)]
pub struct Folder {
    /// Windows opens no folders, and its renames need no fsync.
    #[cfg(unix)]
    file: File,
}

#[cfg(unix)]
impl Folder {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Folder { file: File::open(path)? })
    }

    fn sync(&self) -> io::Result<()> {
        match self.file.sync_all() {
            // A file system with no fsync for folders: there is nothing more to ask of it.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            result => result,
        }
    }
}

#[cfg(not(unix))]
impl Folder {
    fn open(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Folder {})
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems number no owners")]
fn owner(metadata: &fs::Metadata) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.uid(), metadata.gid()))
}

#[cfg(not(unix))]
fn owner(_: &fs::Metadata) -> Option<(u32, u32)> {
    None
}

/// Takes on owner and group where allowed, and gives the permissions that are right then.
#[cfg(unix)]
fn take_owner(file: &File, status: &Status) -> io::Result<Permissions> {
    use std::os::unix::fs::{PermissionsExt, fchown};
    let (Some((user, group)), Some((own_user, own_group))) = (status.owner, owner(&file.metadata()?)) else {
        return Ok(status.permissions.clone());
    };
    let keeps_group = group == own_group || fchown(file, None, Some(group)).is_ok();
    if user != own_user {
        // Only root gives files away; for everybody else the file becomes theirs, as with any new file.
        _ = fchown(file, Some(user), None);
    }
    if keeps_group {
        return Ok(status.permissions.clone());
    }
    // What one group was granted is not granted to another: it gets what everybody gets.
    let mode = status.permissions.mode();
    Ok(Permissions::from_mode(mode & !0o070 | (mode & 0o007) << 3))
}

#[cfg(not(unix))]
fn take_owner(_: &File, status: &Status) -> io::Result<Permissions> {
    Ok(status.permissions.clone())
}
