//! `persist compact`: journals, folded into their values.

use std::path::PathBuf;

use clap::Args;
use persist_store::FileOptions;

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::line::name;
use crate::output::{Output, Paint};

/// Fold the journals of files into their values
///
/// A file is replaced as a whole or not at all, and keeps its permissions; a symbolic link is followed. While a program has
/// the file open, that is an error that names it. A file without a journal stays as it is.
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
            // Other kinds of files that can be made smaller would be told apart here.
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
                Err(error) => {
                    // The other files are done, too.
                    let stop = Stop::new(&file, error.to_string());
                    if let Some(Stop::Failure(before)) = failed.replace(stop) {
                        crate::failure::report(&before);
                    }
                }
            }
        }
        failed.map_or(Ok(Outcome::Good), Err)
    }
}
