//! Results of expensive calls, kept across runs: the runtime of `#[persist::memoize]`, and [`Memo`] for use by hand.
//!
//! ```
//! use persist_store::memo::Memo;
//!
//! # fn main() -> persist_core::Result<()> {
//! # let folder = tempfile::tempdir()?;
//! let squares = Memo::builder(folder.path().join("cache"), "squares").version(1).build();
//! let square = |n: u64| squares.get_or_compute(&n, || n * n); // expensive, so to speak
//! assert_eq!(square(12), 144);
//! assert_eq!(square(12), 144);
//! assert_eq!((squares.statistics().computed, squares.statistics().hits), (1, 1));
//! # Ok(())
//! # }
//! ```
//!
//! # What a result is kept under
//!
//! A hash of 256 bits (BLAKE3) of the name, the version, the schemas of arguments and result, and the arguments in
//! CBOR's deterministic form, so that maps and sets in another order are equal. A type of arguments or results that
//! changed is another schema, and everything is computed anew: an old result, filled up with defaults, would not be
//! what the function gives.
//!
//! # What goes wrong
//!
//! A memo that fails never fails a call. Where a result cannot be read, it is computed; where it cannot be kept, it is
//! given back all the same. What went wrong is told by [`Memo::last_error`], counted by [`Statistics::failures`], and
//! handed to [`Builder::on_error`].
//!
//! A result lies in one file with a checksum, which also names the call it belongs to. Damaged, truncated and foreign
//! files are failures in this sense: the result is computed again and replaces them. Files are renamed into place, but
//! not synced: a power loss may cost results, and never gives wrong ones. Loading them executes nothing that they name;
//! the hooks of the result's type run. The folder is made for the user alone (mode 0700 on Unix).
//!
//! # One at a time
//!
//! Of calls with the same key, one computes, and the others wait for its result: in this process, and by a lock file
//! for each key in all processes of this machine. The lock ends with the process that has it. Where the one that
//! computes fails, panics, is cancelled or is killed, the next one computes.
//!
//! A call within the computation of the same key is computed directly, instead of waiting for itself. That sees nested
//! calls of one thread or one future; a computation that starts a thread or a task which makes the same call, and waits
//! for it, waits for ever.

mod key;
mod lock;
mod flight;
mod entry;
mod folder;
mod sweep;
mod failures;
mod builder;
mod calls;

use std::convert::{Infallible, identity};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use persist_core::{Encode, Error, Persist, Result};

pub use builder::Builder;

use calls::Mode;
use failures::Failures;
use flight::Flights;
use folder::{Folder, Found};
use key::{Key, KeyMaker};
use sweep::Sweep;

/// The results of one function. See [the module](self).
///
/// Several memos, in any number of processes, may have one folder and one name. Each function, or whatever stands for
/// one, needs a name of its own: calls under one name with equal arguments are one call.
#[derive(Debug)]
pub struct Memo {
    name: String,
    version: String,
    folder: Folder,
    ttl: Option<Duration>,
    sweep: Sweep,
    flights: Flights,
    failures: Failures,
    counts: Counts,
    clock: fn() -> SystemTime,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    shared: AtomicU64,
    computed: AtomicU64,
    removed: AtomicU64,
}

/// What a memo did since it was made, in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Calls that were answered from the folder.
    pub hits: u64,
    /// Calls that waited for another call's computation in this process, and took its result.
    pub shared: u64,
    /// Calls that were computed.
    pub computed: u64,
    /// Results that were removed since they were too old, or too many.
    pub removed: u64,
    /// Times that the memo itself failed; see [`Memo::last_error`].
    pub failures: u64,
}

/// What a memo keeps in its folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Results, those of all versions.
    pub results: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

impl Memo {
    /// Begins a memo that keeps its results in a folder below `path`, which is named after `name`.
    ///
    /// A relative path counts from the directory that is the current one when [`Builder::build`] is called. Nothing is
    /// read or written before the first call.
    pub fn builder(path: impl AsRef<Path>, name: impl Into<String>) -> Builder {
        Builder::new(path.as_ref(), name.into())
    }

