//! Keeps a folder below its caps: what was used longest ago goes first.
//!
//! Looking at all files takes long, so it is not done at every call. A memo looks once when it keeps its first result,
//! then counts what it adds, and looks again when the cap is reached or a tenth of it was added; and then it removes a
//! tenth more than it has to. So each result that is kept pays for a few looks at other files, and no more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::{Duration, SystemTime};

use persist_core::Result;

use super::folder::{Folder, Found, remove, remove_lock};

/// The caps, and what is known of the folder.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    pub(super) max_bytes: Option<u64>,
    pub(super) max_entries: Option<u64>,
    pub(super) ttl: Option<Duration>,
    /// What was found last, plus what was added since.
    bytes: AtomicU64,
    entries: AtomicU64,
    added_bytes: AtomicU64,
    added_entries: AtomicU64,
    /// Whether it was looked at; held while it is.
    looked: Mutex<bool>,
}

/// Files that a killed process may have left, and not one that is about to write them.
const LEFT: Duration = Duration::from_secs(3600);

/// Without caps, results that are too old are looked for after so many new ones.
const ROUND: u64 = 1 << 14;

impl Sweep {
    /// Whether there is anything to keep it below.
    pub(super) fn is_capped(&self) -> bool {
        self.max_bytes.is_some() || self.max_entries.is_some()
    }

    /// Whether a result is too large to be kept at all.
    pub(super) fn refuses(&self, bytes: u64) -> bool {
        self.max_bytes.is_some_and(|max| bytes > max) || self.max_entries == Some(0)
    }

    /// Notes a new result, and removes others where that is due; gives how many.
    pub(super) fn added(&self, folder: &Folder, bytes: u64, now: SystemTime) -> Result<u64> {
        if !self.is_capped() && self.ttl.is_none() {
            return Ok(0);
        }
        let add = |to: &AtomicU64, what| to.fetch_add(what, Ordering::Relaxed) + what;
        let (total_bytes, total_entries) = (add(&self.bytes, bytes), add(&self.entries, 1));
        let (added_bytes, added_entries) = (add(&self.added_bytes, bytes), add(&self.added_entries, 1));
        let is_due = |max: Option<u64>, total, added| max.is_some_and(|max| total > max || added > max / 10);
        let is_due = is_due(self.max_bytes, total_bytes, added_bytes)
            || is_due(self.max_entries, total_entries, added_entries)
            || (!self.is_capped() && added_entries >= ROUND);
        let mut looked = match self.looked.try_lock() {
            Ok(looked) => looked,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Somebody is at it.
            Err(TryLockError::WouldBlock) => return Ok(0),
        };
        if *looked && !is_due {
            return Ok(0);
        }
        *looked = true;
        self.look(folder, now)
    }

    /// Looks at all there is, and removes what has to go.
    fn look(&self, folder: &Folder, now: SystemTime) -> Result<u64> {
        self.added_bytes.store(0, Ordering::Relaxed);
        self.added_entries.store(0, Ordering::Relaxed);
        let is_older = |time: SystemTime, than| now.duration_since(time).is_ok_and(|age| age >= than);
        let (mut results, mut removed) = (Vec::new(), 0);
        let (mut total_bytes, mut total_entries) = (0_u64, 0_u64);
        folder.each(|found| {
            match found {
                // One that was not even used as long is surely too old.
                Found::Result { path, used, .. } if self.ttl.is_some_and(|ttl| is_older(used, ttl)) => {
                    removed += u64::from(remove(&path)?);
                }
                Found::Result { path, bytes, used } => {
                    total_bytes += bytes;
                    total_entries += 1;
                    results.push((used, bytes, path));
                }
                Found::Leftover { path, written } if is_older(written, LEFT) => _ = remove(&path)?,
                Found::Leftover { .. } => {}
                Found::Lock(path) => remove_lock(&path),
            }
            Ok(())
        })?;
        let is_over = |max: Option<u64>, total| max.is_some_and(|max| total > max);
        if is_over(self.max_bytes, total_bytes) || is_over(self.max_entries, total_entries) {
            let low = |max: Option<u64>| max.map(|max| max - max / 10);
            results.sort_unstable();
            for (_, bytes, path) in results {
                if !is_over(low(self.max_bytes), total_bytes) && !is_over(low(self.max_entries), total_entries) {
                    break;
                }
                removed += u64::from(remove(&path)?);
                total_bytes -= bytes;
                total_entries -= 1;
            }
        }
        self.bytes.store(total_bytes, Ordering::Relaxed);
        self.entries.store(total_entries, Ordering::Relaxed);
        Ok(removed)
    }

    /// Forgets what was known of the folder.
    pub(super) fn forget(&self) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }
}
