//! `persist compact`: journals, folded into their values, and shelves, moved together.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use persist_store::{FileOptions, ShelfFile};

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::line::name;
use crate::output::{Output, Paint};
use crate::shelf;

/// Fold the journals of files into their values, and give free room in shelves back
///
/// A file with a journal is replaced as a whole or not at all, and keeps its permissions; a symbolic link is followed. While a
/// program has the file open, that is an error that names it. A file without a journal stays as it is. What is in a shelf is
/// moved together in its file.
#[derive(Args, Debug)]
pub(crate) struct Compact {
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Keep so many of the files that are replaced, as `FILE.~1~`, `FILE.~2~` and so on
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep: usize,
}

impl Compact {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let mut failed: Option<Stop> = None;
        for path in &self.files {
            let file = path.display().to_string();
            if shelf::is_at(path) {
                match shelf::quietly(|| shrink(path)) {
                    Ok((before, after)) => {
                        out.put(Paint::Plain, format_args!("{}: ", name(&file)))?;
                        out.line(format_args!("a shelf of {before} bytes, now {after}"))?;
                    }
                    Err(error) => failure(&mut failed, &file, error.to_string()),
                }
                continue;
            }
            match FileOptions::new().keep(self.keep).compact(path) {
                Ok(done) => {
                    out.put(Paint::Plain, format_args!("{}: ", name(&file)))?;
                    if done.before == done.after {
                        out.line(format_args!("has no journal, {} bytes", done.before))?;
                    } else {
                        let updates = if done.updates == 1 { "update" } else { "updates" };
                        let (before, after) = (done.before, done.after);
                        out.line(format_args!("{before} bytes, now {after} ({} {updates} folded in)", done.updates))?;
                    }
                }
                Err(error) => failure(&mut failed, &file, error.to_string()),
            }
        }
        failed.map_or(Ok(Outcome::Good), Err)
    }
}

/// Keeps a failure until the other files are done, too.
fn failure(failed: &mut Option<Stop>, file: &str, message: String) {
    if let Some(Stop::Failure(before)) = failed.replace(Stop::new(file, message)) {
        crate::failure::report(&before);
    }
}

/// Compacts a shelf; gives its bytes before and after.
fn shrink(path: &Path) -> persist_core::Result<(u64, u64)> {
    let before = fs::metadata(path)?.len();
    let shelf = ShelfFile::open(path)?;
    shelf.compact()?;
    drop(shelf);
    Ok((before, fs::metadata(path)?.len()))
}