    /// The result that is kept for these arguments; or what `compute` gives, which is kept then.
    ///
    /// ```
    /// # use persist_store::memo::Memo;
    /// # let folder = tempfile::tempdir()?;
    /// let lengths = Memo::builder(folder.path(), "lengths").build();
    /// let (text, factor) = ("abc", 2);
    /// assert_eq!(lengths.get_or_compute(&(text, factor), || text.len() as u64 * factor), 6);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn get_or_compute<A: Encode, T: Persist>(&self, arguments: &A, compute: impl FnOnce() -> T) -> T {
        let Ok(value) = self.block(self.key::<A, T>(arguments), compute, Ok::<T, Infallible>);
        value
    }

    /// The same for what may fail. An error is given back, and not kept.
    pub fn try_get_or_compute<A: Encode, T: Persist, E>(
        &self,
        arguments: &A,
        compute: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.block(self.key::<A, T>(arguments), compute, identity)
    }

    /// The same as [`get_or_compute`](Memo::get_or_compute) for a future, under any runtime. It is only polled where
    /// there is no result.
    ///
    /// Reading and writing files blocks the thread for as long as that takes; waiting does not. A call that waits for
    /// another process does so in a thread of its own. Where the future that this gives is dropped half-way, the next
    /// call computes.
    pub async fn get_or_compute_async<A: Encode, T: Persist>(
        &self,
        arguments: &A,
        compute: impl Future<Output = T>,
    ) -> T {
        let key = self.key::<A, T>(arguments);
        let Ok(value) = self.run(Mode::Async, key, pin!(compute), Ok::<T, Infallible>).await;
        value
    }

    /// The same for what may fail. An error is given back, and not kept.
    pub async fn try_get_or_compute_async<A: Encode, T: Persist, E>(
        &self,
        arguments: &A,
        compute: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.run(Mode::Async, self.key::<A, T>(arguments), pin!(compute), identity).await
    }

    /// The result that is kept for these arguments, if there is one. This counts as a use, but not in the statistics.
    ///
    /// # Errors
    ///
    /// Where the arguments cannot be saved, or where the file cannot be read or is damaged.
    pub fn get<A: Encode, T: Persist>(&self, arguments: &A) -> Result<Option<T>> {
        let key = self.key::<A, T>(arguments)?;
        self.folder.read(key)?.map_or(Ok(None), |bytes| self.label(key).read(&bytes, self.ttl, self.now()))
    }

    /// Forgets the result of type `T` that is kept for these arguments; false where there is none.
    ///
    /// # Errors
    ///
    /// Where the arguments cannot be saved, or the file cannot be removed.
    pub fn remove<A: Encode, T: Persist>(&self, arguments: &A) -> Result<bool> {
        self.folder.remove(self.key::<A, T>(arguments)?)
    }

    /// Forgets all results, those of other versions of the function included. Calls that are under way go on, and keep
    /// theirs.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read, or a file cannot be removed: then some results may be left.
    pub fn clear(&self) -> Result<()> {
        self.folder.each(|found| {
            match found {
                Found::Result { path, .. } => _ = folder::remove(&path)?,
                // A file that is being written.
                Found::Leftover { .. } => {}
                Found::Lock(path) => folder::remove_lock(&path),
            }
            Ok(())
        })?;
        self.sweep.forget();
        Ok(())
    }

    /// What is in the folder at the moment. This looks at all of it.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn usage(&self) -> Result<Usage> {
        let mut usage = Usage::default();
        self.folder.each(|found| {
            if let Found::Result { bytes, .. } = found {
                usage.results += 1;
                usage.bytes += bytes;
            }
            Ok(())
        })?;
        Ok(usage)
    }

    /// What it did so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Statistics {
            hits: read(&self.counts.hits),
            shared: read(&self.counts.shared),
            computed: read(&self.counts.computed),
            removed: read(&self.counts.removed),
            failures: self.failures.count(),
        }
    }

    /// What went wrong last, if anything did.
    #[must_use]
    pub fn last_error(&self) -> Option<Arc<Error>> {
        self.failures.last()
    }

    /// The name that its results are kept under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of its results, which may not be there yet.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    fn key<A: Encode, T: Persist>(&self, arguments: &A) -> Result<Key> {
        let mut key = KeyMaker::new(&self.name, &self.version);
        key.argument(arguments)?;
        key.finish::<T>()
    }

    fn now(&self) -> SystemTime {
        (self.clock)()
    }
}

/// What the code that `#[memoize]` writes calls. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __memo {
    pub use core;
    // Not all of std: the compiler would call its types by longer names in all messages.
    pub use std::sync::OnceLock;

    pub use super::Memo;
    pub use super::calls::{Call, name_of, never};
}

#[cfg(test)]
mod tests;
