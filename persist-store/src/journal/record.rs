//! Headers and records, as they are read.

use std::time::{Duration, SystemTime};

use persist_core::{Error, ErrorKind, JOURNAL_MAGIC as MAGIC, Result};

use super::delta::take;

/// Bytes of a header.
pub(crate) const HEADER: usize = 28;
/// Bytes of a record before its payload.
pub(crate) const RECORD: usize = 16;
pub(super) const VERSION: u8 = 1;
pub(super) const UPDATES: u8 = 1;
pub(super) const CLOSED: u8 = 2;

/// What a journal starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Tells its records from those of all other journals.
    pub(crate) id: u64,
}

impl Header {
    /// Reads the header behind a value of so many bytes.
    pub(crate) fn read(bytes: &[u8], base: u64) -> Result<Self> {
        let (header, of) = Self::read_any(bytes, base)?;
        if of != base {
            let what = "the journal belongs to another value: it is not of this file";
            return Err(Error::of(ErrorKind::Corrupt, what).at_offset(base));
        }
        Ok(header)
    }

    /// The header as its bytes stand, good or not.
    pub(crate) fn as_it_stands(bytes: &[u8]) -> Option<Self> {
        bytes.get(8..16).filter(|_| bytes.len() >= HEADER).map(|id| Header { id: number(id) })
    }

    /// Reads a header, wherever it stands; and how many bytes the value had that it was written behind.
    pub(crate) fn read_any(bytes: &[u8], base: u64) -> Result<(Self, u64)> {
        let wrong = |what: &'static str| Err(Error::of(ErrorKind::Corrupt, what).at_offset(base));
        if !bytes.starts_with(&MAGIC) {
            return Err(Error::of(
                ErrorKind::TrailingBytes,
                format!("{} bytes are left after the value, and they are no journal", bytes.len()),
            )
            .at_offset(base)
            .with_help("to read several values one after the other, use `load` on a reader"));
        }
        let Some(bytes) = bytes.first_chunk::<HEADER>() else { return wrong("the header of the journal is cut short") };
        if crc32fast::hash(&bytes[..24]) != number(&bytes[24..]) as u32 {
            return wrong("the checksum of the journal's header differs: the bytes are not those that were written");
        }
        match bytes[4] {
            VERSION if bytes[5..8] == [0; 3] => {}
            newer if newer > VERSION => {
                return Err(Error::of(ErrorKind::Version, format!("the journal is of format version {newer}"))
                    .at_offset(base + 4)
                    .with_help(format!("this library reads up to version {VERSION}: update it")));
            }
            _ => return wrong("the header of the journal is not one that was ever written"),
        }
        Ok((Header { id: number(&bytes[8..16]) }, number(&bytes[16..24])))
    }
}

/// A little-endian number of up to 8 bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// The checksum of a record.
pub(super) fn check(id: u64, head: &[u8], payload: &[u8]) -> u32 {
    let mut check = crc32fast::Hasher::new();
    check.update(&id.to_le_bytes());
    check.update(head);
    check.update(payload);
    check.finalize()
}

/// A record as it stands in a file.
pub(super) struct Frame<'d> {
    pub(super) payload: &'d [u8],
    /// With its head.
    pub(super) len: usize,
}

impl<'d> Frame<'d> {
    /// Reads the record at the start of the bytes; none where the journal ends, an error that says why where it has
    /// another record, or a part of one.
    pub(super) fn read(bytes: &'d [u8], id: u64, sequence: u64) -> std::result::Result<Option<Self>, &'static str> {
        let head = &bytes[..bytes.len().min(RECORD)];
        if head.iter().all(|&byte| byte == 0) {
            return if bytes.iter().all(|&byte| byte == 0) { Ok(None) } else { Err("there are zeros instead") };
        }
        let Some((head, rest)) = bytes.split_at_checked(RECORD) else { return Err("the file ends in it") };
        let len = number(&head[..4]) as usize;
        let Some(payload) = rest.get(..len) else { return Err("the file ends in it, or its length is wrong") };
        if u64::from(check(id, &head[..12], payload)) != number(&head[12..]) {
            return Err("its checksum differs");
        }
        if number(&head[4..12]) != sequence {
            return Err("its number is another one");
        }
        Ok(Some(Frame { payload, len: RECORD + len }))
    }
}

/// The number of the first good record after a bad one, of which the bytes start with.
pub(super) fn find_later(bytes: &[u8], id: u64, sequence: u64) -> Option<u64> {
    later(bytes, id, sequence).next().map(|(_, number, _)| number)
}

/// The good records after a bad one, of which the bytes start with: where each stands, its number and its payload.
pub(crate) fn later(bytes: &[u8], id: u64, sequence: u64) -> impl Iterator<Item = (usize, u64, &[u8])> {
    // A file of some length cannot have more records than that.
    let numbers = sequence..sequence.saturating_add(bytes.len() as u64);
    let mut place = 1;
    std::iter::from_fn(move || {
        while place + RECORD < bytes.len() {
            let (at, found) = (place, number(&bytes[place + 4..place + 12]));
            place += 1;
            if numbers.contains(&found)
                && let Ok(Some(frame)) = Frame::read(&bytes[at..], id, found)
            {
                place = at + frame.len;
                return Some((at, found, frame.payload));
            }
        }
        None
    })
}

/// What is in a record.
pub(crate) struct Payload<'d> {
    pub(crate) time: SystemTime,
    /// 0 where the file was closed.
    pub(crate) updates: u64,
    pub(crate) deltas: &'d [u8],
}

impl<'d> Payload<'d> {
    pub(crate) fn read(mut bytes: &'d [u8]) -> Result<Self> {
        let wrong = || Error::of(ErrorKind::Corrupt, "a record of the journal is of a kind that is not known");
        let (&kind, rest) = bytes.split_first().ok_or_else(wrong)?;
        bytes = rest;
        let time = SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_millis(take(&mut bytes)?))
            .unwrap_or(SystemTime::UNIX_EPOCH);
        let updates = match kind {
            UPDATES => take(&mut bytes)?,
            CLOSED => 0,
            _ => return Err(wrong()),
        };
        // Each takes some bytes.
        if updates > bytes.len() as u64 || (updates == 0 && kind == UPDATES) {
            return Err(wrong());
        }
        Ok(Payload { time, updates, deltas: bytes })
    }
}
