//! `persist verify`: whether files are what was written.

use std::path::{Path, PathBuf};

use clap::Args;
use persist_core::ErrorKind;
use persist_store::ShelfFile;
use persist_store::journal::Damage;

use super::Outcome;
use crate::exact::key_twice;
use crate::failure::{Result, Stop, report};
use crate::input::{DASH, Format, Found as Journal, Values};
use crate::line::{line, name};
use crate::output::{Output, Paint};
use crate::shelf;

/// Check every value of files: checksums, and all that loading checks
///
/// A line for each file, which tells of its journal, too, if it has one. Of a shelf, all pages and entries are checked. It needs no Rust type; what only a type can tell, such as what its hooks refuse, is not found.
#[derive(Args, Debug)]
#[command(
    after_help = "The exit status is 0 if all files are good, 1 if any is bad, and 2 if a file could not be read."
)]
pub(crate) struct Verify {
    /// The files; `-` is the standard input
    #[arg(default_value = DASH)]
    files: Vec<PathBuf>,
    /// Tell only of bad files
    #[arg(short, long)]
    quiet: bool,
}

/// What was found in a good file.
#[derive(Default)]
struct Found {
    values: u64,
    bytes: u64,
    formats: Vec<&'static str>,
    unchecked: u64,
    /// What there is to say of a journal.
    journal: String,
}

impl Verify {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let mut outcome = Outcome::Good;
        let mut unread = None;
        for file in &self.files {
            if shelf::is_at(file) {
                let name = file.display().to_string();
                match shelf::quietly(|| check_shelf(file)) {
                    Ok(_) if self.quiet => {}
                    Ok(shelves) => good_shelf(&name, shelves, out)?,
                    // It is not known whether it is bad.
                    Err(error) if error.kind() == ErrorKind::Io => {
                        if let Some(Stop::Failure(before)) = unread.replace(Stop::new(&name, error.to_string())) {
                            report(&before);
                        }
                    }
                    Err(error) => {
                        outcome = Outcome::Different;
                        bad(&name, &error.to_string(), out)?;
                    }
                }
                continue;
            }
            let values = match Values::open(file, None) {
                Ok(values) => values,
                // The other files are looked at, too.
                Err(Stop::Failure(failure)) if !is_readable(file) => {
                    if let Some(Stop::Failure(before)) = unread.replace(Stop::Failure(failure)) {
                        report(&before);
                    }
                    continue;
                }
                Err(Stop::Failure(failure)) => {
                    outcome = Outcome::Different;
                    bad(&failure.file, &failure.message, out)?;
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            let file = values.name().to_owned();
            match check(values) {
                Ok(found) if self.quiet => drop(found),
                Ok(found) => good(&file, &found, out)?,
                Err(Stop::Failure(failure)) => {
                    outcome = Outcome::Different;
                    bad(&failure.file, &failure.message, out)?;
                }
                Err(stop) => return Err(stop),
            }
        }
        unread.map_or(Ok(outcome), Err)
    }
}

/// Whether a file can be read at all; if so, what is wrong is what is in it.
fn is_readable(path: &Path) -> bool {
    path.as_os_str() == DASH
        || std::fs::File::open(path).and_then(|file| file.metadata()).is_ok_and(|status| !status.is_dir())
}

fn check(mut values: Values) -> Result<Found> {
    let mut found = Found::default();
    while let Some(item) = values.next()? {
        let value = item.value()?;
        if let Some(key) = key_twice(&value) {
            return Err(item.fail(&format!(
                "the key {} occurs twice in a map (in the value from byte {})",
                line(key, 40),
                item.offset
            )));
        }
        found.values += 1;
        if !found.formats.contains(&item.format.name()) {
            found.formats.push(item.format.name());
        }
        // Of a frame, the byte behind magic and version says how it is checked.
        let unchecked = item.format == Format::Packed
            && item.bytes().is_some_and(|bytes| bytes.get(5).is_some_and(|kind| kind % 4 == 0));
        found.unchecked += u64::from(unchecked);
    }
    found.bytes = values.offset();
    found.journal = values.journal().map(of_journal).unwrap_or_default();
    Ok(found)
}

/// Checks a file of shelves, which has to be free for writing; gives how many they are.
fn check_shelf(path: &Path) -> persist_core::Result<usize> {
    let file = ShelfFile::open(path)?;
    file.verify()?;
    Ok(file.names()?.len())
}

fn of_journal(journal: &Journal) -> String {
    let Journal { len, records, updates, closed, torn, .. } = journal;
    let (s, t) = (plural(*records), plural(*updates));
    let closed = if *closed { ", closed" } else { "" };
    let torn = torn.as_ref().map_or_else(String::new, |torn| {
        let Damage { offset, what, .. } = torn;
        format!(", and {} bytes from byte {offset} on of a record that was never whole ({what}), cut off", len - offset)
    });
    format!("; with a journal of {records} record{s}, {updates} update{t}{closed}{torn}")
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn good(file: &str, found: &Found, out: &mut Output) -> Result<()> {
    let Found { values, bytes, formats, unchecked, journal } = found;
    let count = if *values == 1 { "1 value".to_owned() } else { format!("{values} values") };
    let note = match unchecked {
        0 => String::new(),
        all if all == values => ", no checksums".to_owned(),
        some => format!(", {some} without checksums"),
    };
    out.put(Paint::Plain, format_args!("{}: ", name(file)))?;
    out.put(Paint::Added, "good")?;
    out.line(format_args!(" ({count}, {}, {bytes} bytes{note}{journal})", formats.join(" and ")))
}

fn good_shelf(file: &str, shelves: usize, out: &mut Output) -> Result<()> {
    let shelves = if shelves == 1 { "1 shelf".to_owned() } else { format!("{shelves} shelves") };
    out.put(Paint::Plain, format_args!("{}: ", name(file)))?;
    out.put(Paint::Added, "good")?;
    out.line(format_args!(" ({shelves})"))
}

fn bad(file: &str, message: &str, out: &mut Output) -> Result<()> {
    out.put(Paint::Plain, format_args!("{}: ", name(file)))?;
    out.put(Paint::Removed, "bad")?;
    out.line(format_args!(": {}", name(message)))
}
