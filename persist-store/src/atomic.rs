//! A file's content, replaced as a whole or not at all.
//!
//! The new content goes to a temporary file beside the target. That file is synced, renamed over the target, and the
//! folder is synced. So at every moment, in every crash, the name stands for the whole old content or the whole new one;
//! and after [`write()`] has returned `Ok`, for the new one, power loss included.
//!
//! - The permissions of an existing file are kept, and its owner and group as far as the process may set them.
//! - A symbolic link is followed: the file behind it is replaced. Other hard links to the old file keep the old content.
//! - A file that the process may not write is not replaced, though the folder would allow it.
//! - The temporary file is removed on every error and panic. A process killed in between leaves it behind, as
//!   `.name.persist-tmp`; nothing ever reads it, and the next save to the same target clears it away. (On Windows and on
//!   file systems without locks, its name is random, and it stays.)

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use persist_core::Result;

use crate::fs::{FileSystem, Kind, OpenFile, Status, parent};
use crate::generations;
use crate::problem::{Problem, Step};

/// Replaces the content of the file at `path`, or creates it, with what `fill` writes.
///
/// On an error the old content is as it was; with one exception, of which the message tells: the last step, the fsync of
/// the folder, comes after the rename, so the new content is in place then, but a power loss may bring the old one back.
pub fn write(fs: &dyn FileSystem, path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    Replacing::default().write(fs, path, fill).map(drop)
}

/// Replaces the content of the file at `path`, or creates it, as a whole or not at all as long as the machine runs;
/// after a power loss it may be torn. For what can be made again, and is checked when it is read.
#[cfg(feature = "memo")]
pub(crate) fn write_unsynced(
    fs: &dyn FileSystem,
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let problem = Problem::saving(path);
    let (file, draft) = fs.create_beside(path, false).map_err(|error| problem.at(Step::Create, error))?;
    let mut draft = Draft { fs, file: Some(file), path: draft };
    draft.write(fill).map_err(|error| problem.with(error))?;
    draft.rename_to(path).map(drop).map_err(|error| problem.at(Step::Rename, error))
}

/// Reads the whole file at `path`; `None` where there is no file, in a folder that is there.
pub fn read(fs: &dyn FileSystem, path: &Path) -> Result<Option<Vec<u8>>> {
    Replacing::default().read(fs, path)
}

/// How files are replaced.
#[derive(Clone, Copy, Debug)]
pub struct Replacing {
    /// A new file may be read by its owner only.
    pub private: bool,
    /// A symbolic link is followed; else it is an error.
    pub follow_links: bool,
    /// So many of the files that were replaced are kept.
    pub keep: usize,
}

impl Default for Replacing {
    fn default() -> Self {
        Replacing { private: false, follow_links: true, keep: 0 }
    }
}

