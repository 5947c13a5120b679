//! The options of a memo.

use std::path::{self, Path};
use std::time::{Duration, SystemTime};

use persist_core::Error;

use super::failures::Failures;
use super::folder::Folder;
use super::key::folder_name;
use super::sweep::Sweep;
use super::{Counts, Memo};

/// Makes a [`Memo`]; [`Memo::builder`] begins it.
#[derive(Debug)]
#[must_use = "nothing is made before `build`"]
pub struct Builder(Memo);

impl Builder {
    pub(super) fn new(path: &Path, name: String) -> Self {
        Builder(Memo {
            folder: Folder { path: path.join(folder_name(&name)), notes_use: false },
            name,
            version: String::new(),
            ttl: None,
            sweep: Sweep::default(),
            flights: super::Flights::default(),
            failures: Failures::default(),
            counts: Counts::default(),
            clock: SystemTime::now,
        })
    }

    /// The version of what is computed, a number or a text: results of others are not used. Without it, it is the empty
    /// text.
    #[allow(clippy::needless_pass_by_value, reason = "one writes `version(3)`")]
    pub fn version(mut self, version: impl ToString) -> Self {
        self.0.version = version.to_string();
        self
    }

    /// How long results are good for, from when they were computed. Older ones are computed anew.
    ///
    /// That is told by the clock of the system. A result from the future, of a clock that was wrong, is good for as
    /// long.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.0.ttl = Some(ttl);
        self.0.sweep.ttl = Some(ttl);
        self
    }

    /// How many bytes of files are kept at most. What was used longest ago is removed first; a result that is larger
    /// than this is not kept, and reported.
    ///
    /// Sizes are looked up at the first new result, and then counted, so that other processes which add results at the
    /// same time may each go a tenth above it for a while.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.0.sweep.max_bytes = Some(bytes);
        self
    }

    /// How many results are kept at most. What was used longest ago is removed first; see
    /// [`max_size`](Builder::max_size).
    pub fn max_entries(mut self, entries: u64) -> Self {
        self.0.sweep.max_entries = Some(entries);
        self
    }

    /// What is called where the memo fails, besides [`Memo::last_error`]; the call itself goes on.
    pub fn on_error(mut self, hook: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.0.failures.hook = Some(Box::new(hook));
        self
    }

    /// Another clock, for tests.
    #[cfg(test)]
    pub(super) fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.0.clock = clock;
        self
    }

    /// The memo.
    #[must_use]
    pub fn build(self) -> Memo {
        let Builder(mut memo) = self;
        // Where there is no current directory, using the folder will tell.
        if let Ok(absolute) = path::absolute(&memo.folder.path) {
            memo.folder.path = absolute;
        }
        memo.folder.notes_use = memo.sweep.is_capped();
        memo
    }
}
