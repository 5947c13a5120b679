//! The journal at the end of an open file.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use persist_core::Result;

use crate::fs::{FileSystem, OpenFile};
use crate::journal::{self, HEADER, Header, Journal, RECORD};
use crate::problem::{Problem, Step};

/// Bytes of a journal from which it is folded into the value, where that is not longer.
pub(crate) const JOURNAL_LIMIT: u64 = 1 << 20;
/// The same for bytes that are moved to make the value again: about a second's worth.
const COST_LIMIT: u64 = 4 << 30;
/// Bytes of a payload before its deltas, at most.
const PREFIX: usize = 21;
/// Zeros are written ahead of the records, so that an fsync need not change the file's length: so many at least, and
/// at most.
const AHEAD: (u64, u64) = (64 << 10, 1 << 20);

/// A file whose journal can be appended to.
pub(super) struct JournalFile {
    file: Box<dyn OpenFile>,
    id: u64,
    /// Where the journal's records start, where the next one goes, and up to where the file has zeros.
    start: u64,
    end: u64,
    zeros: u64,
    /// The number of the next record.
    sequence: u64,
    /// Bytes that are moved to make the value again.
    cost: u64,
    limit: u64,
    buffer: Vec<u8>,
}

impl fmt::Debug for JournalFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalFile").field("end", &self.end).field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

impl JournalFile {
    /// The header of a new journal behind a value of so many bytes, and its id.
    pub(super) fn header(base: u64) -> ([u8; HEADER], u64) {
        // Unlike that of any journal that has been where this one comes to be.
        let id = RandomState::new().build_hasher().finish();
        (Header { id }.bytes(base), id)
    }

    /// The journal of a file that was just written, with its header.
    pub(super) fn new(file: Box<dyn OpenFile>, id: u64, base: u64, limit: u64) -> Self {
        let start = base + HEADER as u64;
        let limit = limit.max(base);
        JournalFile { file, id, start, end: start, zeros: start, sequence: 1, cost: 0, limit, buffer: Vec::new() }
    }

    /// Goes on with a journal that was read, if there is one, all of which is sure to be on disk.
    pub(super) fn resume(fs: &dyn FileSystem, target: &Path, journal: &Journal, limit: u64) -> Result<Option<Self>> {
        let Some(header) = journal.header else { return Ok(None) };
        let problem = Problem::opening(target);
        let file = fs.open_file(target).map_err(|error| problem.at(Step::Check, error))?;
        let mut resumed = JournalFile::new(file, header.id, journal.base, limit);
        // The mark of the end holds nothing: the next record takes its place, and makes what is around it durable again.
        (resumed.end, resumed.sequence) = match journal.records.last() {
            Some(closing) => (closing.bytes.start, closing.sequence),
            None => (journal.end, journal.next),
        };
        (resumed.zeros, resumed.cost) = (resumed.end, journal.cost);
        Ok(Some(resumed))
    }

    /// Whether there is room for a record of so many bytes, where the value has so many. If not, it is time to write the
    /// value anew.
    pub(super) fn has_room(&self, record: usize, value: usize) -> bool {
        let len = (RECORD + PREFIX + record) as u64;
        len <= (value as u64).max(AHEAD.0)
            && u32::try_from(len).is_ok()
            && self.end - self.start + len <= self.limit
            && self.cost <= COST_LIMIT
    }

    /// Whether the file is still the one at a path.
    pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.file.is_at(path)
    }

    /// Makes so many changes durable, as one record; applying them moves so many bytes.
    pub(super) fn append(&mut self, deltas: &[u8], (changes, cost): (u64, u64), time: SystemTime) -> io::Result<()> {
        self.buffer.clear();
        self.buffer.resize(RECORD, 0);
        journal::updates(&mut self.buffer, time, changes);
        self.buffer.extend_from_slice(deltas);
        self.put()?;
        self.cost += cost;
        if self.end > self.zeros {
            let ahead = (self.end - self.start).clamp(AHEAD.0, AHEAD.1);
            // Where there is no room for them, there may still be some for records.
            if self.file.write_all_at(&vec![0; ahead as usize], self.end).is_ok() {
                self.zeros = self.end + ahead;
            }
        }
        self.file.sync_data()
    }

    /// Writes the record in the buffer behind the others.
    fn put(&mut self) -> io::Result<()> {
        journal::seal(&mut self.buffer, self.id, self.sequence);
        self.file.write_all_at(&self.buffer, self.end)?;
        self.end += self.buffer.len() as u64;
        self.sequence += 1;
        Ok(())
    }

    /// Notes that nothing was left to write, and cuts the zeros off.
    pub(super) fn close(mut self, time: SystemTime) -> io::Result<()> {
        self.buffer.clear();
        self.buffer.resize(RECORD, 0);
        journal::closed(&mut self.buffer, time);
        self.put()?;
        self.file.set_len(self.end)?;
        self.file.sync()
    }
}
