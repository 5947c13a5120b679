//! The temporary file of a save: under a few fixed names for each target, so that what a killed process left is cleared
//! away by a later save, and does not pile up.
//!
//! Who writes a draft holds its lock, which ends with the process. So a draft that can be locked belongs to nobody. Where
//! all the names are in use, and where there are no locks, a random name serves.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::path::{Path, PathBuf};

/// Creates the draft for `target`. The file has to stay open until it is renamed or removed.
pub(crate) fn create(folder: &Path, target: &Path, private: bool) -> io::Result<(File, PathBuf)> {
    let name = short_name(target);
    for number in 0..NAMES {
        let number = if number == 0 { String::new() } else { format!(".{number}") };
        let path = folder.join(format!(".{name}{number}{SUFFIX}"));
        match claim(&path, private) {
            Ok(Some(file)) => return Ok((file, path)),
            Ok(None) => {}
            // If it is not for want of locks, the random name fails as well, and tells.
            Err(_) => break,
        }
    }
    Ok(random(folder, &name, private)?.keep()?)
}

/// File names have a length limit: the start of a long one tells enough.
fn short_name(target: &Path) -> String {
    target.file_name().unwrap_or_default().to_string_lossy().chars().take(40).collect()
}

fn random(folder: &Path, name: &str, private: bool) -> io::Result<tempfile::NamedTempFile> {
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX);
    if let Some(permissions) = permissions(private) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder)
}

/// A draft under a random name, for what has locks of its own. It is removed when it is dropped, unless it was renamed.
#[cfg(feature = "shelf")]
pub(crate) fn for_path(folder: &Path, target: &Path) -> io::Result<tempfile::TempPath> {
    Ok(random(folder, &short_name(target), false)?.into_temp_path())
}

/// As many savers of one target at once leave nothing behind for good.
const NAMES: usize = 8;

/// Not to be mistaken for anybody else's.
const SUFFIX: &str = ".persist-tmp";

/// The file under this name, created and locked; `None` where the name is taken.
#[cfg(unix)]
fn claim(path: &Path, private: bool) -> io::Result<Option<File>> {
    use std::fs::TryLockError;
    use std::os::unix::fs::OpenOptionsExt;

    let create = || OpenOptions::new().write(true).create_new(true).mode(mode(private)).open(path);
    let file = match create() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && remove_forgotten(path) => create(),
        result => result,
    };
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        result => result?,
    };
    match file.try_lock() {
        // Between creation and lock, another save may have taken the file for a forgotten one.
        Ok(()) if is_at(&file, path) => Ok(Some(file)),
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            // No locks here: then nobody has taken it for forgotten.
            _ = fs::remove_file(path);
            Err(error)
        }
    }
}

/// Windows has no way, in std, to tell whether a name still stands for a file.
#[cfg(not(unix))]
fn claim(_: &Path, _: bool) -> io::Result<Option<File>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes what a killed process has left under this name; false where it is somebody's, or not ours to remove.
#[cfg(unix)]
fn remove_forgotten(path: &Path) -> bool {
    // Not through a link, which another user may have put here; and opening a pipe might wait.
    if !fs::symlink_metadata(path).is_ok_and(|status| status.is_file()) {
        return false;
    }
    let Ok(file) = OpenOptions::new().read(true).write(true).open(path) else { return false };
    // Whoever renames or removes the name holds the lock, so with the lock, the name stays what it is.
    file.try_lock().is_ok() && is_at(&file, path) && fs::remove_file(path).is_ok()
}

/// Whether the name stands for this very file.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(there)) => (file.dev(), file.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// For the owner alone, or what a plain `File::create` asks for; the process's umask narrows it.
#[cfg(unix)]
fn mode(private: bool) -> u32 {
    if private { 0o600 } else { 0o666 }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
fn permissions(private: bool) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(mode(private)))
}

#[cfg(not(unix))]
fn permissions(_: bool) -> Option<Permissions> {
    None
}
