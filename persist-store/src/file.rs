//! One value in one file.

use std::path::Path;

use persist_core::{Decode, Dumper, Encode, Result, loads};

use crate::atomic;
use crate::fs::Disk;
use crate::problem::Problem;

/// Saves a value to a file, replacing what was there: as a whole, or not at all.
///
/// When `save` returns `Ok`, the value is on disk for good, power loss included. On an error, and when the process is
/// killed at any point, the file still holds what it held before. [`atomic`] tells how, and what becomes of
/// permissions and links. The checksum is always on, so [`open`] notices a file that has been damaged since.
///
/// Two savers of one file never mix their content: the later one wins.
///
/// ```
/// # fn main() -> persist_core::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("scores");
/// persist_store::save(&path, &vec![("anna".to_owned(), 17_u32)])?;
/// let scores: Vec<(String, u32)> = persist_store::open(&path)?;
/// assert_eq!(scores, [("anna".to_owned(), 17)]);
/// # Ok(())
/// # }
/// ```
pub fn save<T: Encode>(path: impl AsRef<Path>, value: &T) -> Result<()> {
    // Not generic over the path, so that each type compiles once.
    fn save<T: Encode>(path: &Path, value: &T) -> Result<()> {
        atomic::write(&Disk, path, |file| Dumper::new().dump(value, file))
    }
    save(path.as_ref(), value)
}

/// Opens a file that [`save`] wrote, rebuilding what was left out of it.
///
/// The whole file is checked before the first hook runs, and it must hold exactly one value. A file that does not read is
/// left as it is. Where the file may be missing on a first start, use [`open_or_default`].
pub fn open<T: Decode>(path: impl AsRef<Path>) -> Result<T> {
    fn open<T: Decode>(path: &Path) -> Result<T> {
        let problem = Problem::opening(path);
        let bytes = atomic::read(&Disk, path)?.ok_or_else(|| problem.no_file())?;
        loads(&bytes).map_err(|error| problem.with(error))
    }
    open(path.as_ref())
}

/// Opens a file that [`save`] wrote, or gives the default where there is no file yet.
///
/// The default is for a missing file in an existing folder only. A file that does not read, may not be read, or whose
/// folder is missing (an unmounted disk, a misspelt path) is an error: a default in its place would be saved over it.
pub fn open_or_default<T: Decode + Default>(path: impl AsRef<Path>) -> Result<T> {
    fn open_or_default<T: Decode + Default>(path: &Path) -> Result<T> {
        match atomic::read(&Disk, path)? {
            Some(bytes) => loads(&bytes).map_err(|error| Problem::opening(path).with(error)),
            None => Ok(T::default()),
        }
    }
    open_or_default(path.as_ref())
}

#[cfg(test)]
mod tests;
