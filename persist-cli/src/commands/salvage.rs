//! `persist salvage`: what can be read of a damaged file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use persist_core::Protocol;
use persist_store::fs::Disk;
use persist_store::{SalvagedFile, atomic};

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::input::{DASH, read_whole};
use crate::line::name;
use crate::moment::moment;
use crate::output::{Output, Paint};

/// Read what can be read of a damaged file, and tell what is lost
///
/// Of a packed value, each chunk with a good checksum is kept: the elements of its outermost lists, maps and sets that stand in
/// damaged chunks are left out, and fields that do. Of a journal, all updates before the first damaged record are kept. What is
/// left has the schema of the file, so that programs load it as its type. Of JSON and CBOR what stands before the first mistake is
/// kept. Without OUT, nothing is written.
#[derive(Args, Debug)]
#[command(after_help = "The exit status is 0 if nothing was lost, 1 if something was, and 2 if nothing could be read.")]
pub(crate) struct Salvage {
    /// The damaged file, which stays as it is; `-` is the standard input
    #[arg(default_value = DASH)]
    file: PathBuf,
    /// Where to write what is left; `-` is the standard output, and what is lost is then told on the standard error
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Replace OUT, if it is there
    #[arg(long, requires = "output")]
    force: bool,
}

impl Salvage {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        if let Some(output) = &self.output {
            self.check(output)?;
        }
        let (file, bytes) = read_whole(&self.file)?;
        let mut told = Told { file: name(&file), lines: Vec::new(), lost: false };
        let mut left = Vec::new();
        let (mut at, mut number) = (0, 0);
        // Several values, one after the other, up to the first of which nothing is left.
        while let Some(rest) = next(&bytes, at) {
            at = bytes.len() - rest.len();
            number += 1;
            match persist_store::salvage(rest) {
                Ok(found) => {
                    told.value(number, at, &found);
                    left.extend_from_slice(&found.bytes);
                    at += found.len.max(1);
                }
                Err(error) if number == 1 => return Err(Stop::new(&file, error.to_string())),
                Err(error) => {
                    told.lost(&format!("value {number}, from byte {at} on: {error}"));
                    break;
                }
            }
        }
        match &self.output {
            Some(output) if output.as_os_str() == DASH => {
                out.bytes(&left)?;
                let mut err = io::stderr().lock();
                for (_, line) in &told.lines {
                    // Where that is closed, the exit status has to do.
                    _ = writeln!(err, "persist: {line}");
                }
            }
            output => {
                if let Some(output) = output {
                    write(output, &left)?;
                    told.lines.push((
                        Paint::Plain,
                        format!("{}: {} bytes written", name(&output.display().to_string()), left.len()),
                    ));
                } else if told.lost {
                    let how = "what is left was not written; say where to by `-o OUT`";
                    told.lines.push((Paint::Note, format!("{}: {how}", told.file)));
                }
                for (paint, line) in &told.lines {
                    out.put(*paint, line)?;
                    out.end()?;
                }
            }
        }
        Ok(if told.lost { Outcome::Different } else { Outcome::Good })
    }

    /// Refuses a place where something is that may be needed.
    fn check(&self, output: &Path) -> Result<()> {
        if output.as_os_str() == DASH {
            return Ok(());
        }
        let name = output.display().to_string();
        let same = fs::canonicalize(output).ok().zip(fs::canonicalize(&self.file).ok()).is_some_and(|(a, b)| a == b);
        if same {
            return Err(Stop::new(&name, "is the damaged file itself, which may be of use yet; name another one"));
        }
        if !self.force && fs::symlink_metadata(output).is_ok() {
            return Err(Stop::new(&name, "is there already; name another file, or replace it with `--force`"));
        }
        Ok(())
    }
}

/// What is left of a file from a place on, where there is another value.
fn next(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..)?;
    // White space between values of JSON.
    let skip = if at == 0 { 0 } else { rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count() };
    Some(&rest[skip..]).filter(|rest| !rest.is_empty())
}

fn write(output: &Path, bytes: &[u8]) -> Result<()> {
    atomic::write(&Disk, output, |file| Ok(file.write_all(bytes)?))
        .map_err(|error| Stop::new(&output.display().to_string(), error.to_string()))
}

/// What is told of a file.
struct Told {
    file: String,
    lines: Vec<(Paint, String)>,
    lost: bool,
}

impl Told {
    fn lost(&mut self, what: &str) {
        self.lost = true;
        self.lines.push((Paint::Removed, format!("{}: {}", self.file, name(what))));
    }

    fn note(&mut self, what: &str) {
        self.lines.push((Paint::Plain, format!("{}: {}", self.file, name(what))));
    }

    fn value(&mut self, number: u64, at: usize, found: &SalvagedFile) {
        let value = if number == 1 { String::new() } else { format!("value {number}, from byte {at} on: ") };
        found.lost.iter().for_each(|lost| self.lost(&format!("{value}{lost}")));
        self.journal(found);
        if found.is_whole() {
            let bytes = found.bytes.len();
            self.note(&format!("{value}nothing is lost, {bytes} bytes"));
        }
        if !found.checked && Protocol::recognise(&found.bytes) == Protocol::Packed {
            self.note("it has no checksums: what is left may not be what was written");
        }
    }

    fn journal(&mut self, found: &SalvagedFile) {
        let Some(damage) = &found.damage else { return };
        let (offset, what, records) = (damage.offset, &damage.what, found.records);
        let kept = match records {
            0 => "no record before it is there".to_owned(),
            1 => "the value has the updates of record 1".to_owned(),
            records => format!("the value has the updates of records 1 to {records}"),
        };
        if found.no_journal {
            self.lost(&format!("the journal from byte {offset} on is lost: {what}; the value is that before it"));
        } else if let Some(later) = damage.later {
            let first = records + 1;
            let damaged = if later > first + 1 {
                format!("records {first} to {} of the journal are damaged", later - 1)
            } else {
                format!("record {first} of the journal is damaged")
            };
            self.lost(&format!("{damaged} (at byte {offset}: {what}); {kept}"));
        } else {
            self.note(&format!(
                "the last record of the journal, from byte {offset} on, was never whole ({what}); {kept}"
            ));
        }
        for lost in &found.unused {
            let (number, time) = (lost.sequence, moment(lost.time));
            match lost.updates {
                0 => self.note(&format!("record {number} of {time} says that the file was closed")),
                1 => self.lost(&format!("record {number} of {time} with 1 update is lost")),
                updates => self.lost(&format!("record {number} of {time} with {updates} updates is lost")),
            }
        }
    }
}
