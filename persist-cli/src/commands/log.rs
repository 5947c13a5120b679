//! `persist log`: what a journal holds.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use persist_core::{Error, Protocol, packed_len};
use persist_store::journal::{Damage, Journal, Record};
use serde::Serialize;

use super::Outcome;
use super::diff::{Changes, Entry, compare};
use crate::failure::{Result, Stop};
use crate::input::{DASH, Item, bad, read_whole};
use crate::line::name;
use crate::moment::moment;
use crate::output::{Output, Paint};

/// Show the journal of a file: what was written to it since its value was, the oldest record first
///
/// A record is what one fsync made durable: an update, or several of several threads.
#[derive(Args, Debug)]
#[command(
    after_help = "The exit status is 0 if all went well, 1 if records in the middle of the journal are damaged, and 2 if the file could not be read."
)]
pub(crate) struct Log {
    /// The file; `-` is the standard input
    #[arg(default_value = DASH)]
    file: PathBuf,
    /// Show what each record changed, as `persist diff` does
    #[arg(short = 'p', long)]
    changes: bool,
    /// Show only the newest N records; with `--changes`, 100 unless this says otherwise
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Show all records, with `--changes`, too
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Write the journal as JSON
    #[arg(long)]
    json: bool,
}

/// Records whose changes are shown.
const RECORDS: usize = 100;

/// A journal for machines.
#[derive(Serialize)]
struct Told<'a> {
    file: &'a str,
    /// Bytes of the value before the journal.
    value_bytes: u64,
    closed: bool,
    /// Records that are left out before the others.
    left_out: usize,
    records: Vec<ToldRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    torn: Option<ToldDamage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<ToldDamage>,
}

#[derive(Serialize)]
struct ToldRecord {
    record: u64,
    time: String,
    offset: u64,
    bytes: u64,
    updates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<Entry<'static>>>,
}

#[derive(Serialize)]
struct ToldDamage {
    record: u64,
    offset: u64,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    good_behind: Option<u64>,
}

impl Log {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let (file, bytes) = read_whole(&self.file)?;
        if Protocol::recognise(&bytes) != Protocol::Packed {
            return Err(Stop::new(&file, "is not packed, and only packed files have a journal"));
        }
        let wrong = |error: Error| bad(&file, 1, 0, &error, "");
        let copy = if self.changes { bytes.clone() } else { Vec::new() };
        let journal = Journal::read(bytes).map_err(wrong)?;
        let most = match self.limit {
            Some(limit) => limit,
            None if self.changes && !self.all => RECORDS,
            None => usize::MAX,
        };
        let left_out = journal.records.len().saturating_sub(most);
        let mut changes = HashMap::new();
        if self.changes && !journal.records.is_empty() {
            let mut before = copy[..packed_len(&copy).map_err(wrong)?].to_vec();
            let mut failed = None;
            let each = |record: &Record, value: &[u8]| {
                let old = std::mem::replace(&mut before, value.to_vec());
                if record.sequence as usize > left_out && failed.is_none() {
                    match self.changes_of(&file, record, old, value.to_vec()) {
                        Ok(found) => _ = changes.insert(record.sequence, found),
                        Err(stop) => failed = Some(stop),
                    }
                }
            };
            Journal::read_each(copy, each).map_err(wrong)?;
            failed.map_or(Ok(()), Err)?;
        }
        if self.json {
            out.json(&Told::new(&file, &journal, left_out, changes), true)?;
        } else {
            write(&file, &journal, left_out, &changes, out)?;
        }
        let is_damaged = journal.damage.is_some_and(|damage| damage.later.is_some());
        Ok(if is_damaged { Outcome::Different } else { Outcome::Good })
    }

    /// What a record changed.
    fn changes_of(&self, file: &str, record: &Record, old: Vec<u8>, new: Vec<u8>) -> Result<Changes> {
        let mut changes = Changes::default();
        let name = format!("{file}, record {}", record.sequence);
        compare(&Item::packed(&name, old), &Item::packed(&name, new), false, &mut |path, change| {
            changes.note(path, &change, self.json);
            Ok(())
        })?;
        Ok(changes)
    }
}

impl<'a> Told<'a> {
    fn new(file: &'a str, journal: &Journal, left_out: usize, mut changes: HashMap<u64, Changes>) -> Self {
        let records = journal.records[left_out..].iter().map(|record| ToldRecord {
            record: record.sequence,
            time: moment(record.time),
            offset: record.bytes.start,
            bytes: record.bytes.end - record.bytes.start,
            updates: record.updates,
            changes: changes.remove(&record.sequence).map(|changes| changes.entries),
        });
        let told = journal.damage.as_ref().map(|damage| ToldDamage {
            record: journal.records.len() as u64 + 1,
            offset: damage.offset,
            what: damage.what.clone(),
            good_behind: damage.later,
        });
        let (damage, torn) = match told {
            Some(told) if told.good_behind.is_some() => (Some(told), None),
            torn => (None, torn),
        };
        let (value_bytes, closed) = (journal.base, journal.closed);
        Told { file, value_bytes, closed, left_out, records: records.collect(), torn, damage }
    }
}

fn write(
    file: &str,
    journal: &Journal,
    left_out: usize,
    changes: &HashMap<u64, Changes>,
    out: &mut Output,
) -> Result<()> {
    let note = |out: &mut Output, text: &str| {
        out.put(Paint::Note, text)?;
        out.end()
    };
    if journal.records.is_empty() && journal.damage.is_none() {
        return note(out, &format!("{}: no records behind the value of {} bytes", name(file), journal.base));
    }
    if left_out != 0 {
        note(out, &format!("… {left_out} records before these, left out; `--all` shows them"))?;
    }
    for record in &journal.records[left_out..] {
        let Record { sequence, bytes, time, updates, .. } = record;
        out.put(Paint::Name, format_args!("record {sequence}"))?;
        let what = match updates {
            0 => "closed".to_owned(),
            1 => "1 update".to_owned(),
            updates => format!("{updates} updates"),
        };
        out.line(format_args!("  {}  {what}, {} bytes", moment(*time), bytes.end - bytes.start))?;
        for (paint, line) in changes.get(sequence).map(|changes| &changes.lines[..]).unwrap_or_default() {
            out.put(*paint, format_args!("  {line}"))?;
            out.end()?;
        }
    }
    match &journal.damage {
        Some(Damage { offset, what, later: Some(later), .. }) => {
            let first = journal.records.len() + 1;
            out.put(
                Paint::Removed,
                format_args!(
                    "record {first} is damaged (at byte {offset}: {what}), and record {later} behind it is good; \
                     `persist salvage` reads what is before the damage"
                ),
            )?;
            out.end()
        }
        Some(Damage { offset, what, .. }) => note(
            out,
            &format!("what follows from byte {offset} on is no whole record ({what}): it was never acknowledged"),
        ),
        None if journal.closed => Ok(()),
        None => note(out, "the file was not closed: it is open, or its process was killed"),
    }
}
