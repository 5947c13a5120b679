//! What changed since a file was written, behind its value: how `Durability::Commit`
//! makes each update durable at the cost of what it changed.
//!
//! ```text
//! file      value, [journal]
//! value     a packed value, with checksums, as any file has it
//! journal   header, records, zeros
//! header    magic FC 50 53 4A, version 1, three zeros, id (8 bytes), length of the value (8 bytes),
//!           CRC-32 of the header so far (4 bytes)
//! record    length of the payload (4 bytes), sequence number (8 bytes), CRC-32 (4 bytes), payload
//! payload   01, time, updates: a number, then for each a delta; or 02, time: the file was closed
//! ```
//!
//! All is little-endian; the numbers in payloads are varints (LEB128), times are milliseconds since 1970. The CRC-32 of a
//! record is of the journal's id, the record's length and number, and its payload. Sequence numbers start at 1. A
//! delta makes the bytes of the value with all its checksums that an update left of those before it:
//! so what is read in the end is a whole packed value, and is checked as one.
//!
//! A record is on its way to the disk as long as its fsync has not returned, and the next one is written only
//! afterwards. So a power loss can tear the last record only, and none that was acknowledged: a record that does not
//! read, with no good one behind it, is where the journal ends. With a good one behind it, the file is damaged.

// In dependency order. Blank lines keep rustfmt from sorting them.
mod delta;

#[cfg(any(test, feature = "persistent"))]
mod diff;

mod record;

#[cfg(any(test, feature = "persistent"))]
mod write;

use std::ops::Range;
use std::time::SystemTime;

use persist_core::{Error, ErrorKind, JOURNAL_MAGIC, Protocol, Result, packed_len};

#[cfg(any(test, feature = "persistent"))]
pub(crate) use diff::diff;
#[cfg(any(test, feature = "persistent"))]
pub(crate) use record::RECORD;
use record::{Frame, find_later};
pub(crate) use record::{HEADER, Header, Payload, later};
#[cfg(any(test, feature = "persistent"))]
pub(crate) use write::{closed, seal, updates};

/// A file's value, and what its journal made of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Journal {
    /// The value as the last good record left it: what [`loads`](persist_core::loads) takes.
    pub value: Vec<u8>,
    /// Bytes of the value that the file starts with.
    pub base: u64,
    /// The records, from the first to the last; none where the file has no journal.
    pub records: Vec<Record>,
    /// Whether the file was closed after the last record.
    pub closed: bool,
    /// Where the journal does not read any more, if it does not end there anyway.
    pub damage: Option<Damage>,
    /// None where the file has no journal.
    #[cfg_attr(not(feature = "persistent"), allow(dead_code, reason = "only who goes on with a journal asks"))]
    pub(crate) header: Option<Header>,
    /// Where the next record goes.
    pub(crate) end: u64,
    pub(crate) next: u64,
    /// Bytes that were moved or written to make the value.
    pub(crate) cost: u64,
}

/// A record of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its number: from 1, one more than that of the record before it.
    pub sequence: u64,
    /// The bytes of the file that it takes.
    pub bytes: Range<u64>,
    /// When it was written.
    pub time: SystemTime,
    /// Updates in it; 0 where it says that the file was closed.
    pub updates: u64,
}

/// A place where a journal does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Where in the file.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
    /// The sequence number of a good record behind it. Then acknowledged updates were damaged; else nothing behind it
    /// was acknowledged, as far as the file tells.
    pub later: Option<u64>,
}

impl Journal {
    /// Reads a whole file: its value, and what the journal made of it.
    ///
    /// A file without a journal is its value. Where a record is torn or damaged, the value is that before it, and
    /// [`damage`](Journal::damage) tells of it.
    ///
    /// # Errors
    ///
    /// Where the file has a packed value whose end is not found, or something behind it that is no journal, or a journal
    /// of a newer version.
    pub fn read(file: Vec<u8>) -> Result<Self> {
        Self::read_each(file, |_, _| ())
    }

    /// The same; `each` is given every record with updates, and the value as it left it.
    pub fn read_each(file: Vec<u8>, each: impl FnMut(&Record, &[u8])) -> Result<Self> {
        let base = match file.first() {
            Some(&first) if Protocol::recognise(&[first]) == Protocol::Packed => packed_len(&file)?,
            // Other protocols have no journal.
            _ => file.len(),
        };
        let header = if base == file.len() { None } else { Some(Header::read(&file[base..], base as u64)?) };
        Self::behind(file, base, header, each)
    }

    /// Whether bytes start as a journal does.
    #[must_use]
    pub fn is_at(bytes: &[u8]) -> bool {
        bytes.starts_with(&JOURNAL_MAGIC)
    }

