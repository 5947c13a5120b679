//! The file system of the machine.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::{FileSystem, Folder, Held, Kind, Locking, OpenFile, Status, parent};
use crate::draft;

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileSystem for Disk {
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
        Ok(Status {
            kind,
            len: metadata.len(),
            modified: metadata.modified().ok(),
            permissions: Some(metadata.permissions()),
            owner: owner(&metadata),
        })
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path).map(drop)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    fn open_folder(&self, path: &Path) -> io::Result<Box<dyn Folder>> {
        Ok(Box::new(DiskFolder::open(path)?))
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(DiskFile::new(OpenOptions::new().write(true).open(path)?)))
    }

    fn create_beside(&self, target: &Path, private: bool) -> io::Result<(Box<dyn OpenFile>, PathBuf)> {
        let (file, path) = draft::create(parent(target), target, private)?;
        Ok((Box::new(DiskFile::new(file)), path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        match fs::hard_link(from, to) {
            // A file system without links. A copy serves as well, once it is all there.
            Err(error) if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) => {
                copy(from, to).map_err(|_| error)
            }
            result => result,
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn lock(&self, path: &Path, exclusive: bool) -> io::Result<Locking> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = match options.open(path) {
            // A shared lock may be had where nothing may be written.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !exclusive => File::open(path)?,
            result => result?,
        };
        match if exclusive { file.try_lock() } else { file.try_lock_shared() } {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut note = String::new();
                // Who has it may be writing the note just now.
                let known = file.take(NOTE).read_to_string(&mut note).is_ok() && !note.trim().is_empty();
                return Ok(Locking::Taken(known.then(|| note.trim().to_owned())));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if exclusive {
            file.set_len(0)?;
            file.write_all(format!("process {}\n", process::id()).as_bytes())?;
        }
        Ok(Locking::Ours(Box::new(DiskLock { _file: file })))
    }
}

/// Bytes that a note may have.
const NOTE: u64 = 100;

#[derive(Debug)]
struct DiskLock {
    /// Closing it ends the lock.
    _file: File,
}

impl Held for DiskLock {}

/// Copies a file to a name that is not in use.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let (mut file, path) = draft::create(parent(to), to, true)?;
    let mut original = File::open(from)?;
    let result = io::copy(&mut original, &mut file)
        .and_then(|_| file.set_permissions(original.metadata()?.permissions()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&path, to));
    if result.is_err() {
        _ = fs::remove_file(&path);
    }
    result
}

#[derive(Debug)]
struct DiskFile {
    file: File,
    /// Which file it is, once that was asked.
    #[cfg(unix)]
    identity: std::cell::OnceCell<Identity>,
}

impl DiskFile {
    fn new(file: File) -> Self {
        DiskFile {
            file,
            #[cfg(unix)]
            identity: std::cell::OnceCell::new(),
        }
    }
}

/// What tells a file from all others: its device and its number there.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// The identity of what stands at a path.
///
/// Who asks for all of a file's metadata asks for its times. Linux then gives the next write a time of its own, to the
/// nanosecond, which makes each fsync half as long again.
#[cfg(target_os = "linux")]
fn identity_at(path: &Path) -> io::Result<Identity> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};
    match statx(CWD, path, AtFlags::empty(), StatxFlags::INO) {
        Ok(status) => Ok((makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino)),
        // An older system than the call.
        Err(rustix::io::Errno::NOSYS) => Ok(identity(&fs::metadata(path)?)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn identity_at(path: &Path) -> io::Result<Identity> {
    Ok(identity(&fs::metadata(path)?))
}

impl OpenFile for DiskFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(place))?;
        self.file.write(bytes)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn take_on(&mut self, status: &Status) -> io::Result<()> {
        match take_owner(&self.file, status)? {
            Some(permissions) => self.file.set_permissions(permissions),
            None => Ok(()),
        }
    }

    #[cfg(unix)]
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let own = if let Some(own) = self.identity.get() {
            *own
        } else {
            let own = identity(&self.file.metadata()?);
            *self.identity.get_or_init(|| own)
        };
        match identity_at(path) {
            Ok(there) => Ok(own == there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_all()
    }
}

/// A folder on the disk, open for its fsync.
#[derive(Debug)]
struct DiskFolder {
    /// Windows opens no folders, and its renames need no fsync.
    #[cfg(unix)]
    file: File,
}

#[cfg(unix)]
impl DiskFolder {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(DiskFolder { file: File::open(path)? })
    }
}

#[cfg(unix)]
impl Folder for DiskFolder {
    fn sync(&self) -> io::Result<()> {
        match self.file.sync_all() {
            // A file system with no fsync for folders: there is nothing more to ask of it.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            result => result,
        }
    }
}

#[cfg(not(unix))]
impl DiskFolder {
    fn open(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| DiskFolder {})
    }
}

#[cfg(not(unix))]
impl Folder for DiskFolder {
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
fn take_owner(file: &File, status: &Status) -> io::Result<Option<Permissions>> {
    use std::os::unix::fs::{PermissionsExt, fchown};
    let Some(permissions) = &status.permissions else { return Ok(None) };
    let (Some((user, group)), Some((own_user, own_group))) = (status.owner, owner(&file.metadata()?)) else {
        return Ok(Some(permissions.clone()));
    };
    let keeps_group = group == own_group || fchown(file, None, Some(group)).is_ok();
    if user != own_user {
        // Only root gives files away; for everybody else the file becomes theirs, as with any new file.
        _ = fchown(file, Some(user), None);
    }
    if keeps_group {
        return Ok(Some(permissions.clone()));
    }
    // What one group was granted is not granted to another: it gets what everybody gets.
    let mode = permissions.mode();
    Ok(Some(Permissions::from_mode(mode & !0o070 | (mode & 0o007) << 3)))
}

#[cfg(not(unix))]
fn take_owner(_: &File, status: &Status) -> io::Result<Option<Permissions>> {
    Ok(status.permissions.clone())
}