impl Replacing {
    /// Replaces the content of a file, as [`write`](write()) does; gives the new one, which is still open.
    pub fn write(
        self,
        fs: &dyn FileSystem,
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Box<dyn OpenFile>> {
        let problem = Problem::saving(path);
        let target = self.target(fs, path, &problem)?;
        let existing = look(fs, &target, &problem)?;
        let folder = fs.open_folder(parent(&target)).map_err(|error| problem.at(Step::OpenFolder, error))?;
        let private = self.private || existing.is_some();
        let (file, path) = fs.create_beside(&target, private).map_err(|error| problem.at(Step::Create, error))?;
        let mut draft = Draft { fs, file: Some(file), path };
        draft.fill(existing.as_ref(), fill).map_err(|error| problem.with(error))?;
        if existing.is_some() && self.keep != 0 {
            generations::keep(fs, &target).map_err(|error| problem.at(Step::Keep, error))?;
        }
        let file = draft.rename_to(&target).map_err(|error| problem.at(Step::Rename, error))?;
        folder.sync().map_err(|error| problem.at(Step::SyncFolder, error))?;
        if self.keep != 0 {
            generations::forget(fs, &target, self.keep);
        }
        Ok(file)
    }

    /// Reads a whole file, as [`read`] does.
    pub fn read(self, fs: &dyn FileSystem, path: &Path) -> Result<Option<Vec<u8>>> {
        let problem = Problem::opening(path);
        let target = self.target(fs, path, &problem)?;
        match status(fs, &target, &problem)? {
            None => Ok(None),
            Some(_) => fs.read(&target).map(Some).map_err(|error| problem.at(Step::Read, error)),
        }
    }

    /// The file that a path stands for, behind all links.
    pub(crate) fn target(self, fs: &dyn FileSystem, path: &Path, problem: &Problem<'_>) -> Result<PathBuf> {
        if !self.follow_links && fs.link_target(path).is_ok() {
            return Err(problem.is_link());
        }
        follow_links(fs, path).map_err(|error| problem.at(Step::Look, error))
    }
}

/// The regular file behind a path, if there is one, in a folder that is there.
#[cfg(feature = "shelf")]
pub(crate) fn existing(fs: &dyn FileSystem, path: &Path) -> Result<Option<PathBuf>> {
    let problem = Problem::opening(path);
    let target = follow_links(fs, path).map_err(|error| problem.at(Step::Look, error))?;
    Ok(status(fs, &target, &problem)?.map(|_| target))
}

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// The path behind the symbolic links, whether or not something stands there.
pub(crate) fn follow_links(fs: &dyn FileSystem, path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match fs.link_target(&path) {
            Ok(target) => path = parent(&path).join(target),
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => {
                return Ok(path);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links, one after the other"))
}

/// The file that is about to be replaced, if there is one and it may be.
fn look(fs: &dyn FileSystem, target: &Path, problem: &Problem<'_>) -> Result<Option<Status>> {
    let existing = status(fs, target, problem)?;
    if existing.is_some() {
        fs.check_writable(target).map_err(|error| problem.at(Step::Check, error))?;
    }
    Ok(existing)
}

/// The regular file at a path, if there is one; an error for anything else.
pub(crate) fn status(fs: &dyn FileSystem, target: &Path, problem: &Problem<'_>) -> Result<Option<Status>> {
    match fs.status(target) {
        Ok(status) => match status.kind {
            Kind::File => Ok(Some(status)),
            Kind::Folder => Err(problem.is_folder()),
            Kind::Other => Err(problem.is_no_file()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Not there, or not reachable? An unmounted disk must not pass for an empty one.
            match fs.status(parent(target)) {
                Ok(_) if target.file_name().is_some() => Ok(None),
                Ok(_) => Err(problem.at(Step::Look, error)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(problem.no_folder(parent(target), error)),
                Err(error) => Err(problem.at(Step::Look, error)),
            }
        }
        Err(error) => Err(problem.at(Step::Look, error)),
    }
}

/// The temporary file. Dropping it removes it, unless it took the target's place, and closes it only then: its name is
/// ours as long as it is open.
struct Draft<'a> {
    fs: &'a dyn FileSystem,
    /// None once it was renamed.
    file: Option<Box<dyn OpenFile>>,
    path: PathBuf,
}

impl Draft<'_> {
    /// Gives it permissions and content, and makes both durable.
    fn fill(&mut self, existing: Option<&Status>, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        if let (Some(file), Some(existing)) = (&mut self.file, existing) {
            file.take_on(existing)?;
        }
        self.write(fill)?;
        match &mut self.file {
            Some(file) => Ok(file.sync()?),
            None => Ok(()),
        }
    }

    /// Gives it content.
    fn write(&mut self, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut buffer = BufWriter::new(Sequential { file: &mut **file, place: 0 });
        fill(&mut buffer)?;
        Ok(buffer.flush()?)
    }

    fn rename_to(mut self, target: &Path) -> io::Result<Box<dyn OpenFile>> {
        self.fs.rename(&self.path, target)?;
        self.file.take().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if self.file.is_some() {
            // The error that brought us here is the one to report.
            _ = self.fs.remove(&self.path);
        }
    }
}

/// Writes a file from its start to its end.
struct Sequential<'f> {
    file: &'f mut dyn OpenFile,
    place: u64,
}

impl Write for Sequential<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write_at(bytes, self.place)?;
        self.place += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