    /// The same for a file whose value has so many bytes, with the header behind it, where it has one.
    pub(crate) fn behind(
        file: Vec<u8>,
        base: usize,
        header: Option<Header>,
        each: impl FnMut(&Record, &[u8]),
    ) -> Result<Self> {
        let (journal, stopped) = Self::walk(file, base, header, each);
        stopped.map(|()| journal)
    }

    /// The same for a file that is damaged: a record that says what cannot be is the damage.
    pub(crate) fn behind_damage(file: Vec<u8>, base: usize, header: Header) -> Self {
        let (mut journal, stopped) = Self::walk(file, base, Some(header), |_, _| ());
        if let Err(error) = stopped {
            let what = "it does not fit what is before it".to_owned();
            journal.damage = Some(Damage { offset: error.offset().unwrap_or(journal.end), what, later: None });
        }
        journal
    }

    /// Whether bytes start with the first record of a journal.
    pub(crate) fn starts(bytes: &[u8], header: Header) -> bool {
        matches!(Frame::read(bytes, header.id, 1), Ok(Some(_)))
    }

    /// Goes through records, up to the first that says what cannot be.
    fn walk(
        mut file: Vec<u8>,
        base: usize,
        header: Option<Header>,
        mut each: impl FnMut(&Record, &[u8]),
    ) -> (Self, Result<()>) {
        let mut journal = Journal {
            value: Vec::new(),
            base: base as u64,
            records: Vec::new(),
            closed: false,
            damage: None,
            header,
            end: base as u64,
            next: 1,
            cost: 0,
        };
        let Some(header) = header else {
            journal.value = file;
            return (journal, Ok(()));
        };
        let tail = file.split_off(base);
        journal.end += HEADER as u64;
        journal.value = file;
        let stopped = journal.apply_all(&tail, header, &mut each);
        // What a crash left behind the last record may be torn; what was closed, nothing can have torn.
        if journal.closed && journal.damage.as_ref().is_some_and(|damage| damage.later.is_none()) {
            journal.closed = false;
        }
        (journal, stopped)
    }

    fn apply_all(&mut self, tail: &[u8], header: Header, each: &mut impl FnMut(&Record, &[u8])) -> Result<()> {
        let (base, mut scratch) = (self.base as usize, Vec::new());
        loop {
            let place = self.end as usize;
            let rest = &tail[place - base..];
            let frame = match Frame::read(rest, header.id, self.next) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(what) => {
                    let later = find_later(rest, header.id, self.next);
                    self.damage = Some(Damage { offset: self.end, what: what.to_owned(), later });
                    return Ok(());
                }
            };
            let payload = Payload::read(frame.payload).map_err(|error| at(place, &error))?;
            let record = Record {
                sequence: self.next,
                bytes: self.end..self.end + frame.len as u64,
                time: payload.time,
                updates: payload.updates,
            };
            let mut deltas = payload.deltas;
            for _ in 0..payload.updates {
                self.cost +=
                    delta::apply(&mut deltas, &mut self.value, &mut scratch).map_err(|error| at(place, &error))?;
            }
            if !deltas.is_empty() {
                return Err(at(place, &Error::of(ErrorKind::Corrupt, "bytes are left in a record of the journal")));
            }
            if payload.updates != 0 {
                each(&record, &self.value);
            }
            self.closed = payload.updates == 0;
            self.end = record.bytes.end;
            self.next += 1;
            self.records.push(record);
        }
    }

    /// Whether all of it is sure to be on disk.
    ///
    /// Of a process that was killed, the last record may never have reached the disk, and after a failed fsync, the system
    /// shows what will not last. Such a journal is not gone on with: the value is written anew.
    #[cfg(feature = "persistent")]
    pub(crate) fn is_durable(&self) -> bool {
        self.damage.is_none() && (self.closed || self.records.is_empty())
    }

    /// The value, unless updates that were acknowledged are damaged.
    pub fn into_value(self) -> Result<Vec<u8>> {
        self.check()?;
        Ok(self.value)
    }

    /// An error where updates that were acknowledged are damaged.
    pub fn check(&self) -> Result<()> {
        match &self.damage {
            Some(Damage { offset, what, later: Some(later) }) => Err(Error::of(
                ErrorKind::Corrupt,
                format!("record {} of the journal is damaged, and record {later} behind it is good: {what}", self.next),
            )
            .at_offset(*offset)
            .with_help("`persist salvage` reads what is before the damage, and tells what is lost")),
            _ => Ok(()),
        }
    }
}

#[cold]
fn at(place: usize, error: &Error) -> Error {
    Error::of(error.kind(), error.to_string()).at_offset(place as u64)
}

#[cfg(test)]
mod tests;
