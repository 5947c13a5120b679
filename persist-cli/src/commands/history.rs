//! `persist history`: the files that a file was before.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use persist_store::{FileOptions, Generation};
use serde::Serialize;

use super::Outcome;
use super::diff::{Changes, Entry, compare};
use crate::failure::{Result, Stop};
use crate::input::{Item, Values};
use crate::line::name;
use crate::moment::moment;
use crate::output::{Output, Paint};

/// Show the generations of a file, which its program kept when it replaced it, and what changed from one to the next
///
/// They are named `FILE.~1~`, `FILE.~2~` and so on, the newest with the highest number; all commands read them. The last line is
/// the file itself, with the updates of its journal.
#[derive(Args, Debug)]
pub(crate) struct History {
    /// The file
    file: PathBuf,
    /// Show all that changed, as `persist diff` does, not only how much
    #[arg(short = 'p', long)]
    changes: bool,
    /// Write the history as JSON
    #[arg(long)]
    json: bool,
}

/// A generation, or the file itself.
#[derive(Serialize)]
struct Told {
    path: String,
    /// None for the file itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    bytes: u64,
    /// Updates in its journal.
    updates: u64,
    /// Differences to the one before, where both could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<Entry<'static>>>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    lines: Vec<(Paint, String)>,
}

impl History {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let file = self.file.display().to_string();
        let generations =
            FileOptions::new().history(&self.file).map_err(|error| Stop::new(&file, error.to_string()))?;
        // There has to be one itself, or it is misspelt.
        let status = match std::fs::metadata(&self.file) {
            Ok(status) => Some(status),
            Err(_) if !generations.is_empty() => None,
            Err(_) => return Values::open(&self.file, None).map(|_| Outcome::Good),
        };
        let mut all: Vec<Told> = Vec::new();
        let mut before = None;
        for Generation { number, path, modified, len, .. } in generations {
            all.push(self.told(&path, Some(number), modified, len, &mut before)?);
        }
        if let Some(status) = status {
            if status.is_dir() {
                return Values::open(&self.file, None).map(|_| Outcome::Good);
            }
            all.push(self.told(&self.file, None, status.modified().ok(), status.len(), &mut before)?);
        }
        if self.json {
            out.json(&all, true)?;
        } else {
            all.iter().try_for_each(|told| told.write(out))?;
        }
        Ok(Outcome::Good)
    }

    /// Tells of one file, which is the one before for the next one.
    fn told(
        &self,
        path: &Path,
        generation: Option<u64>,
        modified: Option<SystemTime>,
        bytes: u64,
        before: &mut Option<Item>,
    ) -> Result<Told> {
        let mut told = Told {
            path: path.display().to_string(),
            generation,
            modified: modified.map(moment),
            bytes,
            updates: 0,
            differences: None,
            changes: None,
            error: None,
            lines: Vec::new(),
        };
        let mut item = None;
        let read = Values::open(path, None).and_then(|mut values| {
            item = values.next()?;
            told.updates = values.journal().map_or(0, |journal| journal.updates);
            let (Some(old), Some(new)) = (&*before, &item) else { return Ok(()) };
            let (mut changes, mut count) = (Changes::default(), 0);
            compare(old, new, false, &mut |path, change| {
                count += 1;
                if self.changes {
                    changes.note(path, &change, self.json);
                }
                Ok(())
            })?;
            told.differences = Some(count);
            told.changes = (self.changes && self.json).then_some(changes.entries);
            told.lines = changes.lines;
            Ok(())
        });
        match read {
            Ok(()) => {}
            // The others are told of, too.
            Err(Stop::Failure(failure)) => told.error = Some(failure.message),
            Err(stop) => return Err(stop),
        }
        *before = item;
        Ok(told)
    }
}

impl Told {
    fn write(&self, out: &mut Output) -> Result<()> {
        out.put(Paint::Name, name(&self.path))?;
        let modified = self.modified.as_deref().unwrap_or("at an unknown time");
        out.put(Paint::Plain, format_args!("  {modified}  {} bytes", self.bytes))?;
        match self.updates {
            0 => {}
            1 => out.put(Paint::Plain, ", 1 update in its journal")?,
            updates => out.put(Paint::Plain, format_args!(", {updates} updates in its journal"))?,
        }
        match (&self.error, self.differences) {
            (Some(error), _) => out.put(Paint::Removed, format_args!(", bad: {}", name(error)))?,
            (None, Some(0)) => out.put(Paint::Plain, ", the same as before")?,
            (None, Some(1)) => out.put(Paint::Plain, ", 1 difference")?,
            (None, Some(count)) => out.put(Paint::Plain, format_args!(", {count} differences"))?,
            (None, None) => {}
        }
        out.end()?;
        self.lines.iter().try_for_each(|(paint, line)| {
            out.put(*paint, format_args!("  {line}"))?;
            out.end()
        })
    }
}
