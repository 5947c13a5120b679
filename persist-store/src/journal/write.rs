//! Headers and records, as they are written.

use std::time::SystemTime;

use persist_core::JOURNAL_MAGIC;

use super::diff::put;
use super::record::{CLOSED, HEADER, Header, RECORD, UPDATES, VERSION, check};

impl Header {
    /// The header's bytes, behind a value of so many bytes.
    pub(crate) fn bytes(self, base: u64) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..4].copy_from_slice(&JOURNAL_MAGIC);
        bytes[4] = VERSION;
        bytes[8..16].copy_from_slice(&self.id.to_le_bytes());
        bytes[16..24].copy_from_slice(&base.to_le_bytes());
        let check = crc32fast::hash(&bytes[..24]);
        bytes[24..].copy_from_slice(&check.to_le_bytes());
        bytes
    }
}

/// Makes a record of bytes that have room for its head in front of the payload.
pub(crate) fn seal(record: &mut [u8], id: u64, sequence: u64) {
    let (head, payload) = record.split_at_mut(RECORD);
    head[..4].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    head[4..12].copy_from_slice(&sequence.to_le_bytes());
    let check = check(id, &head[..12], payload);
    head[12..].copy_from_slice(&check.to_le_bytes());
}

/// Appends the start of a payload with so many updates, whose deltas are to follow.
pub(crate) fn updates(out: &mut Vec<u8>, time: SystemTime, updates: u64) {
    out.push(UPDATES);
    put(out, millis(time));
    put(out, updates);
}

/// Appends the payload that says that the file is closed.
pub(crate) fn closed(out: &mut Vec<u8>, time: SystemTime) {
    out.push(CLOSED);
    put(out, millis(time));
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
