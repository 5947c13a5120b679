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

use crate::fs::{FileSystem, Kind, Status, parent};
use crate::problem::{Problem, Step};

/// Replaces the content of the file at `path`, or creates it, with what `fill` writes.
///
/// On an error the old content is as it was; with one exception, of which the message tells: the last step, the fsync of
/// the folder, comes after the rename, so the new content is in place then, but a power loss may bring the old one back.
pub fn write<F: FileSystem>(fs: &F, path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let problem = Problem::saving(path);
    let target = follow_links(fs, path).map_err(|error| problem.at(Step::Look, error))?;
    let existing = look(fs, &target, &problem)?;
    let folder = fs.open_folder(parent(&target)).map_err(|error| problem.at(Step::OpenFolder, error))?;
    let (file, path) = fs.create_beside(&target, existing.as_ref()).map_err(|error| problem.at(Step::Create, error))?;
    let mut draft = Draft { fs, file, path, renamed: false };
    draft.fill(existing.as_ref(), fill).map_err(|error| problem.with(error))?;
    draft.rename_to(&target).map_err(|error| problem.at(Step::Rename, error))?;
    fs.sync_folder(&folder).map_err(|error| problem.at(Step::SyncFolder, error))
}

/// Reads the whole file at `path`; `None` where there is no file, in a folder that is there.
pub fn read<F: FileSystem>(fs: &F, path: &Path) -> Result<Option<Vec<u8>>> {
    let problem = Problem::opening(path);
    let target = follow_links(fs, path).map_err(|error| problem.at(Step::Look, error))?;
    match status(fs, &target, &problem)? {
        None => Ok(None),
        Some(_) => fs.read(&target).map(Some).map_err(|error| problem.at(Step::Read, error)),
    }
}

/// The regular file behind a path, if there is one, in a folder that is there.
#[cfg(feature = "shelf")]
pub(crate) fn existing<F: FileSystem>(fs: &F, path: &Path) -> Result<Option<PathBuf>> {
    let problem = Problem::opening(path);
    let target = follow_links(fs, path).map_err(|error| problem.at(Step::Look, error))?;
    Ok(status(fs, &target, &problem)?.map(|_| target))
}

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// The path behind the symbolic links, whether or not something stands there.
pub(crate) fn follow_links<F: FileSystem>(fs: &F, path: &Path) -> io::Result<PathBuf> {
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
fn look<F: FileSystem>(fs: &F, target: &Path, problem: &Problem<'_>) -> Result<Option<Status>> {
    let existing = status(fs, target, problem)?;
    if existing.is_some() {
        fs.check_writable(target).map_err(|error| problem.at(Step::Check, error))?;
    }
    Ok(existing)
}

/// The regular file at a path, if there is one; an error for anything else.
fn status<F: FileSystem>(fs: &F, target: &Path, problem: &Problem<'_>) -> Result<Option<Status>> {
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
struct Draft<'a, F: FileSystem> {
    fs: &'a F,
    file: F::File,
    path: PathBuf,
    renamed: bool,
}

impl<F: FileSystem> Draft<'_, F> {
    /// Gives it permissions and content, and makes both durable.
    fn fill(&mut self, existing: Option<&Status>, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        if let Some(existing) = existing {
            self.fs.take_on(&self.file, existing)?;
        }
        let mut buffer = BufWriter::new(&mut self.file);
        fill(&mut buffer)?;
        buffer.flush()?;
        drop(buffer);
        Ok(self.fs.sync(&self.file)?)
    }

    fn rename_to(mut self, target: &Path) -> io::Result<()> {
        self.fs.rename(&self.path, target)?;
        self.renamed = true;
        Ok(())
    }
}

impl<F: FileSystem> Drop for Draft<'_, F> {
    fn drop(&mut self) {
        if !self.renamed {
            // The error that brought us here is the one to report.
            _ = self.fs.remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
