//! What can be read of a damaged file: of its value, and of the journal behind it.

use std::time::SystemTime;

use persist_core::{JOURNAL_MAGIC, Lost, Protocol, Result, packed_len};

use crate::journal::{Damage, HEADER, Header, Journal, Payload, later};

/// What could be read of a damaged file; what [`salvage`] gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct SalvagedFile {
    /// The value, as bytes of the protocol of the file: what [`loads`](persist_core::loads) takes. It has the updates of
    /// the journal up to the damage.
    pub bytes: Vec<u8>,
    /// What of the value is lost.
    pub lost: Vec<Lost>,
    /// Records of the journal whose updates are in the value.
    pub records: u64,
    /// Where the journal does not read any more.
    pub damage: Option<Damage>,
    /// Whether there is a journal of which nothing could be used, since its header is damaged, or the value before it has not
    /// as many bytes as it had.
    pub no_journal: bool,
    /// The records behind the damage that are good, but cannot be used: they say what changed, and what they changed is
    /// lost. The number of the first one tells how many between are damaged.
    pub unused: Vec<LostRecord>,
    /// Bytes that were looked at: others may follow, where the file has no journal.
    pub len: usize,
    /// Whether checksums tell that what is left is what was written.
    pub checked: bool,
}

impl SalvagedFile {
    /// Whether nothing is lost that was ever acknowledged, as far as the file tells.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.lost.is_empty()
            && self.unused.is_empty()
            && !self.no_journal
            && self.damage.as_ref().is_none_or(|damage| damage.later.is_none())
    }
}

/// A good record of a journal whose updates are lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostRecord {
    /// Its number.
    pub sequence: u64,
    /// Where in the file it stands.
    pub offset: u64,
    /// When it was written.
    pub time: SystemTime,
    /// Updates in it; 0 where it says that the file was closed.
    pub updates: u64,
}

/// Reads what can be read of the bytes of a damaged file, and tells what is lost: the value with the updates of its
/// journal up to the first damaged record, and of that value what [`persist_core::salvage`] finds.
///
/// ```
/// let bytes = persist_core::dumps(&vec![1u8, 2, 3])?;
/// let salvaged = persist_store::salvage(&bytes)?;
/// assert!(salvaged.is_whole() && salvaged.bytes == bytes);
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// # Errors
///
/// Where nothing of the value can be read, or its journal is of a newer version.
pub fn salvage(file: &[u8]) -> Result<SalvagedFile> {
    let Some(place) = find(file) else {
        let found = persist_core::salvage(file)?;
        let (records, damage, unused) = (0, None, Vec::new());
        let persist_core::Salvaged { bytes, lost, len, checked, .. } = found;
        return Ok(SalvagedFile { bytes, lost, records, damage, no_journal: false, unused, len, checked });
    };
    let journal = match place.wrong {
        None => Journal::behind_damage(file.to_vec(), place.at, place.header),
        Some(what) => {
            let mut journal = Journal::behind(file[..place.at].to_vec(), place.at, None, |_, _| ())?;
            journal.damage = Some(Damage { offset: place.at as u64, what: what.to_owned(), later: None });
            journal
        }
    };
    let behind = file.get(place.at + HEADER..).unwrap_or_default();
    let no_journal = place.wrong.is_some() && behind.iter().any(|&byte| byte != 0);
    let mut damage = journal.damage;
    let from = journal.end.max((place.at + HEADER) as u64);
    let mut unused = Vec::new();
    if damage.is_some() {
        // What comes first is the damaged record, but where the journal could not be used at all.
        let from = if no_journal { from as usize - 1 } else { from as usize };
        let next = if no_journal { 1 } else { journal.next };
        for (at, sequence, payload) in later(file.get(from..).unwrap_or_default(), place.header.id, next) {
            let Ok(payload) = Payload::read(payload) else { continue };
            let (offset, time, updates) = ((from + at) as u64, payload.time, payload.updates);
            unused.push(LostRecord { sequence, offset, time, updates });
        }
    }
    if let Some(damage) = &mut damage {
        damage.later = unused.first().map(|record| record.sequence);
    }
    let records = journal.records.iter().filter(|record| record.updates != 0).count() as u64;
    let persist_core::Salvaged { bytes, lost, checked, .. } = persist_core::salvage(&journal.value)?;
    Ok(SalvagedFile { bytes, lost, records, damage, no_journal, unused, len: file.len(), checked })
}

/// Where a journal is.
struct Place {
    at: usize,
    header: Header,
    /// Why it cannot be used.
    wrong: Option<&'static str>,
}

const ANOTHER: &str = "the value before the journal has not as many bytes as it had when the journal was begun";
const HEADER_DIFFERS: &str = "the header of the journal is damaged";

/// Finds the journal of a file whose value may be damaged.
fn find(file: &[u8]) -> Option<Place> {
    if Protocol::recognise(file) != Protocol::Packed {
        return None;
    }
    let expected = packed_len(file).ok().filter(|&at| at < file.len());
    if let Some(at) = expected
        && let Ok(header) = Header::read(&file[at..], at as u64)
    {
        return Some(Place { at, header, wrong: None });
    }
    let starts = file.windows(JOURNAL_MAGIC.len()).enumerate().filter(|(_, bytes)| *bytes == JOURNAL_MAGIC);
    let found: Vec<_> = starts
        .filter_map(|(at, _)| {
            let (header, of) = Header::read_any(&file[at..], at as u64).ok()?;
            Some(Place { at, header, wrong: (of != at as u64).then_some(ANOTHER) })
        })
        .collect();
    // A file may hold other files; the one that says to stand where it does is its own.
    let place = found.iter().position(|place| place.wrong.is_none()).or_else(|| found.len().checked_sub(1));
    if let Some(place) = place {
        return found.into_iter().nth(place);
    }
    // The header itself may be damaged, and the first record tell that it is one.
    let at = expected?;
    let header = Header::as_it_stands(&file[at..])?;
    if Journal::starts(&file[at + HEADER..], header) {
        return Some(Place { at, header, wrong: None });
    }
    Journal::is_at(&file[at..]).then_some(Place { at, header, wrong: Some(HEADER_DIFFERS) })
}

#[cfg(test)]
mod tests;
